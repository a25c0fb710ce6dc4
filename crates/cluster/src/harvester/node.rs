//! Nodes as Harvester sees them.

use super::condition::condition_status;
use crate::cluster::{Cluster, Object};
use std::collections::BTreeSet;

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

/// The nodes that are not Ready: what Kubernetes and Longhorn report of the pods and replicas there is how it was before.
pub fn down_nodes<'c>(cluster: &'c Cluster<'_>) -> BTreeSet<&'c str> {
    let nodes = cluster.of("Node").iter();
    let down = nodes.filter(|node| !matches!(condition_status(&node.root, "Ready"), "True" | ""));
    down.map(Object::name).collect()
}
