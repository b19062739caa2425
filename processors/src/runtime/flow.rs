//! What is logged of the records that a stage has handled: the events of the flow, under names that do not change.
//!
//! Texts, tenants and corpora are not logged. WARN: refused or set aside, and nothing is lost; ERROR is for what someone has
//! to mend.

use std::sync::Arc;

use cns_schemas::{Outcome, PairFate, Provenance};
use quick_cache::sync::Cache;

use super::handled::{Handled, News};
use crate::limits;

/// Logs what was committed. Clones share what they know.
#[derive(Clone)]
pub struct Flow {
    /// The source of a job's document, where this process has seen it: later records do not say it.
    sources: Arc<Cache<String, String>>,
}

impl Default for Flow {
    fn default() -> Flow {
        Flow { sources: Arc::new(Cache::new(limits::SOURCES_KNOWN_MAX)) }
    }
}

impl Flow {
    /// Logs what a transaction did, once it is committed.
    pub fn committed(&self, stage: &'static str, handled: &[Handled]) {
        for handled in handled {
            match (handled.outcome, &handled.fault) {
                (Outcome::Rejected, Some((code, detail))) => {
                    self.failed(stage, handled, &format!("{code:?}"), detail);
                }
                (Outcome::DeadLettered, Some((code, detail))) => {
                    self.failed(stage, handled, &format!("{code:?}"), detail);
                }
                _ => {
                    for news in &handled.news {
                        self.news(stage, handled, news);
                    }
                }
            }
        }
    }

    fn news(&self, stage: &'static str, handled: &Handled, news: &News) {
        let (job_id, trace_id) = (handled.job.as_str(), handled.trace_id());
        match news {
            News::Taken { source, text_length } => {
                self.sources.insert(handled.job.clone(), source.clone());
                tracing::info!(
                    event = "sno_ingestion.started",
                    stage,
                    job_id,
                    trace_id,
                    document_id = handled.document_id,
                    source,
                    text_length,
                    "A document is on its way."
                );
            }
            News::Repeated => tracing::debug!(
                event = "sno_ingestion.repeated",
                stage,
                job_id,
                trace_id,
                document_id = handled.document_id,
                "A document was sent again with the same text."
            ),
            News::Decided { sno_id, document_id, provenance, fate, trust, .. } => {
                let source = self.source(handled, document_id);
                tracing::info!(
                    event = match provenance {
                        Provenance::Document => "sno_evaluation.complete",
                        Provenance::Synthesis => "synthesis_evaluation.complete",
                    },
                    stage,
                    job_id,
                    trace_id,
                    document_id,
                    source,
                    sno_id,
                    trust_score = trust,
                    fate = ?fate,
                    "An SNO has its trust."
                );
            }
            News::Compared { pair_id, fate, opposition } => {
                if *fate != PairFate::NoConflict {
                    tracing::info!(
                        event = "conflict.found",
                        stage,
                        job_id,
                        trace_id,
                        pair_id,
                        opposition,
                        "Two SNOs contradict each other."
                    );
                }
            }
        }
    }

    fn failed(&self, stage: &'static str, handled: &Handled, code: &str, error: &str) {
        let event = match (handled.is_document, handled.outcome) {
            (true, _) => "ingestion.failed",
            (false, Outcome::Rejected) => "record.rejected",
            (false, _) => "record.dead_lettered",
        };
        let what = match handled.outcome {
            Outcome::Rejected => "A record was refused; its submitter is told why.",
            _ => "A record went to the dead letters.",
        };
        tracing::warn!(
            event,
            stage,
            job_id = handled.job,
            trace_id = handled.trace_id(),
            document_id = handled.document_id,
            source = self.source(handled, &handled.document_id),
            code,
            error,
            topic = handled.origin.topic,
            partition = handled.origin.partition,
            offset = handled.origin.offset,
            "{what}"
        );
    }

    /// The document's source, or its id where another process has taken it in.
    fn source(&self, handled: &Handled, document_id: &str) -> String {
        let said = handled.source.clone().or_else(|| self.sources.get(&handled.job));
        said.unwrap_or_else(|| document_id.to_owned())
    }
}
