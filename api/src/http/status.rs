//! How far each stage is, what there is, and under which settings.

use axum::{
    Json,
    extract::{Query, State},
};
use cns_schemas::{Topic, Weights};
use cns_state::{Error, Log, Partition, Restoring};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Problem,
    params::Params,
    tenant::{NOBODY, Tenant},
};
use crate::{
    dto::{AsOf, Corpus},
    state::{ApiState, Inner},
};

/// The readers of the log: the group's name and its inbox.
const READERS: [(&str, Topic); 6] = [
    ("chunk", Topic::Documents),
    ("embed", Topic::Passages),
    ("critique", Topic::Candidates),
    ("synthesize", Topic::Verdicts),
    ("audit", Topic::Facts),
    ("performer", Topic::Requests),
];

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Status {
    stages: Vec<StageStatus>,
    /// Partitions that wait for their rows; nothing of them is processed meanwhile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    restoring: Vec<Restoration>,
    views: ViewStatus,
    /// Over all corpora.
    counts: Corpus,
    /// Records in which no tenant could be read: `/v1/dead-letters?unowned=true`.
    #[serde(skip_serializing_if = "is_zero")]
    unowned_dead_letters: u64,
    corpora: Vec<Corpus>,
    /// There are more corpora than are listed.
    corpora_truncated: bool,
    models: Value,
    weights: Value,
    gates: Value,
    config_hash: String,
    as_of: AsOf,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StageStatus {
    stage: &'static str,
    inbox: &'static str,
    /// Records in the inbox, over all partitions and tenants; only for who runs the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<i64>,
    /// Records that the stage has committed; the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    committed: Option<i64>,
    lag_records: i64,
}

/// How far the rows of a partition are.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Restoration {
    pub stage: String,
    pub partition: u32,
    percent: i64,
    /// At the pace so far.
    pub seconds_left: Option<u64>,
}

impl Restoration {
    /// As a phrase.
    pub fn how_far(&self) -> String {
        let Restoration { percent, seconds_left, .. } = self;
        let left = seconds_left.map(|seconds| format!(", {seconds} s left"));
        format!("{percent} % done{}", left.unwrap_or_default())
    }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ViewStatus {
    caught_up: bool,
    /// Why folding has ended.
    stopped: Option<String>,
    lag_records: i64,
}

/// `GET /v1/status`
pub async fn show(
    State(state): State<ApiState>,
    tenant: Tenant,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Status>, Problem> {
    Params::new(query, &[]).finish()?;
    let status = state.blocking(move |inner| status(inner, &tenant)).await?;
    Ok(Json(status))
}

fn status(inner: &Inner, tenant: &Tenant) -> Result<Status, Problem> {
    let progress = inner.progress.borrow().clone();
    let stages = READERS.map(|(stage, inbox)| lag(inner, stage, inbox, tenant.operator));
    let stages =
        stages.into_iter().collect::<Result<_, _>>().map_err(|error| Problem::log(&error))?;
    let views = |error| Problem::views(&error);
    let counts = inner.reader.counts(&tenant.name, None).map_err(views)?;
    let unowned = inner.reader.counts(NOBODY, None).map_err(views)?.dead_letters;
    let (corpora, corpora_truncated) = inner.reader.corpora(&tenant.name).map_err(views)?;
    let config = &inner.config;
    let (weights, gates, models) = (&config.weights, &config.gates, &config.models);
    let Weights { grounding, logic, novelty } = weights;
    Ok(Status {
        stages,
        restoring: restorations(&*inner.log),
        views: ViewStatus {
            caught_up: progress.caught_up,
            stopped: progress.stopped.as_ref().map(|reason| match tenant.operator {
                true => reason.clone(),
                false => "an audit entry cannot be folded; the server's log says which".into(),
            }),
            lag_records: progress.lag_records(),
        },
        counts,
        unowned_dead_letters: if tenant.operator { unowned } else { 0 },
        corpora,
        corpora_truncated,
        models: json!({
            "embedder": models.embedder, "entailment": models.entailment, "completer": models.completer,
        }),
        weights: json!({ "grounding": grounding, "logic": logic, "novelty": novelty }),
        gates: json!({
            "admit_trust": gates.admit_trust,
            "synthesis_trust": gates.synthesis_trust,
            "opposition": gates.opposition,
            "near_duplicate": gates.near_duplicate,
            "neighbours_max": gates.neighbours_max,
            "pairs_per_sno_max": gates.pairs_per_sno_max,
            "generation_max": gates.generation_max,
        }),
        config_hash: config.hash(),
        as_of: progress.as_of(),
    })
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What this process restores.
pub fn restorations(log: &dyn Log) -> Vec<Restoration> {
    let shown = |part: Restoring| Restoration {
        percent: 100 * part.done / part.total.max(1),
        seconds_left: part.left().map(|left| left.as_secs_f64().ceil() as u64),
        stage: part.group,
        partition: part.partition,
    };
    log.restoring().into_iter().map(shown).collect()
}

fn lag(
    inner: &Inner,
    stage: &'static str,
    inbox: Topic,
    operator: bool,
) -> Result<StageStatus, Error> {
    let (mut end, mut committed) = (0, 0);
    for index in 0..inner.log.partitions(inbox) {
        let partition = Partition { topic: inbox, index };
        end += inner.log.end(partition)?;
        committed += inner.log.committed(stage, partition)?;
    }
    Ok(StageStatus {
        stage,
        inbox: inbox.name(),
        end: operator.then_some(end),
        committed: operator.then_some(committed),
        lag_records: (end - committed).max(0),
    })
}
