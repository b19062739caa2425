//! Which SNOs are compared, what of them, and when they conflict.
//!
//! Invariant: symmetric in its two arguments, and bounded by
//! [`STATEMENTS_MAX`](crate::limits::STATEMENTS_MAX). Two statements count against each other only when they are
//! about the same thing: an entailment model that is shown two unrelated sentences may well report a
//! contradiction, and that must not make a conflict.

use std::collections::BTreeSet;

use cns_schemas::{
    Alignment, Claim, ClaimStatus, PairId, PairJudged, PairProposed, PairSide, Provenance, Sno,
    StatementPair, StatementVerdict, Vector,
};

use crate::limits::{COMPARED_CLAIMS_MAX, NEAR_STATEMENTS_KEPT, STATEMENTS_MAX};
use crate::relational::{
    entanglement, hypotheses_cosine, relational, resolved_ids, shared_ids, with_opposition,
};
use crate::statement::bare;
use crate::words::{content_stems, overlap, overlap_of};

/// Hypotheses of this cosine are close enough to be compared without shared evidence.
const NEAR_HYPOTHESES: f64 = 0.55;
/// Hypotheses of this cosine, or of this word overlap, are about the same thing.
const SAME_TOPIC_COSINE: f64 = 0.5;
const SAME_TOPIC_OVERLAP: f64 = 0.3;
/// Statements of this word overlap are fully about the same thing.
const ALIGNED_OVERLAP: f64 = 0.3;
/// What a certain entailment takes from a contradiction: a model that sees both is in doubt.
const FOLLOWING_DOUBT: f64 = 0.5;
/// Claims that cite the same evidence are compared from this nearness on: a study reports more than one thing.
const NEAR_ON_EVIDENCE: f64 = 0.45;
/// Claims of this nearness are compared without shared evidence.
const NEAR_CLAIMS: f64 = 0.5;
/// Word overlap that statements need to count when nothing but nearness aligned them.
const NEAR_CLAIMS_OVERLAP: f64 = 0.4;

/// Whether two SNOs are worth a comparison: evidence in common, or hypotheses near each other. Never two versions
/// or derivations of the same documents: what stands in the lineage of an SNO is no second voice.
pub fn worth_comparing(a: &Sno, b: &Sno) -> bool {
    if a.sno_id == b.sno_id || a.corpus != b.corpus || related(a, b) {
        return false;
    }
    !resolved_ids(a).is_disjoint(&resolved_ids(b)) || hypotheses_cosine(a, b) >= NEAR_HYPOTHESES
}

/// How much a comparison promises: shared evidence, and nearness of the hypotheses. Cheap, so that many
/// candidates can be ranked before a few are compared.
pub fn promise(a: &Sno, b: &Sno) -> f64 {
    entanglement(a, b) + hypotheses_cosine(a, b).max(0.0)
}

fn related(a: &Sno, b: &Sno) -> bool {
    let documents = |sno: &Sno| sno.document_ids.iter().cloned().collect::<BTreeSet<_>>();
    let (of_a, of_b) = (documents(a), documents(b));
    let one_document = a.provenance == Provenance::Document || b.provenance == Provenance::Document;
    a.parent_ids.contains(&b.sno_id)
        || b.parent_ids.contains(&a.sno_id)
        || (one_document && !of_a.is_disjoint(&of_b))
        || of_a.is_subset(&of_b)
        || of_b.is_subset(&of_a)
}

/// The statements to compare: the hypotheses, then claims that cite the same evidence, then claims that are near;
/// each group the nearest first, ties by the claims' order. What a document only reports of its opponents is
/// not compared, nor what an SNO has rejected or left open.
pub fn propose(a: &Sno, trust_a: f64, b: &Sno, trust_b: f64) -> PairProposed {
    Candidate::of(a, trust_a).propose(&Candidate::of(b, trust_b))
}

/// An SNO that is held against others: its claims are read once, however many the others are.
pub struct Candidate<'s> {
    sno: &'s Sno,
    trust: f64,
    compared: Vec<Compared<'s>>,
}

