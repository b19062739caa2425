//! What became of one document that was to be submitted: a line of the table.

use serde_json::{Value, json};

use crate::{
    client::Answer,
    show::{
        field::{text, texts},
        table::table,
    },
    terminal::{harmless, strong},
};

/// What became of one document.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The file, line or entry that it came from.
    pub label: String,
    /// The document's id; empty when it never got one.
    pub document_id: String,
    /// What the server says of it, or `{"status": "rejected", …}` when it never came there.
    pub job: Value,
}

impl Outcome {
    /// It cannot be sent.
    pub fn refused_here(label: &str, why: &str) -> Outcome {
        let error = json!({"code": "not_sent", "detail": why});
        Outcome {
            label: label.into(),
            document_id: String::new(),
            job: json!({"label": label, "status": "rejected", "error": error}),
        }
    }

    /// The server did not take it.
    pub fn refused_there(label: &str, document: &Value, answer: &Answer) -> Outcome {
        let faults = answer.value["errors"].as_array().into_iter().flatten();
        let faults = faults
            .map(|fault| format!(" {} {}.", text(fault, "/pointer"), text(fault, "/message")));
        let detail = format!("{}{}", text(&answer.value, "/detail"), faults.collect::<String>());
        let error = json!({"code": answer.problem_code(), "detail": detail});
        let id = text(document, "/document_id");
        Outcome {
            label: label.into(),
            job: json!({"document_id": id, "status": "rejected", "error": error}),
            document_id: id,
        }
    }

    /// The server has it.
    pub fn accepted(label: &str, job: Value) -> Outcome {
        Outcome { label: label.into(), document_id: text(&job, "/document_id"), job }
    }

    /// Everything that follows from it is done.
    pub fn settled(&mut self, job: Value) {
        self.job = job;
    }

    /// The server's id for it, when the server has it.
    pub fn job_id(&self) -> Option<&str> {
        self.job["job_id"].as_str()
    }

    /// What the server, or the lack of one, says.
    pub fn json(&self) -> &Value {
        &self.job
    }

    /// `queued`, `admitted`, `archived`, `duplicate`, `rejected` …
    pub fn status(&self) -> String {
        text(&self.job, "/status")
    }

    /// Whether it is not, and will not be, in the population or the archive.
    pub fn is_rejected(&self) -> bool {
        matches!(self.status().as_str(), "rejected" | "failed" | "dead_letter")
    }

    /// The codes of its flags.
    pub fn flags(&self) -> Vec<String> {
        texts(&self.job, "/flags", "/code")
    }

    /// Why it stands where it stands, in a few words.
    pub fn note(&self) -> String {
        let mut parts = Vec::new();
        match text(&self.job, "/duplicate_of").as_str() {
            "" => {}
            of => parts.push(format!("repeats {of}")),
        }
        let sentences =
            ["/reason", "/error/detail", "/error/mend"].map(|path| text(&self.job, path));
        parts.extend(sentences.into_iter().filter(|sentence| !sentence.is_empty()));
        let mut flags = self.flags();
        flags.dedup();
        if !flags.is_empty() {
            parts.push(format!("flagged: {}", flags.join(", ")));
        }
        parts.join("; ")
    }

    fn row(&self) -> Vec<String> {
        let document = if self.document_id.is_empty() { &self.label } else { &self.document_id };
        vec![harmless(document), strong(&self.status()), text(&self.job, "/sno_id"), self.note()]
    }
}

/// A line for each.
pub fn table_of(outcomes: &[Outcome], width: usize) -> String {
    table(&["document", "status", "sno", "note"], outcomes.iter().map(Outcome::row), width)
}

/// A line for each, before anything is known of them but their jobs.
pub fn jobs_table(outcomes: &[Outcome], width: usize) -> String {
    let rows = outcomes.iter().map(|outcome| {
        let mut row = outcome.row();
        row[2] = text(&outcome.job, "/job_id");
        row
    });
    table(&["document", "status", "job", "note"], rows, width)
}

/// How many of each status.
pub fn summary(outcomes: &[Outcome]) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for status in outcomes.iter().map(Outcome::status) {
        match counts.iter_mut().find(|(known, _)| *known == status) {
            Some((_, count)) => *count += 1,
            None => counts.push((status, 1)),
        }
    }
    let parts: Vec<String> =
        counts.iter().map(|(status, count)| format!("{status} {count}")).collect();
    let flagged = outcomes.iter().filter(|outcome| !outcome.flags().is_empty()).count();
    let flagged = if flagged > 0 { format!("   flagged {flagged}") } else { String::new() };
    format!("submitted {}   {}{flagged}", outcomes.len(), parts.join("   "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(job: Value) -> Outcome {
        Outcome::accepted("a.md", job)
    }

    #[test]
    fn a_note_says_why() {
        let duplicate =
            settled(json!({"status": "duplicate", "duplicate_of": "wire.txt", "flags": []}));
        assert_eq!(duplicate.note(), "repeats wire.txt");
        let flagged = settled(json!({"status": "admitted", "sno_id": "sno_1", "flags": [
            {"code": "instruction_like_text", "detail": "…"}, {"code": "instruction_like_text", "detail": "…"}]}));
        assert_eq!(flagged.note(), "flagged: instruction_like_text");
        let here = Outcome::refused_here("a.txt", "is empty");
        assert!(here.is_rejected());
        assert_eq!(here.note(), "is empty");
    }

    #[test]
    fn a_summary_counts_every_document_once() {
        let outcomes = [
            settled(json!({"status": "admitted", "flags": [{"code": "truncated"}]})),
            settled(json!({"status": "admitted"})),
            Outcome::refused_here("x", "is empty"),
        ];
        assert_eq!(summary(&outcomes), "submitted 3   admitted 2   rejected 1   flagged 1");
    }
}
