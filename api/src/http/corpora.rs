//! Corpora: what each holds, in numbers.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Serialize;

use super::{
    Problem,
    links::{self, Linked, Links},
    params::Params,
    tenant::Tenant,
};
use crate::{
    dto::{AsOf, Corpus, Dated},
    state::ApiState,
};

/// A page of corpora.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Corpora {
    /// Shorter names first, then by name.
    items: Vec<Corpus>,
    /// Where the next page begins; `null` on the last.
    next_cursor: Option<String>,
    /// Why there is nothing, when there is nothing.
    note: Option<String>,
    as_of: AsOf,
}

/// A corpus.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CorpusShown {
    #[serde(flatten)]
    corpus: Corpus,
    /// Why nothing is in conflict, when nothing is.
    note: Option<String>,
}

/// `GET /v1/corpora`
pub async fn list(
    State(state): State<ApiState>,
    tenant: Tenant,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Corpora>, Problem> {
    let mut params = Params::new(query, &["limit", "cursor"]);
    let (limit, after) = (params.limit(), params.name_cursor().unwrap_or_default());
    params.finish()?;
    let as_of = state.as_of();
    let first = after.is_empty();
    let (items, more) =
        state.read(move |reader| reader.corpora_after(&tenant.name, &after, limit)).await?;
    let last = items.last().filter(|_| more);
    let empty = first && items.is_empty();
    Ok(Json(Corpora {
        next_cursor: last.map(|corpus| super::params::name_cursor(&corpus.corpus)),
        note: empty.then(|| "a corpus begins with the first document that names it".into()),
        items,
        as_of,
    }))
}

/// `GET /v1/corpora/{corpus}`
pub async fn show(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(name): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Linked<Dated<CorpusShown>>>, Problem> {
    Params::new(query, &[]).finish()?;
    let as_of = state.as_of();
    let wanted = name.clone();
    let corpus = state.read(move |reader| reader.counts(&tenant.name, Some(&wanted))).await?;
    // A corpus that nothing was counted in has no name either.
    if corpus.corpus.is_empty() {
        return Err(Problem::not_found("corpus_not_found", "corpus", &name));
    }
    let note = (corpus.conflicts == 0).then(|| corpus.why_no_conflict());
    let answer = Dated { answer: CorpusShown { corpus, note }, as_of };
    Ok(Json(Linked { answer, links: links_of(&name) }))
}

fn links_of(corpus: &str) -> Links {
    let within = |list: &str| links::within(list, corpus);
    Links::from([
        ("self", links::corpus(corpus)),
        ("events", format!("{}/events", links::corpus(corpus))),
        ("documents", within("documents")),
        ("snos", within("snos")),
        ("conflicts", within("conflicts")),
        ("syntheses", within("syntheses")),
    ])
}
