//! Whom a finding hurts: from its objects along the edges of impact to virtual machines.
//!
//! Where the claim or machine was not collected, Longhorn's own record of the workload stands in for it.

use super::World;
use crate::model::cluster::Object;
use gleaner_report::ObjectRef;
use std::collections::BTreeSet;

/// The virtual machines that were reached.
#[derive(Debug, Default)]
pub(super) struct Reached {
    pub(super) virtual_machines: BTreeSet<ObjectRef>,
    /// Some may be missing, because their namespace was not collected.
    pub(super) incomplete: bool,
}

const VM: &str = "VirtualMachine.kubevirt.io";
const VMI: &str = "VirtualMachineInstance.kubevirt.io";

/// Follows the edges of impact from these objects.
pub(super) fn virtual_machines<'a>(world: &'a World<'_>, objects: impl Iterator<Item = &'a Object<'a>>) -> Reached {
    let mut reached = Reached::default();
    let mut open: Vec<&Object<'_>> = objects.collect();
    let mut seen: BTreeSet<(usize, &str, &str)> = BTreeSet::new();
    while let Some(object) = open.pop() {
        if !seen.insert((object.kind.index(), object.namespace(), object.name())) {
            continue;
        }
        let kind = &world.catalog.kinds.info(object.kind).name;
        match kind.as_str() {
            VM | VMI => {
                reached
                    .virtual_machines
                    .insert(machine(object.namespace(), object.name()));
            }
            "Volume.longhorn.io" => recorded(world, object, &mut reached),
            _ => {}
        }
        let graph = &world.catalog.graph;
        for edge in graph.impact(object.kind) {
            open.extend(world.index.follow(graph, &world.cluster, *edge, Some(object)));
        }
    }
    reached
}

fn machine(namespace: &str, name: &str) -> ObjectRef {
    ObjectRef {
        api_version: "kubevirt.io/v1".to_owned(),
        kind: "VirtualMachine".to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

/// The workload that Longhorn itself recorded, while it still uses the volume.
fn recorded(world: &World<'_>, volume: &Object<'_>, reached: &mut Reached) {
    let Some(status) = volume.root.at(&["status", "kubernetesStatus"]) else {
        return;
    };
    let namespace = status.text(&["namespace"]);
    if !namespace.is_empty() && !world.facts.namespaces.contains(namespace) {
        reached.incomplete = true;
    }
    if !status.text(&["lastPodRefAt"]).is_empty() {
        return;
    }
    let workloads = status
        .get("workloadsStatus")
        .map(|list| list.items())
        .unwrap_or_default();
    for workload in workloads
        .iter()
        .filter(|workload| workload.text(&["workloadType"]) == "VirtualMachineInstance")
    {
        let name = workload.text(&["workloadName"]);
        if !name.is_empty() {
            reached.virtual_machines.insert(machine(namespace, name));
        }
    }
}
