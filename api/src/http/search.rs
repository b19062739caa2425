//! Search: SNOs of a corpus by the words of a question.
//!
//! Deliberately absent: search by vectors. They stand in the audit log and are no part of the views.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    http::StatusCode,
};
use serde::Serialize;

use super::{
    Problem,
    body::JsonBody,
    fields::{Fields, Rule},
    params::Params,
    tenant::Tenant,
};
use crate::{
    dto::{AsOf, Hit, SnoStatus, word},
    limits::{ID_CHARS_MAX, QUERY_CHARS_MAX, SEARCHES_AT_ONCE_MAX, TOP_K_DEFAULT, TOP_K_MAX},
    state::ApiState,
    views::Question,
};

/// What was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Found {
    /// The best first; of equal ones the lower id.
    items: Vec<Hit>,
    /// SNOs of the corpus in which a word of the question stands, before the filter.
    matching: usize,
    /// The stems that were looked up.
    words: Vec<String>,
    /// A limit was hit: there may be more.
    truncated: bool,
    /// Why there is nothing, when there is nothing.
    note: Option<String>,
    as_of: AsOf,
}

/// `POST /v1/search`
pub async fn search(
    State(state): State<ApiState>,
    tenant: Tenant,
    Query(query): Query<Vec<(String, String)>>,
    JsonBody(body): JsonBody,
) -> Result<Json<Found>, Problem> {
    Params::new(query, &[]).finish()?;
    let statuses = SnoStatus::ALL.map(|status| word(&status));
    let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
    let mut fields = Fields::new(body, &["corpus", "query", "top_k", "filter"])?;
    let mut question = Question {
        corpus: fields.required("corpus", Rule::Line(ID_CHARS_MAX)),
        query: fields.required("query", Rule::Line(QUERY_CHARS_MAX)),
        ..Question::default()
    };
    let top_k = fields.whole("top_k", TOP_K_DEFAULT, TOP_K_MAX);
    fields.within("filter", &["min_trust", "status", "provenance"], |filter| {
        question.min_trust = filter.share("min_trust");
        question.status = filter.one_of("status", &statuses);
        question.provenance = filter.one_of("provenance", &["document", "synthesis"]);
    });
    fields.faults.finish()?;
    let as_of = state.as_of();
    let place = state.inner.searching.clone().try_acquire_owned().map_err(|_| {
        let detail = format!("{SEARCHES_AT_ONCE_MAX} searches at a time are made; ask again.");
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_searches", detail).later(1)
    })?;
    // Held until the work and the answer to it have both ended.
    let place = Arc::new(place);
    let working = place.clone();
    let search = state.read(move |reader| {
        let found = reader.search(&tenant.name, &question, top_k);
        drop(working);
        found
    });
    let found = search.await?;
    drop(place);
    let note = match (found.hits.is_empty(), found.words.is_empty(), found.matching) {
        (false, ..) => None,
        (_, true, _) => Some("the question has no word that carries a topic".to_owned()),
        (_, _, 0) => Some("no SNO of the corpus has a word of the question".to_owned()),
        (_, _, many) => {
            Some(format!("{many} SNOs have a word of the question; none passes the filter"))
        }
    };
    let answer = Found {
        items: found.hits,
        matching: found.matching,
        words: found.words,
        truncated: found.truncated,
        note,
        as_of,
    };
    Ok(Json(answer))
}
