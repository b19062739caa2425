//! What is counted of what was decided: documents, SNOs, pairs, syntheses.

use cns_schemas::{Outcome, PairFate, Provenance, SnoFate};
use prometheus_client::{
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets, linear_buckets},
    },
    registry::Registry,
};

use super::{Labels, Timer, kept, word};
use crate::runtime::handled::{Handled, News};

#[derive(Clone)]
pub struct Decisions {
    documents: Family<Labels, Counter>,
    decision_seconds: Histogram,
    snos: Family<Labels, Counter>,
    trust: Family<Labels, Histogram, Timer>,
    scores: Family<Labels, Histogram, Timer>,
    pairs: Family<Labels, Counter>,
    syntheses: Family<Labels, Counter>,
}

const FATES: [&str; 6] =
    ["admitted", "archived", "duplicate", "repeated", "rejected", "dead_lettered"];
const PAIR_FATES: [PairFate; 3] =
    [PairFate::NoConflict, PairFate::Synthesized, PairFate::Unsynthesized];
const PROVENANCES: [Provenance; 2] = [Provenance::Document, Provenance::Synthesis];

/// Tenths of a score in [0, 1].
fn tenths() -> Histogram {
    Histogram::new(linear_buckets(0.1, 0.1, 10))
}

fn of(name: &'static str, value: String) -> Labels {
    vec![(name, value)]
}

impl Decisions {
    pub fn register(registry: &mut Registry) -> Decisions {
        let tenths = || Family::new_with_constructor(tenths as Timer);
        let r = registry;
        let decisions = Decisions {
            documents: kept(
                r,
                "cns_documents_decided",
                "Documents whose fate is known, by fate",
                Family::default(),
            ),
            decision_seconds: kept(
                r,
                "cns_document_decision_seconds",
                "Time from when a document entered until its SNO had its trust",
                // 50 ms to nearly an hour.
                Histogram::new(exponential_buckets(0.05, 2.0, 17)),
            ),
            snos: kept(
                r,
                "cns_snos_decided",
                "SNOs that were given a trust, by provenance",
                Family::default(),
            ),
            trust: kept(r, "cns_sno_trust_score", "Trust of SNOs, by provenance", tenths()),
            scores: kept(r, "cns_critic_score", "Scores that critics gave, by critic", tenths()),
            pairs: kept(
                r,
                "cns_pairs_decided",
                "Pairs that were compared, by fate; all but no_conflict are conflicts",
                Family::default(),
            ),
            syntheses: kept(
                r,
                "cns_syntheses_decided",
                "Syntheses that were judged, by outcome",
                Family::default(),
            ),
        };
        decisions.begin();
        decisions
    }

    fn begin(&self) {
        for fate in FATES {
            drop(self.documents.get_or_create(&of("fate", fate.to_owned())));
        }
        for fate in PAIR_FATES {
            drop(self.pairs.get_or_create(&of("fate", word(fate))));
        }
        for outcome in [SnoFate::Admitted, SnoFate::Archived] {
            drop(
                self.syntheses.get_or_create(&of("outcome", synthesis_outcome(outcome).to_owned())),
            );
        }
        for provenance in PROVENANCES {
            drop(self.snos.get_or_create(&of("provenance", word(provenance))));
            drop(self.trust.get_or_create(&of("provenance", word(provenance))));
        }
    }

    pub fn handled(&self, handled: &Handled, now_ms: i64) {
        let refused = matches!(handled.outcome, Outcome::Rejected | Outcome::DeadLettered);
        if refused && handled.is_document {
            self.documents.get_or_create(&of("fate", word(handled.outcome))).inc();
        }
        for news in &handled.news {
            match news {
                News::Taken { .. } => {}
                News::Repeated => {
                    self.documents.get_or_create(&of("fate", "repeated".into())).inc();
                }
                News::Decided { provenance, fate, trust, scores, .. } => {
                    self.decided(*provenance, *fate, *trust, scores);
                    if *provenance == Provenance::Document {
                        let seconds = (now_ms - handled.at_ms).max(0) as f64 / 1000.0;
                        self.decision_seconds.observe(seconds);
                    }
                }
                News::Compared { fate, .. } => {
                    self.pairs.get_or_create(&of("fate", word(fate))).inc();
                }
            }
        }
    }

    fn decided(&self, provenance: Provenance, fate: SnoFate, trust: f64, scores: &[(String, f64)]) {
        match provenance {
            Provenance::Document => {
                self.documents.get_or_create(&of("fate", word(fate))).inc();
            }
            Provenance::Synthesis => {
                let outcome = synthesis_outcome(fate).to_owned();
                self.syntheses.get_or_create(&of("outcome", outcome)).inc();
            }
        }
        self.snos.get_or_create(&of("provenance", word(provenance))).inc();
        self.trust.get_or_create(&of("provenance", word(provenance))).observe(trust);
        for (critic, score) in scores {
            self.scores.get_or_create(&of("critic", critic.clone())).observe(*score);
        }
    }
}

fn synthesis_outcome(fate: SnoFate) -> &'static str {
    match fate {
        SnoFate::Admitted => "accepted",
        SnoFate::Archived | SnoFate::Duplicate => "archived",
    }
}
