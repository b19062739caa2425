//! The chunk stage's computation: render, flag, cut into passages.
//!
//! Invariant: passages tile the plain text without gap or overlap, none is longer than
//! [`PASSAGE_CHARS`](crate::limits::PASSAGE_CHARS), and a cut lies between sentences wherever one fits.

use cns_schemas::{DocumentChunked, DocumentSubmitted, Fault, FaultCode, Passage, Retry, Span};

use crate::even::{even, hash_of_even};
use crate::flags;
use crate::limits::PASSAGE_CHARS;
use crate::render::render;
use crate::sentence::{Sentence, SentenceKind, pieces, sentences};

/// Cuts a submitted document into passages.
///
/// Whether the text is blank or over its size is for the caller to check before.
///
/// # Errors
/// [`FaultCode::NoExtractableText`] when no sentence outside a reference list holds a word.
pub fn chunk(document: &DocumentSubmitted, version: u32) -> Result<DocumentChunked, Fault> {
    let rendered = render(&document.text);
    let sentences = sentences(&rendered.plain);
    let says_something = |sentence: &Sentence<'_>| {
        sentence.kind != SentenceKind::Reference && sentence.text.chars().any(char::is_alphabetic)
    };
    let evened = even(&rendered.plain);
    if !sentences.iter().any(says_something) || evened.is_empty() {
        return Err(no_text("The document holds no sentence with a word in it."));
    }
    let flags = flags::of_document(&document.text, &rendered, &sentences);
    Ok(DocumentChunked {
        document_id: document.document_id.clone(),
        corpus: document.corpus.clone(),
        source: document.source.clone(),
        source_uri: document.source_uri.clone(),
        published_at: document.published_at.clone(),
        metadata: document.metadata.clone(),
        version,
        content_hash: hash_of_even(&evened),
        passages: passages(&rendered.plain, &sentences),
        plain: rendered.plain,
        rendition: rendered.rendition,
        flags,
    })
}

/// The fault of a document that states nothing.
pub(crate) fn no_text(detail: &str) -> Fault {
    Fault {
        code: FaultCode::NoExtractableText,
        detail: detail.to_owned(),
        mend: "Submit a text with at least one declarative sentence in it.".to_owned(),
        retry: Retry::AfterMending,
    }
}

/// Fills passages with whole sentences; white space belongs to the sentence before it.
fn passages(plain: &str, sentences: &[Sentence<'_>]) -> Vec<Passage> {
    let starts: Vec<u32> = sentences.iter().skip(1).map(|sentence| sentence.span.start).collect();
    let mut bytes = plain.char_indices().map(|(byte, _)| byte).chain([plain.len()]);
    let mut byte_starts = Vec::with_capacity(starts.len() + 2);
    byte_starts.push(0);
    let mut read = 0;
    for start in starts {
        byte_starts.extend(bytes.nth((start - read) as usize));
        read = start + 1;
    }
    byte_starts.push(plain.len());

    let mut passages = Passages { cut: Vec::new(), chars: 0, filled: 0 };
    for range in byte_starts.windows(2) {
        for piece in pieces(plain, range[0]..range[1], PASSAGE_CHARS) {
            passages.add(plain[piece].chars().count());
        }
    }
    passages.close();
    passages.cut
}

struct Passages {
    cut: Vec<Passage>,
    /// Characters before the passage that is being filled.
    chars: usize,
    /// Characters in it.
    filled: usize,
}

impl Passages {
    fn add(&mut self, chars: usize) {
        if self.filled + chars > PASSAGE_CHARS {
            self.close();
        }
        self.filled += chars;
    }

    fn close(&mut self) {
        if self.filled > 0 {
            let span = Span { start: self.chars as u32, end: (self.chars + self.filled) as u32 };
            self.cut.push(Passage { index: self.cut.len() as u32, span });
            self.chars += self.filled;
            self.filled = 0;
        }
    }
}
