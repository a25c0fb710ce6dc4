//! VMs of KubeVirt and their running instances.

use super::condition::condition;
use crate::cluster::Object;
use gleaner_yaml::Node;
use std::fmt;

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

    /// Whether it is meant to run now: `spec.runStrategy` is `Always`, or `RerunOnFailure` unless KubeVirt says that it is stopped, as
    /// after a shutdown from inside; or the older `spec.running` is true.
    pub fn should_run(self) -> bool {
        let spec = |key: &str| self.object.root.at(&["spec", key]);
        match spec("runStrategy").and_then(Node::as_str) {
            Some("Always") => true,
            Some("RerunOnFailure") => self.status() != "Stopped",
            _ => spec("running").and_then(Node::as_bool) == Some(true),
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

    /// When it entered its phase, as the field has it; `""` if it does not say.
    pub fn phase_since(self) -> &'o str {
        let entered = self.object.root.at(&["status", "phaseTransitionTimestamps"]);
        let entered = entered.map_or(&[][..], Node::items).iter();
        let newest = entered.rev().find(|entry| entry.text(&["phase"]) == self.phase());
        newest.map_or("", |entry| entry.text(&["phaseTransitionTimestamp"]))
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

/// Why a VM is down.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outage {
    /// It runs on a node that is not Ready.
    Node(String),
    /// A disk of it has no usable replica: the Longhorn volume.
    Disk(String),
    /// It is paused.
    Paused,
    /// It should run and does not: KubeVirt's word for its state.
    NotRunning(String),
}

/// That a VM is down, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Down {
    /// Why.
    pub why: Outage,
    /// Since when, in seconds since 1970; `None` where no field says.
    pub since: Option<i64>,
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outage::Node(node) => write!(f, "on node {node}, which is not Ready"),
            Outage::Disk(volume) => write!(f, "no usable replica of volume {volume}"),
            Outage::Paused => write!(f, "paused"),
            Outage::NotRunning(state) => write!(f, "not running: {state}"),
        }
    }
}
