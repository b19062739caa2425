//! A synthesis as Markdown.
//!
//! Invariant: whatever was recorded goes through [`plain`], so that neither a document nor a model can put
//! markup, a link or a control character into the page.

mod plain;

use std::{collections::BTreeSet, fmt::Write};

use self::plain::plain;
use crate::dto::{FindingView, Synthesis};

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
    let sections = &synthesis.sections;
    let (one_sided, agreed): (Vec<_>, Vec<_>) =
        sections.agreed.iter().partition(|finding| voices(finding) < 2);
    section(page, "Agreed", &agreed)?;
    section(page, "Reported by one side alone", &one_sided)?;
    section(page, "Resolved", &sections.resolved.iter().collect::<Vec<_>>())?;
    section(page, "Unresolved", &sections.unresolved.iter().collect::<Vec<_>>())?;
    section(page, "Rejected", &sections.rejected.iter().collect::<Vec<_>>())?;
    if !synthesis.open_points.is_empty() {
        writeln!(page, "## What would change this\n")?;
        for point in &synthesis.open_points {
            writeln!(page, "- {}", plain(point))?;
        }
        writeln!(page)?;
    }
    narrative(page, &synthesis.prose)?;
    sources(page, synthesis)
}

/// How many narratives speak for a finding; one that is reported by one side alone is not what both hold.
fn voices(finding: &FindingView) -> usize {
    finding.sides.iter().map(|side| side.sno_id.as_str()).collect::<BTreeSet<&str>>().len()
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

fn section(page: &mut String, title: &str, findings: &[&FindingView]) -> std::fmt::Result {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(page, "## {title}\n")?;
    for finding in findings {
        write!(page, "- **{}**", plain(&finding.text))?;
        if !finding.basis.is_empty() {
            write!(page, " ({})", plain(&finding.basis))?;
        }
        writeln!(page)?;
        for side in &finding.sides {
            let evidence = if side.evidence_ids.is_empty() {
                String::new()
            } else {
                format!("; {}", plain(&side.evidence_ids.join(", ")))
            };
            writeln!(
                page,
                "  - {}: “{}” — {}, characters {}–{}{evidence}",
                plain(&side.stance),
                plain(&side.text),
                plain(&side.document_id),
                side.span.start,
                side.span.end,
            )?;
        }
    }
    writeln!(page)
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
