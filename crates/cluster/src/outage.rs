//! Which VMs are down at the moment the bundle was made, why, and since when: one answer for findings, inventory and forecasts.

use crate::cluster::{Cluster, Object};
use crate::harvester::{
    Down, Outage, Replica, Vm, Vmi, Volume, Workload, condition, condition_status, down_nodes, virtual_machine,
};
use crate::snapshot::Snapshot;
use gleaner_report::ObjectRef;
use gleaner_text::parse_time;
use std::collections::BTreeMap;

/// How far the clocks of a cluster may be apart, in seconds: what began within it began together.
pub const CLOCK_SKEW: i64 = 120;

/// The nodes that are not Ready, and since when.
type DownNodes<'c> = BTreeMap<&'c str, Option<i64>>;

impl Snapshot<'_> {
    /// The VMs that are down, why, and since when.
    pub fn vms_down(&self) -> &BTreeMap<ObjectRef, Down> {
        self.vms_down.get_or_init(|| vms_down(self))
    }
}

impl Down {
    /// Whether this reason began clearly before another; where the times are unknown or close, by the order of [`Outage`].
    fn precedes(&self, other: &Down) -> bool {
        match self.since.zip(other.since) {
            Some((own, other)) if own.abs_diff(other) > CLOCK_SKEW.unsigned_abs() => own < other,
            _ => self.why < other.why,
        }
    }
}

/// The VMs that are down, each with the reason that came first. A VM that is stopped on purpose is only among them where a disk of it
/// has no usable replica.
fn vms_down(snapshot: &Snapshot<'_>) -> BTreeMap<ObjectRef, Down> {
    let cluster = &snapshot.cluster;
    let nodes = nodes_down(cluster);
    let mut down: BTreeMap<ObjectRef, Down> = BTreeMap::new();
    let mut add = |vm: ObjectRef, why: Down| {
        let known = down.entry(vm).or_insert_with(|| why.clone());
        if why.precedes(known) {
            *known = why;
        }
    };
    for vmi in cluster.of("VirtualMachineInstance.kubevirt.io") {
        for why in instance(vmi, &nodes) {
            add(virtual_machine(vmi.namespace(), vmi.name()), why);
        }
    }
    for vm in cluster.of("VirtualMachine.kubevirt.io") {
        let has_instance = cluster
            .named("VirtualMachineInstance.kubevirt.io", vm.namespace(), vm.name())
            .is_some();
        // A VM that KubeVirt says runs has an instance, which the bundle does not hold.
        let is_said_to_run = matches!(Vm::of(vm).status(), "Running" | "Migrating" | "Paused");
        if !has_instance && !is_said_to_run && Vm::of(vm).should_run() {
            let why = Outage::NotRunning(Vm::of(vm).status().to_owned());
            let since = condition_since(vm, "Ready", "False");
            add(virtual_machine(vm.namespace(), vm.name()), Down { why, since });
        }
    }
    for volume in cluster.of("Volume.longhorn.io") {
        if let Some(why) = node_down(Volume::of(volume).node(), &nodes) {
            for vm in recorded(snapshot, volume) {
                add(vm, why.clone());
            }
        }
    }
    for (volume, since) in lost_volumes(snapshot, &nodes) {
        for vm in snapshot.dependent_vms(std::iter::once(volume)).virtual_machines {
            let why = Outage::Disk(volume.name().to_owned());
            add(vm, Down { why, since });
        }
    }
    down
}

fn nodes_down<'c>(cluster: &'c Cluster<'_>) -> DownNodes<'c> {
    let since = |name| {
        let node = cluster.named("Node", "", name);
        let ready = node.and_then(|node| condition(&node.root, "Ready"));
        ready.and_then(|ready| parse_time(ready.text(&["lastTransitionTime"])))
    };
    down_nodes(cluster)
        .into_iter()
        .map(|name| (name, since(name)))
        .collect()
}

fn node_down(node: &str, nodes: &DownNodes<'_>) -> Option<Down> {
    let since = *nodes.get(node)?;
    let why = Outage::Node(node.to_owned());
    Some(Down { why, since })
}

/// When a condition of an object took on the status that it has; `None` if it has another.
fn condition_since(object: &Object<'_>, kind: &str, status: &str) -> Option<i64> {
    let found = condition(&object.root, kind).filter(|found| found.text(&["status"]) == status)?;
    parse_time(found.text(&["lastTransitionTime"]))
}

/// Why a VM that has an instance is down: all reasons.
fn instance(vmi: &Object<'_>, nodes: &DownNodes<'_>) -> Vec<Down> {
    let view = Vmi::of(vmi);
    let mut reasons = Vec::new();
    if view.phase() == "Succeeded" {
        return reasons;
    }
    reasons.extend(node_down(view.node(), nodes));
    if condition_status(&vmi.root, "Paused") == "True" {
        let since = condition_since(vmi, "Paused", "True");
        reasons.push(Down {
            why: Outage::Paused,
            since,
        });
    } else if !matches!(view.phase(), "Running" | "") {
        let why = Outage::NotRunning(view.phase().to_owned());
        let since = parse_time(view.phase_since());
        reasons.push(Down { why, since });
    }
    reasons
}

/// The VMs that Longhorn records for an attached volume and whose instances are not in the bundle.
fn recorded(snapshot: &Snapshot<'_>, volume: &Object<'_>) -> Vec<ObjectRef> {
    let Some(workload) = Workload::of(volume).filter(|workload| workload.is_current()) else {
        return Vec::new();
    };
    let namespace = workload.namespace();
    let is_collected = snapshot.facts.namespaces.contains(namespace);
    let names = workload.instances().filter(|name| !is_collected && !name.is_empty());
    names.map(|name| virtual_machine(namespace, name)).collect()
}

/// What the replicas of a volume are good for.
#[derive(Default)]
struct Copies {
    have_data: bool,
    are_usable: bool,
    /// When each that had data was lost.
    lost: Vec<Option<i64>>,
}

/// Longhorn volumes that had data and have no usable replica on a node that is up, and when they lost the last one.
fn lost_volumes<'s>(snapshot: &'s Snapshot<'_>, nodes: &DownNodes<'_>) -> Vec<(&'s Object<'s>, Option<i64>)> {
    let mut replicas: BTreeMap<&str, Copies> = BTreeMap::new();
    for object in snapshot.cluster.of("Replica.longhorn.io") {
        let replica = Replica::of(object);
        let copies = replicas.entry(replica.volume()).or_default();
        let is_up = !nodes.contains_key(replica.node());
        copies.have_data |= !replica.never_ran();
        copies.are_usable |= replica.is_usable() && is_up;
        if !replica.never_ran() {
            let failed = parse_time(replica.failed_at());
            let unreachable = nodes.get(replica.node()).copied().flatten();
            copies.lost.push(failed.or(unreachable));
        }
    }
    let lost = |volume: &'s Object<'s>| match replicas.get(volume.name()) {
        Some(copies) if !copies.have_data || copies.are_usable => None,
        Some(copies) => {
            let times: Option<Vec<i64>> = copies.lost.iter().copied().collect();
            Some((volume, times.and_then(|times| times.into_iter().max())))
        }
        None => (Volume::of(volume).robustness() == "faulted").then_some((volume, None)),
    };
    let volumes = snapshot.cluster.of("Volume.longhorn.io").iter();
    volumes.filter_map(lost).collect()
}
