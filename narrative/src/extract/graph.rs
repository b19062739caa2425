//! The reasoning graph while it grows.
//!
//! Invariant: it never holds a cycle, an edge twice, or an edge to a node that is not there. What is refused is
//! kept with its reason.

use cns_schemas::{Flag, FlagCode, RefusedRelation, Relation, RelationType, Span};
use petgraph::algo::has_path_connecting;
use petgraph::graphmap::DiGraphMap;

/// The id of a node: the root is node 0.
pub(super) fn claim_id(node: usize) -> String {
    if node == 0 { "root".to_owned() } else { format!("c{node}") }
}

/// The result of connecting.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) relations: Vec<Relation>,
    pub(super) refused: Vec<RefusedRelation>,
    /// Spans of these flags are characters of the plain text.
    pub(super) flags: Vec<Flag>,
    edges: DiGraphMap<usize, ()>,
}

impl Graph {
    pub(super) fn new(nodes: usize) -> Graph {
        let mut graph = Graph::default();
        for node in 0..nodes {
            graph.edges.add_node(node);
        }
        graph
    }

    /// Whether a path leads from one node to another.
    pub(super) fn reaches(&self, from: usize, to: usize) -> bool {
        self.edges.contains_node(from)
            && self.edges.contains_node(to)
            && has_path_connecting(&self.edges, from, to, None)
    }

    /// Adds premise → conclusion, or refuses it. `span` is where it was read.
    pub(super) fn add(
        &mut self,
        premise: usize,
        conclusion: usize,
        kind: RelationType,
        span: Span,
    ) {
        let relation = Relation {
            source: claim_id(premise),
            target: claim_id(conclusion),
            relation_type: kind,
        };
        if !self.edges.contains_node(premise) || !self.edges.contains_node(conclusion) {
            let reason = "One of its ends is not a claim of this document.".to_owned();
            self.refused.push(RefusedRelation { relation, reason });
            return;
        }
        if self.edges.contains_edge(premise, conclusion) {
            return;
        }
        if self.reaches(conclusion, premise) {
            self.refuse_circle(relation, premise == conclusion, span);
            return;
        }
        self.edges.add_edge(premise, conclusion, ());
        self.relations.push(relation);
    }

    fn refuse_circle(&mut self, relation: Relation, same: bool, span: Span) {
        if self.refused.iter().any(|refused| refused.relation == relation) {
            return;
        }
        let (source, target) = (&relation.source, &relation.target);
        let reason = if same {
            format!("{source} is given as its own reason.")
        } else {
            format!(
                "{target} already leads to {source}, so {source} cannot be a reason for {target}."
            )
        };
        let detail = format!("The reasoning is circular: {reason}");
        self.flags.push(Flag { code: FlagCode::CircularReasoning, detail, span: Some(span) });
        self.refused.push(RefusedRelation { relation, reason });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_and_strangers_are_refused() {
        let mut graph = Graph::new(3);
        let span = Span::default();
        graph.add(1, 0, RelationType::Supports, span);
        graph.add(2, 1, RelationType::Supports, span);
        graph.add(0, 2, RelationType::Supports, span);
        graph.add(0, 0, RelationType::Supports, span);
        graph.add(1, 7, RelationType::Supports, span);
        graph.add(1, 0, RelationType::Weakens, span);
        assert_eq!(graph.relations.len(), 2);
        assert_eq!(graph.refused.len(), 3);
        assert_eq!(graph.flags.len(), 2);
    }
}