impl<'s> Candidate<'s> {
    /// Reads the claims of an SNO.
    pub fn of(sno: &'s Sno, trust: f64) -> Candidate<'s> {
        Candidate { sno, trust, compared: compared(sno) }
    }

    /// The same as [`propose`](fn@propose).
    pub fn propose(&self, other: &Candidate<'_>) -> PairProposed {
        let (first, second) =
            if self.sno.sno_id > other.sno.sno_id { (other, self) } else { (self, other) };
        let (a, b) = (first.sno, second.sno);
        PairProposed {
            pair_id: PairId::of(&a.sno_id, &b.sno_id).0,
            corpus: a.corpus.clone(),
            a: first.side(),
            b: second.side(),
            shared_evidence: shared_ids(a, b),
            statements: statements((a, &first.compared), (b, &second.compared)),
            relational: relational(a, first.trust, b, second.trust),
        }
    }

    fn side(&self) -> PairSide {
        PairSide {
            sno_id: self.sno.sno_id.clone(),
            document_ids: self.sno.document_ids.clone(),
            hypothesis: self.sno.hypothesis.clone(),
            trust: self.trust,
            generation: self.sno.generation,
        }
    }
}

fn statements(
    (a, of_a): (&Sno, &[Compared<'_>]),
    (b, of_b): (&Sno, &[Compared<'_>]),
) -> Vec<StatementPair> {
    let root = |sno: &Sno| {
        sno.claims.first().map_or_else(|| "root".to_owned(), |claim| claim.claim_id.clone())
    };
    let mut chosen = vec![StatementPair {
        a_claim: root(a),
        a_text: a.hypothesis.clone(),
        b_claim: root(b),
        b_text: b.hypothesis.clone(),
        alignment: Alignment::Hypotheses,
    }];
    let shared: BTreeSet<String> = shared_ids(a, b).into_iter().collect();
    let mut with_evidence = Vec::new();
    let mut near = Vec::new();
    for (i, left) in of_a.iter().enumerate() {
        for (j, right) in of_b.iter().enumerate() {
            if left.claim.claim_id == "root" && right.claim.claim_id == "root" {
                continue;
            }
            let nearness = left.nearness(right);
            let common =
                |id: &&String| shared.contains(*id) && right.claim.evidence_ids.contains(*id);
            let words = overlap_of(&left.stems, &right.stems);
            // What `alignments` would not count is not worth asking about.
            let shared = left.claim.evidence_ids.iter().any(|id| common(&id));
            if shared && words > 0.0 && nearness >= NEAR_ON_EVIDENCE {
                with_evidence.push((nearness, i, j));
            } else if nearness >= NEAR_CLAIMS && words >= NEAR_CLAIMS_OVERLAP {
                near.push((nearness, i, j));
            }
        }
    }
    let best_first = |list: &mut Vec<(f64, usize, usize)>| {
        list.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    };
    best_first(&mut with_evidence);
    best_first(&mut near);
    let room = STATEMENTS_MAX - chosen.len();
    with_evidence.truncate(room - near.len().min(NEAR_STATEMENTS_KEPT));
    near.truncate(room - with_evidence.len());
    let groups = [(with_evidence, Alignment::SharedEvidence), (near, Alignment::Nearness)];
    for (group, alignment) in groups {
        chosen.extend(group.into_iter().map(|(_, i, j)| StatementPair {
            a_claim: of_a[i].claim.claim_id.clone(),
            a_text: of_a[i].claim.text.clone(),
            b_claim: of_b[j].claim.claim_id.clone(),
            b_text: of_b[j].claim.text.clone(),
            alignment,
        }));
    }
    chosen
}

struct Compared<'a> {
    claim: &'a Claim,
    stems: BTreeSet<String>,
    vector: Option<&'a Vector>,
}

impl Compared<'_> {
    /// The higher of word overlap and cosine: either can miss what the other sees.
    fn nearness(&self, other: &Compared<'_>) -> f64 {
        let cosine = match (self.vector, other.vector) {
            (Some(a), Some(b)) => a.cosine(b),
            _ => 0.0,
        };
        overlap_of(&self.stems, &other.stems).max(cosine)
    }
}

fn compared(sno: &Sno) -> Vec<Compared<'_>> {
    let states = |claim: &Claim| {
        claim.claim_id == "root"
            || (claim.attributed_to.is_none()
                && !matches!(claim.status, ClaimStatus::Unresolved | ClaimStatus::Rejected))
    };
    let whole = |(place, claim)| Compared {
        claim,
        stems: content_stems(&claim.text).into_iter().collect(),
        vector: sno.vectors.get(place),
    };
    sno.claims
        .iter()
        .enumerate()
        .filter(|(_, claim)| states(claim))
        .take(COMPARED_CLAIMS_MAX)
        .map(whole)
        .collect()
}

/// Sets opposition and what follows from it. Opposition is the highest contradiction of two statements about the
/// same thing (after CNS 3.1's polarity score, with alignment in place of its evidence factor). A missing verdict
/// counts as none.
pub fn judge(mut pair: PairProposed, verdicts: Vec<StatementVerdict>) -> PairJudged {
    let opposition = counting(&pair, &verdicts).map(|(_, contradiction)| contradiction);
    let opposition = opposition.fold(0.0, f64::max);
    pair.relational = with_opposition(pair.relational, opposition, pair.a.trust, pair.b.trust);
    PairJudged { pair, verdicts }
}

/// Whether two SNOs conflict: two statements about the same thing contradict each other at the gate or above.
pub fn in_conflict(judged: &PairJudged, opposition_gate: f64) -> bool {
    judged.pair.relational.opposition >= opposition_gate
        && counting(&judged.pair, &judged.verdicts).any(|(_, found)| found >= opposition_gate)
}

/// The place of the two statements whose contradiction is the opposition; the first one where several are as strong.
/// `None` when no verdict counts.
pub fn strongest(judged: &PairJudged) -> Option<usize> {
    let counting = counting(&judged.pair, &judged.verdicts);
    let strongest = counting.reduce(|best, next| if next.1 > best.1 { next } else { best });
    strongest.map(|(index, _)| index)
}

/// The statements whose verdicts count, with what they oppose each other.
fn counting<'a>(
    pair: &PairProposed,
    verdicts: &'a [StatementVerdict],
) -> impl Iterator<Item = (usize, f64)> + 'a {
    let aligned = alignments(pair).into_iter().zip(verdicts).enumerate();
    aligned
        .filter(|(_, (alignment, _))| *alignment > 0.0)
        .map(|(index, (alignment, verdict))| (index, opposes(alignment, verdict)))
}

