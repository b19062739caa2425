//! DOIs, PubMed and arXiv numbers, web addresses, and the hash of a reference that has none of them.

use std::ops::Range;
use std::sync::LazyLock;

use cns_schemas::{EvidenceKind, hash_hex};
use percent_encoding::percent_decode_str;
use regex::Regex;

use super::study;
use crate::even::even;
use crate::limits::IDENTIFIER_CHARS_MAX;

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

/// What every identifier holds. Most sentences have none of it and need not be searched for each kind.
static SIGN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)://|www\.|10\.|pmid|arxiv"));
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\b(?:https?://|www\.)[^\s<>"“”{}|\\^`]+|\b(?:dx\.)?doi\.org/10\.[^\s<>"“”{}|\\^`]+"#,
    )
});
static DOI: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?i)\b10\.\d{4,9}(?:/|%2f)[^\s<>"“”{}|\\^`]+"#));
static PMID: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bPMID:?\s{0,3}(\d{1,8})\b"));
static PUBMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{1,8})\b")
});
const ARXIV_ID: &str = r"(\d{4}\.\d{4,5}|[a-z-]{2,12}(?:\.[a-z]{2})?/\d{7})(?:v\d{1,2})?\b";
static ARXIV: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?i)\barxiv(?:\s?:\s?|\s+){ARXIV_ID}")));
static ARXIV_PAGE: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?i)arxiv\.org/(?:abs|pdf|html|format)/{ARXIV_ID}")));
static ARXIV_DOI: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!(r"(?i)^10\.48550/arxiv\.{ARXIV_ID}")));
/// What publishers hang behind a DOI in their addresses.
static DOI_TAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:v\d{1,2})?(?:\.full(?:-text|\.pdf)?|/(?:full|abstract|pdf|epdf|html|meta|fulltext)|\.pdf|/)$|[?#&].*$",
    )
});
static PREPRINT_VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(10\.1101/.*\d)v\d{1,2}$"));

/// Canonical identity of a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// `doi:…`, `pmid:…`, `arxiv:…`, `url:…` or `ref:…`.
    pub id: String,
    /// Which of them.
    pub kind: EvidenceKind,
}

impl Identity {
    fn new(kind: EvidenceKind, scheme: &str, value: &str) -> Identity {
        Identity { id: format!("{scheme}:{value}"), kind }
    }

    /// The identity of a reference without an identifier: a hash of its first author, its year and its title, or of all its
    /// words where these cannot be told.
    pub fn of_reference(text: &str) -> Identity {
        let hash = match study::of(text) {
            Some(study) => hash_hex(&[b"study", study.as_bytes()], 16),
            None => hash_hex(&[even(text).as_bytes()], 16),
        };
        Identity::new(EvidenceKind::Reference, "ref", &hash)
    }

    /// The identity of a citation that leads nowhere. A number means something in its own document only.
    pub fn of_absent(document: &str, citation: &str) -> Identity {
        let hash = hash_hex(&[b"absent", document.as_bytes(), even(citation).as_bytes()], 16);
        Identity::new(EvidenceKind::Reference, "ref", &hash)
    }
}

/// The identity that a reference entry gives: its DOI, else PubMed, arXiv, address, else what
/// [`Identity::of_reference`] makes of it.
pub fn identity(entry: &str) -> Identity {
    let found = identities(entry).into_iter().map(|(_, identity)| identity);
    found
        .min_by_key(|identity| rank(identity.kind))
        .unwrap_or_else(|| Identity::of_reference(entry))
}

fn rank(kind: EvidenceKind) -> u8 {
    match kind {
        EvidenceKind::Doi => 0,
        EvidenceKind::Pmid => 1,
        EvidenceKind::Arxiv => 2,
        EvidenceKind::Url => 3,
        EvidenceKind::Reference => 4,
    }
}

