//! The Markdown report, in four flavors: what to paste into an issue, a ticket or a mail.
//!
//! Takes a report and a budget in characters, and never exceeds it: the verdict, the environment and where to start
//! come first, then findings one by one, worst first, each whole or left out. It says how many were left out.

mod markup;
mod timeline;

use crate::causes::{self, Placed};
use crate::format::Flavor;
use crate::options::RenderOptions;
use crate::{issue, narrowed, safe, units, wording};
use gleaner_report::{Capability, Evidence, Finding, Report, Severity};
use markup::{Markup, summary_text};

/// Characters kept for the closing lines.
const TAIL: usize = 700;
/// Most rows in the table of findings.
const TABLE: usize = 30;
/// Most object rows of a finding.
const ROWS: usize = 10;

/// Writes the report.
pub(crate) fn render(report: &Report, options: &RenderOptions, digest: &str) -> String {
    let flavor = options.flavor;
    let m = Markup { flavor };
    let mut page = Page {
        out: String::new(),
        left: options.max_chars.unwrap_or(flavor.budget()).saturating_sub(TAIL),
    };
    page.push(&m.heading(1, &m.sentence(&format!("Gleaner: {}", wording::headline(report)), 200)));
    if let Some(upgrade) = wording::upgrade_line(report) {
        let reason = if report.upgrade.reason.is_empty() {
            String::new()
        } else {
            format!(": {}", report.upgrade.reason)
        };
        page.push(&format!("{}\n\n", m.sentence(&format!("{upgrade}{reason}"), 300)));
    }
    for note in narrowed::notes(report) {
        page.push(&format!("{}\n\n", m.sentence(&format!("{note}."), 500)));
    }
    start(report, m, &mut page);
    environment(report, m, &mut page);
    coverage(report, m, &mut page);
    let mut left_out = report.findings.len();
    if flavor != Flavor::Text {
        overview(report, m, &mut page);
        drivers(report, m, &mut page);
        let moments = timeline::section(report, m);
        let length = moments.chars().count();
        // The timeline may take a quarter of what is left from the details, not more.
        let reserved = if length <= page.left / 4 { length } else { 0 };
        page.left -= reserved;
        left_out = details(report, m, &mut page);
        page.left += reserved;
        page.push(&moments);
    }
    page.left += TAIL;
    tail(report, m, digest, left_out, &mut page);
    page.finish()
}

/// One line for an issue, in GitHub's flavor: a field and what the bundle knows.
pub(crate) fn issue_line(name: &str, value: &str) -> String {
    let m = Markup { flavor: Flavor::Github };
    format!("- {} {}", m.strong(&format!("{name}:")), m.name(value, 500))
}

/// A text that grows within its budget.
struct Page {
    out: String,
    left: usize,
}

impl Page {
    /// Appends a block if it fits; says whether it did.
    fn push(&mut self, block: &str) -> bool {
        let size = block.chars().count();
        let fits = size <= self.left;
        if fits {
            self.left -= size;
            self.out.push_str(block);
        }
        fits
    }

    /// The text, with one newline at its end.
    fn finish(self) -> String {
        format!("{}\n", self.out.trim_end())
    }
}

/// A sentence in GitHub's flavor, for pages that are not this report.
pub(crate) fn sentence(text: &str, max: usize) -> String {
    let flavor = Flavor::Github;
    Markup { flavor }.sentence(text, max)
}