/// How much two statements oppose each other: their contradiction, as far as they are about the same thing, less where a
/// model sees one follow from the other as well. The two factors were chosen on labelled pairs (docs/quality.md).
pub fn opposes(alignment: f64, verdict: &StatementVerdict) -> f64 {
    let follows = verdict.forward.entailment.max(verdict.backward.entailment);
    let follows = if follows.is_finite() { f64::from(follows).clamp(0.0, 1.0) } else { 0.0 };
    alignment * contradiction(verdict) * (1.0 - FOLLOWING_DOUBT * follows)
}

/// The mean of both directions. A contradiction holds both ways, and models err one way: one direction alone
/// comes to 0.5 at most and passes no gate above it.
pub fn contradiction(verdict: &StatementVerdict) -> f64 {
    let part = |x: f32| if x.is_finite() { f64::from(x).clamp(0.0, 1.0) } else { 0.0 };
    (part(verdict.forward.contradiction) + part(verdict.backward.contradiction)) / 2.0
}

/// For each statement pair, how far the two are about the same thing, in [0, 1]; where it is 0, their verdict does not
/// count. What introduces a statement ("This column argues that") and its citations are not what it is about.
pub fn alignments(pair: &PairProposed) -> Vec<f64> {
    let alignment = |statement: &StatementPair| {
        let overlap = overlap(&bare(&statement.a_text), &bare(&statement.b_text));
        let same = match statement.alignment {
            Alignment::Hypotheses => {
                pair.relational.cosine >= SAME_TOPIC_COSINE || overlap >= SAME_TOPIC_OVERLAP
            }
            Alignment::SharedEvidence => overlap > 0.0,
            Alignment::Nearness => overlap >= NEAR_CLAIMS_OVERLAP,
        };
        if same { (overlap / ALIGNED_OVERLAP).min(1.0) } else { 0.0 }
    };
    pair.statements.iter().map(alignment).collect()
}
