//! Which VMs depend on objects: along the edges of impact, one walk for all callers.
//!
//! Where the PVC or VM was not collected, Longhorn's own record of the workload replaces it.

use crate::cluster::Object;
use crate::harvester::{Workload, virtual_machine};
use crate::snapshot::Snapshot;
use fixedbitset::FixedBitSet;
use gleaner_report::ObjectRef;

/// The VMs that were reached.
#[derive(Debug, Default)]
pub struct Reached {
    /// The VMs, sorted.
    pub virtual_machines: Vec<ObjectRef>,
    /// Some may be missing, because their namespace was not collected.
    pub incomplete: bool,
}

impl Snapshot<'_> {
    /// Works out early, on a thread that would otherwise wait, what findings ask for: the edges of impact, and the VMs that are down.
    pub fn prepare_impact(&self) {
        let edges = self.graph.ways_of_impact();
        self.index().build(self.graph, &self.cluster, edges);
        self.vms_down();
    }

    /// These objects and all that depend on them, each once, in no particular order.
    pub fn dependents<'a>(&'a self, objects: impl Iterator<Item = &'a Object<'a>>) -> Vec<&'a Object<'a>> {
        let mut open: Vec<&Object<'_>> = objects.collect();
        let (mut seen, mut found) = (FixedBitSet::with_capacity(self.cluster.len()), Vec::new());
        while let Some(object) = open.pop() {
            if !seen.put(self.cluster.number(object)) {
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
        let (mut names, mut incomplete) = (Vec::new(), false);
        for object in self.dependents(objects) {
            if vm.contains(&Some(object.kind)) {
                names.push((object.namespace(), object.name()));
            } else if volume == Some(object.kind) {
                incomplete |= self.recorded_vms(object, &mut names);
            }
        }
        names.sort_unstable();
        names.dedup();
        let machines = names
            .into_iter()
            .map(|(namespace, name)| virtual_machine(namespace, name));
        Reached {
            virtual_machines: machines.collect(),
            incomplete,
        }
    }

    /// Adds the VMs of Longhorn's record, `(namespace, name)`, while they use the volume; true if there may be more in a namespace that
    /// was not collected.
    fn recorded_vms<'a>(&'a self, volume: &'a Object<'a>, vms: &mut Vec<(&'a str, &'a str)>) -> bool {
        let Some(workload) = Workload::of(volume) else {
            return false;
        };
        let namespace = workload.namespace();
        if workload.is_current() {
            // Where the VMs of the namespace are in the bundle, a name without one is that of another workload.
            let cluster = &self.cluster;
            let has_vms = cluster.has_any("VirtualMachine.kubevirt.io", namespace);
            let is_vm = |name: &str| {
                let kinds = ["VirtualMachine.kubevirt.io", "VirtualMachineInstance.kubevirt.io"];
                kinds.iter().any(|kind| cluster.named(kind, namespace, name).is_some())
            };
            let names = workload
                .instances()
                .filter(|name| !name.is_empty() && (!has_vms || is_vm(name)));
            vms.extend(names.map(|name| (namespace, name)));
        }
        !namespace.is_empty() && !self.facts.namespaces.contains(namespace)
    }
}