/// The findings to look at first.
fn start(report: &Report, m: Markup, page: &mut Page) {
    let short = m.flavor == Flavor::Text;
    if !report.diagnosis.sentence.is_empty() {
        let max = if short { 400 } else { 1_000 };
        page.push(&format!("{}\n\n", m.sentence(&report.diagnosis.sentence, max)));
    }
    page.push(&m.heading(2, "Start here"));
    let roots = causes::roots(report);
    if roots.is_empty() {
        page.push(&format!("{}.\n\n", narrowed::nothing(report)));
        return;
    }
    for (n, finding) in roots.iter().take(5).enumerate() {
        let mut item = match m.flavor {
            Flavor::Jira => "# ".to_owned(),
            _ => format!("{}. ", n + 1),
        };
        let max = if short { 160 } else { 400 };
        item.push_str(&format!(
            "{}: {}",
            m.strong(finding.severity.as_str()),
            m.sentence(&finding.message, max)
        ));
        let symptoms = wording::symptoms(report, finding);
        if !symptoms.is_empty() {
            let stop = if item.ends_with(['.', '!', '?']) { "" } else { "." };
            item.push_str(&format!("{stop} Explains {symptoms}."));
        }
        if !short && !finding.impact.down.is_empty() {
            let stop = if item.ends_with(['.', '!', '?']) { "" } else { "." };
            item.push_str(&format!("{stop} {}.", m.sentence(&wording::affected(finding), max)));
        }
        if let Some(step) = finding.remediation.first() {
            let stop = if item.ends_with(['.', '!', '?']) { "" } else { "." };
            item.push_str(&format!("{stop} Next: {}", m.sentence(&step.text, max)));
            if let Some(command) = &step.command {
                item.push_str(&format!(" {} ({})", m.name(command, max), step.effect.as_str()));
            }
        }
        page.push(&format!("{item}\n"));
    }
    page.push("\n");
}

/// The fields of the issue templates.
fn environment(report: &Report, m: Markup, page: &mut Page) {
    let max = if m.flavor == Flavor::Text { 90 } else { 400 };
    page.push(&m.heading(2, "Environment"));
    page.push(&m.table_head(&["Field", "Value"]));
    for (name, value) in issue::fields(report) {
        page.push(&m.table_row(&[name.to_owned(), m.cell(&value, max)]));
    }
    page.push("\n");
    if !report.bundle.issue_description.trim().is_empty() && m.flavor != Flavor::Text {
        let quote = m.block(&report.bundle.issue_description, 20);
        page.push(&format!("What the reporter wrote:\n\n{quote}"));
    }
}

/// What the bundle does not hold.
fn coverage(report: &Report, m: Markup, page: &mut Page) {
    let gaps = wording::gaps(report);
    page.push(&m.heading(2, "Coverage"));
    if gaps.is_empty() {
        page.push("Nothing essential is missing from the bundle.\n\n");
        return;
    }
    page.push(&format!(
        "The bundle is not complete, which can hide problems: {}.\n\n",
        m.sentence(&gaps.join("; "), 600)
    ));
    if m.flavor == Flavor::Text {
        return;
    }
    let bullet = if m.flavor == Flavor::Jira { "*" } else { "-" };
    let coverage = &report.coverage;
    let without_archive = wording::without_archive(report);
    let lists = [
        ("missing", &coverage.missing),
        ("namespace not collected", &coverage.namespaces_missing),
        ("host without an archive", &without_archive),
        ("collection error", &coverage.collection_errors),
    ];
    for (label, items) in lists {
        for item in items.iter().take(10) {
            page.push(&format!("{bullet} {label}: {}\n", m.sentence(item, 200)));
        }
    }
    for problem in coverage.problems.iter().take(10) {
        page.push(&format!(
            "{bullet} not read: {}: {}\n",
            m.name(&problem.path, 200),
            m.sentence(&problem.what, 200)
        ));
    }
    page.push("\n");
}

/// The table of findings.
fn overview(report: &Report, m: Markup, page: &mut Page) {
    if report.findings.is_empty() {
        return;
    }
    page.push(&m.heading(2, "Findings"));
    page.push(&m.table_head(&["Severity", "Finding", "Rule", "Objects"]));
    for Placed { finding, symptom } in causes::ordered(report).into_iter().take(TABLE) {
        let symptom = if symptom { " (symptom)" } else { "" };
        page.push(&m.table_row(&[
            format!("{}{symptom}", finding.severity.as_str()),
            m.cell_sentence(&wording::title(finding), 120),
            m.cell(&finding.rule, 80),
            units::grouped(finding.objects.len()),
        ]));
    }
    page.push("\n");
    if report.findings.len() > TABLE {
        page.push(&format!(
            "The table shows the first {TABLE} of {}.\n\n",
            units::count(report.findings.len(), "finding")
        ));
    }
}

