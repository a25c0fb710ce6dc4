//! What draining each node would do, from the state in the bundle: what blocks it, which VMs move, whether etcd keeps its quorum.
//!
//! The forecast of a node follows Longhorn's decision on the PDBs of its instance managers, that of Kubernetes on other PDBs, and
//! that of KubeVirt on evictions. It considers the state in the bundle only and does not check the capacity of other nodes. Data that
//! is not in the bundle makes a forecast unknown, never free.

mod pods;
mod storage;
#[cfg(test)]
mod tests;

use gleaner_cluster::Object;
use gleaner_cluster::Snapshot;
use gleaner_cluster::harvester::{Role, condition_status, role};
use gleaner_report::{DrainForecast, DrainVerdict};
use gleaner_yaml::Node;
use gleaner_yaml::display;
use pods::Pods;
use std::collections::{BTreeMap, BTreeSet};
use storage::LonghornState;

/// How many names a sentence lists.
const NAMED: usize = 5;
/// How many items of missing data a forecast lists.
const MOST_MISSING: usize = 8;

/// The kinds a forecast reads.
const KINDS: [&str; 10] = [
    "Engine.longhorn.io",
    "InstanceManager.longhorn.io",
    "Node",
    "Pod",
    "PodDisruptionBudget.policy",
    "Replica.longhorn.io",
    "Setting.longhorn.io",
    "VirtualMachineInstance.kubevirt.io",
    "Volume.longhorn.io",
    "VolumeAttachment.longhorn.io",
];

/// Everything the forecasts need, read once.
pub(super) struct Drains<'w> {
    nodes: Nodes<'w>,
    storage: LonghornState<'w>,
    pods: Pods<'w>,
    missing: BTreeSet<String>,
}

/// Why a drain is blocked, and what is missing to decide it.
#[derive(Default)]
struct Reasons {
    blocked_by: Vec<String>,
    missing: Vec<String>,
}

impl<'w> Drains<'w> {
    pub(crate) fn read(snapshot: &'w Snapshot<'w>) -> Drains<'w> {
        let ids = KINDS.iter().filter_map(|kind| snapshot.cluster.kinds.by_name(kind));
        let missing = ids
            .flat_map(|id| snapshot.availability.gaps(id))
            .map(ToString::to_string);
        let nodes = Nodes::read(snapshot);
        Drains {
            storage: LonghornState::read(snapshot, &nodes),
            nodes,
            pods: Pods::read(snapshot),
            missing: missing.collect(),
        }
    }

    /// Whether a node is a member of etcd.
    pub(crate) fn is_etcd_member(&self, name: &str) -> bool {
        self.nodes.members.contains(name)
    }

    pub(crate) fn forecast(&self, node: &Object<'_>) -> DrainForecast {
        let name = node.name();
        let vms = self.pods.vms(name, &self.nodes);
        let storage = self.storage.forecast(name);
        let keeps_quorum = self.nodes.keeps_quorum(name);
        let mut missing: Vec<String> = self.missing.iter().cloned().collect();
        let mut blocked_by = Vec::new();
        if keeps_quorum == Some(false) {
            blocked_by.push(format!(
                "etcd would lose its quorum while the host is down: it has {} of {} members Ready",
                self.nodes.ready_members(),
                self.nodes.members.len()
            ));
        }
        for reasons in [storage.reasons, self.pods.pdbs(name), vms.reasons] {
            blocked_by.extend(reasons.blocked_by);
            missing.extend(reasons.missing);
        }
        if keeps_quorum.is_none() {
            missing.push("which hosts are members of etcd".to_owned());
        }
        let ready = self.nodes.ready.contains(name);
        if !ready {
            missing.push("the host is not Ready: its pods cannot be evicted gracefully".to_owned());
        }
        let left_out = missing.len().saturating_sub(MOST_MISSING);
        missing.truncate(MOST_MISSING);
        if left_out > 0 {
            missing.push(format!("and {left_out} more"));
        }
        let affects_vms = !vms.moves.is_empty() || !vms.stops.is_empty();
        DrainForecast {
            verdict: match (blocked_by.is_empty(), missing.is_empty(), affects_vms) {
                (false, _, _) => DrainVerdict::Blocked,
                (true, false, _) => DrainVerdict::Unknown,
                (true, true, true) => DrainVerdict::Moves,
                (true, true, false) => DrainVerdict::Free,
            },
            blocked_by,
            moves: vms.moves.into_iter().collect(),
            stops: vms.stops.into_iter().collect(),
            last_replicas: storage.last_replicas,
            keeps_quorum,
            missing,
            note: storage.note,
        }
    }
}