/// All identifiers in a text with their byte ranges, in order, none inside another.
pub fn identities(text: &str) -> Vec<(Range<usize>, Identity)> {
    if !SIGN.is_match(text) {
        return Vec::new();
    }
    // `10.1/x][3` is two things. The replacements keep every position.
    let apart =
        text.replace("][", "] ").replace("](", "] ").replace("],", "] ").replace("];", "] ");
    let text = apart.as_str();
    let mut found: Vec<(Range<usize>, Identity)> = Vec::new();
    for address in ADDRESS.find_iter(text) {
        let range = address.start()..address.start() + trimmed(address.as_str()).len();
        if let Some(identity) = of_address(&text[range.clone()]) {
            found.push((range, identity));
        }
    }
    let mut more: Vec<(Range<usize>, Identity)> = Vec::new();
    for doi in DOI.find_iter(text) {
        let written = trimmed(doi.as_str());
        more.extend(
            of_doi(written).map(|identity| (doi.start()..doi.start() + written.len(), identity)),
        );
    }
    for (pattern, kind, scheme) in
        [(&PMID, EvidenceKind::Pmid, "pmid"), (&ARXIV, EvidenceKind::Arxiv, "arxiv")]
    {
        for numbers in pattern.captures_iter(text) {
            let (Some(whole), Some(number)) = (numbers.get(0), numbers.get(1)) else { continue };
            more.push((
                whole.range(),
                Identity::new(kind, scheme, &number_of(kind, number.as_str())),
            ));
        }
    }
    more.sort_by_key(|(range, _)| range.start);
    let mut addresses = found.iter().map(|(range, _)| range.clone()).peekable();
    let mut apart = Vec::new();
    for (range, identity) in more {
        while addresses.next_if(|address| address.end <= range.start).is_some() {}
        if addresses.peek().is_none_or(|address| range.end <= address.start) {
            apart.push((range, identity));
        }
    }
    found.extend(apart);
    found.sort_by_key(|(range, _)| range.start);
    found.dedup_by(|later, earlier| later.0.start < earlier.0.end);
    found
}

fn number_of(kind: EvidenceKind, number: &str) -> String {
    match kind {
        EvidenceKind::Pmid => number.trim_start_matches('0').to_owned(),
        _ => number.to_lowercase(),
    }
}

/// Without punctuation that belongs to the sentence, and without brackets that were opened before.
fn trimmed(written: &str) -> &str {
    // Brackets are counted once: a run of thousands of closing ones is taken off mark by mark.
    let count = |mark: char| written.matches(mark).count();
    let mut round = count(')').saturating_sub(count('('));
    let mut square = count(']').saturating_sub(count('['));
    let spare = |unopened: &mut usize| {
        let is_spare = *unopened > 0;
        *unopened = unopened.saturating_sub(1);
        is_spare
    };
    written.trim_end_matches(|c: char| match c {
        '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '’' | '*' | '_' | '…' | '»' => true,
        ')' => spare(&mut round),
        ']' => spare(&mut square),
        _ => false,
    })
}

fn of_doi(written: &str) -> Option<Identity> {
    if written.chars().count() > IDENTIFIER_CHARS_MAX {
        return None;
    }
    // An address may carry it percent-encoded.
    let decoded = percent_decode_str(written).decode_utf8_lossy();
    // Nothing may come in encoded that could not stand in it as it is.
    let strange = |c: char| c.is_control() || c.is_whitespace() || c == char::REPLACEMENT_CHARACTER;
    let mut doi = match decoded.contains(strange) {
        true => written.to_lowercase().replacen("%2f", "/", 1),
        false => trimmed(&decoded).to_lowercase(),
    };
    if let Some(number) = ARXIV_DOI.captures(&doi).and_then(|found| found.get(1)) {
        return Some(Identity::new(EvidenceKind::Arxiv, "arxiv", number.as_str()));
    }
    while let Some(tail) = DOI_TAIL.find(&doi).filter(|tail| !tail.is_empty()) {
        doi.truncate(tail.start());
    }
    if let Some(bare) = PREPRINT_VERSION.captures(&doi).and_then(|found| found.get(1)) {
        doi = bare.as_str().to_owned();
    }
    let suffix =
        doi.split_once('/').is_some_and(|(_, suffix)| suffix.chars().any(char::is_alphanumeric));
    suffix.then(|| Identity::new(EvidenceKind::Doi, "doi", &doi))
}

/// The identity of an address: that of the study that it leads to, when it says which.
fn of_address(written: &str) -> Option<Identity> {
    if written.chars().count() > IDENTIFIER_CHARS_MAX {
        return None;
    }
    if let Some(doi) = DOI.find(written).and_then(|doi| of_doi(doi.as_str())) {
        return Some(doi);
    }
    if let Some(number) = PUBMED.captures(written).and_then(|found| found.get(1)) {
        return Some(Identity::new(
            EvidenceKind::Pmid,
            "pmid",
            &number_of(EvidenceKind::Pmid, number.as_str()),
        ));
    }
    if let Some(number) = ARXIV_PAGE.captures(written).and_then(|found| found.get(1)) {
        return Some(Identity::new(EvidenceKind::Arxiv, "arxiv", &number.as_str().to_lowercase()));
    }
    normal_address(written).map(|address| Identity::new(EvidenceKind::Url, "url", &address))
}

