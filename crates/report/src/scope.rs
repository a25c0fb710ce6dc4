//! What a report leaves out or puts first on request: suppressed findings, a selection, an object.
//!
//! All of it is part of the report, so that no reader takes a narrowed report for the whole story.

use crate::finding::{Finding, ObjectRef, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An accepted finding. It is neither counted nor listed among the findings, but never disappears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Suppressed {
    /// What was found.
    pub finding: Finding,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is, as `2026-12-31`; empty without an end.
    pub until: String,
    /// The support case or ticket it belongs to; may be empty.
    pub case: String,
}

/// What a report was narrowed to. The upgrade verdict and the official checks are always about everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// Only these areas; all if empty.
    pub areas: Vec<String>,
    /// Only these rules; all if empty.
    pub rules: Vec<String>,
    /// Not these rules.
    pub skipped: Vec<String>,
    /// Only findings with at least this severity.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub min_severity: Option<Severity>,
    /// How many findings are not shown because of it.
    pub hidden_findings: usize,
    /// How many rules are not shown because of it.
    pub hidden_rules: usize,
}

/// The object that a report was asked about: findings that affect it, or what it runs on, come first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Focus {
    /// The object as it was asked for: `KIND/NAMESPACE/NAME`.
    pub asked: String,
    /// The objects of the bundle that this means, sorted, at most 50; empty if the bundle has none.
    pub objects: Vec<ObjectRef>,
    /// Ids of the findings that affect them or what they run on.
    pub findings: Vec<String>,
}
