//! The tree of causes: which findings bring about which others.

use crate::finding::Harm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A finding and its symptoms, with what they do together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// The id of the finding.
    pub finding: String,
    /// Why its symptoms are below it: a sentence; empty without symptoms.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub why: String,
    /// The worst that the finding and its symptoms do.
    pub harm: Harm,
    /// When the finding began, RFC 3339, UTC; absent where the bundle does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<String>,
    /// How many VMs are down now because of it or its symptoms, each counted once.
    pub vms_down: usize,
    /// How many others are at risk.
    pub vms_at_risk: usize,
    /// The symptoms, worst first. A finding that has several causes is below the most direct one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub symptoms: Vec<Cause>,
}
