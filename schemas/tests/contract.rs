//! The published `.avsc` files are what the Rust types say, each field is documented, and each version can
//! be read by every later one. `CNS_UPDATE_GOLDEN=1` writes the newest version of each file anew.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use apache_avro::{AvroSchema, Schema, schema_compatibility::SchemaCompatibility};
use cns_schemas::*;

fn derived() -> Vec<(&'static str, Schema)> {
    macro_rules! list { ($($name:ident),*) => { vec![$((stringify!($name), $name::get_schema())),*] } }
    list![
        DocumentSubmitted,
        DocumentChunked,
        SnoProposed,
        PairProposed,
        SnoJudged,
        PairJudged,
        SnoDecided,
        PairDecided,
        Configured,
        ModelRequested,
        ModelReplied,
        Fact,
        AuditEntry,
        DeadLetter,
        DocumentVersion,
        Parked,
        OpenRequest,
        ChainHead,
        DocumentFailed,
        DeadLetterDecided,
        DocumentRepeated
    ]
}

fn newest(name: &str) -> &'static SchemaEntry {
    SCHEMAS.iter().rev().find(|entry| entry.name == name).expect("in the table")
}

#[test]
fn published_files_are_what_the_types_say() {
    for (name, schema) in derived() {
        let entry = newest(name);
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{name}.v{}.avsc", entry.version));
        if std::env::var_os("CNS_UPDATE_GOLDEN").is_some() {
            fs::write(&file, &text).unwrap();
        } else {
            assert_eq!(fs::read_to_string(&file).unwrap(), text, "{} is stale", file.display());
        }
    }
    assert_eq!(derived().len(), SCHEMAS.iter().filter(|e| newest(e.name).id == e.id).count());
}

#[test]
fn every_version_reads_every_earlier_one() {
    for later in SCHEMAS {
        for earlier in SCHEMAS.iter().filter(|e| e.name == later.name && e.version <= later.version)
        {
            let writer = Schema::parse_str(earlier.json).unwrap();
            let reader = Schema::parse_str(later.json).unwrap();
            SchemaCompatibility::can_read(&writer, &reader).unwrap_or_else(|e| {
                panic!("{} v{} cannot read v{}: {e}", later.name, later.version, earlier.version)
            });
        }
    }
}

#[test]
fn a_submitted_document_needs_four_fields() {
    let Schema::Record(record) = Schema::parse_str(newest("DocumentSubmitted").json).unwrap()
    else {
        panic!("a record")
    };
    let required: Vec<_> =
        record.fields.iter().filter(|f| f.default.is_none()).map(|f| f.name.as_str()).collect();
    assert_eq!(required, ["document_id", "corpus", "source", "text"]);
}

#[test]
fn ids_are_unique_and_every_field_is_documented() {
    let mut ids: Vec<_> = SCHEMAS.iter().map(|entry| entry.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), SCHEMAS.len(), "ids never repeat");
    for entry in SCHEMAS {
        let Schema::Record(record) = Schema::parse_str(entry.json).unwrap() else {
            panic!("a record")
        };
        for field in &record.fields {
            assert!(field.doc.is_some(), "{}.{} has no doc", entry.name, field.name);
        }
    }
}
