//! `cns job watch`: a line for each thing that happens to a job, as the server tells it. A stream that is cut goes
//! on where it was cut.

use serde_json::Value;

use crate::{
    args::Remote,
    client::{Client, Event, escaped},
    failure::{Code, Failure},
    terminal::{self, harmless},
};

/// Streams that end one after another with nothing told; a server in that state tells nothing later either.
const EMPTY_STREAMS_MAX: usize = 5;

/// Runs the command.
pub fn job(remote: &Remote, id: &str) -> Result<(), Failure> {
    let client = Client::new(&remote.server)?;
    let path = format!("/v1/jobs/{}/events", escaped(id));
    let (mut last, mut empty) = (String::new(), 0);
    while empty < EMPTY_STREAMS_MAX {
        let Some(stream) = client.follow(&path, &last)? else { return Ok(()) };
        empty += 1;
        for event in stream {
            if !event.id.is_empty() {
                last.clone_from(&event.id);
            }
            if event.name == "closed" {
                break;
            }
            empty = 0;
            terminal::print(&if remote.json { event.data.clone() } else { line(&event) });
            if event.name == "settled" {
                return Ok(());
            }
        }
    }
    let failure = Failure::new(Code::Dependency, "the server ends the stream again and again");
    Err(failure.hint("`cns status` tells how the server is doing"))
}

/// The name of an event, and what it is about.
fn line(event: &Event) -> String {
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    let known = ["event", "job_id", "corpus", "at_ms"];
    let about = data.as_object().into_iter().flatten().filter(|(name, value)| {
        !known.contains(&name.as_str())
            && !value.is_null()
            && *value != ""
            && *value != &Value::Array(Vec::new())
    });
    let said: Vec<String> =
        about.map(|(name, value)| format!("{} {}", name.replace('_', " "), plain(value))).collect();
    harmless(&format!("{:<15} {}", event.name, said.join("  "))).trim_end().to_owned()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => {
            format!("{:.2}", number.as_f64().unwrap_or_default())
        }
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(","),
        Value::Object(parts) => {
            parts.get("detail").map_or_else(|| Value::Object(parts.clone()).to_string(), plain)
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line() {
        let data = r#"{"event":"scored","job_id":"j","corpus":"c","at_ms":1,"sno_id":"sno_1","trust":0.714,
            "reason":"","duplicate_of":null,"flags":[]}"#;
        let event = Event { id: "0:1:0".into(), name: "scored".into(), data: data.into() };
        assert_eq!(line(&event), "scored          sno id sno_1  trust 0.71");
        let data = r#"{"stage":"embed","error":{"code":"x","detail":"no \u001b[2J statement"}}"#;
        let event = Event { name: "rejected".into(), data: data.into(), ..Event::default() };
        assert_eq!(line(&event), "rejected        stage embed  error no \u{fffd}[2J statement");
    }
}
