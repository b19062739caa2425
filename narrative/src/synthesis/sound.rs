//! The gate that every synthesis passes, whoever wrote it (CNS 8.0: proof gates promote, critics block).
//!
//! Invariant: knows nothing of how the child was made; it compares it with its parents.

use std::collections::BTreeSet;
use std::rc::Rc;

use cns_schemas::{ClaimStatus, Finding, Narrative, Section, Sno, Stance};

use super::stated::{Readings, Stated, begins_with_verb};
use crate::relational::{resolved_ids, shared_ids};
use crate::words::words;

/// Phrases that split a difference instead of naming it.
const AVERAGING: &[&str] = &[
    "both sides are",
    "partly right",
    "partially right",
    "somewhere in between",
    "truth lies",
    "middle ground",
    "split the difference",
    "halfway between",
    "a bit of both",
    "both have a point",
    "both are right",
];
/// Words that mark a point as open.
const OPEN: &[&str] = &[
    "whether",
    "contested",
    "unresolved",
    "disagree",
    "disagrees",
    "open",
    "unclear",
    "disputed",
    "depends",
    "undecided",
];
/// Word overlap at which a sentence asserts another.
const ASSERTS: f64 = 0.8;
/// Schemes of evidence ids that running text may name.
const SCHEMES: &[&str] = &["doi:", "pmid:", "arxiv:", "url:", "ref:"];

/// Whether a synthesis may be kept.
///
/// # Errors
/// The first fault, in a sentence: it names no evidence, averages, drops shared evidence, cites unknown evidence,
/// states a number that no side states, asserts an open point as settled, or its graph is broken.
pub fn sound(child: &Sno, a: &Sno, b: &Sno) -> Result<(), String> {
    let Some(narrative) = &child.narrative else { return Err("it has no narrative".into()) };
    lineage(child, a, b)?;
    evidence(child, narrative, a, b)?;
    averaging(child)?;
    numbers(child, narrative, a, b)?;
    open_points(child, narrative)?;
    graph(child)
}

fn lineage(child: &Sno, a: &Sno, b: &Sno) -> Result<(), String> {
    let parents: BTreeSet<&str> = child.parent_ids.iter().map(String::as_str).collect();
    if parents != BTreeSet::from([a.sno_id.as_str(), b.sno_id.as_str()]) {
        return Err("it does not name its two parents".into());
    }
    Ok(())
}

fn evidence(child: &Sno, narrative: &Narrative, a: &Sno, b: &Sno) -> Result<(), String> {
    let own = resolved_ids(child);
    if let Some(dropped) = shared_ids(a, b).iter().find(|id| !own.contains(id.as_str())) {
        return Err(format!("it drops {dropped}, which both sides cite"));
    }
    let parents: BTreeSet<&str> = resolved_ids(a).union(&resolved_ids(b)).copied().collect();
    let cited = child.claims.iter().flat_map(|claim| &claim.evidence_ids).map(String::as_str);
    if let Some(unknown) =
        own.iter().copied().chain(cited).find(|id| !parents.contains(id) || !own.contains(id))
    {
        return Err(format!("it cites {unknown}, which neither side has"));
    }
    let upheld = |finding: &&Finding| finding.section != Section::Rejected;
    let by_sides = narrative.findings.iter().filter(upheld).flat_map(|finding| &finding.sides);
    let supporting = by_sides.filter(|side| side.stance == Stance::Supports);
    let named = |sno: &Sno, id: &str| sno.evidence.iter().any(|e| e.evidence_id == id);
    if let Some(unknown) = supporting
        .flat_map(|side| &side.evidence_ids)
        .find(|id| !named(a, id) && !named(b, id) && !own.contains(id.as_str()))
    {
        return Err(format!("it cites {unknown}, which neither side has"));
    }
    // Prose may name what the child has, and the absent source that a rejected or opposed sentence cites.
    let of_sides = narrative.findings.iter().flat_map(|f| &f.sides).flat_map(|s| &s.evidence_ids);
    let known: BTreeSet<&str> = own.iter().copied().chain(of_sides.map(String::as_str)).collect();
    if let Some(unknown) = ids_in(&narrative.prose).into_iter().find(|id| !known.contains(id)) {
        return Err(format!("its text cites {unknown}, which neither side has"));
    }
    let asserted = child
        .claims
        .iter()
        .filter(|claim| claim.status != ClaimStatus::Rejected && claim.claim_id != "root");
    if !asserted.clone().any(|claim| !claim.evidence_ids.is_empty()) {
        return Err("it names no evidence".into());
    }
    Ok(())
}

/// Evidence ids written in running text.
fn ids_in(prose: &str) -> Vec<&str> {
    let end = |c: char| c.is_whitespace() || ",;)]}\"”".contains(c);
    let words = prose.split(end).map(|word| {
        word.trim_start_matches(['(', '[', '{', '"', '“']).trim_end_matches(['.', ':'])
    });
    words
        .filter(|word| {
            SCHEMES.iter().any(|scheme| word.starts_with(scheme) && word.len() > scheme.len())
        })
        .collect()
}

fn averaging(child: &Sno) -> Result<(), String> {
    let hypothesis = child.hypothesis.to_lowercase();
    match AVERAGING.iter().find(|phrase| hypothesis.contains(*phrase)) {
        Some(phrase) => Err(format!("its hypothesis splits the difference: “{phrase}”")),
        None => Ok(()),
    }
}

