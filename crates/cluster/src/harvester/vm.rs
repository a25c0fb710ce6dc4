//! VMs of KubeVirt and their running instances.

use super::condition::condition;
use crate::cluster::Object;

/// `VirtualMachine.kubevirt.io`, read.
#[derive(Debug, Clone, Copy)]
pub struct Vm<'o> {
    object: &'o Object<'o>,
}

impl<'o> Vm<'o> {
    /// The view of a VM.
    pub fn of(object: &'o Object<'o>) -> Vm<'o> {
        Vm { object }
    }

    /// KubeVirt's word for its state, such as `Running`, `Stopped` or `Paused`; `unknown` if there is none.
    pub fn status(self) -> &'o str {
        match self.object.root.text(&["status", "printableStatus"]) {
            "" => "unknown",
            known => known,
        }
    }
}

/// `VirtualMachineInstance.kubevirt.io`, read: a VM while it runs.
#[derive(Debug, Clone, Copy)]
pub struct Vmi<'o> {
    object: &'o Object<'o>,
}

impl<'o> Vmi<'o> {
    /// The view of an instance.
    pub fn of(object: &'o Object<'o>) -> Vmi<'o> {
        Vmi { object }
    }

    /// The phase, such as `Running`, or `""`.
    pub fn phase(self) -> &'o str {
        self.object.root.text(&["status", "phase"])
    }

    /// The node it runs on, or `""`.
    pub fn node(self) -> &'o str {
        self.object.root.text(&["status", "nodeName"])
    }

    /// What an eviction does to it by its own wish, or `""` where KubeVirt's configuration decides.
    pub fn eviction_strategy(self) -> &'o str {
        self.object.root.text(&["spec", "evictionStrategy"])
    }

    /// What KubeVirt says about live migration, and why not; `None` where it says nothing.
    pub fn is_migratable(self) -> Option<(bool, &'o str)> {
        let condition = condition(&self.object.root, "LiveMigratable")?;
        match condition.text(&["status"]) {
            "True" => Some((true, "")),
            "False" => Some((false, condition.text(&["message"]))),
            _ => None,
        }
    }
}
