//! `chunk`: recognizes what was sent before, refuses what cannot be used, cuts the rest into passages.

use cns_narrative as narrative;
use cns_schemas::{
    Body, Codec, DocumentChunked, DocumentRepeated, DocumentSubmitted, DocumentVersion, Event,
    Fault, FaultCode, Retry, Topic,
};

use super::{row, subject, unexpected};
use crate::{
    Destination, Done, Input, Output, RowChange, Stage, StageError, Step, limits,
    topology::{CHUNK, StageSpec, tables::VERSIONS},
};

/// The entrance.
pub struct Chunk;

impl Stage for Chunk {
    fn spec(&self) -> &'static StageSpec {
        &CHUNK
    }

    fn order_key(&self, event: &Event) -> String {
        match &event.body {
            Body::DocumentSubmitted(document) => {
                subject(&event.tenant, &document.corpus, &document.document_id)
            }
            Body::DocumentFailed(failed) => {
                subject(&event.tenant, &failed.corpus, &failed.document_id)
            }
            _ => event.id.clone(),
        }
    }

    fn step(&self, input: &Input<'_>) -> Result<Step, StageError> {
        let key = self.order_key(input.event);
        let known: DocumentVersion = match input.rows.get(VERSIONS, key.as_bytes())? {
            Some(bytes) => row(VERSIONS.name, &bytes)?,
            None => DocumentVersion::default(),
        };
        let document = match &input.event.body {
            Body::DocumentSubmitted(document) => document,
            Body::DocumentFailed(failed) => {
                return Ok(Step::Done(freed(known, failed.version, key)));
            }
            Body::DeadLetterDecided(_) => return Ok(Step::Done(recorded(&input.event.body))),
            _ => return Err(unexpected(input.event)),
        };
        check(document).map_err(StageError::Reject)?;
        let chunked = narrative::chunk(document, known.version + 1).map_err(StageError::Reject)?;
        if chunked.content_hash == known.content_hash {
            return Ok(Step::Done(repeated(document, known, key)));
        }
        // A document that gives no SNO is refused here, so that the same id is free for the mended one.
        narrative::extract(&input.event.tenant, &chunked).map_err(StageError::Reject)?;
        Ok(Step::Done(accepted(chunked, &input.event.job, key)))
    }
}

fn repeated(document: &DocumentSubmitted, known: DocumentVersion, key: String) -> Done {
    let repeated = DocumentRepeated {
        document_id: document.document_id.clone(),
        corpus: document.corpus.clone(),
        source: document.source.clone(),
        version: known.version,
        first_job: known.job,
    };
    let output = Output {
        to: Destination::Recorded,
        body: Body::DocumentRepeated(repeated),
        subjects: vec![key],
    };
    Done { changes: Vec::new(), outputs: vec![output] }
}

/// What a person decided stands in the fact, where the views find it.
fn recorded(decision: &Body) -> Done {
    let output = Output { to: Destination::Recorded, body: decision.clone(), subjects: Vec::new() };
    Done { changes: Vec::new(), outputs: vec![output] }
}

/// A version that failed stands for nothing any more: its text may come again, as a new version.
fn freed(known: DocumentVersion, failed: u32, key: String) -> Done {
    if known.version != failed {
        return Done::default();
    }
    let freed = DocumentVersion { content_hash: String::new(), ..known };
    let value = Some(Codec::encode(&freed));
    let change = RowChange { table: VERSIONS, key: key.into_bytes(), value };
    Done { changes: vec![change], outputs: Vec::new() }
}

fn accepted(chunked: DocumentChunked, job: &str, key: String) -> Done {
    let version = DocumentVersion {
        version: chunked.version,
        content_hash: chunked.content_hash.clone(),
        job: job.to_owned(),
    };
    let change = RowChange {
        table: VERSIONS,
        key: key.clone().into_bytes(),
        value: Some(Codec::encode(&version)),
    };
    let output = Output {
        to: Destination::Keyed(Topic::Passages, key.clone()),
        body: Body::DocumentChunked(chunked),
        subjects: vec![key],
    };
    Done { changes: vec![change], outputs: vec![output] }
}

/// The checks that the API makes too, for producers that do not come through it.
fn check(document: &DocumentSubmitted) -> Result<(), Fault> {
    let names = [
        ("document_id", &document.document_id),
        ("corpus", &document.corpus),
        ("source", &document.source),
    ];
    for (field, value) in names {
        let chars = value.chars().count();
        if value.trim().is_empty() || chars > limits::NAME_CHARS_MAX {
            let detail = format!(
                "`{field}` has {chars} characters; 1 to {} are allowed",
                limits::NAME_CHARS_MAX
            );
            return Err(fault(FaultCode::FieldInvalid, detail, "set the field and submit again"));
        }
        let separates = |c| c == '\0' || c == '/' && field == "corpus";
        if field != "source" && value.contains(separates) {
            let detail = format!("`{field}` contains a slash or a zero character");
            return Err(fault(FaultCode::FieldInvalid, detail, "use another id and submit again"));
        }
    }
    if document.text.len() > limits::DOCUMENT_BYTES_MAX {
        let detail = format!(
            "the text has {} bytes; {} are allowed",
            document.text.len(),
            limits::DOCUMENT_BYTES_MAX
        );
        return Err(fault(FaultCode::DocumentTooLarge, detail, "submit it in parts"));
    }
    if document.text.trim().is_empty() {
        return Err(fault(
            FaultCode::NoExtractableText,
            "the text is empty".into(),
            "submit a text",
        ));
    }
    Ok(())
}

fn fault(code: FaultCode, detail: String, mend: &str) -> Fault {
    Fault { code, detail, mend: mend.to_owned(), retry: Retry::AfterMending }
}
