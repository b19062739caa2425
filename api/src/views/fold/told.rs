//! What followers of jobs and corpora are told: a few words of each decision, in its order.

use cns_schemas::{
    DocumentChunked, DocumentRepeated, PairDecided, PairFate, Provenance, SnoDecided, SnoProposed,
};
use serde_json::{Map, Value, json};

use super::Folding;
use crate::{
    dto::{Decision, JobError, Told, word},
    views::{
        key::Moment,
        tables::{CORPUS_EVENTS, JOB_EVENTS},
    },
};

impl Folding<'_, '_> {
    pub(super) fn tell_chunked(&mut self, chunked: &DocumentChunked) {
        let flags: Vec<String> = chunked.flags.iter().map(|flag| word(&flag.code)).collect();
        self.tell(
            "chunked",
            json!({
                "document_id": chunked.document_id,
                "version": chunked.version,
                "passages": chunked.passages.len(),
                "flags": flags,
            }),
        );
    }

    pub(super) fn tell_repeated(&mut self, repeated: &DocumentRepeated) {
        let DocumentRepeated { document_id, version, first_job, .. } = repeated;
        let about =
            json!({ "document_id": document_id, "version": version, "first_job": first_job });
        self.tell("repeated", about);
    }

    pub(super) fn tell_proposed(&mut self, proposed: &SnoProposed) {
        let sno = &proposed.sno;
        let (name, about) = match sno.provenance {
            Provenance::Document => (
                "embedded",
                json!({
                    "sno_id": sno.sno_id,
                    "claims": sno.claims.len(),
                    "evidence": sno.evidence.len(),
                }),
            ),
            Provenance::Synthesis => (
                "synthesized",
                json!({
                    "sno_id": sno.sno_id,
                    "pair_id": proposed.pair_id,
                    "generation": sno.generation,
                    "document_ids": sno.document_ids,
                }),
            ),
        };
        self.tell(name, about);
    }

    pub(super) fn tell_scored(&mut self, decided: &SnoDecided) {
        let sno = &decided.sno;
        let about = json!({
            "sno_id": sno.sno_id,
            "provenance": word(&sno.provenance),
            "fate": word(&decided.fate),
            "trust": decided.trust,
            "reason": decided.reason,
            "duplicate_of": decided.duplicate_of,
        });
        self.tell("scored", about);
    }

    pub(super) fn tell_compared(&mut self, decided: &PairDecided) {
        let pair = &decided.judged.pair;
        let about = json!({
            "pair_id": pair.pair_id,
            "opposition": pair.relational.opposition,
            "opposition_gate": decided.opposition_gate,
            "a": pair.a.sno_id,
            "b": pair.b.sno_id,
            "status": word(&decided.fate),
        });
        let conflict = decided.fate != PairFate::NoConflict;
        self.tell(if conflict { "conflict_found" } else { "compared" }, about);
    }

    pub(super) fn tell_refused(&mut self) {
        let fact = self.fact;
        let Some(fault) = &fact.fault else { return };
        let about = json!({
            "stage": fact.stage,
            "event_type": fact.event_type,
            "error": JobError::of(fault),
        });
        self.tell("rejected", about);
    }

    pub(super) fn tell_letter(&mut self, dead_letter_id: &str, decision: &Decision) {
        let Decision { decision, reason, by, job_id, .. } = decision;
        let about = json!({
            "dead_letter_id": dead_letter_id,
            "decision": decision,
            "reason": reason,
            "by": by,
            "retried_as": job_id,
        });
        self.tell("dead_letter_decided", about);
    }

    fn tell(&mut self, event: &str, about: Value) {
        let number = self.told;
        self.told = self.told.saturating_add(1);
        let (fact, job_id) = (self.fact, self.job_id());
        let told = Told {
            event: event.to_owned(),
            job_id: job_id.unwrap_or_default().to_owned(),
            corpus: fact.corpus.clone(),
            at_ms: self.at.at_ms,
            about: match about {
                Value::Object(about) => about,
                _ => Map::new(),
            },
        };
        let place = Moment { sequence: self.at.sequence, number }.place();
        let tenant = fact.tenant.as_str();
        if let Some(job_id) = job_id {
            self.draft.put_at(JOB_EVENTS, &[tenant, job_id], &place, &told);
        }
        if !fact.corpus.is_empty() {
            self.draft.put_at(CORPUS_EVENTS, &[tenant, &fact.corpus], &place, &told);
        }
    }
}
