//! What rules and official checks came to, and whether an upgrade may start.

use crate::finding::ObjectRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// May the upgrade start?
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeVerdict {
    /// The running version.
    pub from: String,
    /// The target, where it is known.
    pub to: String,
    /// Where the target comes from: `--target`, `Upgrade <name>`, `upgrade matrix` or empty.
    pub target_source: String,
    /// The answer for `to`, or for all possible targets together: the worst of them.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// Ids of the findings that block.
    pub blocked_by: Vec<String>,
    /// Which data is missing, in words.
    pub missing: Vec<String>,
    /// Every target that the upgrade matrix allows from the running version, with its own verdict.
    pub targets: Vec<TargetVerdict>,
    /// Name of the Upgrade object that is under way; empty if none.
    pub in_progress: String,
}

/// The verdict for one target version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetVerdict {
    /// The target.
    pub to: String,
    /// The answer.
    pub verdict: Verdict,
    /// Ids of the findings that block.
    pub blocked_by: Vec<String>,
    /// Which data is missing.
    pub missing: Vec<String>,
}

/// The answer to "may the upgrade start?".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No blocker is known.
    Ready,
    /// It cannot be determined from the bundle.
    #[default]
    Unknown,
    /// At least one finding blocks it.
    Blocked,
}

impl Verdict {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Ready => "ready",
            Verdict::Unknown => "unknown",
            Verdict::Blocked => "blocked",
        }
    }
}

/// The outcome of one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleOutcome {
    /// The rule's id.
    pub id: String,
    /// Its area.
    pub area: String,
    /// Its title.
    pub title: String,
    /// The outcome.
    pub outcome: Outcome,
    /// What the bundle lacks, in words, for `not-evaluated`; what was only partly there, for `fired`.
    pub missing: Vec<String>,
    /// Why the rule does not apply (`not-applicable`) or why it failed (`failed`); empty otherwise.
    pub error: String,
}

/// The five outcomes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It found something.
    Fired,
    /// It looked at all its data and found nothing.
    Quiet,
    /// It is about other versions.
    NotApplicable,
    /// The bundle does not hold its data.
    NotEvaluated,
    /// The rule itself failed.
    Failed,
}

impl Outcome {
    /// All outcomes, in the order in which reports count them.
    pub const ALL: [Outcome; 5] = [
        Outcome::Fired,
        Outcome::Quiet,
        Outcome::NotApplicable,
        Outcome::NotEvaluated,
        Outcome::Failed,
    ];

    /// The word in reports and in the cases of rules.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Fired => "fired",
            Outcome::Quiet => "quiet",
            Outcome::NotApplicable => "not-applicable",
            Outcome::NotEvaluated => "not-evaluated",
            Outcome::Failed => "failed",
        }
    }
}

/// One check of the webhook or of check.sh, and what it would say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OfficialCheck {
    /// `webhook` or `check.sh`.
    pub source: String,
    /// The function in the webhook, or the name that check.sh prints.
    pub check: String,
    /// What it would say.
    pub verdict: CheckVerdict,
    /// The rules that look at the same thing.
    pub rules: Vec<String>,
    /// The objects it would name.
    pub objects: Vec<ObjectRef>,
    /// Why, or the command to run on the cluster where it is unknown.
    pub note: String,
}

/// What an official check would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckVerdict {
    /// It passes.
    Pass,
    /// It fails.
    Fail,
    /// It warns.
    Warning,
    /// It would not run on this version or cluster.
    Skipped,
    /// It cannot be determined from the bundle.
    Unknown,
}

impl CheckVerdict {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            CheckVerdict::Pass => "pass",
            CheckVerdict::Fail => "fail",
            CheckVerdict::Warning => "warning",
            CheckVerdict::Skipped => "skipped",
            CheckVerdict::Unknown => "unknown",
        }
    }
}
