//! What draining each node would do, from the state in the bundle: what stops it, which virtual machines move, whether etcd lives on.
//!
//! Takes the snapshot, gives a forecast per node. It follows Longhorn's own decision on disruption budgets, those of Kubernetes,
//! and KubeVirt's on evictions. It looks at this moment only: it does not plan room on the other nodes. What the bundle
//! lacks makes a forecast unknown, never free.

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
use storage::Storage;

/// How many names a sentence lists.
const NAMED: usize = 5;
/// How many reasons for missing data a forecast lists.
const REASONS: usize = 8;

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

/// Everything the forecasts need, put together once.
pub(super) struct Drains<'w> {
    nodes: Nodes<'w>,
    storage: Storage<'w>,
    pods: Pods<'w>,
    missing: BTreeSet<String>,
}

/// What one part of a forecast adds.
#[derive(Default)]
struct Part {
    blocked_by: Vec<String>,
    missing: Vec<String>,
}

impl<'w> Drains<'w> {
    /// Sorts the objects of a bundle by node.
    pub(crate) fn read(snapshot: &'w Snapshot<'w>) -> Drains<'w> {
        let ids = KINDS.iter().filter_map(|kind| snapshot.cluster.kinds.by_name(kind));
        let missing = ids
            .flat_map(|id| snapshot.availability.gaps(id))
            .map(ToString::to_string);
        Drains {
            nodes: Nodes::read(snapshot),
            storage: Storage::read(snapshot),
            pods: Pods::read(snapshot),
            missing: missing.collect(),
        }
    }

    /// The forecast for a node.
    pub(crate) fn forecast(&self, node: &Object<'_>) -> DrainForecast {
        let name = node.name();
        let machines = self.pods.machines(name, &self.nodes);
        let storage = self.storage.held(name, &self.nodes);
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
        for part in [storage.part, self.pods.budgets(name), machines.part] {
            blocked_by.extend(part.blocked_by);
            missing.extend(part.missing);
        }
        if keeps_quorum.is_none() {
            missing.push("which hosts are members of etcd".to_owned());
        }
        let ready = self.nodes.ready.contains(name);
        if !ready {
            missing.push("the host is not Ready: nobody can evict its pods in order".to_owned());
        }
        let left_out = missing.len().saturating_sub(REASONS);
        missing.truncate(REASONS);
        if left_out > 0 {
            missing.push(format!("and {left_out} more"));
        }
        let touched = !machines.moves.is_empty() || !machines.stops.is_empty();
        DrainForecast {
            verdict: match (blocked_by.is_empty(), missing.is_empty(), touched) {
                (false, _, _) => DrainVerdict::Blocked,
                (true, false, _) => DrainVerdict::Unknown,
                (true, true, true) => DrainVerdict::Moves,
                (true, true, false) => DrainVerdict::Free,
            },
            blocked_by,
            moves: machines.moves.into_iter().collect(),
            stops: machines.stops.into_iter().collect(),
            last_replicas: storage.last_replicas,
            keeps_quorum,
            missing,
            note: storage.note,
        }
    }
}

/// What forecasts know about all nodes.
struct Nodes<'w> {
    all: BTreeSet<&'w str>,
    ready: BTreeSet<&'w str>,
    cordoned: BTreeSet<&'w str>,
    /// Nodes that run virtual machines.
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

    /// Whether a node could take what leaves another.
    fn takes_over(&self, name: &str) -> bool {
        self.ready.contains(name) && !self.cordoned.contains(name)
    }

    /// Whether a node other than this could take its virtual machines.
    fn other_host(&self, name: &str) -> bool {
        self.hosts.iter().any(|other| *other != name && self.takes_over(other))
    }

    fn ready_members(&self) -> usize {
        self.members.intersection(&self.ready).count()
    }

    /// More than half of etcd's members must stay; `None` where no member is known.
    fn keeps_quorum(&self, name: &str) -> Option<bool> {
        if self.members.is_empty() {
            return None;
        }
        if !self.members.contains(name) {
            return Some(true);
        }
        let left = self.ready_members() - usize::from(self.ready.contains(name));
        Some(left > self.members.len() / 2)
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

/// Objects by the text they have at a path.
fn by_text<'w>(objects: &'w [Object<'w>], path: &[&str]) -> BTreeMap<&'w str, Vec<&'w Object<'w>>> {
    let mut sorted: BTreeMap<&str, Vec<&Object<'_>>> = BTreeMap::new();
    for object in objects {
        sorted.entry(object.root.text(path)).or_default().push(object);
    }
    sorted
}
