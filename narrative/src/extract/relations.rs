//! How the claims bear on each other and on the root.
//!
//! Invariant: reasons that the text gives in words come first; what is left bears on the root, or on the
//! opponent's claim that it answers. A claim that follows from the root keeps that direction.

use cns_schemas::{RelationType, Span};

use super::Statement;
use super::clauses::{Clause, Reason, reasons};
use super::cues::{self, Bearing};
use super::evidence::Collected;
use super::graph::Graph;

/// Connects the claims; the first is the root.
pub(super) fn connect(claims: &[&Statement<'_>], collected: &Collected) -> Graph {
    let mut graph = Graph::new(claims.len());
    by_reasons(claims, &mut graph);
    by_neighbours(claims, &mut graph);
    for (node, claim) in claims.iter().enumerate().skip(1) {
        let leads_on = (0..claims.len()).any(|other| other != node && graph.reaches(node, other));
        if leads_on && graph.reaches(node, 0) || graph.reaches(0, node) {
            continue;
        }
        if !leads_on || bears_on_root(claim, collected) {
            graph.add(node, 0, toward_root(claim), claim.sentence.span);
        }
    }
    graph
}

/// A reason-giving sentence bears on the root even where it also leads to another claim.
fn bears_on_root(claim: &Statement<'_>, collected: &Collected) -> bool {
    !collected.cited_by(claim.index).is_empty()
}

fn toward_root(claim: &Statement<'_>) -> RelationType {
    match cues::bearing(claim.sentence.text) {
        Bearing::Denies => RelationType::Contradicts,
        _ if claim.opposed => RelationType::Weakens,
        Bearing::Against => RelationType::Weakens,
        Bearing::Explains => RelationType::Explains,
        Bearing::For => RelationType::Supports,
    }
}

/// A claim that establishes what another gives as its reason supports that other.
fn by_reasons(claims: &[&Statement<'_>], graph: &mut Graph) {
    let read: Vec<(Option<Clause>, Vec<Reason>)> = claims
        .iter()
        .map(|claim| (Clause::of(claim.sentence.text), reasons(claim.sentence.text)))
        .collect();
    for (user, (_, given)) in read.iter().enumerate() {
        let span: Span = claims[user].sentence.span;
        let circular = returns(given);
        for reason in given {
            for (maker, (whole, made)) in read.iter().enumerate() {
                let establishes = made.iter().any(|other| other.conclusion.same(&reason.premise))
                    || made.is_empty()
                        && whole.as_ref().is_some_and(|whole| whole.same(&reason.premise));
                // Within one sentence a chain "A, since B; B, since C" is fine; only a return is a circle.
                if establishes && (maker != user || circular) {
                    graph.add(maker, user, RelationType::Supports, span);
                }
            }
        }
    }
}

/// Whether the reasons of one sentence lead back to where they start.
fn returns(given: &[Reason]) -> bool {
    given.iter().enumerate().any(|(start, first)| {
        let mut seen = vec![false; given.len()];
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            let Some(reason) = given.get(at) else { continue };
            if reason.premise.same(&first.conclusion) {
                return true;
            }
            for (next, other) in given.iter().enumerate() {
                if !seen[next] && other.conclusion.same(&reason.premise) {
                    seen[next] = true;
                    open.push(next);
                }
            }
        }
        false
    })
}

/// "Therefore, …" follows from the sentence before it; "However, …" behind an opponent's claim answers that.
fn by_neighbours(claims: &[&Statement<'_>], graph: &mut Graph) {
    for (node, claim) in claims.iter().enumerate() {
        let before = claims.iter().position(|other| other.index + 1 == claim.index);
        let Some(before) = before else { continue };
        let near = claims[before].sentence.block == claim.sentence.block;
        if near && cues::concludes_from_before(claim.sentence.text) && before != node {
            graph.add(before, node, RelationType::Supports, claim.sentence.span);
        } else if node != 0
            && before != 0
            && cues::answers_before(claim.sentence.text)
            && claims[before].opposed
        {
            graph.add(node, before, RelationType::Weakens, claim.sentence.span);
        }
    }
}
