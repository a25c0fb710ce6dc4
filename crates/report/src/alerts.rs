//! The alerts that Prometheus knew when the bundle was made, as the report shows them.

use crate::finding::ObjectRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The alerts of `prometheus-alerts.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Alerts {
    /// Whether the file is in the bundle; without it nothing is known of alerts.
    pub collected: bool,
    /// Whether alert `Watchdog` fires, as it always does while alerting works.
    pub watchdog: bool,
    /// The alerts, those of one rule, severity and state as one: worst severity first, then the oldest, then by name. Without
    /// `Watchdog` and `InfoInhibitor`, which fire by design.
    pub list: Vec<Alert>,
    /// How many were left out of `list`, the last ones.
    pub cut: usize,
}

/// Alerts of one rule, severity and state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// The name of the alerting rule.
    pub name: String,
    /// `critical`, `warning`, `info`, `none`, or another word of the rule; may be empty.
    pub severity: String,
    /// `firing`, or `pending` while the condition has not held for long enough.
    pub state: String,
    /// Since when the condition holds, RFC 3339, UTC: of the oldest one. Empty if it is not known.
    #[serde(default)]
    pub since: String,
    /// The labels that all of them have alike and that say where it is: namespace, pod, node, instance, device and so on.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// What the rule says is wrong, with the first one's values.
    #[serde(default)]
    pub summary: String,
    /// The objects they are about, as far as their labels name some that are in the bundle; the first ones of very many.
    #[serde(default)]
    pub objects: Vec<ObjectRef>,
    /// How many alerts.
    pub count: usize,
}
