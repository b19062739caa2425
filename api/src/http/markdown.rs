//! A synthesis as Markdown: a paragraph for each section, then notes, scores, evidence and lineage.
//!
//! Invariant: whatever was recorded goes through [`plain`], so that neither a document nor a model can put
//! markup, a link or a control character into the page.

mod plain;
mod prose;

use std::fmt::Write;

use self::{plain::plain, prose::Notes};
use crate::dto::Synthesis;

/// The whole synthesis.
pub fn render(synthesis: &Synthesis) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = write(&mut page, synthesis);
    page
}

fn write(page: &mut String, synthesis: &Synthesis) -> std::fmt::Result {
    let item = &synthesis.item;
    writeln!(page, "# {}\n", plain(&item.hypothesis))?;
    write!(page, "{} · {}", plain(&item.sno_id), item.status)?;
    if let Some(trust) = item.trust {
        write!(page, " · trust {trust:.2}")?;
    }
    writeln!(page, " · generation {}\n", item.generation)?;
    if !item.reason.is_empty() {
        writeln!(page, "> {}\n", plain(&item.reason))?;
    }
    if !item.summary.is_empty() {
        writeln!(page, "{}\n", plain(&item.summary))?;
    }
    let mut notes = Notes::default();
    for (title, paragraph) in prose::sections(synthesis, &mut notes) {
        writeln!(page, "## {title}\n\n{paragraph}\n")?;
    }
    narrative(page, &synthesis.prose)?;
    if notes.lines().next().is_some() {
        writeln!(page, "## Notes\n")?;
        for line in notes.lines() {
            writeln!(page, "{line}")?;
        }
        writeln!(page)?;
    }
    sources(page, synthesis)
}

/// Running text. One that is itself in sections says what the page says above, statement by statement.
fn narrative(page: &mut String, prose: &str) -> std::fmt::Result {
    let in_sections = prose.lines().any(|line| line.starts_with("## "));
    let paragraphs = prose.split("\n\n").map(plain).filter(|paragraph| !paragraph.is_empty());
    if in_sections || prose.is_empty() {
        return Ok(());
    }
    writeln!(page, "## Narrative\n")?;
    for paragraph in paragraphs {
        writeln!(page, "{paragraph}\n")?;
    }
    Ok(())
}

fn sources(page: &mut String, synthesis: &Synthesis) -> std::fmt::Result {
    if !synthesis.reports.is_empty() {
        writeln!(page, "## Scores\n")?;
        for report in &synthesis.reports {
            let weight =
                report.weight.map(|weight| format!(", weight {weight:.2}")).unwrap_or_default();
            writeln!(
                page,
                "- {} {:.2}{weight}: {}",
                plain(&report.critic),
                report.score,
                plain(&report.explanation)
            )?;
        }
        writeln!(page)?;
    }
    if !synthesis.evidence.is_empty() {
        writeln!(page, "## Evidence\n")?;
        for evidence in &synthesis.evidence {
            write!(page, "- {}", plain(&evidence.evidence_id))?;
            if let Some(reference) = &evidence.reference {
                write!(page, " — {}", plain(reference))?;
            }
            writeln!(page)?;
        }
        writeln!(page)?;
    }
    writeln!(page, "## Lineage\n")?;
    for parent in &synthesis.item.parents {
        let documents = plain(&parent.document_ids.join(", "));
        let (sno_id, hypothesis) = (plain(&parent.sno_id), plain(&parent.hypothesis));
        writeln!(page, "- {sno_id} ({documents}): {hypothesis}")?;
    }
    for making in &synthesis.lineage.made_by {
        let models = plain(&making.models.join(", "));
        writeln!(
            page,
            "- {} {} by {} under configuration {} with {}",
            plain(&making.event_type),
            plain(&making.fact_id),
            plain(&making.logic_version),
            plain(&making.config_hash),
            if models.is_empty() { "no model" } else { &models },
        )?;
    }
    Ok(())
}
