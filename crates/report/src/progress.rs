//! How far an upgrade has come.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The Upgrade that is under way or failed last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeProgress {
    /// The name of the Upgrade.
    pub name: String,
    /// The version it leads to; empty if the bundle does not say.
    pub to: String,
    /// Its label `harvesterhci.io/upgradeState`, e.g. `UpgradingNodes`; empty if it has none.
    pub state: String,
    /// Its conditions in the order in which they are reached.
    pub steps: Vec<UpgradeStep>,
    /// Its `status.nodeStatuses`, sorted by node.
    pub nodes: Vec<NodeProgress>,
}

/// A condition of an Upgrade.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeStep {
    /// Its type, e.g. `ImageReady`.
    pub name: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// When it was last changed, RFC 3339; empty if the bundle does not say.
    pub since: String,
    /// Its reason and message; may be empty.
    pub message: String,
}

/// How far the upgrade of a node has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeProgress {
    /// The node.
    pub name: String,
    /// Its state in Harvester's words, e.g. `Pre-draining`.
    pub state: String,
    /// Reason and message of the state; may be empty.
    pub message: String,
}
