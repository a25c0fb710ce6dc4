//! Which VMs depend on objects: along the edges of impact, one walk for all callers.
//!
//! Where the PVC or VM was not collected, Longhorn's own record of the workload replaces it.

use crate::cluster::Object;
use crate::harvester::{Workload, virtual_machine};
use crate::snapshot::Snapshot;
use gleaner_report::ObjectRef;
use std::collections::BTreeSet;

/// The VMs that were reached.
#[derive(Debug, Default)]
pub struct Reached {
    /// The VMs.
    pub virtual_machines: BTreeSet<ObjectRef>,
    /// Some may be missing, because their namespace was not collected.
    pub incomplete: bool,
}

impl Snapshot<'_> {
    /// These objects and all that depend on them, each once, in no particular order.
    pub fn dependents<'a>(&'a self, objects: impl Iterator<Item = &'a Object<'a>>) -> Vec<&'a Object<'a>> {
        let mut open: Vec<&Object<'_>> = objects.collect();
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        while let Some(object) = open.pop() {
            if seen.insert((object.kind, object.position)) {
                found.push(object);
                for edge in self.graph.impact(object.kind) {
                    open.extend(self.follow(*edge, object));
                }
            }
        }
        found
    }

    /// The VMs that depend on these objects, or are among them.
    pub fn dependent_vms<'a>(&'a self, objects: impl Iterator<Item = &'a Object<'a>>) -> Reached {
        let kind = |name: &str| self.cluster.kinds.by_name(name);
        let vm = [
            kind("VirtualMachine.kubevirt.io"),
            kind("VirtualMachineInstance.kubevirt.io"),
        ];
        let volume = kind("Volume.longhorn.io");
        let mut reached = Reached::default();
        for object in self.dependents(objects) {
            if vm.contains(&Some(object.kind)) {
                let machine = virtual_machine(object.namespace(), object.name());
                reached.virtual_machines.insert(machine);
            } else if volume == Some(object.kind) {
                self.recorded_vms(object, &mut reached);
            }
        }
        reached
    }

    /// The VMs of Longhorn's record, while they use the volume.
    fn recorded_vms(&self, volume: &Object<'_>, reached: &mut Reached) {
        let Some(workload) = Workload::of(volume) else { return };
        let namespace = workload.namespace();
        if !namespace.is_empty() && !self.facts.namespaces.contains(namespace) {
            reached.incomplete = true;
        }
        if workload.is_current() {
            // Where the VMs of the namespace are in the bundle, a name without one is that of another workload.
            let cluster = &self.cluster;
            let mut vms = cluster.of("VirtualMachine.kubevirt.io").iter();
            let has_vms = vms.any(|vm| vm.namespace() == namespace);
            let is_vm = |name: &str| {
                let kinds = ["VirtualMachine.kubevirt.io", "VirtualMachineInstance.kubevirt.io"];
                kinds.iter().any(|kind| cluster.named(kind, namespace, name).is_some())
            };
            let names = workload
                .instances()
                .filter(|name| !name.is_empty() && (!has_vms || is_vm(name)));
            let machines = names.map(|name| virtual_machine(namespace, name));
            reached.virtual_machines.extend(machines);
        }
    }
}
