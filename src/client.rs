//! Asks a server over HTTP. Answers stay JSON values: the command line shows what the server says and does
//! not model it a second time.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    time::Duration,
};

use cns_api::access::ApiKey;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use ureq::{
    Agent, RequestBuilder,
    http::{Response, StatusCode},
};

use crate::{
    args::Remote,
    failure::{Code, Failure},
};

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long to wait for an answer; longer than the server waits for a job.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// An answer that is longer is not read.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// All but the characters that mean nothing in an address.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A part of a path, or a value of a query, as it may stand in an address.
pub fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// The address that is asked when none is named.
pub const DEFAULT_SERVER: &str = "http://127.0.0.1:8000";

/// What a suggested command needs to reach this server: nothing when it is the default one.
pub fn server_flag(address: SocketAddr) -> String {
    let server = format!("http://{address}");
    if server == DEFAULT_SERVER { String::new() } else { format!(" --server {server}") }
}

/// Where the key of a caller is looked for when no file is named. It is no flag: others see those.
const KEY_VARIABLE: &str = "CNS_API_KEY";

/// A server that is asked.
pub struct Client {
    agent: Agent,
    server: String,
    key: Option<ApiKey>,
}

/// Events that a server sends while they happen.
pub struct Stream {
    lines: BufReader<ureq::BodyReader<'static>>,
}

/// One of them.
#[derive(Debug, Default)]
pub struct Event {
    /// From where to go on behind it; empty for one that says nothing of it.
    pub id: String,
    /// What it says.
    pub name: String,
    /// Its data, unchanged.
    pub data: String,
}

impl Iterator for Stream {
    type Item = Event;

    /// The next event; `None` when the stream has ended or was cut.
    fn next(&mut self) -> Option<Event> {
        let mut event = Event::default();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("id", id)) => event.id = id.to_owned(),
                Some(("event", name)) => event.name = name.to_owned(),
                Some(("data", data)) => event.data = data.to_owned(),
                _ if line.trim().is_empty() && !event.name.is_empty() => return Some(event),
                _ => {}
            }
        }
    }
}

/// What it answered, whatever the status.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, unchanged.
    pub body: String,
    /// The same, parsed; `null` when it is no JSON.
    pub value: Value,
    /// When to ask again.
    pub retry_after: Option<Duration>,
    server: String,
}

impl Client {
    /// A client for the server that a command names, with the caller's key.
    pub fn of(remote: &Remote) -> Result<Client, Failure> {
        Ok(Client { key: key(remote)?, ..Client::new(&remote.server)? })
    }

    /// A client for a server's address, without a key.
    pub fn new(server: &str) -> Result<Client, Failure> {
        let server = server.trim_end_matches('/').to_owned();
        if !server.starts_with("http://") {
            let message =
                format!("{server} is no address that can be asked; http://HOST:PORT is expected");
            return Err(Failure::new(Code::Usage, message));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(ANSWER_TIMEOUT))
            .user_agent(concat!("cns/", env!("CARGO_PKG_VERSION")))
            // A loopback server is never behind a proxy, whatever the environment says.
            .proxy(None)
            .build();
        Ok(Client { agent: config.new_agent(), server, key: None })
    }

    /// Asks for a resource.
    pub fn get(&self, path: &str) -> Result<Answer, Failure> {
        let sent = self.keyed(self.agent.get(format!("{}{path}", self.server))).call();
        self.answer(sent)
    }

    /// Sends a document.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        let sent = self.keyed(self.agent.post(format!("{}{path}", self.server))).send_json(body);
        self.answer(sent)
    }

    /// Opens a stream of events, behind the one that was read last; `None` when there is no more.
    pub fn follow(&self, path: &str, after: &str) -> Result<Option<Stream>, Failure> {
        let request = self.keyed(self.agent.get(format!("{}{path}", self.server)));
        // A stream is as long as what it tells; between two events it says that it is alive.
        let request = request.config().timeout_global(None).timeout_recv_body(None).build();
        let sent = request.header("last-event-id", after).call();
        match sent {
            Ok(response) if response.status() == StatusCode::NO_CONTENT => Ok(None),
            Ok(response) if response.status() == StatusCode::OK => {
                Ok(Some(Stream { lines: BufReader::new(response.into_body().into_reader()) }))
            }
            sent => Err(self.answer(sent)?.problem()),
        }
    }

    fn keyed<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match &self.key {
            Some(key) => request.header("authorization", format!("Bearer {}", key.reveal())),
            None => request,
        }
    }

    fn answer(&self, sent: Result<Response<ureq::Body>, ureq::Error>) -> Result<Answer, Failure> {
        let mut response = sent.map_err(|error| self.unreachable(&error))?;
        let status = response.status().as_u16();
        let seconds = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let body = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_string()
            .map_err(|error| self.unreachable(&error))?;
        let value = serde_json::from_str(&body).unwrap_or(Value::Null);
        Ok(Answer {
            status,
            body,
            value,
            retry_after: seconds.map(Duration::from_secs),
            server: self.server.clone(),
        })
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        let server = &self.server;
        let hint =
            "start a server with `cns serve`, or name another with --server URL or CNS_SERVER";
        match error {
            ureq::Error::Timeout(ureq::Timeout::Connect)
            | ureq::Error::ConnectionFailed
            | ureq::Error::HostNotFound => {
                Failure::new(Code::Dependency, format!("no server answers at {server}")).hint(hint)
            }
            ureq::Error::Io(io) if io.kind() == std::io::ErrorKind::ConnectionRefused => {
                Failure::new(Code::Dependency, format!("no server answers at {server}")).hint(hint)
            }
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => Failure::new(
                Code::Usage,
                format!("{server} is no address that can be asked: {error}"),
            ),
            ureq::Error::Timeout(_) => {
                Failure::new(Code::Timeout, format!("{server} did not answer in time ({error})"))
                    .hint("`cns status` tells how the server is doing")
            }
            _ => {
                Failure::new(Code::Dependency, format!("the connection to {server} broke: {error}"))
                    .hint(hint)
            }
        }
    }
}

