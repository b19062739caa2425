//! What is read from files of each kind, and what is refused with which words.

use proptest::strategy::Strategy;

use super::*;
use crate::submit::source::{self, locate};

/// Reads a file with this name and content; gives label and document, or label and refusal.
fn read(name: &str, bytes: &[u8], defaults: &Defaults) -> Vec<(String, Result<Value, String>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let files = locate(&path).unwrap();
    let items = files.iter().flat_map(|file| source::read(file, defaults));
    items
        .map(|item| match item.content {
            Content::Document(document) => (item.label, Ok(document)),
            Content::Refused(why) => (item.label, Err(why)),
            Content::Skipped => panic!("{} was skipped", item.label),
        })
        .collect()
}

fn refusal(name: &str, bytes: &[u8]) -> String {
    let mut items = read(name, bytes, &Defaults::default());
    assert_eq!(items.len(), 1);
    items.remove(0).1.unwrap_err()
}

#[test]
fn a_text_file_is_one_document_named_by_its_file() {
    for name in ["a.txt", "a.md", "a.HTML"] {
        let items = read(name, "\u{feff}Coffee helps.".as_bytes(), &Defaults::default());
        let expected = serde_json::json!({
            "text": "Coffee helps.", "document_id": name, "corpus": "default", "source": name,
        });
        assert_eq!(items, [(name.to_owned(), Ok(expected))]);
    }
}

#[test]
fn flags_fill_in_what_documents_do_not_say() {
    let defaults = Defaults {
        corpus: Some("coffee".into()),
        source: Some("A survey".into()),
        document_id: Some("survey".into()),
    };
    let items = read("a.json", br#"{"text":"x","corpus":"tea","source":null}"#, &defaults);
    let document = items[0].1.as_ref().unwrap();
    assert_eq!(document["corpus"], "tea");
    assert_eq!(document["source"], "A survey");
    assert_eq!(document["document_id"], "survey");
}

#[test]
fn an_array_gives_each_entry_its_own_outcome() {
    let items =
        read("a.json", br#"[{"text":"x"},{"text":" \n"},7,{"text":1},{}]"#, &Defaults::default());
    let labels: Vec<&str> = items.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(labels, ["a.json#1", "a.json#2", "a.json#3", "a.json#4", "a.json#5"]);
    assert_eq!(items[0].1.as_ref().unwrap()["document_id"], "a.json#1");
    let refused: Vec<&str> =
        items[1..].iter().map(|(_, item)| item.as_ref().unwrap_err().as_str()).collect();
    assert!(refused[0].contains("empty") && refused[1].contains("no JSON object"), "{refused:?}");
    assert!(refused[2].contains("not text") && refused[3].contains("no \"text\""), "{refused:?}");
}

#[test]
fn a_bad_line_does_not_stop_the_next() {
    let lines =
        b"{\"text\":\"x\",\"document_id\":\"one\"}\n\n{oops\n\xff\xff\xff\n{\"text\":\"y\"}";
    let items = read("a.jsonl", lines, &Defaults::default());
    assert_eq!(items.len(), 4);
    assert_eq!(items[0].1.as_ref().unwrap()["document_id"], "one");
    assert_eq!(items[1].0, "a.jsonl#3");
    assert!(items[1].1.as_ref().unwrap_err().contains("not JSON"));
    assert!(items[2].1.as_ref().unwrap_err().contains("not UTF-8"));
    assert_eq!(items[3].1.as_ref().unwrap()["document_id"], "a.jsonl#5");
}

#[test]
fn an_endless_line_is_refused_and_passed_over() {
    let mut lines = vec![b'x'; LINE_BYTES_MAX + 10];
    lines.extend(b"\n{\"text\":\"y\"}\n");
    let items = read("a.jsonl", &lines, &Defaults::default());
    assert!(items[0].1.as_ref().unwrap_err().contains("the line has more than"));
    assert_eq!(items[1].1.as_ref().unwrap()["document_id"], "a.jsonl#2");
}

#[test]
fn what_cannot_be_sent_says_how_to_mend_it() {
    assert!(refusal("a.txt", b"caf\xe9").contains("not UTF-8 (byte 3); save it as UTF-8"));
    assert!(refusal("a.txt", b"\xff\xfea\0").contains("UTF-16"));
    assert!(refusal("a.txt", b" \n ").contains("is empty"));
    assert!(refusal("a.md", b"").contains("is empty"));
    assert!(refusal("a.json", b"{").contains("is not JSON"));
    let long = vec![b'x'; DOCUMENT_BYTES_MAX + 1];
    assert!(
        refusal("a.txt", &long).contains("1048577 bytes, a document may have 1048576; split it")
    );
}

proptest::proptest! {
    /// Whatever a file holds, each thing found in it is a document with a text or a refusal with a reason.
    #[test]
    fn any_bytes_are_documents_or_refusals(
        extension in proptest::sample::select(vec!["txt", "html", "json", "jsonl"]),
        bytes in proptest::prop_oneof![
            proptest::collection::vec(proptest::num::u8::ANY, 0..200),
            "[\\[\\]{}:,\"\\\\ntextid0-9 \n]{0,200}".prop_map(String::into_bytes),
        ],
    ) {
        for (label, item) in read(&format!("a.{extension}"), &bytes, &Defaults::default()) {
            assert!(label.starts_with("a."), "{label}");
            match item {
                Ok(document) => assert!(!document["text"].as_str().unwrap().trim().is_empty()),
                Err(why) => assert!(!why.is_empty()),
            }
        }
    }
}
