//! What the document rests on.
//!
//! Invariant: evidence is a study, never a number in brackets and never the document itself: a quote is where a
//! study is cited, its identity is the study's.

use std::collections::{BTreeMap, BTreeSet};

use cns_schemas::{DocumentChunked, Evidence, Flag, FlagCode, Quote, hash_hex};

use super::Statement;
use super::cues::{self, Bearing};
use crate::cite::{Identity, Mention, mentions};
use crate::flags::{bound, truncated};
use crate::limits::{CITATIONS_FOLLOWED_MAX, EVIDENCE_MAX, QUOTES_PER_EVIDENCE_MAX};
use crate::references::{References, Resolution};
use crate::render::to_submitted;
use crate::sentence::{Sentence, SentenceKind};

/// The evidence of a document.
#[derive(Default)]
pub(crate) struct Collected {
    /// In the order of first citation; entries that nothing cites come last.
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) flags: Vec<Flag>,
    /// Evidence ids by the position of the sentence that cites them.
    cited: BTreeMap<usize, Vec<String>>,
    places: BTreeMap<String, usize>,
    left_out: bool,
    quotes_left_out: bool,
    citations_left_out: bool,
}

impl Collected {
    pub(crate) fn of(
        document: &DocumentChunked,
        sentences: &[Sentence<'_>],
        references: &References,
    ) -> Collected {
        let mut collected = Collected::default();
        let mut absent = BTreeSet::new();
        let citing =
            sentences.iter().enumerate().filter(|(_, one)| one.kind != SentenceKind::Reference);
        let citations = citing.flat_map(|(index, sentence)| {
            mentions(sentence.text).into_iter().map(move |mention| (index, sentence, mention))
        });
        for (followed, (index, sentence, mention)) in citations.enumerate() {
            if followed == CITATIONS_FOLLOWED_MAX {
                collected.citations_left_out = true;
                break;
            }
            let Some(Pointed { identity, reference, absent: missing }) =
                pointed(document, references, &mention)
            else {
                continue;
            };
            let resolved = missing.is_none();
            if let Some(shown) = missing
                && absent.insert(shown.clone())
            {
                collected.flags.push(flag(document, sentence, &shown));
            }
            collected.cite(document, (index, sentence), identity, reference, resolved);
        }
        bound(&mut collected.flags, "Flags for citations without a reference");
        for entry in &references.entries {
            collected.place(&entry.identity, Some(&entry.text), true);
        }
        collected.finish();
        collected
    }

    /// The evidence ids that a sentence cites.
    pub(crate) fn cited_by(&self, sentence: usize) -> &[String] {
        self.cited.get(&sentence).map_or(&[], Vec::as_slice)
    }

    /// What a statement rests on: what its own words cite, else what the neighbour cites that speaks of it ("This was seen in
    /// 90 adults [1].") or that it speaks of ("It found that …").
    pub(crate) fn rests_on(
        &self,
        statement: &Statement<'_>,
        document: &DocumentChunked,
        sentences: &[Sentence<'_>],
        references: &References,
    ) -> Vec<String> {
        let index = statement.index;
        let whole = sentences.get(index).map_or("", |sentence| sentence.text);
        let own = self.cited_by(index);
        if !own.is_empty() {
            if statement.sentence.text.len() == whole.len() {
                return own.to_vec();
            }
            // A part of a sentence rests on what stands in that part.
            let in_part = mentions(statement.sentence.text);
            let in_part =
                in_part.iter().filter_map(|mention| pointed(document, references, mention));
            let in_part: BTreeSet<String> = in_part.map(|pointed| pointed.identity.id).collect();
            return own.iter().filter(|id| in_part.contains(*id)).cloned().collect();
        }
        let near = |place: usize| {
            sentences.get(place).filter(|near| {
                near.block == statement.sentence.block && !self.cited_by(place).is_empty()
            })
        };
        let speaks_of_it = |near: &&Sentence<'_>| {
            cues::points_back(near.text)
                && matches!(cues::bearing(near.text), Bearing::For | Bearing::Explains)
        };
        if near(index + 1).filter(speaks_of_it).is_some() {
            return self.cited_by(index + 1).to_vec();
        }
        let before = index.checked_sub(1).filter(|before| near(*before).is_some());
        match before {
            Some(before) if speaks_of_it(&statement.sentence) => self.cited_by(before).to_vec(),
            _ => Vec::new(),
        }
    }

    fn cite(
        &mut self,
        document: &DocumentChunked,
        (index, sentence): (usize, &Sentence<'_>),
        identity: Identity,
        reference: Option<&str>,
        resolved: bool,
    ) {
        let Some(place) = self.place(&identity, reference, resolved) else { return };
        let cited = self.cited.entry(index).or_default();
        if cited.contains(&identity.id) {
            return;
        }
        cited.push(identity.id);
        let Some(evidence) = self.evidence.get_mut(place) else { return };
        if evidence.quotes.len() == QUOTES_PER_EVIDENCE_MAX {
            self.quotes_left_out = true;
            return;
        }
        evidence.quotes.push(Quote {
            document_id: document.document_id.clone(),
            span: to_submitted(&document.rendition, sentence.span),
            text: sentence.text.to_owned(),
        });
    }

    /// Where an identity stands, put there if it is new; `None` when the limit is reached.
    fn place(
        &mut self,
        identity: &Identity,
        reference: Option<&str>,
        resolved: bool,
    ) -> Option<usize> {
        if let Some(place) = self.places.get(&identity.id) {
            return Some(*place);
        }
        if self.evidence.len() == EVIDENCE_MAX {
            self.left_out = true;
            return None;
        }
        self.places.insert(identity.id.clone(), self.evidence.len());
        self.evidence.push(Evidence {
            evidence_id: identity.id.clone(),
            kind: identity.kind,
            reference: reference.map(str::to_owned),
            resolved,
            ..Evidence::default()
        });
        Some(self.evidence.len() - 1)
    }

    fn finish(&mut self) {
        for evidence in &mut self.evidence {
            let quote = evidence.quotes.first().map(|quote| quote.text.as_str());
            let words = evidence.reference.as_deref().or(quote).unwrap_or_default();
            evidence.doc_hash = hash_hex(&[words.as_bytes()], 16);
        }
        if self.citations_left_out {
            self.flags.push(truncated("Citations", CITATIONS_FOLLOWED_MAX));
        }
        if self.left_out {
            self.flags.push(truncated("Evidence items", EVIDENCE_MAX));
        }
        if self.quotes_left_out {
            self.flags.push(truncated("Sentences that cite one source", QUOTES_PER_EVIDENCE_MAX));
        }
    }
}

/// What a mention points at.
struct Pointed<'r> {
    identity: Identity,
    /// The entry of the list, when there is one.
    reference: Option<&'r str>,
    /// What the list does not have.
    absent: Option<String>,
}

fn pointed<'r>(
    document: &DocumentChunked,
    references: &'r References,
    mention: &Mention,
) -> Option<Pointed<'r>> {
    match references.resolve(mention) {
        Resolution::Entry(entry) => {
            let entry = references.entries.get(entry)?;
            let (identity, reference) = (entry.identity.clone(), Some(entry.text.as_str()));
            Some(Pointed { identity, reference, absent: None })
        }
        Resolution::Identified(identity) => {
            Some(Pointed { identity, reference: None, absent: None })
        }
        Resolution::Absent(shown) => {
            let place = format!("{}/{}", document.corpus, document.document_id);
            let identity = Identity::of_absent(&place, &shown);
            Some(Pointed { identity, reference: None, absent: Some(shown) })
        }
        Resolution::None => None,
    }
}

fn flag(document: &DocumentChunked, sentence: &Sentence<'_>, shown: &str) -> Flag {
    Flag {
        code: FlagCode::CitedButAbsent,
        detail: format!(
            "The text cites {shown}, which is not in the document's own reference list."
        ),
        span: Some(to_submitted(&document.rendition, sentence.span)),
    }
}
