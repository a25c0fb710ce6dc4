//! The runbook over all causes: what not to do first, the steps in order, and what to collect next.

use super::links;
use super::step::Step;
use crate::safe;
use gleaner_report::{RemediationStep, Report, RunbookStep};
use serde::Serialize;

/// Most steps.
const STEPS: usize = 40;

/// The section.
#[derive(Serialize)]
pub(super) struct Runbook<'r> {
    /// Whether there is anything to do.
    any: bool,
    avoid: &'r [String],
    steps: Vec<Entry>,
    more: usize,
    /// Read-only commands, one a line.
    collect: String,
}

/// A step, and the finding it is for.
#[derive(Serialize)]
struct Entry {
    anchor: String,
    step: serde_json::Value,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Result<Runbook<'_>, serde_json::Error> {
    let diagnosis = &report.diagnosis;
    let entry = |step: &RunbookStep| {
        let shown = RemediationStep {
            text: step.text.clone(),
            command: step.command.clone(),
            effect: step.effect,
        };
        Ok(Entry {
            anchor: links::anchor_of(report, &step.finding),
            step: serde_json::to_value(Step::from(&shown))?,
        })
    };
    Ok(Runbook {
        any: !diagnosis.runbook.is_empty(),
        avoid: &diagnosis.avoid,
        steps: diagnosis
            .runbook
            .iter()
            .take(STEPS)
            .map(entry)
            .collect::<Result<_, serde_json::Error>>()?,
        more: diagnosis.runbook.len().saturating_sub(STEPS),
        collect: safe::block(&diagnosis.collect.join("\n"), 40, 8_000),
    })
}