/// What the CSI drivers can do, where there are others than Longhorn's.
fn drivers(report: &Report, m: Markup, page: &mut Page) {
    let drivers = &report.cluster.csi_drivers;
    if drivers.iter().all(|driver| driver.name == "driver.longhorn.io") {
        return;
    }
    page.push(&m.heading(2, "CSI drivers"));
    page.push(&m.table_head(&["Driver", "Snapshot", "Backup", "Clone", "Expand"]));
    let answer = |name: &str, capability: &Capability| match m.flavor {
        Flavor::Github | Flavor::Jira => capability.answer.as_str().to_owned(),
        Flavor::Plain | Flavor::Text => format!("{name} {}", capability.answer.as_str()),
    };
    for driver in drivers.iter().take(TABLE) {
        page.push(&m.table_row(&[
            m.cell(&driver.name, 120),
            answer("snapshot", &driver.snapshot),
            answer("backup", &driver.backup),
            answer("clone", &driver.clone),
            answer("expand", &driver.expand),
        ]));
    }
    page.push("\n");
}

/// The findings in full, causes before their symptoms and the worst first, as many as fit; gives how many were left out.
fn details(report: &Report, m: Markup, page: &mut Page) -> usize {
    if report.findings.is_empty() {
        return 0;
    }
    page.push(&m.heading(2, "Details"));
    let mut shown = 0;
    for placed in causes::ordered(report) {
        // The first that does not fit ends it: a smaller one after it must not come before it.
        if !page.push(&one(report, placed.finding, m)) {
            break;
        }
        shown += 1;
    }
    report.findings.len() - shown
}

/// One finding.
fn one(report: &Report, finding: &Finding, m: Markup) -> String {
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
        quote(evidence, m, &mut out);
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

/// Other findings of the report by title and rule, at most six, and how many more.
fn named(report: &Report, ids: &[String]) -> String {
    let found: Vec<String> = ids
        .iter()
        .filter_map(|id| report.findings.iter().find(|finding| finding.id == *id))
        .map(|finding| format!("{} ({})", wording::title(finding), finding.rule))
        .collect();
    let more = found.len().saturating_sub(6);
    let shown = found.into_iter().take(6).collect::<Vec<_>>().join("; ");
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
        let rule = summary_text(&safe::line_within(&finding.rule, 80));
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
        safe::Piece::Words(words) if words.contains(['@', '#', ':', '.']) => {
            format!("<code>{}</code>", summary_text(words))
        }
        safe::Piece::Words(words) => summary_text(words),
        safe::Piece::Code(code) => format!("<code>{}</code>", summary_text(code)),
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
            m.cell_sentence(&row.message, 200),
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

/// An evidence: its place, and the line that says it.
fn quote(evidence: &Evidence, m: Markup, out: &mut String) {
    let place = if evidence.line > 0 {
        format!("{}:{}", evidence.path, evidence.line)
    } else {
        evidence.path.clone()
    };
    out.push_str(&format!("{} {}\n\n", m.strong("Evidence:"), m.name(&place, 300)));
    if evidence.snippet.is_empty() {
        out.push_str(&m.block(
            &format!("{}: {}", safe::line(&evidence.field), safe::line(&evidence.value)),
            1,
        ));
        return;
    }
    let lines: Vec<String> = evidence
        .snippet
        .iter()
        .take(12)
        .map(|line| format!("{:>5} {}", line.line, line.text))
        .collect();
    out.push_str(&m.block(&lines.join("\n"), 12));
}

/// The closing lines: what was left out, the total, and what else there is.
fn tail(report: &Report, m: Markup, digest: &str, left_out: usize, page: &mut Page) {
    page.push(&m.heading(2, "More"));
    if left_out > 0 {
        page.push(&format!(
            "{} not shown here in full: see report.html or report.json.\n\n",
            units::count(left_out, "finding")
        ));
    }
    page.push(&format!("{}\n\n", m.sentence(&wording::total(report), 300)));
    page.push(&format!("SHA-256 of report.json: {}\n", m.name(digest, 64)));
}
