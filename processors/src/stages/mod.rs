//! The five stages. Each pairs with a part of `cns-narrative`: a stage reads rows and sends events, the
//! domain computes.

mod audit;
mod chunk;
mod critique;
mod embed;
mod synthesize;

use std::sync::Arc;

use cns_schemas::{Body, Codec, DocumentKey, Event, Fault, FaultCode, Recorded, Retry, Sno};

use crate::{Stage, StageError};

pub use audit::Audit;
pub use chunk::Chunk;
pub use critique::Critique;
pub use embed::Embed;
pub use synthesize::Synthesize;

/// All five, in the order of the flow.
pub fn all() -> Vec<Arc<dyn Stage>> {
    vec![
        Arc::new(Chunk),
        Arc::new(Embed),
        Arc::new(Critique),
        Arc::new(Synthesize),
        Arc::new(Audit),
    ]
}

/// The subject key of a document.
fn subject(tenant: &str, corpus: &str, document_id: &str) -> String {
    let (tenant, corpus, document_id) =
        (tenant.to_owned(), corpus.to_owned(), document_id.to_owned());
    DocumentKey { tenant, corpus, document_id }.to_string()
}

/// The subjects of an SNO: the documents that it rests on.
fn subjects(tenant: &str, sno: &Sno) -> Vec<String> {
    sno.document_ids.iter().map(|id| subject(tenant, &sno.corpus, id)).collect()
}

fn unexpected(event: &Event) -> StageError {
    StageError::Poison(Fault {
        code: FaultCode::UnexpectedRecord,
        detail: format!("a {} does not belong in this inbox", event.body.name()),
        mend: "produce the record to the topic that it belongs to".into(),
        retry: Retry::Never,
    })
}

/// Reads a row of a stage's own table.
fn row<T: Recorded>(table: &str, bytes: &[u8]) -> Result<T, StageError> {
    Codec::decode(bytes).map_err(|error| {
        StageError::Stop(cns_state::Error::Corrupt {
            what: format!("table {table}"),
            detail: error.to_string(),
        })
    })
}

/// The corpus that a record belongs to, as an order key.
fn corpus_key(event: &Event) -> String {
    match event.body.corpus() {
        Some(corpus) => format!("{}/{corpus}", event.tenant),
        None if matches!(event.body, Body::Fact) => String::new(),
        None => event.tenant.clone(),
    }
}
