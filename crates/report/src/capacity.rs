//! How much the disks of a node hold, and what draining it would do, as the report shows it.

use crate::finding::ObjectRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The Longhorn disks of a node together. Sizes in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeStorage {
    /// How many disks there are.
    pub disks: usize,
    /// Their size.
    pub maximum: u64,
    /// Free.
    pub available: u64,
    /// Scheduled for replicas and images.
    pub scheduled: u64,
    /// Kept free by setting.
    pub reserved: u64,
    /// How much Longhorn may schedule on them in total; absent if the over-provisioning setting is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// How much more may be scheduled on the disks that take new replicas; absent like `limit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<u64>,
}

/// What would happen if a node were drained at the time of the bundle.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DrainForecast {
    /// The answer in a word.
    pub verdict: DrainVerdict,
    /// What would block the drain or interrupt service, each a sentence without its full stop.
    pub blocked_by: Vec<String>,
    /// Virtual machines that would migrate to another node, sorted.
    pub moves: Vec<ObjectRef>,
    /// Virtual machines that would be shut down, sorted.
    pub stops: Vec<ObjectRef>,
    /// Longhorn volumes whose last healthy replica is on the node, whether or not that blocks the drain, sorted.
    pub last_replicas: Vec<String>,
    /// Whether etcd keeps its quorum while the node is down; absent if it cannot be determined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeps_quorum: Option<bool>,
    /// What the bundle lacks to be sure, in words.
    pub missing: Vec<String>,
    /// What else to know, in one sentence; may be empty.
    pub note: String,
}

/// Whether a node can be drained.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DrainVerdict {
    /// Nothing blocks it, and no virtual machine is affected.
    Free,
    /// Nothing blocks it; virtual machines migrate or are shut down.
    Moves,
    /// Something blocks it, or service would be lost.
    Blocked,
    /// It cannot be determined from the bundle.
    #[default]
    Unknown,
}

impl DrainVerdict {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            DrainVerdict::Free => "free",
            DrainVerdict::Moves => "moves",
            DrainVerdict::Blocked => "blocked",
            DrainVerdict::Unknown => "unknown",
        }
    }
}
