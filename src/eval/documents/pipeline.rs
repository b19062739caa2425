//! Runs pairs of documents through the stages in memory: what `embed` and `critique` decide here is what they
//! decide on the log, because it is they who decide.

use std::sync::Arc;

use cns_narrative as narrative;
use cns_processors::{
    Input, PartitionRows, Stage, StageError, Step,
    models::ModelSet,
    stages::{Critique, Embed},
};
use cns_schemas::{
    Body, Configured, DocumentSubmitted, Event, Fault, PairJudged, Relational, Sno, SnoProposed,
};
use cns_state::{Error, Row, Rows, Table};

use crate::{
    eval::{ask::no_answer, labelled::Text},
    failure::{Code, Failure},
};

/// Everything that is compared is of one tenant and one corpus.
const OWNER: &str = "eval";
/// A stage that asks more often does not know what it wants.
const ASK_ROUNDS_MAX: usize = 8;

/// A document as the stages see it.
pub struct Read {
    /// Its claims, with vectors.
    pub sno: Sno,
    /// From all three critics; nothing comparable was there before it.
    pub trust: f64,
}

/// Two documents, compared.
pub struct Compared {
    /// What is known of the pair; its opposition is 0 where the two are not worth a comparison.
    pub relational: Relational,
    /// The statements with their verdicts, where they are.
    pub judged: Option<PairJudged>,
}

/// Why a step gives nothing: the document is not acceptable, or nothing can be decided at all.
enum Fails {
    Refused(Fault),
    Broken(Failure),
}

impl From<Failure> for Fails {
    fn from(failure: Failure) -> Fails {
        Fails::Broken(failure)
    }
}

/// Reads a document; a fault is one that its submitter would be told.
pub fn read(
    text: &Text,
    models: &ModelSet,
    config: &Configured,
) -> Result<Result<Read, Fault>, Failure> {
    match understood(text, models, config) {
        Ok(read) => Ok(Ok(read)),
        Err(Fails::Refused(fault)) => Ok(Err(fault)),
        Err(Fails::Broken(failure)) => Err(failure),
    }
}

fn understood(text: &Text, models: &ModelSet, config: &Configured) -> Result<Read, Fails> {
    let document = DocumentSubmitted {
        document_id: text.document_id.clone(),
        corpus: OWNER.into(),
        source: OWNER.into(),
        text: text.text.clone(),
        ..DocumentSubmitted::default()
    };
    let chunked = narrative::chunk(&document, 1).map_err(Fails::Refused)?;
    let proposed = match step(&Embed, Body::DocumentChunked(chunked), models, config)? {
        Body::SnoProposed(proposed) => proposed,
        other => return Err(unexpected(&other).into()),
    };
    let proposed = Body::SnoProposed(SnoProposed { pair_id: None, ..proposed });
    let judged = match step(&Critique, proposed, models, config)? {
        Body::SnoJudged(judged) => judged,
        other => return Err(unexpected(&other).into()),
    };
    let (sno, mut reports) = (judged.sno, judged.reports);
    reports.push(narrative::critic::novelty(None, sno.claims.len(), sno.relations.len()));
    let (trust, _) = narrative::critic::trust(&reports, &config.weights);
    Ok(Read { sno, trust })
}

/// Compares two documents.
pub fn compare(
    a: &Read,
    b: &Read,
    models: &ModelSet,
    config: &Configured,
) -> Result<Compared, Failure> {
    if !narrative::worth_comparing(&a.sno, &b.sno) {
        let relational = narrative::relational::relational(&a.sno, a.trust, &b.sno, b.trust);
        return Ok(Compared { relational, judged: None });
    }
    let pair = Body::PairProposed(narrative::propose(&a.sno, a.trust, &b.sno, b.trust));
    match step(&Critique, pair, models, config) {
        Ok(Body::PairJudged(judged)) => {
            Ok(Compared { relational: judged.pair.relational.clone(), judged: Some(judged) })
        }
        Ok(other) => Err(unexpected(&other)),
        Err(Fails::Refused(fault)) => Err(Failure::new(Code::Unexpected, fault.detail)),
        Err(Fails::Broken(failure)) => Err(failure),
    }
}

/// What a stage sends on for a record.
fn step(
    stage: &dyn Stage,
    body: Body,
    models: &ModelSet,
    config: &Configured,
) -> Result<Body, Fails> {
    let event = Event {
        id: OWNER.into(),
        tenant: OWNER.into(),
        job: OWNER.into(),
        cause: String::new(),
        at_ms: 0,
        traceparent: None,
        body,
    };
    let mut answers = Vec::new();
    for _ in 0..ASK_ROUNDS_MAX {
        let rows = PartitionRows { all: Arc::new(NoRows), partition: 0 };
        let input = Input { event: &event, value: &[], rows, config, answers: &answers };
        match stage.step(&input) {
            Ok(Step::Done(done)) => {
                let sent = done.outputs.into_iter().next().map(|output| output.body);
                return sent.ok_or_else(|| unexpected(&event.body).into());
            }
            Ok(Step::Need(calls)) => {
                for call in calls {
                    let answer = models.answer(&call);
                    answers.push(answer.map_err(|error| no_answer(&call.model, &error))?);
                }
            }
            Err(StageError::Reject(fault)) => return Err(Fails::Refused(fault)),
            Err(error) => return Err(Failure::new(Code::Unexpected, error.to_string()).into()),
        }
    }
    Err(unexpected(&event.body).into())
}

fn unexpected(body: &Body) -> Failure {
    let message = format!("the stages do not go on from a {}", body.name());
    Failure::new(Code::Unexpected, message).hint("this is a defect of cns: report it")
}

/// The stages that run here remember nothing.
struct NoRows;

impl Rows for NoRows {
    fn get(&self, _: Table, _: u32, _: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(None)
    }

    fn scan(
        &self,
        _: Table,
        _: u32,
        _: &[u8],
        _: Option<&[u8]>,
        _: usize,
    ) -> Result<Vec<Row>, Error> {
        Ok(Vec::new())
    }
}