/// The names of all nodes, and of those with a property that forecasts need.
struct Nodes<'w> {
    all: BTreeSet<&'w str>,
    ready: BTreeSet<&'w str>,
    cordoned: BTreeSet<&'w str>,
    /// Nodes that can run VMs.
    hosts: BTreeSet<&'w str>,
    /// Members of etcd.
    members: BTreeSet<&'w str>,
}

impl<'w> Nodes<'w> {
    fn read(snapshot: &'w Snapshot<'w>) -> Nodes<'w> {
        let nodes = snapshot.cluster.of("Node");
        let named = |wanted: &dyn Fn(&Object<'w>) -> bool| -> BTreeSet<&'w str> {
            nodes.iter().filter(|node| wanted(node)).map(Object::name).collect()
        };
        let label = |node: &Object<'_>, name: &str| {
            let labels = node.root.at(&["metadata", "labels"]);
            labels.and_then(|labels| labels.get(name)).map(display)
        };
        let etcd = named(&|node| label(node, "node-role.kubernetes.io/etcd").is_some());
        let managers = named(&|node| {
            label(node, "node-role.kubernetes.io/control-plane").is_some()
                || label(node, "node-role.kubernetes.io/master").is_some()
        });
        Nodes {
            all: named(&|_| true),
            ready: named(&is_ready),
            cordoned: named(&|node| node.root.at(&["spec", "unschedulable"]).and_then(Node::as_bool) == Some(true)),
            hosts: named(&|node| {
                role(node) != Role::Witness && label(node, "kubevirt.io/schedulable").as_deref() != Some("false")
            }),
            members: if etcd.is_empty() { managers } else { etcd },
        }
    }

    /// Whether pods and replicas of another node could move to this one.
    fn is_available(&self, name: &str) -> bool {
        self.ready.contains(name) && !self.cordoned.contains(name)
    }

    /// Whether the VMs of this node could migrate to another one.
    fn has_other_host(&self, name: &str) -> bool {
        self.hosts
            .iter()
            .any(|other| *other != name && self.is_available(other))
    }

    fn ready_members(&self) -> usize {
        self.members.intersection(&self.ready).count()
    }

    /// Whether more than half of etcd's members stay Ready without this node; `None` where no member is known.
    fn keeps_quorum(&self, name: &str) -> Option<bool> {
        if self.members.is_empty() {
            return None;
        }
        if !self.members.contains(name) {
            return Some(true);
        }
        let remaining = self.ready_members() - usize::from(self.ready.contains(name));
        Some(remaining > self.members.len() / 2)
    }
}

fn is_ready(node: &Object<'_>) -> bool {
    condition_status(&node.root, "Ready") == "True"
}

/// The first names, and how many more there are.
fn listed<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let shown: Vec<String> = names.take(NAMED).map(|name| format!("`{name}`")).collect();
    let shown = shown.join(", ");
    if more == 0 {
        shown
    } else {
        format!("{shown} and {more} more")
    }
}

/// Groups objects by the text at a path.
fn by_text<'w>(objects: &'w [Object<'w>], path: &[&str]) -> BTreeMap<&'w str, Vec<&'w Object<'w>>> {
    let mut groups: BTreeMap<&str, Vec<&Object<'_>>> = BTreeMap::new();
    for object in objects {
        groups.entry(object.root.text(path)).or_default().push(object);
    }
    groups
}
