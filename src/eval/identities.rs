//! Measures whether evidence is recognized as the same: two texts that cite it must share an identity, two that
//! cite another must not.

use std::collections::BTreeSet;

use cns_narrative as narrative;
use cns_schemas::DocumentSubmitted;

use super::{
    ask::in_batches,
    labelled::{IdentityRow, Labelled},
    measure::Groups,
    report::{Mistake, Options, Report, System},
};
use crate::failure::Failure;

/// The measures, in their order.
const MEASURES: [&str; 3] = ["accuracy", "accuracy_same", "accuracy_different"];

/// The identities of the evidence of two texts.
struct Known {
    a: BTreeSet<String>,
    b: BTreeSet<String>,
}

impl Known {
    /// As for two documents: one piece of evidence in common is common ground.
    fn same(&self) -> bool {
        !self.a.is_disjoint(&self.b)
    }
}

/// The report of a file.
pub fn report(file: &Labelled, rows: &[IdentityRow], options: Options) -> Result<Report, Failure> {
    let what = format!("{}: texts", file.name);
    let known: Vec<Known> = in_batches(&what, rows, 16, |rows| {
        Ok(rows.iter().map(|row| Known { a: evidence(&row.a), b: evidence(&row.b) }).collect())
    })?;
    let right: Vec<bool> =
        rows.iter().zip(&known).map(|(row, known)| row.same == known.same()).collect();
    let keys: Vec<String> = rows.iter().map(|row| row.line.to_string()).collect();
    let groups = Groups::of(keys.iter().map(String::as_str));
    let measures = options.resampling.measure(&groups, |weights| {
        [None, Some(true), Some(false)].map(|side| accuracy(rows, &right, weights, side))
    });
    let count = |same: bool| rows.iter().filter(|row| row.same == same).count();
    Ok(Report {
        name: file.name.clone(),
        sha256: file.sha256.clone(),
        kind: file.rows.kind(),
        rows: rows.len(),
        groups: ("pairs", groups.count),
        labels: vec![("same", count(true)), ("different", count(false))],
        measures: &MEASURES,
        systems: vec![System { name: "evidence ids".into(), measures: measures.to_vec() }],
        drawn: None,
        notes: Vec::new(),
        // There are few, and each is a rule that is missing: all are listed.
        mistakes: rows
            .iter()
            .zip(&known)
            .zip(&right)
            .filter(|(_, right)| !**right)
            .map(|((row, known), _)| mistake(row, known))
            .collect(),
    })
}

/// The share of right rows, of all or of one side.
fn accuracy(
    rows: &[IdentityRow],
    right: &[bool],
    weights: &[f64],
    side: Option<bool>,
) -> Option<f64> {
    let (mut all, mut hits) = (0.0, 0.0);
    for ((row, right), weight) in rows.iter().zip(right).zip(weights) {
        if side.is_none_or(|same| same == row.same) {
            all += weight;
            hits += if *right { *weight } else { 0.0 };
        }
    }
    (all > 0.0).then(|| hits / all)
}

/// The evidence of a text that can be found, as extraction sees it. A text that is no document is read as what
/// it then is: identifiers, or one entry of a list of references.
fn evidence(text: &str) -> BTreeSet<String> {
    let document = DocumentSubmitted { text: text.to_owned(), ..DocumentSubmitted::default() };
    let sno = narrative::chunk(&document, 1).and_then(|chunked| narrative::extract("", &chunked));
    match sno {
        Ok(sno) if !sno.evidence.is_empty() => {
            let resolved = sno.evidence.into_iter().filter(|evidence| evidence.resolved);
            resolved.map(|evidence| evidence.evidence_id).collect()
        }
        _ => {
            let ids: BTreeSet<String> =
                narrative::identities(text).into_iter().map(|(_, identity)| identity.id).collect();
            if ids.is_empty() { [narrative::identity(text).id].into() } else { ids }
        }
    }
}

fn mistake(row: &IdentityRow, known: &Known) -> Mistake {
    let ids =
        |ids: &BTreeSet<String>| ids.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let name = |same: bool| if same { "same" } else { "different" };
    Mistake {
        place: format!("line {}", row.line),
        is: name(row.same),
        said: name(known.same()),
        confidence: 1.0,
        texts: vec![
            ("a", row.a.clone()),
            ("ids of a", ids(&known.a)),
            ("b", row.b.clone()),
            ("ids of b", ids(&known.b)),
            ("why", row.why.clone()),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        Known { a: evidence(a), b: evidence(b) }.same()
    }

    #[test]
    fn identities_are_seen_in_documents_and_in_bare_references() {
        let cites =
            "We find that coffee raises the output of workers by 4 percent (doi:10.5555/CoffeE).";
        assert!(same(cites, "https://doi.org/10.5555/coffee"));
        assert!(!same(cites, "doi:10.5555/tea"));
        assert!(same("Smith J. Coffee, 2010.", "Smith J. Coffee, 2010."));
        assert!(!same("Smith J. Coffee, 2010.", "Smith J. Tea, 2010."));
    }
}
