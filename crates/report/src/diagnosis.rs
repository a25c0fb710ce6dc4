//! What an expert would say first: the causes in a sentence, who is down, what to do in which order.

use crate::finding::{Effect, ObjectRef};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The diagnosis over all causes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// The worst causes, since when and who is down, in one to four sentences.
    pub sentence: String,
    /// When the trouble that is there now began: the earliest `since` among the worst causes and their symptoms, RFC 3339, UTC. Absent
    /// where nothing is wrong or the bundle does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_bad: Option<String>,
    /// The VMs that are down, sorted.
    #[serde(default)]
    pub down: Vec<AffectedVm>,
    /// The other VMs that are at risk, sorted.
    #[serde(default)]
    pub at_risk: Vec<AffectedVm>,
    /// What to do, in order, over all causes.
    #[serde(default)]
    pub runbook: Vec<RunbookStep>,
    /// What not to do first.
    #[serde(default)]
    pub avoid: Vec<String>,
    /// Read-only commands whose output says more than the bundle, one a line.
    #[serde(default)]
    pub collect: Vec<String>,
}

/// A VM that is down or at risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AffectedVm {
    /// The VM.
    pub vm: ObjectRef,
    /// Why it is down, or what it is at risk by.
    pub why: String,
    /// The id of the worst finding that names it; absent where none does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finding: Option<String>,
}

/// One step of the runbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunbookStep {
    /// The id of the finding that it is for.
    pub finding: String,
    /// What to do and why, as a sentence.
    pub text: String,
    /// A command, safe to copy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub command: Option<String>,
    /// What the step does to the cluster.
    pub effect: Effect,
}
