//! A report as text: how each system does, how the model confuses classes, and its worst mistakes.

use super::{
    calibrate::Fitted,
    claims::MEASURES,
    labelled::Label,
    measure::{Confusion, Measure},
    report::{Mistake, Report, System},
};
use crate::{
    show::{table, wrapped},
    terminal::{harmless, strong},
};

/// Columns of a system's name; four of them stand beside each other.
const NAME_MAX: usize = 16;

/// A report as text of this width.
pub fn report(report: &Report, width: usize) -> String {
    let labels: Vec<String> =
        report.labels.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let (unit, count) = report.groups;
    let mut parts = vec![
        strong(&harmless(&report.name)),
        format!("{} rows, {count} {unit}; {}", report.rows, labels.join(", ")),
        String::new(),
        measures(report.measures, &report.systems, width),
    ];
    if let Some(drawn) = &report.drawn {
        let title = format!("What {} says of which class:", report.systems[0].name);
        parts.extend([String::new(), title, confusion(&drawn.confusion, width)]);
    }
    for note in &report.notes {
        parts.extend(["".into(), wrapped(&harmless(note), "", "  ", width)]);
    }
    if !report.mistakes.is_empty() {
        parts.extend([String::new(), "Mistakes, the worst first:".into()]);
        parts.extend(report.mistakes.iter().map(|mistake| told(mistake, width)));
    }
    parts.join("\n")
}

/// How a calibration does on claims that it was not fitted on.
pub fn calibration(fitted: &Fitted, width: usize) -> String {
    let mut parts = vec![strong("Calibration, measured on claims that it was not fitted on")];
    for (name, systems) in &fitted.files {
        parts.extend([harmless(name), measures(&MEASURES, systems, width), String::new()]);
    }
    parts.push(wrapped(&fitted.choice, "", "  ", width));
    parts.join("\n")
}

/// A line for each measure, a column for each system; intervals stand below their values.
fn measures(names: &[&str], systems: &[System], width: usize) -> String {
    let named = systems.iter().map(|system| textwrap::fill(&harmless(&system.name), NAME_MAX));
    let header: Vec<String> = std::iter::once("measure".to_owned()).chain(named).collect();
    let rows = names.iter().enumerate().map(|(place, name)| {
        let cells = systems.iter().map(|system| cell(system.measures[place]));
        std::iter::once(name.replace('_', " ")).chain(cells).collect()
    });
    table::table_of(&header, rows, width)
}

fn cell(measure: Measure) -> String {
    match (measure.value, measure.interval) {
        (None, _) => "–".into(),
        (Some(value), None) => format!("{value:.3}"),
        (Some(value), Some((low, high))) => format!("{value:.3}\n[{low:.3} {high:.3}]"),
    }
}

fn confusion(confusion: &Confusion, width: usize) -> String {
    let mut header = vec!["label"];
    header.extend(Label::ALL.map(Label::name));
    header.push("F1");
    let rows = Label::ALL.iter().map(|label| {
        let class = *label as usize;
        let counts = confusion.0[class].iter().map(|count| format!("{count:.0}"));
        let f1 = confusion.f1(class).map_or("–".into(), |f1| format!("{f1:.3}"));
        std::iter::once(label.name().to_owned()).chain(counts).chain([f1]).collect()
    });
    table::table(&header, rows, width)
}

fn told(mistake: &Mistake, width: usize) -> String {
    let head = format!(
        "{}: {}, said {} ({:.3})",
        mistake.place, mistake.is, mistake.said, mistake.confidence
    );
    let texts = mistake.texts.iter().map(|(name, text)| {
        wrapped(&format!("{name}: {}", harmless(text)), "    ", "      ", width)
    });
    std::iter::once(format!("  {}", harmless(&head))).chain(texts).collect::<Vec<_>>().join("\n")
}
