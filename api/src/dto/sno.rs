//! An SNO with its parts, its trust and what trust was made from.

use cns_narrative::contradiction::of_finding;
use cns_schemas::{
    Claim, CriticReport, Evidence, Finding, Flag, Narrative, Quote, RefusedRelation, Relation,
    Side, Sno, Span,
};
use serde::{Deserialize, Serialize};

use super::{Recorded, word};

/// An SNO.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SnoView {
    /// Its id.
    pub sno_id: String,
    /// Its corpus.
    pub corpus: String,
    /// `document` or `synthesis`.
    pub provenance: String,
    /// Where it stands.
    pub status: SnoStatus,
    /// Why, unless it is admitted.
    pub reason: String,
    /// The SNO that replaced it.
    pub superseded_by: Option<String>,
    /// The document that it repeats.
    pub duplicate_of: Option<String>,
    /// Σ weight·score / Σ weight over `reports`; `null` until it is decided.
    pub trust: Option<f64>,
    /// One for each critic, with its weight.
    pub reports: Vec<Report>,
    /// The central claim.
    pub hypothesis: String,
    /// The nodes of the reasoning graph.
    pub claims: Vec<ClaimView>,
    /// Its edges.
    pub relations: Vec<RelationView>,
    /// Edges that were found and refused.
    pub refused: Vec<RefusedView>,
    /// What it rests on.
    pub evidence: Vec<EvidenceView>,
    /// What a reader should know.
    pub flags: Vec<FlagView>,
    /// 0 for a document.
    pub generation: u32,
    /// The documents that it rests on.
    pub document_ids: Vec<String>,
    /// The version of the document; 0 for a synthesis.
    pub document_version: u32,
    /// The SNOs that it was synthesized from.
    pub parent_ids: Vec<String>,
    /// The pair that led to it.
    pub pair_id: Option<String>,
    /// What a synthesis says.
    pub narrative: Option<NarrativeView>,
    /// Where it was proposed; for an SNO of a document the same as `recorded`.
    pub proposed: Recorded,
    /// Where it was decided.
    pub recorded: Option<Recorded>,
}

/// Where an SNO stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SnoStatus {
    /// A synthesis that is not decided yet.
    #[default]
    Proposed,
    /// In the population.
    Admitted,
    /// Kept, with a reason, and not compared.
    Archived,
    /// Repeats another document.
    Duplicate,
    /// Replaced by a newer version of its document.
    Superseded,
    /// A synthesis that ended without a decision.
    Failed,
}

impl SnoStatus {
    /// All of them.
    pub const ALL: [SnoStatus; 6] = [
        SnoStatus::Proposed,
        SnoStatus::Admitted,
        SnoStatus::Archived,
        SnoStatus::Duplicate,
        SnoStatus::Superseded,
        SnoStatus::Failed,
    ];

    /// The word for a synthesis: what a reader asks is whether it was accepted.
    pub fn of_synthesis(self) -> &'static str {
        match self {
            SnoStatus::Proposed => "pending",
            SnoStatus::Admitted => "accepted",
            SnoStatus::Archived | SnoStatus::Duplicate => "archived",
            SnoStatus::Superseded => "superseded",
            SnoStatus::Failed => "failed",
        }
    }
}

/// An SNO in a list.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SnoItem {
    /// Its id.
    pub sno_id: String,
    /// Its corpus.
    pub corpus: String,
    /// `document` or `synthesis`.
    pub provenance: String,
    /// Where it stands.
    pub status: SnoStatus,
    /// Why, unless it is admitted.
    pub reason: String,
    /// Its trust.
    pub trust: Option<f64>,
    /// The central claim.
    pub hypothesis: String,
    /// How many claims it has.
    pub claims: usize,
    /// How many pieces of evidence it has.
    pub evidence: usize,
    /// 0 for a document.
    pub generation: u32,
    /// The documents that it rests on.
    pub document_ids: Vec<String>,
    /// The document that it repeats.
    pub duplicate_of: Option<String>,
    /// Codes of its flags.
    pub flags: Vec<String>,
    /// Where it was decided.
    pub recorded: Option<Recorded>,
}

