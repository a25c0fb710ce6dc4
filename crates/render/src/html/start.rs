//! Where to start: a card for each of the worst findings that nothing else explains.

use super::links;
use super::step::Step;
use crate::{causes, narrowed, safe, units, wording};
use gleaner_report::{Finding, Outcome, Report, Severity};
use serde::Serialize;

/// Most cards.
const CARDS: usize = 5;
/// Most symptoms that a card lists.
const SYMPTOMS: usize = 30;

/// The section.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Start<'r> {
    cards: Vec<Card<'r>>,
    more: usize,
    only_info: bool,
    /// What is said where there is no card.
    nothing: String,
    quiet: usize,
    unchecked: usize,
}

/// A finding to look at.
#[derive(Serialize)]
struct Card<'r> {
    n: usize,
    severity: &'static str,
    anchor: String,
    title: String,
    message: String,
    impact: String,
    affected: String,
    symptoms: String,
    below: Vec<Symptom>,
    step: Option<Step<'r>>,
}

/// A finding that follows from the one on the card.
#[derive(Serialize)]
struct Symptom {
    severity: &'static str,
    anchor: String,
    title: String,
    objects: String,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Start<'_> {
    let roots = causes::roots(report);
    let cards = roots.iter().take(CARDS).zip(1..);
    Start {
        cards: cards.map(|(finding, n)| card(report, finding, n)).collect(),
        more: roots.len().saturating_sub(CARDS),
        only_info: report.worst() == Some(Severity::Info),
        nothing: narrowed::nothing(report),
        quiet: wording::outcome_count(report, Outcome::Quiet),
        unchecked: wording::unchecked(report),
    }
}

fn card<'r>(report: &'r Report, finding: &'r Finding, n: usize) -> Card<'r> {
    Card {
        n,
        severity: finding.severity.as_str(),
        anchor: links::anchor_of(report, &finding.id),
        title: wording::title(finding),
        message: safe::line_within(&finding.message, 300),
        impact: safe::line_within(&finding.impact.text, 300),
        affected: safe::line_within(&wording::affected(finding), 300),
        symptoms: wording::symptoms(report, finding),
        below: symptoms(report, finding),
        step: finding.remediation.first().map(Step::from),
    }
}

/// What follows from a cause: a link for each of its symptoms, and how many objects each has.
fn symptoms(report: &Report, finding: &Finding) -> Vec<Symptom> {
    let symptoms = causes::symptoms(report, finding);
    let listed = symptoms.iter().take(SYMPTOMS).map(|symptom| Symptom {
        severity: symptom.severity.as_str(),
        anchor: links::anchor_of(report, &symptom.id),
        title: wording::title(symptom),
        objects: units::count(symptom.objects.len(), "object"),
    });
    listed.collect()
}
