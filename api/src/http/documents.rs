//! Documents as they are known.

use axum::{
    Json,
    extract::{Path, Query, State},
};

use super::{Problem, faults::Kind, params::Params, tenant::Tenant};
use crate::{
    dto::{Dated, DocumentRef, DocumentShown, JobStatus, Page, word},
    state::ApiState,
    views::{Filter, tables::DOCUMENT_LIST},
};

/// `GET /v1/documents/{id}`
pub async fn show(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Dated<DocumentShown>>, Problem> {
    let mut params = Params::new(query, &["corpus"]);
    let corpus = params.text("corpus");
    let as_of = state.as_of();
    let (wanted, name) = (id.clone(), tenant.name.clone());
    let mut found =
        state.read(move |reader| reader.documents(&name, &wanted, corpus.as_deref())).await?;
    if found.len() > 1 {
        let corpora: Vec<String> =
            found.iter().map(|document| format!("`{}`", document.corpus)).collect();
        let message = format!(
            "is needed (`?corpus=…`, on the command line `--corpus …`): a document of this id is in {}",
            corpora.join(", ")
        );
        params.faults.add(Kind::Invalid, "/corpus", message);
    }
    params.finish()?;
    let found =
        found.pop().ok_or_else(|| Problem::not_found("document_not_found", "document", &id))?;
    let answer = state.read(move |reader| reader.document_shown(&tenant.name, found)).await?;
    Ok(Json(Dated { answer, as_of }))
}

/// `GET /v1/documents`
pub async fn list(
    State(state): State<ApiState>,
    tenant: Tenant,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Page<DocumentRef>>, Problem> {
    let statuses = JobStatus::ALL.map(|status| word(&status));
    let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
    let mut params = Params::new(query, &["corpus", "status", "since", "limit", "cursor"]);
    let filter = Filter {
        corpus: params.text("corpus"),
        status: params.one_of("status", &statuses),
        since_ms: params.since(),
        ..Filter::default()
    };
    let (limit, cursor) = (params.limit(), params.cursor());
    params.finish()?;
    let as_of = state.as_of();
    let (items, next) = state
        .read(move |reader| {
            let page = reader.page(DOCUMENT_LIST, &tenant.name, &filter, cursor.as_ref(), limit)?;
            let mut items = Vec::new();
            for entry in &page.entries {
                let document = reader.documents(&tenant.name, &entry.id, Some(&entry.corpus))?;
                items.extend(document.into_iter().map(DocumentRef::from));
            }
            Ok((items, page.next))
        })
        .await?;
    Ok(Json(Page { items, next_cursor: next.map(|cursor| cursor.show()), as_of }))
}