impl From<SnoView> for SnoItem {
    fn from(of: SnoView) -> SnoItem {
        SnoItem {
            sno_id: of.sno_id,
            corpus: of.corpus,
            provenance: of.provenance,
            status: of.status,
            reason: of.reason,
            trust: of.trust,
            hypothesis: of.hypothesis,
            claims: of.claims.len(),
            evidence: of.evidence.len(),
            generation: of.generation,
            document_ids: of.document_ids,
            duplicate_of: of.duplicate_of,
            flags: of.flags.into_iter().map(|flag| flag.code).collect(),
            recorded: of.recorded,
        }
    }
}

impl SnoView {
    /// The parts that the SNO itself says; what was decided about it is left at its default. Vectors and
    /// signatures stay out: they are for machines, and stand in the audit log.
    pub fn of(sno: &Sno, pair_id: Option<&String>, at: Recorded) -> SnoView {
        SnoView {
            sno_id: sno.sno_id.clone(),
            corpus: sno.corpus.clone(),
            provenance: word(&sno.provenance),
            hypothesis: sno.hypothesis.clone(),
            claims: sno.claims.iter().map(ClaimView::from).collect(),
            relations: sno.relations.iter().map(RelationView::from).collect(),
            refused: sno.refused.iter().map(RefusedView::from).collect(),
            evidence: sno.evidence.iter().map(EvidenceView::from).collect(),
            flags: sno.flags.iter().map(FlagView::from).collect(),
            generation: sno.generation,
            document_ids: sno.document_ids.clone(),
            document_version: sno.document_version,
            parent_ids: sno.parent_ids.clone(),
            pair_id: pair_id.cloned(),
            narrative: sno.narrative.as_ref().map(NarrativeView::from),
            proposed: at,
            ..SnoView::default()
        }
    }
}

