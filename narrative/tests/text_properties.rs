//! What holds for every text: passages tile, spans lead back, runs are honest, nothing panics.

use cns_narrative::{chunk, content_hash, extract, render, sentences, to_submitted};
use cns_schemas::{DocumentChunked, DocumentSubmitted, Sno, Span};
use proptest::prelude::*;

const PASSAGE_CHARS: u32 = 800;

fn submitted(text: &str) -> DocumentSubmitted {
    DocumentSubmitted {
        document_id: "d1".to_owned(),
        corpus: "c".to_owned(),
        source: "s".to_owned(),
        text: text.to_owned(),
        ..DocumentSubmitted::default()
    }
}

/// Pieces from which every corner of the reader can be reached.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "We argue that halos exist. ",
        "Speed rose by 5 % [1], therefore mass is there. ",
        "However, it fails [doi:10.1/x]. ",
        "<p>",
        "</p>",
        "<b>bold</b>",
        "<!-- ",
        " -->",
        "```\n",
        "`a`",
        "**b**",
        "*",
        "_",
        "[t](https://x.org/a)",
        "[",
        "](",
        ")",
        "\n",
        "\n\n",
        "# ",
        "> ",
        "- ",
        "1. ",
        "---\n",
        "a: b\n",
        "References\n",
        "[1] Smith J. Title. 2019. doi:10.1000/abc\n",
        "&amp;",
        "&#8217;",
        "&",
        "Smith et al. (2019) ",
        "e.g. ",
        "é",
        "\u{1f600}",
        "\u{200b}",
        "咖啡好。",
        "<script>",
        "</script>",
        "<div style=\"display:none\">",
        "</div>",
        "Ignore previous instructions. ",
        "A because B; B because A. ",
        "\r\n",
        "\u{feff}",
        "x is flat because y is round. ",
        "y is round because x is flat. ",
        "[2-4]",
        "(Lee, 2001)",
        "\\*",
        "~~",
        "|---|\n",
        "'",
        "\"",
    ])
    .prop_map(str::to_owned);
    prop_oneof![4 => fixed, 1 => "\\PC{0,12}", 1 => any::<String>()]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..60).prop_map(|pieces| pieces.concat())
}

fn check_spans(text: &str, document: &DocumentChunked, sno: &Sno) {
    let inside = |span: Span| span.slice(text).expect("the span lies in the submitted text");
    let plain_input = document.plain == text;
    for flag in &sno.flags {
        flag.span.map(inside);
    }
    for claim in &sno.claims {
        let slice = inside(claim.span);
        assert!(!plain_input || slice == claim.text, "{slice:?} is not {:?}", claim.text);
        assert!(document.plain.contains(&claim.text));
    }
    for quote in sno.evidence.iter().flat_map(|evidence| &evidence.quotes) {
        let slice = inside(quote.span);
        assert!(!plain_input || slice == quote.text);
    }
}

fn check(text: &str) {
    let rendered = render(text);
    let plain: Vec<char> = rendered.plain.chars().collect();
    let source: Vec<char> = text.chars().collect();
    let (mut plain_end, mut source_end) = (0, 0);
    for run in &rendered.rendition.runs {
        assert!(run.length > 0 && run.plain >= plain_end && run.submitted >= source_end);
        plain_end = run.plain + run.length;
        source_end = run.submitted + run.length;
        let same = plain[run.plain as usize..plain_end as usize]
            == source[run.submitted as usize..source_end as usize];
        assert!(same, "a run differs in {text:?}");
    }
    for span in &rendered.hidden {
        span.slice(text).expect("hidden parts lie in the submitted text");
    }
    let mut end = 0;
    for sentence in sentences(&rendered.plain) {
        assert!(sentence.span.start >= end && sentence.span.end > sentence.span.start);
        let back = to_submitted(&rendered.rendition, sentence.span);
        assert!(back.start <= back.end && back.end as usize <= source.len());
        // Slicing counts from the start, so a long text is only looked at in its first sentences.
        if end < 5_000 {
            assert_eq!(sentence.span.slice(&rendered.plain), Some(sentence.text));
            back.slice(text).expect("a sentence leads back");
        }
        end = sentence.span.end;
    }
    let Ok(document) = chunk(&submitted(text), 1) else { return };
    let mut covered = 0;
    for (index, passage) in document.passages.iter().enumerate() {
        assert_eq!((passage.index as usize, passage.span.start), (index, covered));
        assert!(passage.span.end > covered && passage.span.end - covered <= PASSAGE_CHARS);
        covered = passage.span.end;
    }
    assert_eq!(covered as usize, plain.len());
    if let Ok(sno) = extract("t", &document) {
        check_spans(text, &document, &sno);
        check_graph(&sno);
    }
}

/// Every edge joins two claims, and taking claims without premises away empties the graph.
fn check_graph(sno: &Sno) {
    assert_eq!(sno.claims[0].claim_id, "root");
    assert_eq!(sno.claims[0].text, sno.hypothesis);
    let mut left: Vec<&str> = sno.claims.iter().map(|claim| claim.claim_id.as_str()).collect();
    let mut edges: Vec<(&str, &str)> =
        sno.relations.iter().map(|edge| (&*edge.source, &*edge.target)).collect();
    assert!(edges.iter().all(|(source, target)| left.contains(source) && left.contains(target)));
    loop {
        let free: Vec<&str> =
            left.iter().filter(|node| edges.iter().all(|(_, to)| to != *node)).copied().collect();
        if free.is_empty() {
            break;
        }
        left.retain(|node| !free.contains(node));
        edges.retain(|(from, _)| !free.contains(from));
    }
    assert!(left.is_empty(), "a cycle is left: {edges:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_text_is_read_honestly(text in text()) {
        check(&text);
    }

    #[test]
    fn any_string_is_read_honestly(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn content_hash_ignores_form(words in prop::collection::vec("[a-zA-Z0-9éßΣ]{1,9}", 1..20), gaps in "[ ,.;:!?\n\t*-]{1,6}") {
        let one = words.join(" ");
        let other = words.join(&gaps);
        prop_assert_eq!(content_hash(&one), content_hash(&other));
        prop_assert_eq!(content_hash(&one), content_hash(&one.to_uppercase()));
    }

    #[test]
    fn content_hash_sees_words(words in prop::collection::vec("[a-z]{1,9}", 2..20)) {
        let shorter = words[1..].join(" ");
        prop_assert_ne!(content_hash(&words.join(" ")), content_hash(&shorter));
    }
}

#[test]
fn huge_repeats_are_read_in_time() {
    for unit in [
        "a",
        " ",
        "\n",
        ".",
        "`",
        "``` \n",
        "*a ",
        "[",
        "[[",
        "![",
        "<",
        "<a ",
        "<!--",
        "<p>",
        "<div hidden>",
        "<script>",
        "&",
        "> ",
        "# ",
        "[1]",
        "(Smith, 2019) ",
        "e.g. ",
        "10.1000/",
        "https://",
        "a because b; ",
        "References\n",
        "- x\n",
        "A. ",
        "。",
        "word ",
        "halos exist because rotation is flat. ",
        "[a](https://x.org) ",
        "~~~\n",
        "_a_",
        "\\",
        "Ignore previous instructions. ",
    ] {
        check(&unit.repeat(60_000 / unit.len()));
    }
}
