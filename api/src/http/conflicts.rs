//! Conflicts, and why there are none.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Serialize;

use super::{
    Problem,
    params::{Params, cursor_text},
    tenant::Tenant,
};
use crate::{
    dto::{AsOf, Closest, Conflict, ConflictStatus, Dated, word},
    limits::CONFLICT_STATEMENTS_SHOWN_MAX,
    state::ApiState,
    views::{
        Filter,
        tables::{CONFLICT_BY_OPPOSITION, CONFLICT_LIST, PAIR_BY_OPPOSITION, PAIR_LIST},
    },
};

/// A page of conflicts, with what was compared.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Conflicts {
    /// The items.
    items: Vec<Conflict>,
    /// Where the next page begins; `null` on the last.
    next_cursor: Option<String>,
    /// How old the answer may be.
    as_of: AsOf,
    /// Pairs that were compared.
    compared: u64,
    /// Pairs that were proposed; those not compared yet are still being judged.
    proposed: u64,
    /// The pair with the highest opposition, and its gate.
    closest: Option<Closest>,
    /// Why there is nothing, when there is nothing.
    note: Option<String>,
}

/// `GET /v1/conflicts`
pub async fn list(
    State(state): State<ApiState>,
    tenant: Tenant,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Conflicts>, Problem> {
    let statuses = ConflictStatus::ALL.map(|status| word(&status));
    let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
    let names = ["corpus", "status", "since", "all", "sort", "limit", "cursor"];
    let mut params = Params::new(query, &names);
    let filter = Filter {
        corpus: params.text("corpus"),
        status: params.one_of("status", &statuses),
        since_ms: params.since(),
        ..Filter::default()
    };
    let all = params.flag("all");
    let sort = params.sort(&["-recorded", "-opposition"]);
    let (limit, cursor) = (params.limit(), params.cursor_of(sort));
    let table = match (all, sort) {
        (true, "-opposition") => PAIR_BY_OPPOSITION,
        (true, _) => PAIR_LIST,
        (false, "-opposition") => CONFLICT_BY_OPPOSITION,
        (false, _) => CONFLICT_LIST,
    };
    params.finish()?;
    let as_of = state.as_of();
    let conflicts = state
        .read(move |reader| {
            let page = reader.page(table, &tenant.name, &filter, cursor.as_ref(), limit)?;
            let mut items = Vec::new();
            for entry in &page.entries {
                if let Some(mut pair) = reader.pair(&tenant.name, &entry.id)? {
                    pair.statements.truncate(CONFLICT_STATEMENTS_SHOWN_MAX);
                    items.push(reader.conflict(&tenant.name, pair)?);
                }
            }
            let sum = reader.counts(&tenant.name, filter.corpus.as_deref())?;
            let empty = items.is_empty() && cursor.is_none() && page.next.is_none();
            let next_cursor = page.next.map(|cursor| cursor_text(sort, &cursor));
            Ok(Conflicts {
                items,
                next_cursor,
                as_of,
                compared: sum.pairs_compared,
                proposed: sum.pairs_proposed,
                note: empty.then(|| sum.why_no_conflict()),
                closest: sum.closest,
            })
        })
        .await?;
    Ok(Json(conflicts))
}

/// `GET /v1/conflicts/{id}`
pub async fn show(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Dated<Conflict>>, Problem> {
    Params::new(query, &[]).finish()?;
    let as_of = state.as_of();
    let wanted = id.clone();
    let conflict = state
        .read(move |reader| {
            let pair = reader.pair(&tenant.name, &wanted)?;
            pair.map(|pair| reader.conflict(&tenant.name, pair)).transpose()
        })
        .await?;
    let answer = conflict.ok_or_else(|| Problem::not_found("pair_not_found", "pair", &id))?;
    Ok(Json(Dated { answer, as_of }))
}