macro_rules! form {
    ($(#[$doc:meta])* $form:ident of $record:ty { $($(#[$field_doc:meta])* $field:ident: $type:ty = $make:expr),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
        pub struct $form {
            $($(#[$field_doc])* pub $field: $type),*
        }

        impl From<&$record> for $form {
            fn from(of: &$record) -> $form {
                $form { $($field: ($make)(of)),* }
            }
        }
    };
}

form!(
    /// A half-open range of characters of the submitted text.
    SpanView of Span {
        /// First character, counted from 0.
        start: u32 = |s: &Span| s.start,
        /// One past the last.
        end: u32 = |s: &Span| s.end,
    }
);
form!(
    /// A node of the reasoning graph.
    ClaimView of Claim {
        /// `root`, `c1` ….
        claim_id: String = |c: &Claim| c.claim_id.clone(),
        /// One sentence.
        text: String = |c: &Claim| c.text.clone(),
        /// What it does in the argument.
        claim_type: String = |c: &Claim| word(&c.claim_type),
        /// How firmly it stands.
        status: String = |c: &Claim| word(&c.status),
        /// The document that it stands in.
        document_id: String = |c: &Claim| c.document_id.clone(),
        /// Where in its submitted text.
        span: SpanView = |c: &Claim| SpanView::from(&c.span),
        /// What it cites.
        evidence_ids: Vec<String> = |c: &Claim| c.evidence_ids.clone(),
        /// It is hedged.
        hedged: bool = |c: &Claim| c.hedged,
        /// Who is said to claim it.
        attributed_to: Option<String> = |c: &Claim| c.attributed_to.clone(),
    }
);
form!(
    /// An edge of the reasoning graph.
    RelationView of Relation {
        /// The premise.
        source: String = |r: &Relation| r.source.clone(),
        /// The conclusion.
        target: String = |r: &Relation| r.target.clone(),
        /// What the premise does to it.
        relation_type: String = |r: &Relation| word(&r.relation_type),
    }
);
form!(
    /// An edge that was refused.
    RefusedView of RefusedRelation {
        /// The edge.
        relation: RelationView = |r: &RefusedRelation| RelationView::from(&r.relation),
        /// Why.
        reason: String = |r: &RefusedRelation| r.reason.clone(),
    }
);
form!(
    /// Something that claims rest on.
    EvidenceView of Evidence {
        /// Canonical identity.
        evidence_id: String = |e: &Evidence| e.evidence_id.clone(),
        /// Which scheme.
        kind: String = |e: &Evidence| word(&e.kind),
        /// The entry of the document's reference list.
        reference: Option<String> = |e: &Evidence| e.reference.clone(),
        /// The sentences that cite it.
        quotes: Vec<QuoteView> = |e: &Evidence| e.quotes.iter().map(QuoteView::from).collect(),
        /// Hash of the reference, or of the first quote.
        doc_hash: String = |e: &Evidence| e.doc_hash.clone(),
        /// The document's list has it, or it needs none.
        resolved: bool = |e: &Evidence| e.resolved,
    }
);
form!(
    /// A sentence of a document.
    QuoteView of Quote {
        /// The document.
        document_id: String = |q: &Quote| q.document_id.clone(),
        /// Where in its submitted text.
        span: SpanView = |q: &Quote| SpanView::from(&q.span),
        /// The words.
        text: String = |q: &Quote| q.text.clone(),
    }
);
form!(
    /// What a reader should know.
    FlagView of Flag {
        /// Which kind.
        code: String = |f: &Flag| word(&f.code),
        /// One sentence.
        detail: String = |f: &Flag| f.detail.clone(),
        /// Where in the submitted text.
        span: Option<SpanView> = |f: &Flag| f.span.as_ref().map(SpanView::from),
    }
);
form!(
    /// What a synthesis says.
    NarrativeView of Narrative {
        /// What it comes to.
        summary: String = |n: &Narrative| n.summary.clone(),
        /// Statement by statement.
        findings: Vec<FindingView> = |n: &Narrative| n.findings.iter().map(FindingView::from).collect(),
        /// What would change it.
        open_points: Vec<String> = |n: &Narrative| n.open_points.clone(),
        /// The running text.
        prose: String = |n: &Narrative| n.prose.clone(),
    }
);
form!(
    /// One statement of a narrative.
    FindingView of Finding {
        /// `agreed`, `resolved`, `unresolved`, `rejected`.
        section: String = |f: &Finding| word(&f.section),
        /// The claim that states it.
        claim_id: String = |f: &Finding| f.claim_id.clone(),
        /// One sentence.
        text: String = |f: &Finding| f.text.clone(),
        /// Why it is in this section.
        basis: String = |f: &Finding| f.basis.clone(),
        /// Of which type the contradiction of its sides is, when they differ.
        contradiction_type: Option<String> = |f: &Finding| of_finding(f).map(|c| c.kind.name().to_owned()),
        /// What told the type.
        contradiction_basis: String = |f: &Finding| of_finding(f).map(|c| c.basis).unwrap_or_default(),
        /// What each side says.
        sides: Vec<SideView> = |f: &Finding| f.sides.iter().map(SideView::from).collect(),
    }
);
form!(
    /// What one side says.
    SideView of Side {
        /// `supports` or `opposes`.
        stance: String = |s: &Side| word(&s.stance),
        /// The SNO that says it.
        sno_id: String = |s: &Side| s.sno_id.clone(),
        /// The document that says it.
        document_id: String = |s: &Side| s.document_id.clone(),
        /// The sentence.
        text: String = |s: &Side| s.text.clone(),
        /// Where in its submitted text.
        span: SpanView = |s: &Side| SpanView::from(&s.span),
        /// What it cites.
        evidence_ids: Vec<String> = |s: &Side| s.evidence_ids.clone(),
    }
);
form!(
    /// A critic's report with its weight in trust.
    Report of CriticReport {
        /// `grounding`, `logic`, `novelty`.
        critic: String = |r: &CriticReport| r.critic.clone(),
        /// In [0, 1].
        #[serde(deserialize_with = "super::number")]
        score: f64 = |r: &CriticReport| r.score,
        /// Its weight in trust; set where the decision is known.
        weight: Option<f64> = |_: &CriticReport| None,
        /// How sure the critic is; not part of trust.
        #[serde(deserialize_with = "super::number")]
        confidence: f64 = |r: &CriticReport| r.confidence,
        /// For a person.
        explanation: String = |r: &CriticReport| r.explanation.clone(),
        /// The parts of the score.
        sub_scores: Vec<SubScoreView> = |r: &CriticReport| {
            let part = |s: &cns_schemas::SubScore| SubScoreView { name: s.name.clone(), value: s.value };
            r.sub_scores.iter().map(part).collect()
        },
    }
);

/// A named part of a score.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SubScoreView {
    /// A claim id, or a term of the formula.
    pub name: String,
    /// Its value.
    #[serde(deserialize_with = "super::number")]
    pub value: f64,
}
