//! The storage: volumes with the hosts of their replicas, disks, and what CSI drivers can do.

use crate::html::tone::Tone;
use crate::{safe, units, wording};
use gleaner_report::{
    Answer, Capability, CsiDriverSummary, DiskSummary, NodeSummary, ReplicaSummary, Report, VolumeSummary,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// Most volumes in the table, and most of those that are only named.
const VOLUMES: usize = 40;
const NAMED: usize = 2_000;
/// Most hosts that have a column.
const HOSTS: usize = 16;
/// Most disks.
const DISKS: usize = 200;
/// Most CSI drivers.
const DRIVERS: usize = 50;
/// Width of a bar in units of its drawing.
const BAR: u64 = 100;

/// The tables.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Storage {
    total: u64,
    /// Volumes that need a look, worst first.
    rows: Vec<Volume>,
    /// Those that need a look and are not in the table, a line each.
    bad: String,
    bad_total: usize,
    hosts: Vec<String>,
    hosts_more: usize,
    /// The other volumes, a line each.
    fine: String,
    fine_total: usize,
    unlisted: u64,
    disks: Vec<Disk>,
    disks_more: usize,
    by_host: Vec<Host>,
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

/// One volume that needs a look.
#[derive(Serialize)]
struct Volume {
    /// The PVC, or what else uses it.
    user: String,
    name: String,
    state: String,
    robustness: String,
    tone: Tone,
    size: String,
    node: String,
    age: String,
    replicas: String,
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
    fine: bool,
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

/// The view of the tables.
pub(super) fn view(report: &Report) -> Storage {
    let cluster = &report.cluster;
    let down: BTreeSet<&str> = down_hosts(report);
    let (fine, bad): (Vec<&VolumeSummary>, Vec<&VolumeSummary>) =
        cluster.volume_list.iter().partition(|volume| is_fine(volume, &down));
    let shown = bad.iter().copied().take(VOLUMES);
    let columns = columns(report, shown.clone());
    let total = wording::volumes(report);
    Storage {
        total,
        rows: shown.map(|volume| row(report, volume, &columns)).collect(),
        bad: named(bad.iter().skip(VOLUMES)),
        bad_total: bad.len().saturating_sub(VOLUMES),
        hosts: columns.iter().take(HOSTS).map(|host| heading(host)).collect(),
        hosts_more: columns.len().saturating_sub(HOSTS),
        fine: named(fine.iter()),
        fine_total: fine.len(),
        unlisted: total.saturating_sub((bad.len().min(VOLUMES + NAMED) + fine.len().min(NAMED)) as u64),
        disks: cluster.disks.iter().take(DISKS).map(disk).collect(),
        disks_more: cluster.disks.len().saturating_sub(DISKS),
        by_host: hosts(report),
        drivers: cluster.csi_drivers.iter().take(DRIVERS).map(driver).collect(),
        drivers_more: cluster.csi_drivers.len().saturating_sub(DRIVERS),
    }
}

fn down_hosts(report: &Report) -> BTreeSet<&str> {
    let nodes = report.cluster.nodes.iter().filter(|node| node.ready != "Ready");
    nodes.map(|node| node.name.as_str()).collect()
}

/// Whether a volume needs no look: it is healthy on hosts that are Ready, or detached with replicas that can be used.
fn is_fine(volume: &VolumeSummary, down: &BTreeSet<&str>) -> bool {
    let usable = |replica: &ReplicaSummary| match replica.state.as_str() {
        "healthy" => true,
        "stopped" => volume.state == "detached",
        _ => false,
    };
    let robust = volume.robustness == "healthy" || volume.state == "detached" && volume.robustness != "faulted";
    let placed = volume
        .replicas
        .iter()
        .filter(|replica| usable(replica) && !down.contains(replica.node.as_str()));
    let enough = placed.count() as u64 >= volume.wanted_replicas;
    robust && enough && !down.contains(volume.node.as_str())
}

/// The names of volumes, a line each, of the first ones if there are many.
fn named<'r>(volumes: impl Iterator<Item = &'r &'r VolumeSummary>) -> String {
    let line = |volume: &&VolumeSummary| {
        let name = wording::brief(&safe::line_within(&volume.name, 260));
        let name = name.strip_prefix("pvc-").unwrap_or(&name);
        let name = name.strip_suffix('…').unwrap_or(name);
        format!("{} {name}", user(volume)).trim_start().to_owned()
    };
    let lines: Vec<String> = volumes.take(NAMED).map(line).collect();
    lines.join("\n")
}

/// The PVC of a volume, else what uses it.
fn user(volume: &VolumeSummary) -> String {
    let user = if volume.pvc.is_empty() {
        &volume.workload
    } else {
        &volume.pvc
    };
    safe::line_within(user, 350)
}

/// The hosts that have replicas of these volumes; last an empty name, if there are replicas without a host.
fn columns<'r>(report: &'r Report, volumes: impl Iterator<Item = &'r VolumeSummary>) -> Vec<&'r str> {
    let mut names: BTreeSet<&str> = report.cluster.nodes.iter().map(|node| node.name.as_str()).collect();
    names.extend(
        volumes
            .flat_map(|volume| &volume.replicas)
            .map(|replica| replica.node.as_str()),
    );
    let unplaced = names.remove("");
    names.into_iter().chain(unplaced.then_some("")).collect()
}

fn heading(host: &str) -> String {
    if host.is_empty() {
        "not placed".to_owned()
    } else {
        safe::line_within(host, 60)
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

fn row(report: &Report, volume: &VolumeSummary, columns: &[&str]) -> Volume {
    let healthy = |replica: &&ReplicaSummary| replica.state == "healthy";
    let healthy = volume.replicas.iter().filter(healthy).count();
    Volume {
        user: user(volume),
        name: wording::or_missing(&volume.name),
        state: wording::state(&volume.state),
        robustness: wording::state(&volume.robustness),
        tone: Tone::of_robustness(&volume.robustness),
        size: units::gib(volume.size),
        node: safe::line_within(&volume.node, 260),
        age: units::age(&volume.created_at, &report.bundle.created_at).unwrap_or_default(),
        replicas: format!("{healthy} of {}", volume.wanted_replicas),
        cells: columns.iter().take(HOSTS).map(|host| cell(volume, host)).collect(),
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
        fine: tone == Tone::Ok && !over && used_percent < 75,
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