/// Host in lower case without `www.`, path without a last slash, query without what only tracks the reader.
fn normal_address(written: &str) -> Option<String> {
    let rest = written.split_once("://").map_or(written, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or_default();
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let host = host.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let host = host.strip_suffix(":443").or(host.strip_suffix(":80")).unwrap_or(host);
    if !host.contains('.') && host != "localhost" {
        return None;
    }
    let mut query: Vec<&str> =
        query.split('&').filter(|part| !part.is_empty() && !is_tracking(part)).collect();
    query.sort_unstable();
    let mut address = format!("{host}/{}", path.trim_end_matches('/'));
    address.truncate(address.trim_end_matches('/').len());
    if !query.is_empty() {
        address.push('?');
        address.push_str(&query.join("&"));
    }
    Some(address)
}

fn is_tracking(part: &str) -> bool {
    let name = part.split('=').next().unwrap_or_default().to_lowercase();
    name.starts_with("utm_")
        || matches!(
            name.as_str(),
            "gclid"
                | "fbclid"
                | "msclkid"
                | "mc_cid"
                | "mc_eid"
                | "igshid"
                | "ref"
                | "ref_src"
                | "si"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> =
            identities(text).into_iter().map(|(_, identity)| identity.id).collect();
        assert_eq!(found, expected, "in {text:?}");
    }

    #[test]
    fn one_study_has_one_identity() {
        for text in [
            "[doi:10.1086/150317]",
            "DOI 10.1086/150317.",
            "(https://doi.org/10.1086/150317)",
            "http://dx.doi.org/10.1086/150317,",
            "doi.org/10.1086/150317",
            "https://publisher.org/doi/10.1086/150317/full?utm_source=x",
            "https://publisher.org/doi/pdf/10.1086/150317.pdf",
            "https://x.org/?id=10.1086%2F150317&a=b",
        ] {
            check(text, &["doi:10.1086/150317"]);
        }
        check(
            "https://doi.org/10.1016/S0140-6736%2805%2912345-6",
            &["doi:10.1016/s0140-6736(05)12345-6"],
        );
        check("https://doi.org/10.1016/x1%29.", &["doi:10.1016/x1"]);
        check("https://doi.org/10.1016/x1%00a", &["doi:10.1016/x1%00a"]);
        check("10.1016/S0140-6736(05)12345-6).", &["doi:10.1016/s0140-6736(05)12345-6"]);
        check("10.1103/PhysRevLett.117.201101", &["doi:10.1103/physrevlett.117.201101"]);
        check("PMID: 0123456; pubmed.ncbi.nlm.nih.gov", &["pmid:123456"]);
        check("https://pubmed.ncbi.nlm.nih.gov/123456/", &["pmid:123456"]);
        for text in [
            "arXiv:2101.00001v2",
            "https://arxiv.org/pdf/2101.00001v1",
            "10.48550/arXiv.2101.00001",
        ] {
            check(text, &["arxiv:2101.00001"]);
        }
        check("arXiv:astro-ph/0608407.", &["arxiv:astro-ph/0608407"]);
        check(
            "https://www.biorxiv.org/content/10.1101/2020.01.02.345678v2.full",
            &["doi:10.1101/2020.01.02.345678"],
        );
    }

    #[test]
    fn addresses_are_normalised() {
        for text in [
            "https://www.WHO.int/a/",
            "http://who.int/a#top",
            "www.who.int/a?utm_source=x&fbclid=1.",
        ] {
            check(text, &["url:who.int/a"]);
        }
        check("https://who.int/?b=2&a=1", &["url:who.int?a=1&b=2"]);
        check("See [doi:10.1/x] and 3.5.", &[]);
        check(
            "a [doi:10.1086/150317][doi:10.1086/508162]",
            &["doi:10.1086/150317", "doi:10.1086/508162"],
        );
    }

    #[test]
    fn thousands_of_closing_brackets_are_taken_off() {
        for (marks, kept) in [(")", ""), ("])", ""), (").,", ""), ("()", "()")] {
            let written = format!("http://x{}", marks.repeat(2_000_000));
            let wanted = format!("http://x{}", kept.repeat(2_000_000));
            assert!(trimmed(&written) == wanted, "{marks}");
        }
        assert_eq!(trimmed("10.1/a(b)c))]."), "10.1/a(b)c");
        assert_eq!(trimmed("10.1/a((b)))"), "10.1/a((b))");
    }

    #[test]
    fn an_entry_prefers_its_doi() {
        let entry = "Lee K. Title. 2019. https://x.org/a PMID: 5 doi:10.1000/xyz.";
        assert_eq!(identity(entry).id, "doi:10.1000/xyz");
        assert_eq!(identity("Lee, K.: Title (2019)"), identity("lee K title 2019"));
    }
}
