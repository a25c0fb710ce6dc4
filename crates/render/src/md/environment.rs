//! The cluster in the fields of the issue templates, what the bundle does not hold, and who is affected.

use super::Page;
use super::markup::Markup;
use crate::format::Flavor;
use crate::{affected, issue, wording};
use gleaner_report::Report;

/// Most bytes of the table, unless it is shown in full.
const TABLE: usize = 1_700;
/// How many reasons, and VMs for each, are named.
const REASONS: usize = 4;
const VMS: usize = 6;

/// The coverage and the table of the environment.
pub(super) fn section(report: &Report, full: bool, m: Markup, page: &mut Page) {
    coverage(report, full, m, page);
    let max = match (m.flavor, full) {
        (Flavor::Text, _) => 160,
        (_, false) => 320,
        (_, true) => 400,
    };
    page.push(&m.heading(2, "Environment"));
    page.within(if full { usize::MAX } else { TABLE }, |page| {
        page.push(&m.table_head(&["Field", "Value"]));
        for (name, value) in issue::fields(report) {
            page.push(&m.table_row(&[name.to_owned(), m.cell(&value, max)]));
        }
    });
    page.push("\n");
    if full && !report.bundle.issue_description.trim().is_empty() {
        let quote = m.block(&report.bundle.issue_description, 20);
        page.push(&format!("What the reporter wrote:\n\n{quote}"));
    }
}

/// What the bundle does not hold: a sentence, and a list of it in full.
fn coverage(report: &Report, full: bool, m: Markup, page: &mut Page) {
    let gaps = wording::gaps(report);
    if gaps.is_empty() {
        return;
    }
    let gaps = format!(
        "The bundle is not complete, which can hide problems: {}.",
        gaps.join("; ")
    );
    page.push(&format!("{}\n\n", m.sentence(&gaps, 500)));
    if !full {
        return;
    }
    let bullet = m.bullet();
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

/// The VMs and volumes that are down now, and those at risk.
pub(super) fn affected(report: &Report, m: Markup) -> String {
    let reasons = |state, by, vms| {
        let lines = affected::lines(vms, by, REASONS, VMS).into_iter();
        lines.map(move |line| format!("{state}: {line}"))
    };
    let mut lines: Vec<String> = reasons("Down now", "", &report.diagnosis.down).collect();
    let (down, at_risk) = issue::volumes_by_state(report);
    lines.extend(issue::some(&down, VMS).map(|volumes| format!("Volumes down or lost: {volumes}")));
    lines.extend(reasons("At risk", "by ", &report.diagnosis.at_risk));
    lines.extend(issue::some(&at_risk, VMS).map(|volumes| format!("Volumes at risk: {volumes}")));
    if lines.is_empty() {
        return String::new();
    }
    let bullet = m.bullet();
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("{bullet} {}\n", m.sentence(line, 400)))
        .collect();
    format!("{}{}\n", m.heading(2, "Affected"), lines.concat())
}
