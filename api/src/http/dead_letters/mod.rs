//! Records that could not be handled, and what is decided about them.

mod decide;

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
    limits::PAGE_READS_MAX,
    state::ApiState,
    views::{Cursor, Filter, Reader, tables::DEAD_LETTER_LIST},
};

pub use decide::{drop, retry};

const STATUSES: [&str; 3] = ["open", "retried", "dropped"];

/// `GET /v1/dead-letters`
pub async fn list(
    State(state): State<ApiState>,
    tenant: Tenant,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Page<DeadLetterView>>, Problem> {
    let names = ["corpus", "code", "stage", "status", "unowned", "limit", "cursor"];
    let mut params = Params::new(query, &names);
    let filter =
        Filter { corpus: params.text("corpus"), status: params.text("code"), ..Filter::default() };
    let wanted = Wanted { stage: params.text("stage"), status: params.one_of("status", &STATUSES) };
    let unowned = params.flag("unowned");
    let (limit, cursor) = (params.limit(), params.cursor());
    params.finish()?;
    let name = if unowned { tenant.unowned()? } else { &tenant.name }.to_owned();
    let as_of = state.as_of();
    let (items, next) =
        state.read(move |reader| wanted.page(reader, &name, &filter, cursor, limit)).await?;
    Ok(Json(Page { items, next_cursor: next.map(|cursor| cursor.show()), as_of }))
}

/// What a page shows, beside what a list can be filtered by.
struct Wanted {
    stage: Option<String>,
    status: Option<String>,
}

impl Wanted {
    /// A page; one of a rare kind can be short and still have a next one.
    fn page(
        &self,
        reader: &Reader,
        tenant: &str,
        filter: &Filter,
        mut cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<(Vec<DeadLetterView>, Option<Cursor>), Error> {
        let mut items = Vec::new();
        for _ in 0..PAGE_READS_MAX {
            let left = limit - items.len();
            let page = reader.page(DEAD_LETTER_LIST, tenant, filter, cursor.as_ref(), left)?;
            for entry in &page.entries {
                let letter = reader.dead_letter(tenant, &entry.id)?;
                items.extend(letter.filter(|letter| self.lets_pass(letter)));
            }
            cursor = page.next;
            if cursor.is_none() || items.len() == limit {
                break;
            }
        }
        Ok((items, cursor))
    }

    fn lets_pass(&self, letter: &DeadLetterView) -> bool {
        self.stage.as_ref().is_none_or(|stage| *stage == letter.stage)
            && self.status.as_ref().is_none_or(|status| status == letter.status())
    }
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
