//! What the demo shows at the end: counts, conflicts, one narrative in full, and what to try next.

use serde_json::Value;

use crate::{
    args::Page,
    client::{Client, escaped},
    failure::Failure,
    show::{
        View, address, conflict,
        field::{entries, share, text},
        list, narrative,
        table::table_of,
        wrapped,
    },
    submit::outcome::Outcome,
    terminal::{harmless, program, strong},
};

/// Conflicts of a corpus that are shown.
const CONFLICTS_SHOWN: usize = 3;

/// What came out of one corpus.
pub struct Corpus {
    name: String,
    outcomes: Vec<Outcome>,
    conflicts: Value,
    syntheses: Value,
}

impl Corpus {
    /// Asks the server for all that came out.
    pub fn ask(client: &Client, name: String, outcomes: Vec<Outcome>) -> Result<Corpus, Failure> {
        let page = Page { corpus: Some(name.clone()), limit: 200, cursor: None };
        let conflicts = found(client, &address(View::Conflict.path(), &page))?;
        let syntheses = found(client, &address(View::Synthesis.path(), &page))?;
        Ok(Corpus { name, outcomes, conflicts, syntheses })
    }

    /// What stands in its column, in the order of [`FIGURES`].
    fn figures(&self) -> Vec<String> {
        let count =
            |status: &str| self.outcomes.iter().filter(|one| one.status() == status).count();
        let flagged = self.outcomes.iter().filter(|one| !one.flags().is_empty()).count();
        let syntheses = entries(&self.syntheses, "/items");
        let accepted = syntheses.iter().filter(|item| item["status"] == "accepted").count();
        let figures = [
            self.outcomes.len(),
            count("admitted"),
            count("duplicate"),
            count("archived"),
            count("rejected"),
            flagged,
            entries(&self.conflicts, "/items").len(),
            syntheses.len(),
            accepted,
        ];
        figures.map(|figure| figure.to_string()).to_vec()
    }
}

const FIGURES: [&str; 9] = [
    "submitted",
    "admitted",
    "duplicate",
    "archived",
    "rejected",
    "flagged",
    "conflicts",
    "syntheses",
    "accepted",
];

/// A column for each corpus: names of figures are longer than names of corpora.
fn counts(corpora: &[Corpus], width: usize) -> String {
    let names = corpora.iter().map(|corpus| harmless(&corpus.name));
    let header: Vec<String> = std::iter::once(String::new()).chain(names).collect();
    let columns: Vec<Vec<String>> = corpora.iter().map(Corpus::figures).collect();
    let rows = FIGURES.iter().enumerate().map(|(at, figure)| {
        std::iter::once((*figure).to_owned())
            .chain(columns.iter().map(|column| column[at].clone()))
            .collect()
    });
    table_of(&header, rows, width)
}

/// The whole report.
pub fn text_of(
    client: &Client,
    corpora: &[Corpus],
    took: &str,
    state: &str,
    width: usize,
) -> Result<String, Failure> {
    let mut lines = vec![counts(corpora, width), String::new(), took.to_owned()];
    lines.extend(corpora.iter().flat_map(|corpus| remarkable(corpus, width)));
    for corpus in corpora {
        lines.push(format!("\n{}", strong(&format!("Conflicts in {}", corpus.name))));
        lines.extend(conflicts(corpus, width));
    }
    let best = best(client, corpora)?;
    if let Some(synthesis) = &best {
        let title = format!("The narrative of {}", text(synthesis, "/corpus"));
        lines.push(format!("\n{}", strong(&title)));
        lines.push(narrative::one(synthesis, width));
    }
    let id = best.map(|synthesis| text(&synthesis, "/sno_id")).unwrap_or_default();
    lines.push(next(state, &id));
    Ok(lines.join("\n"))
}

/// Documents that are no plain success, each with why.
fn remarkable(corpus: &Corpus, width: usize) -> Vec<String> {
    let outcomes = corpus.outcomes.iter().filter(|outcome| !outcome.note().is_empty());
    outcomes
        .map(|outcome| {
            let (label, status) = (&outcome.label, outcome.status());
            let said = format!("{}/{label}  {status} – {}", corpus.name, outcome.note());
            wrapped(&said, "  ", "      ", width)
        })
        .collect()
}

fn conflicts(corpus: &Corpus, width: usize) -> Vec<String> {
    let items = entries(&corpus.conflicts, "/items");
    if items.is_empty() {
        return vec![list::page(View::Conflict, &corpus.conflicts, width)];
    }
    let mut lines = Vec::new();
    for pair in items.iter().take(CONFLICTS_SHOWN) {
        let shared = entries(pair, "/shared_evidence").len();
        lines.push(format!(
            "  {}   opposition {}   shared evidence {shared}",
            text(pair, "/pair_id"),
            share(pair, "/opposition")
        ));
        let opposing = conflict::opposing(pair);
        lines.extend(opposing.iter().map(|said| wrapped(said, "    ", "        ", width)));
    }
    if items.len() > CONFLICTS_SHOWN {
        lines.push(format!("  … and {} more", items.len() - CONFLICTS_SHOWN));
    }
    lines
}

/// The synthesis to show: an accepted one with something of every kind; then by trust. Where none is accepted,
/// the one that is shown says why.
fn best(client: &Client, corpora: &[Corpus]) -> Result<Option<Value>, Failure> {
    let mut best: Option<((bool, usize, f64), Value)> = None;
    for item in corpora.iter().flat_map(|corpus| entries(&corpus.syntheses, "/items")) {
        let path = format!("{}/{}", View::Synthesis.path(), escaped(&text(item, "/sno_id")));
        let whole = found(client, &path)?;
        let trust = item["trust"].as_f64().unwrap_or_default();
        let rank = (item["status"] == "accepted", narrative::kinds(&whole), trust);
        if best.as_ref().is_none_or(|(known, _)| rank > *known) {
            best = Some((rank, whole));
        }
    }
    Ok(best.map(|(_, whole)| whole))
}

/// Commands that work as they stand: they name this very binary.
fn next(state: &str, synthesis: &str) -> String {
    let cns = program();
    let third = if synthesis.is_empty() {
        "sno list".to_owned()
    } else {
        format!("synthesis show {synthesis}")
    };
    format!(
        "\n{}\n  {cns} serve --state {state}      (leave it running, and in another terminal:)\n  {cns} conflict list\n  {cns} {third}",
        strong("Try next"),
    )
}

fn found(client: &Client, path: &str) -> Result<Value, Failure> {
    let answer = client.get(path)?;
    if answer.is_ok() { Ok(answer.value) } else { Err(answer.problem()) }
}
