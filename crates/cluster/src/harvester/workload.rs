//! Longhorn's own record of the workload that uses a volume, used in place of PVCs and VMs that were not collected.

use crate::cluster::Object;
use gleaner_report::ObjectRef;
use gleaner_yaml::Node;

/// `status.kubernetesStatus` of a Longhorn Volume.
#[derive(Debug, Clone, Copy)]
pub struct Workload<'o> {
    status: &'o Node<'o>,
}

impl<'o> Workload<'o> {
    /// The record of a volume that has one.
    pub fn of(volume: &'o Object<'o>) -> Option<Workload<'o>> {
        let status = volume.root.at(&["status", "kubernetesStatus"])?;
        Some(Workload { status })
    }

    /// The namespace of the PVC, or `""`.
    pub fn namespace(self) -> &'o str {
        self.status.text(&["namespace"])
    }

    /// The name of the PVC, or `""`.
    pub fn pvc(self) -> &'o str {
        self.status.text(&["pvcName"])
    }

    /// The name of the PV, or `""`.
    pub fn pv(self) -> &'o str {
        self.status.text(&["pvName"])
    }

    /// Whether the workload uses the volume now: `lastPodRefAt` is written when it stops to.
    pub fn is_current(self) -> bool {
        self.status.text(&["lastPodRefAt"]).is_empty()
    }

    fn entries(self) -> impl DoubleEndedIterator<Item = &'o Node<'o>> {
        let list = self.status.get("workloadsStatus");
        list.into_iter().flat_map(|list| list.items())
    }

    /// The names of the workloads, in Longhorn's order.
    pub fn names(self) -> impl DoubleEndedIterator<Item = &'o str> {
        self.entries().map(|workload| workload.text(&["workloadName"]))
    }

    /// The names of the virtual machine instances among the workloads.
    pub fn instances(self) -> impl Iterator<Item = &'o str> {
        let instances = self
            .entries()
            .filter(|workload| workload.text(&["workloadType"]) == "VirtualMachineInstance");
        instances.map(|workload| workload.text(&["workloadName"]))
    }
}

/// A reference to a VM, whether or not the bundle has it.
pub fn virtual_machine(namespace: &str, name: &str) -> ObjectRef {
    ObjectRef {
        api_version: "kubevirt.io/v1".to_owned(),
        kind: "VirtualMachine".to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}
