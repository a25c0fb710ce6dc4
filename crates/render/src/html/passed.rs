//! Rules that passed, rules about other versions, and suppressed findings.

use crate::{safe, wording};
use gleaner_report::{Outcome, Report, Suppressed};
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
    quiet: Vec<Rule>,
    skipped: Vec<Rule>,
    suppressed: Vec<Accepted>,
    suppressed_more: usize,
    unchecked: usize,
}

/// A rule without a finding.
#[derive(Serialize)]
struct Rule {
    id: String,
    title: String,
    why: String,
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
        total: wording::total(report),
        quiet: rules(report, Outcome::Quiet),
        skipped: rules(report, Outcome::NotApplicable),
        suppressed: report.suppressed.iter().take(SUPPRESSED).map(accepted).collect(),
        suppressed_more: report.suppressed.len().saturating_sub(SUPPRESSED),
        unchecked: wording::unchecked(report),
    }
}

fn rules(report: &Report, outcome: Outcome) -> Vec<Rule> {
    let rules = report.rules.iter().filter(|rule| rule.outcome == outcome);
    rules
        .map(|rule| Rule {
            id: safe::line_within(&rule.id, 80),
            title: safe::line_within(&rule.title, 200),
            why: safe::line_within(&rule.error, 200),
        })
        .collect()
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
