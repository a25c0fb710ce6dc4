//! Settings and networks of the cluster, as far as reports list them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A Harvester setting that was changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedSetting {
    /// Its name.
    pub name: String,
    /// Its value; absent for settings that may hold credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A cluster network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkSummary {
    /// Its name.
    pub name: String,
    /// The status of its condition `ready`; empty if it has none.
    pub ready: String,
    /// The nodes that its VlanConfigs match, sorted; empty for `mgmt`, which is on all.
    pub nodes: Vec<String>,
    /// How many VM networks use it.
    pub vm_networks: usize,
}