/// A number between two numbers is an average that nobody measured.
fn numbers(child: &Sno, narrative: &Narrative, a: &Sno, b: &Sno) -> Result<(), String> {
    let digits = |text: &str| -> Vec<String> {
        // Most sentences hold no number, and finding words costs far more than finding a digit.
        let read = if text.bytes().any(|byte| byte.is_ascii_digit()) { text } else { "" };
        words(read)
            .into_iter()
            .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
            .collect()
    };
    let mut known: BTreeSet<String> = BTreeSet::new();
    for sno in [a, b] {
        known.extend(digits(&sno.hypothesis));
        known.extend(sno.claims.iter().flat_map(|claim| digits(&claim.text)));
        known.extend(
            sno.evidence.iter().flat_map(|e| &e.quotes).flat_map(|quote| digits(&quote.text)),
        );
        let findings = sno.narrative.as_ref().map_or(&[][..], |narrative| &narrative.findings);
        known.extend(
            findings.iter().flat_map(|finding| &finding.sides).flat_map(|side| digits(&side.text)),
        );
    }
    let stated = [&child.hypothesis]
        .into_iter()
        .chain(narrative.findings.iter().map(|finding| &finding.text));
    match stated.flat_map(|text| digits(text)).find(|number| !known.contains(number)) {
        Some(number) => Err(format!("it states {number}, which no side states")),
        None => Ok(()),
    }
}

fn open_points(child: &Sno, narrative: &Narrative) -> Result<(), String> {
    let status = |finding: &Finding| {
        child.claims.iter().find(|c| c.claim_id == finding.claim_id).map(|c| c.status)
    };
    for finding in &narrative.findings {
        let opposed = finding.sides.iter().any(|side| side.stance == Stance::Opposes);
        match (finding.section, status(finding)) {
            (_, None) => return Err(format!("no claim states the finding {}", finding.claim_id)),
            (Section::Unresolved, Some(status)) if status != ClaimStatus::Unresolved => {
                return Err(format!("{} is open and asserted as settled", finding.claim_id));
            }
            (Section::Agreed, _) if opposed => {
                return Err(format!("{} is opposed and called agreed", finding.claim_id));
            }
            _ => {}
        }
    }
    let open = narrative.findings.iter().filter(|finding| finding.section == Section::Unresolved);
    let readings = Readings::default();
    let open: Vec<Rc<Stated>> =
        open.flat_map(|finding| &finding.sides).map(|side| readings.of(&side.text)).collect();
    let settled = narrative
        .findings
        .iter()
        .filter(|f| matches!(f.section, Section::Agreed | Section::Resolved));
    let told = settled.flat_map(|finding| finding.text.split(';')).map(str::to_owned);
    let parts = clauses(&child.hypothesis).into_iter().chain(told);
    for part in parts.filter(|part| !words(part).iter().any(|word| OPEN.contains(&word.as_str()))) {
        let part = readings.of(&part);
        if let Some(side) = open.iter().find(|side| asserts(&part, side)) {
            return Err(format!("it asserts as settled what is open: “{}”", side.text));
        }
    }
    Ok(())
}

/// The clauses of a hypothesis. In "Tea raises sleep, but lowers output" the second is about tea too: read without it, it
/// would be what somebody said of something else.
fn clauses(hypothesis: &str) -> Vec<String> {
    let mut clauses = Vec::new();
    let mut subject = String::new();
    for part in hypothesis.split([';', ',']).map(str::trim) {
        let rest = ["but ", "and "].iter().find_map(|joint| part.strip_prefix(joint));
        match rest.filter(|rest| begins_with_verb(rest)) {
            Some(rest) => clauses.push(format!("{subject} {rest}")),
            None => {
                let named: Vec<&str> = part.split_whitespace().collect();
                let verb = named.iter().position(|word| begins_with_verb(word)).unwrap_or(0);
                subject = named[..verb].join(" ");
                clauses.push(part.to_owned());
            }
        }
    }
    clauses
}

fn asserts(part: &Stated, side: &Stated) -> bool {
    part.agrees_in_denial(side) && part.overlap(side) >= ASSERTS
}

fn graph(child: &Sno) -> Result<(), String> {
    let places: std::collections::BTreeMap<&str, usize> = child
        .claims
        .iter()
        .enumerate()
        .map(|(place, claim)| (claim.claim_id.as_str(), place))
        .collect();
    if places.len() != child.claims.len() {
        return Err("two claims have the same id".into());
    }
    let mut graph = petgraph::graphmap::DiGraphMap::<usize, ()>::new();
    for relation in &child.relations {
        match (places.get(relation.source.as_str()), places.get(relation.target.as_str())) {
            (Some(source), Some(target)) => graph.add_edge(*source, *target, ()),
            _ => {
                return Err(format!(
                    "a relation joins {} and {}, of which one is no claim",
                    relation.source, relation.target
                ));
            }
        };
    }
    if petgraph::algo::is_cyclic_directed(&graph) {
        return Err("its reasoning is circular".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_keeps_its_subject() {
        let read =
            clauses("Output raises 9 mg, but does not raise 7 mg, but it stays open; tea helps");
        let wanted =
            ["Output raises 9 mg", "Output does not raise 7 mg", "but it stays open", "tea helps"];
        assert_eq!(read, wanted);
        let readings = Readings::default();
        let says = |side: &str| asserts(&readings.of(&read[1]), &readings.of(side));
        assert!(says("output does not raise 7 mg") && !says("tea does not raise 7 mg"));
    }
}
