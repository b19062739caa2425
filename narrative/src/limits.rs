//! Every limit of the text half, in one place, each with its unit in its name.
//!
//! Invariant: whatever is cut off at one of these limits is announced by a `truncated` flag, except where a
//! limit only decides how a text is read (a window in which a closing mark is looked for).

/// A passage is never longer. About 200 tokens, so that a model with a window of 256 sees all of it.
pub const PASSAGE_CHARS: usize = 800;
/// A longer sentence is cut; nobody writes one, machines do.
pub const SENTENCE_CHARS_MAX: usize = 2_000;
/// Sentences that extraction reads; a book's first third.
pub const SENTENCES_READ_MAX: usize = 4_000;
/// Nodes of a reasoning graph, the root included.
pub const CLAIMS_MAX: usize = 24;
/// Evidence items of one document.
pub const EVIDENCE_MAX: usize = 64;
/// Sentences kept for one evidence item.
pub const QUOTES_PER_EVIDENCE_MAX: usize = 8;
/// Citations that one sentence may carry.
pub const CITATIONS_PER_SENTENCE_MAX: usize = 32;
/// Numbers that a range such as `[2-9]` may stand for; a longer one is an interval or a mistake.
pub const CITATION_RANGE_MAX: usize = 20;
/// Citations of one document that are followed to what they cite.
pub const CITATIONS_FOLLOWED_MAX: usize = 10_000;
/// Bytes behind a full stop in which the citations that belong to its sentence are looked for.
pub const CITATIONS_BEHIND_BYTES_MAX: usize = 400;
/// Entries with the same surnames and year that are looked at for one citation.
pub const ENTRIES_PER_CITATION_MAX: usize = 64;
/// Entries of a reference list that are read.
pub const REFERENCES_MAX: usize = 1_000;
/// Characters of a reference entry that are kept.
pub const REFERENCE_CHARS_MAX: usize = 1_000;
/// Characters of an identifier; a longer one is not an identifier.
pub const IDENTIFIER_CHARS_MAX: usize = 300;
/// Flags of one kind on one document.
pub const FLAGS_PER_KIND_MAX: usize = 32;
/// Lines in which front matter must be closed.
pub const FRONT_MATTER_LINES_MAX: usize = 500;
/// A line longer than this was not wrapped by hand.
pub const WRAPPED_LINE_CHARS_MAX: usize = 120;
/// A line shorter than this was ended on purpose.
pub const WRAPPED_LINE_CHARS_MIN: usize = 45;
/// A longer line is not a heading.
pub const HEADING_CHARS_MAX: usize = 100;
/// Words of a statement: fewer state nothing that could be argued about.
pub const STATEMENT_WORDS_MIN: usize = 3;
/// Words of a statement, beyond its introduction, that carry a topic.
pub const CONTENT_WORDS_MIN: usize = 2;
/// Words of a clause that can be recognised again elsewhere.
pub const CLAUSE_WORDS_MIN: usize = 2;
/// Reasons that are read in one sentence; comparing them all with each other takes the cube of it.
pub const REASONS_PER_SENTENCE_MAX: usize = 16;
/// Conditions of one kind that are read in one sentence; comparing them takes the square of it.
pub const CONDITIONS_PER_KIND_MAX: usize = 16;
/// Minimum hashes of a signature.
pub const SIGNATURE_HASHES: usize = 64;
/// Consecutive words that are hashed together for a signature.
pub const SHINGLE_WORDS: usize = 3;

// ---- judging: critics, pairing, synthesis, index ----

/// Premise and hypothesis pairs that the grounding of one SNO asks about.
pub const GROUNDING_PAIRS_MAX: usize = 48;
/// Of these, for one claim: what lies nearest to it.
pub const PREMISES_PER_CLAIM_MAX: usize = 2;
/// Statements compared for one pair of SNOs.
pub const STATEMENTS_MAX: usize = 12;
/// Of these, places kept for statements that are near without shared evidence.
pub const NEAR_STATEMENTS_KEPT: usize = 4;
/// Claims of one SNO that take part in a comparison.
pub const COMPARED_CLAIMS_MAX: usize = 200;
/// Findings in one section of a narrative.
pub const FINDINGS_PER_SECTION_MAX: usize = 12;
/// Agreed findings that only one side states.
pub const ONE_SIDED_FINDINGS_MAX: usize = 4;
/// Quotes kept for one piece of evidence when two SNOs are merged.
pub const MERGED_QUOTES_MAX: usize = 16;
/// Characters of a composed hypothesis.
pub const HYPOTHESIS_CHARS_MAX: usize = 480;
/// Words of one text that are read for word overlap.
pub const WORDS_MAX: usize = 400;
