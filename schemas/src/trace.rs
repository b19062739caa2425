//! W3C trace context, and what is told of one step of a trace.
//!
//! The id of a hop is derived from what it did, never drawn: a step that is done again is the same hop, and a process that
//! does not tell its hops passes on what it got. No decision reads a trace.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::hash_hex;

/// A place in a trace, as the header `traceparent` carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// 16 hexadecimal digits.
    pub span_id: String,
    /// Two hexadecimal digits; the lowest bit says whether the trace is kept.
    flags: String,
}

impl TraceContext {
    /// Reads `00-` trace `-` span `-` flags, with neither id all zeros.
    pub fn parse(text: &str) -> Option<TraceContext> {
        let hex = |text: &str, length: usize| {
            text.len() == length
                && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        let some = |text: &str| text.bytes().any(|byte| byte != b'0');
        let parts: Vec<&str> = text.split('-').collect();
        let ["00", trace, span, flags] = parts[..] else { return None };
        let valid = hex(trace, 32) && some(trace) && hex(span, 16) && some(span) && hex(flags, 2);
        valid.then(|| TraceContext {
            trace_id: trace.to_owned(),
            span_id: span.to_owned(),
            flags: flags.to_owned(),
        })
    }

    /// The hop in the same trace that did what is named.
    pub fn child(&self, of: &str) -> TraceContext {
        TraceContext { span_id: hash_hex(&[b"hop", of.as_bytes()], 16), ..self.clone() }
    }

    /// The same, kept.
    pub fn sampled(self) -> TraceContext {
        TraceContext { flags: "01".to_owned(), ..self }
    }

    /// Whether the trace is kept.
    pub fn is_sampled(&self) -> bool {
        u8::from_str_radix(&self.flags, 16).is_ok_and(|flags| flags & 1 == 1)
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{}", self.trace_id, self.span_id, self.flags)
    }
}

/// What a hop is to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HopKind {
    /// Answers a request.
    Server,
    /// Sends records.
    Producer,
    /// Handles a record.
    Consumer,
    /// Asks somebody.
    Client,
    /// Within a process.
    Internal,
}

/// The value of an attribute of a hop.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant is named after what it holds")]
pub enum Attribute {
    Text(String),
    Number(i64),
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Attribute {
        Attribute::Text(text.to_owned())
    }
}

impl From<String> for Attribute {
    fn from(text: String) -> Attribute {
        Attribute::Text(text)
    }
}

impl From<i64> for Attribute {
    fn from(number: i64) -> Attribute {
        Attribute::Number(number)
    }
}

/// One step of a trace, when it has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    /// A verb, and what it is done to.
    pub name: String,
    /// What it is to the others.
    pub kind: HopKind,
    /// Its place.
    pub at: TraceContext,
    /// The hop that led to it.
    pub parent: Option<TraceContext>,
    /// Others that led to it.
    pub links: Vec<TraceContext>,
    /// When it began.
    pub begun: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// What is known of it.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// Why it did not do what it should.
    pub failure: Option<String>,
}

/// Takes hops. It must not wait: what cannot be kept is dropped.
pub trait HopSink: Send + Sync {
    /// A hop has ended.
    fn ended(&self, hop: Hop);
}

/// Whether hops are told, where, and of which traces. Clones share the sink.
#[derive(Clone, Default)]
pub struct Traces {
    on: Option<(Arc<dyn HopSink>, f64)>,
    system: &'static str,
    prefix: Arc<str>,
}

impl Traces {
    /// Nothing is told, and headers are passed on as they came.
    pub fn off() -> Traces {
        Traces::default()
    }

    /// Tells hops. `share` of the traces that begin here are kept; `system` names the log, as the messaging conventions
    /// of OpenTelemetry want it, and `prefix` is what names of topics and groups begin with there.
    pub fn to(sink: Arc<dyn HopSink>, share: f64, system: &'static str, prefix: &str) -> Traces {
        Traces { on: Some((sink, share)), system, prefix: prefix.into() }
    }

    /// Whether anything is told.
    pub fn are_on(&self) -> bool {
        self.on.is_some()
    }

    /// What a topic or a group is called in the log.
    pub fn name(&self, of: &str) -> String {
        format!("{}{of}", self.prefix)
    }

    /// What the log is called.
    pub fn system(&self) -> &'static str {
        self.system
    }

    /// The hop that did what is named, after `parent`; a trace of its own, named after `seed`, when there is none. `None`
    /// when nothing is told.
    pub fn hop(&self, parent: Option<&TraceContext>, seed: &str, of: &str) -> Option<TraceContext> {
        let (_, share) = self.on.as_ref()?;
        if let Some(parent) = parent {
            return Some(parent.child(of));
        }
        let trace_id = hash_hex(&[b"trace", seed.as_bytes()], 32);
        // The last 32 bits of an id are as good as a die.
        let die = u32::from_str_radix(&trace_id[24..], 16).unwrap_or(0);
        let kept = f64::from(die) / f64::from(u32::MAX) <= *share && *share > 0.0;
        let flags = if kept { "01" } else { "00" }.to_owned();
        Some(TraceContext { trace_id, span_id: String::new(), flags }.child(of))
    }

    /// Tells a hop, when its trace is kept.
    pub fn ended(&self, hop: Hop) {
        if let Some((sink, _)) = &self.on
            && hop.at.is_sampled()
        {
            sink.ended(hop);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nowhere;

    impl HopSink for Nowhere {
        fn ended(&self, _: Hop) {}
    }

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_context_is_checked_and_written_as_it_was_read() {
        assert_eq!(TraceContext::parse(GIVEN).unwrap().to_string(), GIVEN);
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceContext::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_same_deed_is_the_same_hop() {
        let parent = TraceContext::parse(GIVEN).unwrap();
        let traces = Traces::to(Arc::new(Nowhere), 1.0, "cns", "");
        let hop = |seed: &str, of: &str| traces.hop(Some(&parent), seed, of).unwrap();
        assert_eq!(hop("job", "fact"), hop("other job", "fact"));
        assert_ne!(hop("job", "fact"), hop("job", "other fact"));
        assert_eq!(hop("job", "fact").trace_id, parent.trace_id);
        assert_eq!(Traces::off().hop(Some(&parent), "job", "fact"), None);
        let own = traces.hop(None, "job", "fact").unwrap();
        assert_eq!(TraceContext::parse(&own.to_string()), Some(own));
    }

    #[test]
    fn a_share_of_the_traces_is_kept_and_a_choice_that_was_made_stays() {
        let kept = |share: f64| {
            let traces = Traces::to(Arc::new(Nowhere), share, "cns", "");
            let jobs = (0..1000).map(|job| format!("job-{job}"));
            jobs.filter(|job| traces.hop(None, job, "").unwrap().is_sampled()).count()
        };
        assert_eq!((kept(0.0), kept(1.0)), (0, 1000));
        assert!((150..350).contains(&kept(0.25)), "{}", kept(0.25));
        let given = TraceContext::parse(&GIVEN.replace("-01", "-00")).unwrap();
        let traces = Traces::to(Arc::new(Nowhere), 1.0, "cns", "");
        assert!(!traces.hop(Some(&given), "job", "fact").unwrap().is_sampled());
    }
}
