//! The virtual machines that findings name: from each down to the disks that hold its data.

use super::tone::Tone;
use crate::{safe, units, wording};
use gleaner_report::{ReplicaSummary, Report, VmChain, VmVolume, VolumeSummary};
use serde::Serialize;
use std::collections::BTreeMap;

/// Most machines, volumes of a machine, and replicas of a volume.
const MACHINES: usize = 50;
const VOLUMES: usize = 20;
const REPLICAS: usize = 10;

/// The section.
#[derive(Serialize)]
pub(super) struct Vms {
    list: Vec<Machine>,
    more: usize,
    counts: String,
}

/// A virtual machine.
#[derive(Serialize)]
struct Machine {
    vm: String,
    status: String,
    tone: Tone,
    node: String,
    volumes: Vec<Disk>,
    more: usize,
}

/// One disk of a machine, with the volume behind it.
#[derive(Serialize)]
struct Disk {
    pvc: String,
    volume: String,
    driver: String,
    /// Whether the volume is in the bundle.
    known: bool,
    state: String,
    robustness: String,
    tone: Tone,
    size: String,
    replicas: Vec<Replica>,
}

/// One replica of a volume.
#[derive(Serialize)]
struct Replica {
    state: String,
    tone: Tone,
    node: String,
    disk: String,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Vms {
    let cluster = &report.cluster;
    let volumes = cluster.volume_list.iter();
    let volumes: BTreeMap<&str, &VolumeSummary> = volumes.map(|volume| (volume.name.as_str(), volume)).collect();
    let counts = cluster.virtual_machines.iter().take(20);
    let counts: Vec<String> = counts
        .map(|count| format!("{} {}", count.count, safe::line_within(&count.label, 60)))
        .collect();
    let chains = cluster.chains.iter().take(MACHINES);
    Vms {
        list: chains.map(|chain| machine(chain, &volumes)).collect(),
        more: cluster.chains.len().saturating_sub(MACHINES),
        counts: units::joined(&counts),
    }
}

fn machine(chain: &VmChain, volumes: &BTreeMap<&str, &VolumeSummary>) -> Machine {
    let disks = chain.volumes.iter().take(VOLUMES);
    Machine {
        vm: wording::or_missing(&chain.vm),
        status: wording::state(&chain.status),
        tone: if chain.status == "Running" {
            Tone::Ok
        } else {
            Tone::Warn
        },
        node: safe::line_within(&chain.node, 260),
        volumes: disks
            .map(|disk| self::disk(disk, volumes.get(disk.volume.as_str()).copied()))
            .collect(),
        more: chain.volumes.len().saturating_sub(VOLUMES),
    }
}

fn disk(disk: &VmVolume, known: Option<&VolumeSummary>) -> Disk {
    let replicas = known.map(|volume| volume.replicas.as_slice()).unwrap_or_default();
    let robustness = known.map(|volume| volume.robustness.as_str()).unwrap_or_default();
    Disk {
        pvc: safe::line_within(&disk.pvc, 350),
        volume: safe::line_within(&disk.volume, 260),
        driver: safe::line_within(&disk.driver, 120),
        known: known.is_some(),
        state: known.map(|volume| wording::state(&volume.state)).unwrap_or_default(),
        robustness: wording::state(robustness),
        tone: Tone::of_robustness(robustness),
        size: known.map(|volume| units::gib(volume.size)).unwrap_or_default(),
        replicas: replicas.iter().take(REPLICAS).map(replica).collect(),
    }
}

fn replica(replica: &ReplicaSummary) -> Replica {
    Replica {
        state: wording::state(&replica.state),
        tone: Tone::of_replica(&replica.state),
        node: if replica.node.is_empty() {
            "not placed".to_owned()
        } else {
            safe::line_within(&replica.node, 260)
        },
        disk: safe::line_within(&replica.disk, 260),
    }
}
