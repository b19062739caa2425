//! The embed stage's computation on text: from a cut document to a proposed SNO.
//!
//! Invariant: everything in the SNO is in the text. Claims, quotes and evidence carry the place that they were
//! taken from; nothing is made up, and what reads as an instruction is never a claim.

mod claims;
mod clauses;
mod cues;
mod evidence;
mod graph;
mod hypothesis;
mod relations;
mod voices;

use cns_schemas::{
    Claim, ClaimStatus, ClaimType, DocumentChunked, DocumentKey, Fault, Provenance, Sno, SnoId,
};

use crate::chunk::no_text;
use crate::even::even;
use crate::flags::{self, truncated};
use crate::limits::{CLAIMS_MAX, REFERENCES_MAX, SENTENCES_READ_MAX};
use crate::references::References;
use crate::render::to_submitted;
use crate::sentence::{Sentence, SentenceKind, sentences};
use crate::signature::signature;
use crate::statement::says_something;

use evidence::Collected;

/// A sentence that could be a claim, and what can be seen in it.
pub(crate) struct Statement<'t> {
    pub(crate) sentence: &'t Sentence<'t>,
    /// Its evened words, which much is read from.
    pub(crate) evened: String,
    /// Position among all sentences, to tell neighbours.
    pub(crate) index: usize,
    pub(crate) attributed_to: Option<String>,
    /// The author reports it to deny it.
    pub(crate) opposed: bool,
}

/// Extracts the SNO of a document. Its vectors are empty: the embedder fills them.
///
/// # Errors
/// [`NoExtractableText`](cns_schemas::FaultCode::NoExtractableText) when no sentence could be a hypothesis:
/// only questions, instructions, code, references, fragments or introductions to nothing.
pub fn extract(tenant: &str, document: &DocumentChunked) -> Result<Sno, Fault> {
    let all = sentences(&document.plain);
    let read = &all[..all.len().min(SENTENCES_READ_MAX)];
    let references = References::of(&all);
    let parts: Vec<Part<'_>> = read.iter().enumerate().flat_map(of_sentence).collect();
    let statements = statements(&parts);
    let Some(root) = hypothesis::choose(&statements) else {
        return Err(no_text("The document holds no statement that could be its central claim."));
    };
    let collected = Collected::of(document, read, &references);
    let (chosen, dropped) = claims::choose(&statements, root, &collected);
    let chosen: Vec<&Statement<'_>> =
        chosen.into_iter().filter_map(|index| statements.get(index)).collect();
    let graph = relations::connect(&chosen, &collected);

    let mut flags = document.flags.clone();
    flags.extend(collected.flags.iter().cloned());
    flags.extend(graph.flags.into_iter().map(|mut flag| {
        flag.span = flag.span.map(|span| to_submitted(&document.rendition, span));
        flag
    }));
    if dropped {
        flags.push(truncated("Claims", CLAIMS_MAX));
    }
    if read.len() < all.len() {
        flags.push(truncated("Sentences that claims are taken from", SENTENCES_READ_MAX));
    }
    if references.truncated {
        flags.push(truncated("Entries of the reference list", REFERENCES_MAX));
    }
    let rests_on = |node: usize| collected.rests_on(chosen[node], document, read, &references);
    let claims = (0..chosen.len())
        .map(|node| claim(document, &chosen, node, &graph.relations, rests_on(node)))
        .collect();
    let key = DocumentKey {
        tenant: tenant.to_owned(),
        corpus: document.corpus.clone(),
        document_id: document.document_id.clone(),
    };
    Ok(Sno {
        sno_id: SnoId::of_document(&key, &document.content_hash).0,
        corpus: document.corpus.clone(),
        provenance: Provenance::Document,
        document_ids: vec![document.document_id.clone()],
        document_version: document.version,
        hypothesis: chosen[0].sentence.text.to_owned(),
        claims,
        relations: graph.relations,
        refused: graph.refused,
        evidence: collected.evidence,
        signature: signature(&document.plain),
        content_hash: document.content_hash.clone(),
        flags,
        ..Sno::default()
    })
}

/// Whether a sentence reports a result: a measure, a direction or a reason, and not what its author argues.
pub(crate) fn states_result(text: &str) -> bool {
    let asks = text.trim_start().to_lowercase().starts_with("whether ");
    !asks && cues::thesis_strength(text) < 3 && cues::claim_strength(text, false) > 0
}

/// A piece of a sentence, with the place of the sentence and whether it is reported only to be answered.
struct Part<'t> {
    sentence: Sentence<'t>,
    index: usize,
    opposed: bool,
}

fn of_sentence<'t>((index, sentence): (usize, &Sentence<'t>)) -> Vec<Part<'t>> {
    let parts = match sentence.kind {
        SentenceKind::Reference => Vec::new(),
        _ => voices::parts(sentence),
    };
    parts.into_iter().map(|(sentence, opposed)| Part { sentence, index, opposed }).collect()
}

/// Sentences that state something: no questions, instructions, code, references or fragments.
fn statements<'t>(parts: &'t [Part<'t>]) -> Vec<Statement<'t>> {
    let stating = |part: &'t Part<'t>| {
        let Part { sentence, index, opposed } = part;
        let evened = even(sentence.text);
        if !cues::is_statement(sentence.text, &evened)
            || !says_something(sentence.text)
            || flags::instructs(sentence.text, &evened)
        {
            return None;
        }
        let (attributed_to, by_words) = cues::attribution(sentence.text);
        let opposed = *opposed || by_words;
        Some(Statement { sentence, evened, index: *index, attributed_to, opposed })
    };
    parts.iter().filter_map(stating).collect()
}

fn claim(
    document: &DocumentChunked,
    chosen: &[&Statement<'_>],
    node: usize,
    relations: &[cns_schemas::Relation],
    evidence_ids: Vec<String>,
) -> Claim {
    let statement = chosen[node];
    let claim_id = graph::claim_id(node);
    let speaks_for = relations.iter().any(|relation| {
        use cns_schemas::RelationType::{Explains, Implies, Supports};
        relation.source == claim_id
            && matches!(relation.relation_type, Supports | Explains | Implies)
    });
    Claim {
        text: statement.sentence.text.to_owned(),
        claim_type: match (node, speaks_for) {
            (0, _) => ClaimType::CentralHypothesis,
            (_, true) => ClaimType::SupportingClaim,
            (_, false) => ClaimType::Assertion,
        },
        status: ClaimStatus::Hypothesis,
        document_id: document.document_id.clone(),
        span: to_submitted(&document.rendition, statement.sentence.span),
        evidence_ids,
        hedged: cues::is_hedged(statement.sentence.text),
        attributed_to: statement.attributed_to.clone(),
        claim_id,
    }
}
