//! The storage: volumes as `kubectl get lhv` shows them, where their replicas are, and the disks.

use super::tone::Tone;
use crate::{safe, units, wording};
use gleaner_report::{
    Answer, Capability, CsiDriverSummary, DiskSummary, NodeSummary, ReplicaSummary, Report, VolumeSummary,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// Most volumes in the table and in the matrix.
const VOLUMES: usize = 200;
/// Most hosts in the matrix.
const HOSTS: usize = 40;
/// Most disks.
const DISKS: usize = 200;
/// Most CSI drivers.
const DRIVERS: usize = 50;
/// Width of a bar in units of its drawing.
const BAR: u64 = 100;

/// The section.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Storage {
    total: u64,
    rows: Vec<Volume>,
    more: usize,
    matrix: Matrix,
    disks: Vec<Disk>,
    hosts: Vec<Host>,
    disks_more: usize,
    drivers: Vec<Driver>,
    drivers_more: usize,
}

/// One CSI driver and what it can do.
#[derive(Serialize)]
struct Driver {
    name: String,
    classes: String,
    abilities: Vec<Ability>,
}

/// One answer, and what decides it.
#[derive(Serialize)]
struct Ability {
    answer: &'static str,
    tone: Tone,
    reason: String,
}

/// One volume in the columns of `lhv`.
#[derive(Serialize)]
struct Volume {
    name: String,
    state: String,
    robustness: String,
    tone: Tone,
    scheduled: String,
    size: String,
    node: String,
    age: String,
    replicas: String,
    user: String,
}

/// Which host holds which replica of which volume.
#[derive(Serialize)]
struct Matrix {
    hosts: Vec<String>,
    rows: Vec<Placement>,
    more: usize,
}

/// Where the replicas of a volume are.
#[derive(Serialize)]
struct Placement {
    name: String,
    cells: Vec<Cell>,
}

/// The replicas of a volume on a host: a letter each, and the colour of the worst.
#[derive(Serialize)]
struct Cell {
    text: String,
    tone: Tone,
}

/// One disk with its bars.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Disk {
    node: String,
    path: String,
    state: &'static str,
    tone: Tone,
    maximum: String,
    reserved: String,
    used: String,
    used_bar: u64,
    used_tone: Tone,
    promised: String,
    limit: String,
    promised_bar: u64,
    promised_tone: Tone,
}

