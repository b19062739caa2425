//! Relational metrics of two SNOs.
//!
//! Invariant: every value is finite and symmetric in the two sides. The published chirality reads distance of
//! embeddings as opposition; sentences that deny each other lie close together, so it is reported and does not
//! gate. What gates is the opposition that an entailment model finds.

use std::collections::BTreeSet;

use cns_schemas::{Relational, Sno};

/// CScore of the blueprint (Def. 3.1): (1 − cos)·T_a·T_b, in [0, 2].
pub fn chirality_published(cosine: f64, trust_a: f64, trust_b: f64) -> f64 {
    (1.0 - cosine) * (trust_a * trust_b)
}

/// CScore of the CNS 2.0 developer's guide, ch. 4: (1 − cos)/2·T_a·T_b, in [0, 1].
pub fn chirality_normalised(cosine: f64, trust_a: f64, trust_b: f64) -> f64 {
    (1.0 - cosine) / 2.0 * (trust_a * trust_b)
}

/// opposition·√(T_a·T_b): ours. Opposition is a probability of contradiction, so nothing has to be halved.
pub fn chirality(opposition: f64, trust_a: f64, trust_b: f64) -> f64 {
    opposition * (trust_a * trust_b).max(0.0).sqrt()
}

/// Synthesis potential (developer's guide, ch. 4): √(C·E)·(1 + 0.2·(1 − |C − E|)), in [0, 1.2].
pub fn potential(chirality: f64, entanglement: f64) -> f64 {
    (chirality * entanglement).max(0.0).sqrt()
        * (1.0 + 0.2 * (1.0 - (chirality - entanglement).abs()))
}

/// EScore (blueprint Def. 3.2): |E_a ∩ E_b| / |E_a ∪ E_b| over canonical ids of resolved evidence; 0 when both
/// are empty. A citation that leads nowhere is no common ground, so it is not counted.
pub fn entanglement(a: &Sno, b: &Sno) -> f64 {
    let (a, b) = (resolved_ids(a), resolved_ids(b));
    let union = a.union(&b).count();
    if union == 0 { 0.0 } else { a.intersection(&b).count() as f64 / union as f64 }
}

/// The ids of the evidence that can be found.
pub(crate) fn resolved_ids(sno: &Sno) -> BTreeSet<&str> {
    sno.evidence.iter().filter(|e| e.resolved).map(|e| e.evidence_id.as_str()).collect()
}

/// Resolved evidence of both, in the order of the ids.
pub(crate) fn shared_ids(a: &Sno, b: &Sno) -> Vec<String> {
    resolved_ids(a).intersection(&resolved_ids(b)).map(|id| (*id).to_owned()).collect()
}

/// Cosine of the two hypotheses; 0 before the embedder has run.
pub(crate) fn hypotheses_cosine(a: &Sno, b: &Sno) -> f64 {
    match (a.vectors.first(), b.vectors.first()) {
        (Some(a), Some(b)) => a.cosine(b),
        _ => 0.0,
    }
}

/// What is known of a pair before its statements are compared: opposition, chirality and potential are 0.
pub fn relational(a: &Sno, trust_a: f64, b: &Sno, trust_b: f64) -> Relational {
    let cosine = hypotheses_cosine(a, b);
    Relational {
        cosine,
        chirality_published: chirality_published(cosine, trust_a, trust_b),
        chirality_normalised: chirality_normalised(cosine, trust_a, trust_b),
        entanglement: entanglement(a, b),
        ..Relational::default()
    }
}

/// The same with the opposition that was found, and what follows from it.
pub fn with_opposition(
    known: Relational,
    opposition: f64,
    trust_a: f64,
    trust_b: f64,
) -> Relational {
    let chirality = chirality(opposition, trust_a, trust_b);
    Relational {
        opposition,
        chirality,
        potential: potential(chirality, known.entanglement),
        ..known
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cns_schemas::Evidence;

    fn check(got: f64, wanted: f64) {
        assert!((got - wanted).abs() < 6e-5, "{got} is not {wanted}");
    }

    fn citing(ids: &[&str]) -> Sno {
        let evidence = |id: &&str| Evidence {
            evidence_id: (*id).into(),
            resolved: true,
            ..Evidence::default()
        };
        Sno { evidence: ids.iter().map(evidence).collect(), ..Sno::default() }
    }

    #[test]
    fn worked_example_of_missing_mass() {
        let (trust_a, trust_b) = (0.726, 0.6258);
        check(chirality_published(0.58, trust_a, trust_b), 0.1908);
        check(chirality_normalised(0.58, trust_a, trust_b), 0.0954);
        let a = citing(&["RC", "BC", "CMB", "BTFR"]);
        let b = citing(&["RC", "BTFR", "RAR", "BC"]);
        let known = relational(&a, trust_a, &b, trust_b);
        check(known.entanglement, 0.6);
        assert_eq!(known.opposition, 0.0);
        let found = with_opposition(known, 0.94, trust_a, trust_b);
        check(found.chirality, 0.6336);
        check(found.potential, 0.7357);
    }

    #[test]
    fn evidence_that_cannot_be_found_entangles_nothing() {
        let mut b = citing(&["x"]);
        assert_eq!(entanglement(&citing(&["x"]), &b), 1.0);
        b.evidence[0].resolved = false;
        assert_eq!(entanglement(&citing(&["x"]), &b), 0.0);
        assert_eq!(entanglement(&Sno::default(), &Sno::default()), 0.0);
    }

    #[test]
    fn the_literal_gate_cannot_fire_at_ordinary_trust() {
        assert!(chirality_normalised(-1.0, 0.8, 0.8) < 0.7);
    }
}
