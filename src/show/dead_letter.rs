//! A dead letter: which record, why it could not be handled, how to mend it.

use serde_json::Value;

use super::{
    field::{number, text},
    labelled,
};
use crate::terminal::strong;

/// One dead letter.
pub fn one(letter: &Value, width: usize) -> String {
    let mut lines = vec![format!(
        "{}   {}   stage {}\n",
        strong(&text(letter, "/dead_letter_id")),
        text(letter, "/error/code"),
        text(letter, "/stage"),
    )];
    let retry = if letter.pointer("/error/retryable").is_some_and(|can| can == true) {
        "sending the same again can help"
    } else {
        "sending the same again cannot help"
    };
    let record = format!(
        "{} {} ({} bytes)",
        text(letter, "/event_type"),
        text(letter, "/origin"),
        number(letter, "/value_bytes")
    );
    let bytes = text(letter, "/first_bytes");
    let rows = [
        ("RECORD", record),
        ("JOB", text(letter, "/job_id")),
        ("CORPUS", text(letter, "/corpus")),
        ("KEY", text(letter, "/key")),
        ("BYTES", format!("{bytes}  {}", printable(&bytes))),
        ("ERROR", text(letter, "/error/detail")),
        ("MEND", text(letter, "/error/mend")),
        ("RETRY", retry.to_owned()),
        ("DECIDED", decided(letter)),
    ];
    let rows = rows.into_iter().filter(|(_, said)| !said.trim().is_empty());
    lines.extend(rows.map(|(label, said)| labelled(label, &said, width)));
    lines.join("\n")
}

/// What was decided, by whom and why.
fn decided(letter: &Value) -> String {
    let decision = text(letter, "/decision/decision");
    if decision.is_empty() {
        return String::new();
    }
    let job = text(letter, "/decision/job_id");
    let job = if job.is_empty() { job } else { format!(" as {job}") };
    let (by, reason) = (text(letter, "/decision/by"), text(letter, "/decision/reason"));
    format!("{decision}{job} by {by}: {reason}")
}

/// Hexadecimal bytes as characters, so that JSON sent as Avro is seen at a glance.
fn printable(hex: &str) -> String {
    let digits: Vec<char> = hex.chars().filter(char::is_ascii_hexdigit).collect();
    let bytes = digits
        .chunks_exact(2)
        .filter_map(|two| u8::from_str_radix(&two.iter().collect::<String>(), 16).ok());
    let shown: String = bytes
        .map(|byte| if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { '.' })
        .collect();
    if shown.is_empty() { shown } else { format!("({shown})") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_are_shown_as_characters() {
        assert_eq!(super::printable("7b22646f00"), "({\"do.)");
        assert_eq!(super::printable(""), "");
    }
}
