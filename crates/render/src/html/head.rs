//! The head of the page: the verdict and the facts beside it.

use super::when::When;
use crate::{narrowed, safe, units, wording};
use gleaner_report::{Outcome, Report, Severity};
use serde::Serialize;

/// The head.
#[derive(Serialize)]
pub(super) struct Head<'r> {
    level: &'static str,
    verdict: String,
    /// The diagnosis in a few sentences, and when the trouble began.
    diagnosis: String,
    began: String,
    upgrade: Option<String>,
    reason: &'r str,
    name: String,
    collected: When,
    version: String,
    hosts: String,
    counts: Vec<SeverityCount>,
    quiet: usize,
    unchecked: usize,
    rules: usize,
    gaps: Vec<String>,
    notes: Vec<String>,
    tool: String,
}

/// How many findings there are of one severity.
#[derive(Serialize)]
struct SeverityCount {
    n: usize,
    word: &'static str,
}

/// The view of the head.
pub(super) fn view(report: &Report) -> Head<'_> {
    let clear = if narrowed::hidden(report) > 0 { "info" } else { "clear" };
    let counts = [Severity::Blocker, Severity::Warning, Severity::Info].map(|severity| SeverityCount {
        n: wording::count_of(report, severity),
        word: severity.as_str(),
    });
    Head {
        level: report.worst().map_or(clear, Severity::as_str),
        verdict: wording::headline(report),
        diagnosis: safe::line_within(&report.diagnosis.sentence, 1_000),
        began: report
            .diagnosis
            .first_bad
            .as_deref()
            .and_then(units::utc)
            .unwrap_or_default(),
        upgrade: wording::upgrade_line(report),
        reason: &report.upgrade.reason,
        name: safe::line_within(&report.bundle.name, 120),
        collected: When::of(&report.bundle.created_at, report),
        version: safe::line_within(&report.cluster.harvester_version, 40),
        hosts: units::count(report.cluster.nodes.len().max(report.cluster.node_count), "host"),
        counts: counts.into(),
        quiet: wording::outcome_count(report, Outcome::Quiet),
        unchecked: wording::unchecked(report),
        rules: report.rules.len(),
        gaps: wording::gaps(report),
        notes: narrowed::notes(report),
        tool: wording::tool(report),
    }
}
