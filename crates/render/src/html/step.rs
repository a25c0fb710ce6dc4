//! A next step with its command, on a card and under a finding.

use super::tone::Tone;
use crate::safe;
use gleaner_report::RemediationStep;
use serde::Serialize;

/// A step as the page shows it.
#[derive(Serialize)]
pub(super) struct Step<'r> {
    text: &'r str,
    command: Option<String>,
    /// Whether the command may be copied: nothing in it is hidden from the reader.
    copyable: bool,
    effect: &'static str,
    tone: Tone,
}

impl<'r> From<&'r RemediationStep> for Step<'r> {
    fn from(step: &'r RemediationStep) -> Step<'r> {
        let command = step.command.as_deref();
        Step {
            text: &step.text,
            command: command.map(|command| safe::block(command, 30, 2_000)),
            copyable: command.is_some_and(safe::copyable),
            effect: step.effect.as_str(),
            tone: step.effect.into(),
        }
    }
}
