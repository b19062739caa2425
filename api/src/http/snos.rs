//! SNOs and their lineage.

use axum::{
    Json,
    extract::{Path, Query, State},
};

use super::{
    Problem,
    params::{Params, cursor_text},
    tenant::Tenant,
};
use crate::{
    dto::{Dated, Lineage, Page, SnoItem, SnoStatus, SnoView, word},
    state::ApiState,
    views::{
        Filter,
        tables::{SNO_BY_TRUST, SNO_LIST},
    },
};

/// `GET /v1/snos`
pub async fn list(
    State(state): State<ApiState>,
    tenant: Tenant,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Page<SnoItem>>, Problem> {
    let statuses = SnoStatus::ALL.map(|status| word(&status));
    let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
    let names = ["corpus", "provenance", "status", "min_trust", "since", "sort", "limit", "cursor"];
    let mut params = Params::new(query, &names);
    let filter = Filter {
        corpus: params.text("corpus"),
        status: params.one_of("status", &statuses),
        provenance: params.one_of("provenance", &["document", "synthesis"]),
        min_trust: params.share("min_trust"),
        since_ms: params.since(),
    };
    let sort = params.sort(&["-recorded", "-trust"]);
    let (limit, cursor) = (params.limit(), params.cursor_of(sort));
    let table = if sort == "-trust" { SNO_BY_TRUST } else { SNO_LIST };
    params.finish()?;
    let as_of = state.as_of();
    let (items, next) = state
        .read(move |reader| {
            let page = reader.page(table, &tenant.name, &filter, cursor.as_ref(), limit)?;
            let mut items = Vec::new();
            for entry in &page.entries {
                items.extend(reader.sno(&tenant.name, &entry.id)?.map(SnoItem::from));
            }
            Ok((items, page.next))
        })
        .await?;
    Ok(Json(Page { items, next_cursor: next.map(|cursor| cursor_text(sort, &cursor)), as_of }))
}

/// `GET /v1/snos/{id}`
pub async fn show(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Dated<SnoView>>, Problem> {
    Params::new(query, &[]).finish()?;
    let as_of = state.as_of();
    let wanted = id.clone();
    let sno = state.read(move |reader| reader.sno(&tenant.name, &wanted)).await?;
    let answer = sno.ok_or_else(|| Problem::not_found("sno_not_found", "SNO", &id))?;
    Ok(Json(Dated { answer, as_of }))
}

/// `GET /v1/snos/{id}/lineage`
pub async fn lineage(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Dated<Lineage>>, Problem> {
    Params::new(query, &[]).finish()?;
    let as_of = state.as_of();
    let wanted = id.clone();
    let lineage = state
        .read(move |reader| match reader.sno(&tenant.name, &wanted)? {
            Some(sno) => reader.lineage(&tenant.name, &sno).map(Some),
            None => Ok(None),
        })
        .await?;
    let answer = lineage.ok_or_else(|| Problem::not_found("sno_not_found", "SNO", &id))?;
    Ok(Json(Dated { answer, as_of }))
}
