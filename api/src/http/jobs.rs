//! Jobs: what became of a submission, with bounded waiting.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};

use super::{
    Problem,
    links::{self, Linked, Links},
    params::{Params, Wait},
    tenant::Tenant,
    waiting::{self, Waited},
};
use crate::{
    dto::{Dated, Job, JobStatus, Page, word},
    limits::RETRY_AFTER_SECONDS,
    state::ApiState,
    views::{Filter, tables::JOB_LIST},
};

/// A job as it is answered.
pub type JobAnswer = Linked<Dated<Job>>;

/// `GET /v1/jobs/{id}`
pub async fn show(
    State(state): State<ApiState>,
    tenant: Tenant,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<JobAnswer>, Problem> {
    let mut params = Params::new(query, &["wait", "timeout_ms"]);
    let wait = params.wait();
    params.finish()?;
    let answer = match wait {
        Some((wait, timeout)) => wait_for(&state, &tenant, &id, wait, timeout).await?,
        None => look(&state, &tenant, &id).await?,
    };
    Ok(Json(answer))
}

/// `GET /v1/jobs`
pub async fn list(
    State(state): State<ApiState>,
    tenant: Tenant,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Page<Job>>, Problem> {
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
            let page = reader.page(JOB_LIST, &tenant.name, &filter, cursor.as_ref(), limit)?;
            let mut items = Vec::new();
            for entry in &page.entries {
                items.extend(reader.job(&tenant.name, &entry.id)?);
            }
            Ok((items, page.next))
        })
        .await?;
    Ok(Json(Page { items, next_cursor: next.map(|cursor| cursor.show()), as_of }))
}

/// Looks until the job has come as far as wanted.
pub async fn wait_for(
    state: &ApiState,
    tenant: &Tenant,
    id: &str,
    wait: Wait,
    timeout: Duration,
) -> Result<JobAnswer, Problem> {
    let _place = state.inner.waiting.try_acquire().map_err(|_| {
        let detail = "Too many requests are waiting for jobs; ask again without `wait`, or later.";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_waiting", detail).later(1)
    })?;
    let deadline = tokio::time::Instant::now() + timeout;
    let look = || async {
        let answer = look(state, tenant, id).await?;
        let job = &answer.answer.answer;
        let there = match wait {
            Wait::Terminal => job.terminal,
            Wait::Settled => job.settled,
        };
        Ok(there.then_some(answer))
    };
    match waiting::wait(state.inner.progress.clone(), deadline, look).await? {
        Waited::There(answer) => Ok(answer),
        Waited::Stopped => {
            let detail = "The views have stopped, so the job cannot be followed; the document is in the log.";
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "views_stopped", detail);
            Err(problem.about(id).later(RETRY_AFTER_SECONDS))
        }
        Waited::Late => {
            let detail = format!(
                "The job is still running after {} ms; poll {}.",
                timeout.as_millis(),
                links::job(id)
            );
            let problem = Problem::new(StatusCode::GATEWAY_TIMEOUT, "wait_timeout", detail);
            Err(problem.about(id).later(1))
        }
    }
}

/// A job as it is now.
///
/// # Errors
/// There is none of that id, for this tenant.
pub async fn look(state: &ApiState, tenant: &Tenant, id: &str) -> Result<JobAnswer, Problem> {
    let as_of = state.as_of();
    let (name, job_id) = (tenant.name.clone(), id.to_owned());
    let job = state.read(move |reader| reader.job(&name, &job_id)).await?;
    let job = match job {
        Some(job) => job,
        // Handed out, and not folded yet: the log has acknowledged it.
        None if state.inner.job_ids.check(&tenant.name, id) => {
            Job { job_id: id.to_owned(), ..Job::default() }
        }
        None => return Err(Problem::not_found("job_not_found", "job", id)),
    };
    let path = links::job(id);
    let mut links = Links::from([
        ("wait", format!("{path}?wait=settled")),
        ("events", format!("{path}/events")),
        ("self", path),
    ]);
    if let (Some(corpus), Some(document_id)) = (&job.corpus, &job.document_id) {
        links.insert("document", links::document(corpus, document_id));
    }
    if let Some(sno_id) = &job.sno_id {
        links.insert("sno", links::sno(sno_id));
        links.insert("lineage", format!("{}/lineage", links::sno(sno_id)));
    }
    Ok(Linked { answer: Dated { answer: job, as_of }, links })
}
