//! Records that could not be handled.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use cns_state::Error;

use super::{
    Problem,
    params::Params,
    tenant::{NOBODY, Tenant},
};
use crate::{
    dto::{Dated, DeadLetterView, Page},
    state::ApiState,
    views::{Filter, Reader, tables::DEAD_LETTER_LIST},
};

/// `GET /v1/dead-letters`
pub async fn list(
    State(state): State<ApiState>,
    tenant: Tenant,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Page<DeadLetterView>>, Problem> {
    let mut params = Params::new(query, &["corpus", "code", "unowned", "limit", "cursor"]);
    let filter =
        Filter { corpus: params.text("corpus"), status: params.text("code"), ..Filter::default() };
    let unowned = params.flag("unowned");
    let (limit, cursor) = (params.limit(), params.cursor());
    params.finish()?;
    let name = if unowned { tenant.unowned()? } else { &tenant.name }.to_owned();
    let as_of = state.as_of();
    let (items, next) = state
        .read(move |reader| {
            let page = reader.page(DEAD_LETTER_LIST, &name, &filter, cursor.as_ref(), limit)?;
            let mut items = Vec::new();
            for entry in &page.entries {
                items.extend(reader.dead_letter(&name, &entry.id)?);
            }
            Ok((items, page.next))
        })
        .await?;
    Ok(Json(Page { items, next_cursor: next.map(|cursor| cursor.show()), as_of }))
}

/// `GET /v1/dead-letters/{id}`
pub async fn show(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Dated<DeadLetterView>>, Problem> {
    Params::new(query, &[]).finish()?;
    let as_of = state.as_of();
    let wanted = id.clone();
    let letter = state.read(move |reader| find(reader, &tenant, &wanted)).await?;
    let answer =
        letter.ok_or_else(|| Problem::not_found("dead_letter_not_found", "dead letter", &id))?;
    Ok(Json(Dated { answer, as_of }))
}

fn find(reader: &Reader, tenant: &Tenant, id: &str) -> Result<Option<DeadLetterView>, Error> {
    match reader.dead_letter(&tenant.name, id)? {
        None if tenant.operator => reader.dead_letter(NOBODY, id),
        found => Ok(found),
    }
}