impl Answer {
    /// Whether the server did what it was asked.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status) && !self.value.is_null()
    }

    /// The code of the problem that it answered with.
    pub fn problem_code(&self) -> &str {
        self.value.get("code").and_then(Value::as_str).unwrap_or_default()
    }

    /// The problem that it answered with, for a person.
    pub fn problem(&self) -> Failure {
        let Some(code) = self.value.get("code").and_then(Value::as_str) else {
            let message = format!(
                "{} answered {} without saying why; is it cns?",
                self.server,
                self.status_text()
            );
            return Failure::new(Code::Dependency, message);
        };
        let detail = self.value.get("detail").or(self.value.get("title")).and_then(Value::as_str);
        let mut message =
            format!("{} ({code}, {})", detail.unwrap_or("the server refused"), self.status_text());
        for fault in self.value.get("errors").and_then(Value::as_array).into_iter().flatten() {
            let part = |name: &str| fault.get(name).and_then(Value::as_str).unwrap_or_default();
            // Of one fault the detail says it all.
            if detail.is_some_and(|detail| detail.contains(part("message"))) {
                continue;
            }
            message.push_str(&format!("\n  {} {}", part("pointer"), part("message")));
        }
        let failure = Failure::new(exit_code(self.status), crate::terminal::harmless(&message));
        match self.status {
            401 => failure.hint(format!("set {KEY_VARIABLE}, or name a file with --key-file")),
            _ => failure,
        }
    }

    fn status_text(&self) -> String {
        let reason =
            StatusCode::from_u16(self.status).ok().and_then(|status| status.canonical_reason());
        format!("{} {}", self.status, reason.unwrap_or_default()).trim_end().to_owned()
    }
}

/// The caller's key, if there is one. What is none is not repeated.
fn key(remote: &Remote) -> Result<Option<ApiKey>, Failure> {
    let (text, from) = match &remote.key_file {
        Some(path) => {
            let text = fs::read_to_string(path).map_err(|error| {
                let message = format!("cannot read the key in {}: {error}", path.display());
                Failure::new(Code::Dependency, message)
            })?;
            (text, path.display().to_string())
        }
        None => match env::var(KEY_VARIABLE) {
            Ok(text) if !text.trim().is_empty() => (text, KEY_VARIABLE.to_owned()),
            _ => return Ok(None),
        },
    };
    let read = ApiKey::read(text.trim());
    read.map(Some).ok_or_else(|| {
        let message = format!("what is in {from} is not a key; it begins with `cns_`");
        Failure::new(Code::Usage, message).hint("`cns keys create` makes one")
    })
}

fn exit_code(status: u16) -> Code {
    match status {
        404 => Code::NotFound,
        400 | 405 | 406 | 413 | 415 | 422 => Code::Usage,
        401 | 403 | 409 => Code::Refused,
        429 | 502 | 503 => Code::Dependency,
        504 => Code::Timeout,
        _ => Code::Unexpected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let value = serde_json::from_str(body).unwrap_or(Value::Null);
        Answer {
            status,
            body: body.into(),
            value,
            retry_after: None,
            server: "http://127.0.0.1:8000".into(),
        }
    }

    #[test]
    fn a_problem_tells_detail_code_and_all_faults() {
        let body = r#"{"code":"empty_field","detail":"Source and text cannot be empty.",
            "errors":[{"pointer":"/text","message":"is empty"},{"pointer":"/source","message":"is empty"}]}"#;
        let failure = answer(400, body).problem();
        assert_eq!(failure.code, Code::Usage);
        let said = "Source and text cannot be empty. (empty_field, 400 Bad Request)\n  /text is empty\n  /source is empty";
        assert_eq!(failure.message, said);
        assert_eq!(answer(404, r#"{"code":"sno_not_found"}"#).problem().code, Code::NotFound);
        assert_eq!(answer(504, r#"{"code":"wait_timeout"}"#).problem().code, Code::Timeout);
    }

    #[test]
    fn a_foreign_server_is_recognized() {
        let failure = answer(502, "<html>bad gateway</html>").problem();
        assert_eq!(failure.code, Code::Dependency);
        assert!(failure.message.contains("is it cns?"));
    }

    #[test]
    fn a_server_that_is_not_there_is_a_dependency() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let failure = Client::new(&format!("http://127.0.0.1:{port}/"))
            .unwrap()
            .get("/v1/status")
            .unwrap_err();
        assert_eq!(failure.code, Code::Dependency);
        assert!(failure.message.contains(&port.to_string()));
        assert!(failure.hint.unwrap().contains("cns serve"));
    }

    #[test]
    fn ids_are_escaped() {
        assert_eq!(escaped("a b/ü?.md"), "a%20b%2F%C3%BC%3F.md");
    }
}
