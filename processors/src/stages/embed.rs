//! `embed`: extracts an SNO from a document and has its claims embedded.

use cns_narrative as narrative;
use cns_schemas::{Body, Call, Event, Port, SnoProposed, Topic};

use super::{subject, subjects, unexpected};
use crate::{
    Destination, Done, Input, Output, Stage, StageError, Step,
    topology::{EMBED, StageSpec},
};

/// Proposes SNOs.
pub struct Embed;

impl Stage for Embed {
    fn spec(&self) -> &'static StageSpec {
        &EMBED
    }

    fn order_key(&self, event: &Event) -> String {
        match &event.body {
            Body::DocumentChunked(document) => {
                subject(&event.tenant, &document.corpus, &document.document_id)
            }
            _ => event.id.clone(),
        }
    }

    fn step(&self, input: &Input<'_>) -> Result<Step, StageError> {
        let Body::DocumentChunked(document) = &input.event.body else {
            return Err(unexpected(input.event));
        };
        let mut sno =
            narrative::extract(&input.event.tenant, document).map_err(StageError::Reject)?;
        let call = Call {
            port: Port::Embedder,
            model: input.config.models.embedder.clone(),
            texts: sno.claims.iter().map(|claim| narrative::bare(&claim.text)).collect(),
            pairs: Vec::new(),
        };
        let Some(answer) = input.answer(&call) else { return Ok(Step::Need(vec![call])) };
        sno.vectors = answer.vectors.clone();
        let key = format!("{}/{}/{}", input.event.tenant, sno.corpus, sno.sno_id);
        let subjects = subjects(&input.event.tenant, &sno);
        let body = Body::SnoProposed(SnoProposed { sno, pair_id: None });
        let output = Output { to: Destination::Keyed(Topic::Candidates, key), body, subjects };
        Ok(Step::Done(Done { changes: Vec::new(), outputs: vec![output] }))
    }
}
