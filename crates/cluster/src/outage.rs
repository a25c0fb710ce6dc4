//! Which VMs are down at the moment the bundle was made, and why: one answer for findings, inventory and forecasts.

use crate::cluster::Object;
use crate::harvester::{Outage, Replica, Vm, Vmi, Volume, Workload, condition_status, down_nodes, virtual_machine};
use crate::snapshot::Snapshot;
use gleaner_report::ObjectRef;
use std::collections::{BTreeMap, BTreeSet};

impl Snapshot<'_> {
    /// The VMs that are down, and why.
    pub fn vms_down(&self) -> &BTreeMap<ObjectRef, Outage> {
        self.vms_down.get_or_init(|| vms_down(self))
    }
}

/// The VMs that are down, with the first reason in the order of [`Outage`]. A VM that is stopped on purpose is only among them
/// where a disk of it has no usable replica.
fn vms_down(snapshot: &Snapshot<'_>) -> BTreeMap<ObjectRef, Outage> {
    let cluster = &snapshot.cluster;
    let nodes = down_nodes(cluster);
    let mut down: BTreeMap<ObjectRef, Outage> = BTreeMap::new();
    let mut add = |vm: ObjectRef, why: Outage| {
        let known = down.entry(vm).or_insert_with(|| why.clone());
        if why < *known {
            *known = why;
        }
    };
    for vmi in cluster.of("VirtualMachineInstance.kubevirt.io") {
        if let Some(why) = instance(vmi, &nodes) {
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
            let state = Vm::of(vm).status().to_owned();
            add(virtual_machine(vm.namespace(), vm.name()), Outage::NotRunning(state));
        }
    }
    for volume in cluster.of("Volume.longhorn.io") {
        if nodes.contains(Volume::of(volume).node()) {
            for vm in recorded(snapshot, volume) {
                add(vm, Outage::Node(Volume::of(volume).node().to_owned()));
            }
        }
    }
    for volume in lost_volumes(snapshot, &nodes) {
        for vm in snapshot.dependent_vms(std::iter::once(volume)).virtual_machines {
            add(vm, Outage::Disk(volume.name().to_owned()));
        }
    }
    down
}

/// Why a VM that has an instance is down.
fn instance(vmi: &Object<'_>, nodes: &BTreeSet<&str>) -> Option<Outage> {
    let view = Vmi::of(vmi);
    if view.phase() == "Succeeded" {
        return None;
    }
    if nodes.contains(view.node()) {
        Some(Outage::Node(view.node().to_owned()))
    } else if condition_status(&vmi.root, "Paused") == "True" {
        Some(Outage::Paused)
    } else {
        let is_running = matches!(view.phase(), "Running" | "");
        (!is_running).then(|| Outage::NotRunning(view.phase().to_owned()))
    }
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

/// Longhorn volumes that had data and have no usable replica on a node that is up.
fn lost_volumes<'s>(snapshot: &'s Snapshot<'_>, nodes: &BTreeSet<&str>) -> Vec<&'s Object<'s>> {
    let mut replicas: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for object in snapshot.cluster.of("Replica.longhorn.io") {
        let replica = Replica::of(object);
        let (has_data, is_usable) = replicas.entry(replica.volume()).or_default();
        *has_data |= !replica.never_ran();
        *is_usable |= replica.is_usable() && !nodes.contains(replica.node());
    }
    let is_lost = |volume: &&Object<'_>| match replicas.get(volume.name()) {
        Some((has_data, is_usable)) => *has_data && !is_usable,
        None => Volume::of(volume).robustness() == "faulted",
    };
    snapshot
        .cluster
        .of("Volume.longhorn.io")
        .iter()
        .filter(is_lost)
        .collect()
}
