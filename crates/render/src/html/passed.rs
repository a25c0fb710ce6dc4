//! Rules that passed, rules about other versions, and suppressed findings.

use super::reasons::{Reason, reasons};
use crate::{safe, wording};
use gleaner_report::{Outcome, Report, RuleOutcome, Suppressed};
use serde::Serialize;

/// Most suppressed findings that are listed.
const SUPPRESSED: usize = 200;
/// Most objects of a suppressed finding.
const OBJECTS: usize = 3;

/// The section.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Passed {
    total: String,
    quiet: usize,
    /// The rules that passed, a line each.
    quiet_rules: String,
    skipped: usize,
    reasons: Vec<Reason>,
    suppressed: Vec<Accepted>,
    suppressed_more: usize,
    unchecked: usize,
}

/// A suppressed finding, and why.
#[derive(Serialize)]
struct Accepted {
    severity: &'static str,
    rule: String,
    message: String,
    objects: Vec<String>,
    more: usize,
    reason: String,
    until: String,
    case: String,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Passed {
    Passed {
        total: format!("{}.", wording::total_of_rules(report)),
        quiet: with(report, Outcome::Quiet).count(),
        quiet_rules: with(report, Outcome::Quiet).map(id).collect::<Vec<_>>().join("\n"),
        skipped: with(report, Outcome::NotApplicable).count(),
        reasons: reasons(
            with(report, Outcome::NotApplicable).map(|rule| (safe::line_within(&rule.error, 200), id(rule))),
        ),
        suppressed: report.suppressed.iter().take(SUPPRESSED).map(accepted).collect(),
        suppressed_more: report.suppressed.len().saturating_sub(SUPPRESSED),
        unchecked: wording::unchecked(report),
    }
}

/// The rules that ended so.
fn with(report: &Report, outcome: Outcome) -> impl Iterator<Item = &RuleOutcome> {
    report.rules.iter().filter(move |rule| rule.outcome == outcome)
}

fn id(rule: &RuleOutcome) -> String {
    safe::line_within(&rule.id, 80)
}

fn accepted(suppressed: &Suppressed) -> Accepted {
    let finding = &suppressed.finding;
    Accepted {
        severity: finding.severity.as_str(),
        rule: safe::line_within(&finding.rule, 80),
        message: wording::message(finding, 400),
        objects: finding.objects.iter().take(OBJECTS).map(wording::object).collect(),
        more: finding.objects.len().saturating_sub(OBJECTS),
        reason: safe::line_within(&suppressed.reason, 400),
        until: safe::line_within(&suppressed.until, 20),
        case: safe::line_within(&suppressed.case, 80),
    }
}
