//! Nodes as Harvester sees them.

use crate::cluster::Object;

/// What a node is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Votes in etcd and runs no workload.
    Witness,
    /// Runs the control plane.
    Management,
    /// Runs workloads only.
    Worker,
}

impl Role {
    /// Harvester's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Witness => "witness",
            Role::Management => "management",
            Role::Worker => "worker",
        }
    }
}

/// The role of a node, by its labels.
pub fn role(node: &Object<'_>) -> Role {
    let labels = node.root.at(&["metadata", "labels"]);
    // A label that is there counts, even with an empty value.
    let has = |name: &str| labels.is_some_and(|labels| labels.entries().any(|(label, _)| label == name));
    if has("node-role.harvesterhci.io/witness") {
        Role::Witness
    } else if has("node-role.kubernetes.io/control-plane") || has("node-role.kubernetes.io/master") {
        Role::Management
    } else {
        Role::Worker
    }
}
