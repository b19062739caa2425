//! Sends traces to a collector: OTLP over HTTP, in batches, from a thread of its own.
//!
//! Invariant: work never waits for it. What the collector does not take in time is dropped, and counted.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use cns_schemas::{Attribute, Hop, HopKind, HopSink, TraceContext, Traces};
use opentelemetry::{
    InstrumentationScope, KeyValue,
    trace::{Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor},
};
use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use crate::{
    failure::{Code, Failure},
    settings::Settings,
};

/// How long the collector may take for a batch, and for all that is left when the process stops.
const PATIENCE: Duration = Duration::from_secs(5);

type Exports = Family<[(&'static str, &'static str); 1], Counter>;

/// The thread that sends, as long as this lives.
pub struct Exporter {
    processor: BatchSpanProcessor,
    scope: InstrumentationScope,
}

/// Begins to send traces, when somebody is named who wants them.
///
/// # Errors
/// What is named is no address that can be sent to.
pub fn start(
    settings: &Settings,
    registry: &mut Registry,
) -> Result<Option<(Arc<Exporter>, Traces)>, Failure> {
    let Some(endpoint) = endpoint(&settings.otlp.endpoint)? else { return Ok(None) };
    let exports = Exports::default();
    for outcome in ["taken", "failed"] {
        drop(exports.get_or_create(&[("outcome", outcome)]));
    }
    registry.register(
        "cns_otlp_exports",
        "Batches of traces that were sent to the collector, by outcome",
        exports.clone(),
    );
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    let client = Client { agent, exports, away: AtomicBool::new(false) };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(endpoint)
        .with_timeout(PATIENCE)
        .build()
        .map_err(|error| Failure::new(Code::Config, format!("otlp.endpoint: {error}")))?;
    let mut processor = BatchSpanProcessor::builder(exporter).build();
    processor.set_resource(&resource());
    let scope =
        InstrumentationScope::builder("cns").with_version(env!("CARGO_PKG_VERSION")).build();
    let exporter = Arc::new(Exporter { processor, scope });
    let share = settings.otlp.sample_share;
    let traces = if settings.on_kafka() {
        let prefix = format!("{}.", settings.kafka.namespace);
        Traces::to(exporter.clone(), share, "kafka", &prefix)
    } else {
        Traces::to(exporter.clone(), share, "cns", "")
    };
    Ok(Some((exporter, traces)))
}

/// The setting, then what OpenTelemetry's own variables say.
fn endpoint(setting: &str) -> Result<Option<String>, Failure> {
    let said = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    if said("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    let base = Some(setting.to_owned()).filter(|setting| !setting.is_empty());
    let whole = said("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").filter(|_| base.is_none());
    let based = base.or_else(|| said("OTEL_EXPORTER_OTLP_ENDPOINT"));
    let based = based.map(|base| format!("{}/v1/traces", base.trim().trim_end_matches('/')));
    let Some(endpoint) = whole.or(based) else { return Ok(None) };
    if !endpoint.starts_with("http://") {
        // The rest of the address may hold a password.
        let scheme = endpoint.split("://").next().filter(|_| endpoint.contains("://"));
        let named = scheme.map_or_else(|| "this address".into(), |scheme| format!("{scheme}://…"));
        let message = format!("traces cannot be sent to {named}: only http:// is spoken");
        let hint = "name a collector near by, such as http://127.0.0.1:4318, which sends on";
        return Err(Failure::new(Code::Config, message).hint(hint));
    }
    Ok(Some(endpoint))
}

/// `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` count too.
fn resource() -> Resource {
    let mut resource = Resource::builder()
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", instance()));
    if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("cns");
    }
    resource.build()
}

fn instance() -> String {
    let mut random = [0; 8];
    match getrandom::fill(&mut random) {
        Ok(()) => random.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => std::process::id().to_string(),
    }
}

impl Exporter {
    /// Sends what is left, for a while.
    pub fn drain(&self) {
        if let Err(error) = self.processor.shutdown_with_timeout(PATIENCE) {
            tracing::debug!(%error, "Not all traces were sent.");
        }
    }
}

impl HopSink for Exporter {
    fn ended(&self, hop: Hop) {
        let mut links = SpanLinks::default();
        let linked = hop.links.iter().map(|link| Link::new(context(link, true), Vec::new(), 0));
        links.links = linked.collect();
        let parent = hop.parent.as_ref().map(|parent| context(parent, true));
        self.processor.on_end(SpanData {
            span_context: context(&hop.at, false),
            parent_span_id: parent.map_or(SpanId::INVALID, |parent| parent.span_id()),
            parent_span_is_remote: hop.parent.is_some(),
            span_kind: kind(hop.kind),
            name: hop.name.into(),
            start_time: hop.begun,
            end_time: hop.begun + hop.took,
            attributes: hop.attributes.into_iter().map(attribute).collect(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links,
            status: hop.failure.map_or(Status::Unset, Status::error),
            instrumentation_scope: self.scope.clone(),
        });
    }
}

fn context(at: &TraceContext, remote: bool) -> SpanContext {
    let trace = TraceId::from_hex(&at.trace_id).unwrap_or(TraceId::INVALID);
    let span = SpanId::from_hex(&at.span_id).unwrap_or(SpanId::INVALID);
    let flags = if at.is_sampled() { TraceFlags::SAMPLED } else { TraceFlags::default() };
    SpanContext::new(trace, span, flags, remote, TraceState::default())
}

fn kind(kind: HopKind) -> SpanKind {
    match kind {
        HopKind::Server => SpanKind::Server,
        HopKind::Producer => SpanKind::Producer,
        HopKind::Consumer => SpanKind::Consumer,
        HopKind::Client => SpanKind::Client,
        HopKind::Internal => SpanKind::Internal,
    }
}

fn attribute((name, value): (&'static str, Attribute)) -> KeyValue {
    match value {
        Attribute::Text(text) => KeyValue::new(name, text),
        Attribute::Number(number) => KeyValue::new(name, number),
    }
}

/// Sends requests from the exporter's own thread, where waiting costs nobody anything.
struct Client {
    agent: ureq::Agent,
    exports: Exports,
    /// The collector did not take the last batch; that is said once.
    away: AtomicBool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, body.to_vec());
        let mut answer = self.agent.run(request)?;
        let body = answer.body_mut().read_to_vec()?;
        let (parts, _) = answer.into_parts();
        Ok(Response::from_parts(parts, body.into()))
    }

    fn note(&self, outcome: &Result<Response<Bytes>, HttpError>) {
        let failure = match outcome {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(answer.status().to_string()),
            Err(error) => Some(error.to_string()),
        };
        let label = if failure.is_none() { "taken" } else { "failed" };
        self.exports.get_or_create(&[("outcome", label)]).inc();
        let was_away = self.away.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(error) if !was_away => {
                tracing::warn!(
                    event = "otlp.away",
                    error,
                    "The collector does not take traces; they are dropped."
                );
            }
            None if was_away => {
                tracing::info!(event = "otlp.back", "The collector takes traces again.")
            }
            _ => {}
        }
    }
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Client {
    fn send_bytes<'a, 'b>(&'a self, request: Request<Bytes>) -> Sending<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        let outcome = self.send(request);
        self.note(&outcome);
        Box::pin(std::future::ready(outcome))
    }
}
