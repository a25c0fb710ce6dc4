//! A finding with all that is known of it.

use super::escape;
use super::markup::Markup;
use crate::format::Flavor;
use crate::{safe, units, wording};
use gleaner_report::{Evidence, Finding, Report, Severity};

/// Most other findings that are named.
const NAMED: usize = 6;

/// Most object rows of a finding.
const ROWS: usize = 10;

/// One finding.
pub(super) fn finding(report: &Report, finding: &Finding, m: Markup) -> String {
    let mut out = opening(finding, m);
    paragraph("What", &finding.message, m, &mut out);
    let harm = format!("{}; since {}", wording::harm(finding.harm), wording::since(finding));
    paragraph("Harm", &harm, m, &mut out);
    paragraph("Not set", &finding.unset.join("; "), m, &mut out);
    paragraph("Impact", &finding.impact.text, m, &mut out);
    paragraph("Affected", &wording::affected(finding), m, &mut out);
    paragraph("Likely cause", &finding.cause, m, &mut out);
    paragraph("A symptom of", &named(report, &finding.explained_by), m, &mut out);
    paragraph("Explains", &named(report, &finding.explains), m, &mut out);
    paragraph("Stands alone", &finding.stands_alone.join("; "), m, &mut out);
    paragraph("Also", &wording::absorbed(finding), m, &mut out);
    paragraph("Avoid", &finding.avoid, m, &mut out);
    if finding.objects.len() > 1 {
        objects(finding, m, &mut out);
    }
    for evidence in finding.evidence.iter().take(3) {
        out.push_str(&quote(evidence, 12, m));
    }
    for step in finding.remediation.iter().take(10) {
        let label = m.strong(&format!("Next step ({}):", step.effect.as_str()));
        out.push_str(&format!("{label} {}\n\n", m.sentence(&step.text, 600)));
        if let Some(command) = &step.command {
            out.push_str(&m.block(command, 20));
        }
    }
    paragraph("Workaround", &finding.workaround, m, &mut out);
    paragraph("Fixed in", &finding.fixed_in, m, &mut out);
    let bullet = if m.flavor == Flavor::Jira { "*" } else { "-" };
    for reference in finding.references.iter().take(5) {
        out.push_str(&format!("{bullet} {}\n", m.reference(&reference.title, &reference.url)));
    }
    if !finding.references.is_empty() {
        out.push('\n');
    }
    if m.flavor == Flavor::Github {
        out.push_str("</details>\n\n");
    }
    out
}

/// Other findings of the report by title and rule, and how many more.
fn named(report: &Report, ids: &[String]) -> String {
    let found: Vec<String> = ids
        .iter()
        .take(NAMED)
        .filter_map(|id| report.findings.iter().find(|finding| finding.id == *id))
        .map(|finding| format!("{} ({})", wording::title(finding), finding.rule))
        .collect();
    let more = ids.len().saturating_sub(NAMED);
    let shown = found.join("; ");
    if more == 0 {
        shown
    } else {
        format!("{shown}; and {more} more")
    }
}

/// The head of a finding.
fn opening(finding: &Finding, m: Markup) -> String {
    let title = wording::title(finding);
    let severity = finding.severity.as_str();
    if m.flavor == Flavor::Github {
        let open = if finding.severity == Severity::Blocker {
            " open"
        } else {
            ""
        };
        let rule = escape::html(&safe::line_within(&finding.rule, 80));
        let title = title_html(&title);
        return format!("<details{open}><summary>{severity}: {title} <code>{rule}</code></summary>\n\n");
    }
    let (title, rule) = (m.sentence(&title, 300), m.name(&finding.rule, 80));
    m.heading(3, &format!("{severity}: {title} ({rule})"))
}

/// A sentence under its label; nothing if it is empty.
fn paragraph(label: &str, text: &str, m: Markup, out: &mut String) {
    if !text.trim().is_empty() {
        let label = m.strong(&format!("{label}:"));
        out.push_str(&format!("{label} {}\n\n", m.sentence(text, 1_000)));
    }
}

/// A title inside HTML, what is between backticks as `<code>`.
fn title_html(title: &str) -> String {
    let part = |piece| match piece {
        safe::Piece::Words(words) => escape::summary_text(words),
        safe::Piece::Code(code) => format!("<code>{}</code>", escape::html(code)),
    };
    safe::pieces(title).into_iter().map(part).collect()
}

/// The objects of a finding.
fn objects(finding: &Finding, m: Markup, out: &mut String) {
    out.push_str(&m.table_head(&["Object", "What"]));
    if finding.rows.is_empty() {
        for object in finding.objects.iter().take(ROWS) {
            out.push_str(&m.table_row(&[m.cell(&wording::object(object), 200), "-".to_owned()]));
        }
    }
    for row in finding.rows.iter().take(ROWS) {
        out.push_str(&m.table_row(&[
            m.cell(&wording::object(&row.object), 200),
            m.sentence(&row.message, 200),
        ]));
    }
    out.push('\n');
    if finding.objects.len() > ROWS {
        out.push_str(&format!(
            "and {} more in report.json\n\n",
            units::grouped(finding.objects.len() - ROWS)
        ));
    }
}

/// An evidence: its place, and the lines that say it.
pub(super) fn quote(evidence: &Evidence, lines: usize, m: Markup) -> String {
    let place = match evidence.line {
        0 => evidence.path.clone(),
        line => format!("{}:{line}", evidence.path),
    };
    let fact = format!("{}: {}", safe::line(&evidence.field), safe::line(&evidence.value));
    let at = evidence.snippet.iter().position(|line| line.line == evidence.line);
    let first = at.unwrap_or(0).saturating_sub(lines / 2);
    let shown = evidence.snippet.iter().skip(first).take(lines);
    let shown: Vec<String> = shown.map(|line| format!("{:>5} {}", line.line, line.text)).collect();
    let block = if shown.is_empty() { fact } else { shown.join("\n") };
    let label = m.strong("Evidence:");
    format!("{label} {}\n\n{}", m.name(&place, 300), m.block(&block, lines.max(1)))
}
