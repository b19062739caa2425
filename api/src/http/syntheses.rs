//! Syntheses: the narratives that resolve conflicts, accepted or not.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use super::{
    Problem, markdown,
    params::{Params, cursor_text},
    tenant::Tenant,
};
use crate::{
    dto::{Dated, Page, SynthesisItem},
    state::ApiState,
    views::{
        Filter,
        tables::{SYNTHESIS_BY_TRUST, SYNTHESIS_LIST},
    },
};

const STATUSES: [&str; 5] = ["pending", "accepted", "archived", "superseded", "failed"];

/// `GET /v1/syntheses`
pub async fn list(
    State(state): State<ApiState>,
    tenant: Tenant,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Page<SynthesisItem>>, Problem> {
    let names = ["corpus", "status", "min_trust", "since", "sort", "limit", "cursor"];
    let mut params = Params::new(query, &names);
    let filter = Filter {
        corpus: params.text("corpus"),
        status: params.one_of("status", &STATUSES),
        provenance: None,
        min_trust: params.share("min_trust"),
        since_ms: params.since(),
    };
    let sort = params.sort(&["-recorded", "-trust"]);
    let (limit, cursor) = (params.limit(), params.cursor_of(sort));
    let table = if sort == "-trust" { SYNTHESIS_BY_TRUST } else { SYNTHESIS_LIST };
    params.finish()?;
    let as_of = state.as_of();
    let (items, next) = state
        .read(move |reader| {
            let page = reader.page(table, &tenant.name, &filter, cursor.as_ref(), limit)?;
            let mut items = Vec::new();
            for entry in &page.entries {
                if let Some(sno) = reader.sno(&tenant.name, &entry.id)? {
                    items.push(reader.synthesis_item(&tenant.name, &sno)?);
                }
            }
            Ok((items, page.next))
        })
        .await?;
    Ok(Json(Page { items, next_cursor: next.map(|cursor| cursor_text(sort, &cursor)), as_of }))
}

/// `GET /v1/syntheses/{id}`, as Markdown when the caller asks for it.
pub async fn show(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Params::new(query, &[]).finish()?;
    let as_of = state.as_of();
    let wanted = id.clone();
    let synthesis = state.read(move |reader| reader.synthesis(&tenant.name, &wanted)).await?;
    let synthesis =
        synthesis.ok_or_else(|| Problem::not_found("synthesis_not_found", "synthesis", &id))?;
    if wants_markdown(&headers) {
        let kind =
            [(header::CONTENT_TYPE, "text/markdown; charset=utf-8"), (header::VARY, "accept")];
        return Ok((kind, markdown::render(&synthesis)).into_response());
    }
    Ok(([(header::VARY, "accept")], Json(Dated { answer: synthesis, as_of })).into_response())
}

/// JSON wins when both are named: it is what the route gives by itself.
fn wants_markdown(headers: &HeaderMap) -> bool {
    let accept =
        headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = |kind: &str| {
        accept.split(',').any(|part| part.split(';').next().unwrap_or_default().trim() == kind)
    };
    named("text/markdown") && !named("application/json")
}