/// The disks of a host together.
#[derive(Serialize)]
struct Host {
    name: String,
    disks: usize,
    used: String,
    scheduled: String,
    limit: String,
    room: String,
    reserved: String,
    maximum: String,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Storage {
    let cluster = &report.cluster;
    let volumes = cluster.volume_list.iter().take(VOLUMES);
    Storage {
        total: wording::volumes(report),
        rows: volumes.map(|volume| row(report, volume)).collect(),
        more: cluster.volume_list.len().saturating_sub(VOLUMES),
        matrix: matrix(report),
        disks: cluster.disks.iter().take(DISKS).map(disk).collect(),
        hosts: hosts(report),
        disks_more: cluster.disks.len().saturating_sub(DISKS),
        drivers: cluster.csi_drivers.iter().take(DRIVERS).map(driver).collect(),
        drivers_more: cluster.csi_drivers.len().saturating_sub(DRIVERS),
    }
}

fn driver(driver: &CsiDriverSummary) -> Driver {
    let abilities = [&driver.snapshot, &driver.backup, &driver.clone, &driver.expand];
    Driver {
        name: safe::line_within(&driver.name, 260),
        classes: safe::line_within(&driver.storage_classes.join(", "), 500),
        abilities: abilities.into_iter().map(ability).collect(),
    }
}

fn ability(capability: &Capability) -> Ability {
    Ability {
        answer: capability.answer.as_str(),
        tone: match capability.answer {
            Answer::Yes => Tone::Ok,
            Answer::Partly | Answer::No => Tone::Warn,
            Answer::Unknown => Tone::Dim,
        },
        reason: safe::line_within(&capability.reason, 300),
    }
}

fn row(report: &Report, volume: &VolumeSummary) -> Volume {
    let healthy = |replica: &&ReplicaSummary| replica.state == "healthy";
    let healthy = volume.replicas.iter().filter(healthy).count();
    let user = if volume.workload.is_empty() {
        &volume.pvc
    } else {
        &volume.workload
    };
    Volume {
        name: wording::or_missing(&volume.name),
        state: wording::state(&volume.state),
        robustness: wording::state(&volume.robustness),
        tone: Tone::of_robustness(&volume.robustness),
        scheduled: wording::state(&volume.scheduled),
        size: units::gib(volume.size),
        node: safe::line_within(&volume.node, 260),
        age: units::age(&volume.created_at, &report.bundle.created_at).unwrap_or_default(),
        replicas: format!("{healthy} of {}", volume.wanted_replicas),
        user: safe::line_within(user, 350),
    }
}

fn matrix(report: &Report) -> Matrix {
    let volumes = report.cluster.volume_list.iter().take(VOLUMES);
    let mut names: BTreeSet<&str> = report.cluster.nodes.iter().map(|node| node.name.as_str()).collect();
    let replicas = volumes.clone().flat_map(|volume| &volume.replicas);
    names.extend(replicas.map(|replica| replica.node.as_str()));
    let unplaced = names.remove("");
    let hosts: Vec<&str> = names.iter().copied().take(HOSTS).collect();
    let placement = |volume: &VolumeSummary| {
        let columns = hosts.iter().copied().chain(unplaced.then_some(""));
        Placement {
            name: wording::or_missing(&volume.name),
            cells: columns.map(|host| cell(volume, host)).collect(),
        }
    };
    let mut heads: Vec<String> = hosts.iter().map(|host| safe::line_within(host, 60)).collect();
    if unplaced {
        heads.push("not placed".to_owned());
    }
    Matrix {
        hosts: heads,
        rows: volumes
            .filter(|volume| !volume.replicas.is_empty())
            .map(placement)
            .collect(),
        more: names.len().saturating_sub(HOSTS),
    }
}

fn cell(volume: &VolumeSummary, host: &str) -> Cell {
    let here = volume.replicas.iter().filter(|replica| replica.node == host);
    // The worst first: its colour is that of the cell.
    let mut states: Vec<(u8, &str, Tone)> = here
        .map(|replica| {
            let (rank, letter) = match replica.state.as_str() {
                "failed" => (0, "F"),
                "unreachable" => (0, "U"),
                "rebuilding" => (1, "B"),
                "stopped" => (2, "S"),
                "healthy" => (3, "R"),
                _ => (2, "?"),
            };
            (rank, letter, Tone::of_replica(&replica.state))
        })
        .collect();
    states.sort_unstable_by_key(|(rank, letter, _)| (*rank, *letter));
    let letters: Vec<&str> = states.iter().take(6).map(|(_, letter, _)| *letter).collect();
    Cell {
        text: if letters.is_empty() {
            "–".to_owned()
        } else {
            letters.join(" ")
        },
        tone: states.first().map_or(Tone::None, |(_, _, tone)| *tone),
    }
}

/// The disks of each host together, where some host has more than one.
fn hosts(report: &Report) -> Vec<Host> {
    let nodes = report.cluster.nodes.iter().filter(|node| node.storage.disks > 0);
    if nodes.clone().all(|node| node.storage.disks == 1) {
        return Vec::new();
    }
    nodes.take(DISKS).map(host).collect()
}

fn host(node: &NodeSummary) -> Host {
    let storage = &node.storage;
    Host {
        name: wording::or_missing(&node.name),
        disks: storage.disks,
        used: units::gib(storage.maximum.saturating_sub(storage.available)),
        scheduled: units::gib(storage.scheduled),
        limit: size(storage.limit),
        room: size(storage.room),
        reserved: units::gib(storage.reserved),
        maximum: units::gib(storage.maximum),
    }
}

fn size(size: Option<u64>) -> String {
    size.map_or_else(|| wording::NOT_IN_BUNDLE.to_owned(), units::gib)
}

fn disk(disk: &DiskSummary) -> Disk {
    let used = disk.maximum.saturating_sub(disk.available);
    // Without the setting for over-provisioning, what is not reserved is taken as the limit.
    let limit = disk.limit.unwrap_or(disk.maximum.saturating_sub(disk.reserved));
    let used_percent = units::percent(used, disk.maximum);
    let scheduled_percent = units::percent(disk.scheduled, limit);
    let over = disk.scheduled > limit;
    let note = if over { ", over the limit" } else { "" };
    let (state, tone) = match (disk.ready, disk.schedulable) {
        (false, _) => ("not ready", Tone::Bad),
        (true, false) => ("takes no new replicas", Tone::Warn),
        (true, true) => ("schedulable", Tone::Ok),
    };
    Disk {
        node: wording::or_missing(&disk.node),
        path: safe::line_within(if disk.path.is_empty() { &disk.name } else { &disk.path }, 260),
        state,
        tone,
        maximum: units::gib(disk.maximum),
        reserved: units::gib(disk.reserved),
        used: format!("{used_percent}%, {} available", units::gib(disk.available)),
        used_bar: used_percent.min(BAR),
        used_tone: match used_percent {
            0..75 => Tone::Ok,
            75..90 => Tone::Warn,
            _ => Tone::Bad,
        },
        promised: format!("{scheduled_percent}%, {}{note}", units::gib(disk.scheduled)),
        limit: size(disk.limit),
        promised_bar: scheduled_percent.min(BAR),
        promised_tone: if over { Tone::Warn } else { Tone::Ok },
    }
}
