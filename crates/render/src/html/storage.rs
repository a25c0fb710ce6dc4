//! The view of the storage section: volumes as `kubectl get lhv` shows them, where their replicas are, and the disks.

use super::super::{safe, units, wording};
use gleaner_report::{DiskSummary, NodeSummary, Report, VolumeSummary};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Most volumes in the table and in the matrix.
const VOLUMES: usize = 200;
/// Most hosts in the matrix.
const HOSTS: usize = 40;
/// Most disks.
const DISKS: usize = 200;
/// Width of a bar in units of its drawing.
const BAR: u64 = 100;

/// Volumes, placement and disks.
pub(super) fn view(report: &Report) -> Value {
    let volumes = &report.cluster.volume_list;
    let rows: Vec<Value> = volumes.iter().take(VOLUMES).map(|volume| row(report, volume)).collect();
    let disks: Vec<Value> = report.cluster.disks.iter().take(DISKS).map(disk).collect();
    json!({
        "total": wording::volumes(report),
        "rows": rows,
        "more": volumes.len().saturating_sub(VOLUMES),
        "matrix": matrix(report),
        "disks": disks,
        "hosts": hosts(report),
        "disksMore": report.cluster.disks.len().saturating_sub(DISKS),
    })
}

/// One volume in the columns of `lhv`.
fn row(report: &Report, volume: &VolumeSummary) -> Value {
    let healthy = volume
        .replicas
        .iter()
        .filter(|replica| replica.state == "healthy")
        .count();
    let user = if volume.workload.is_empty() {
        &volume.pvc
    } else {
        &volume.workload
    };
    json!({
        "name": wording::or_missing(&volume.name),
        "state": wording::state(&volume.state),
        "robustness": wording::state(&volume.robustness),
        "tone": tone(&volume.robustness),
        "scheduled": wording::state(&volume.scheduled),
        "size": units::gib(volume.size),
        "node": safe::line_within(&volume.node, 260),
        "age": units::age(&volume.created_at, &report.bundle.created_at).unwrap_or_default(),
        "replicas": format!("{healthy} of {}", volume.wanted_replicas),
        "pvc": safe::line_within(&volume.pvc, 350),
        "user": safe::line_within(user, 350),
    })
}

/// The colour class of a robustness.
pub(super) fn tone(robustness: &str) -> &'static str {
    match robustness {
        "healthy" => "ok",
        "degraded" => "warn",
        "faulted" => "bad",
        _ => "dim",
    }
}

/// Which host holds which replica of which volume.
fn matrix(report: &Report) -> Value {
    let volumes = report.cluster.volume_list.iter().take(VOLUMES);
    let mut names: BTreeSet<&str> = report.cluster.nodes.iter().map(|node| node.name.as_str()).collect();
    names.extend(
        volumes
            .clone()
            .flat_map(|volume| &volume.replicas)
            .map(|replica| replica.node.as_str()),
    );
    let unplaced = names.remove("");
    let hosts: Vec<&str> = names.iter().copied().take(HOSTS).collect();
    let rows: Vec<Value> = volumes
        .filter(|volume| !volume.replicas.is_empty())
        .map(|volume| {
            let mut cells: Vec<Value> = hosts.iter().map(|host| cell(volume, host)).collect();
            if unplaced {
                cells.push(cell(volume, ""));
            }
            json!({"name": wording::or_missing(&volume.name), "tone": tone(&volume.robustness), "cells": cells})
        })
        .collect();
    let mut heads: Vec<String> = hosts.iter().map(|host| safe::line_within(host, 60)).collect();
    if unplaced {
        heads.push("not placed".to_owned());
    }
    json!({"hosts": heads, "rows": rows, "more": names.len().saturating_sub(HOSTS)})
}

/// The replicas of a volume on a host: a letter each, and the colour of the worst.
fn cell(volume: &VolumeSummary, host: &str) -> Value {
    let mut letters: Vec<(u8, &str, &str)> = volume
        .replicas
        .iter()
        .filter(|replica| replica.node == host)
        .map(|replica| match replica.state.as_str() {
            "failed" => (0, "F", "bad"),
            "rebuilding" => (1, "B", "warn"),
            "stopped" => (2, "S", "dim"),
            "healthy" => (3, "R", "ok"),
            _ => (2, "?", "dim"),
        })
        .collect();
    letters.sort_unstable();
    let text: Vec<&str> = letters.iter().take(6).map(|(_, letter, _)| *letter).collect();
    let tone = letters.first().map_or("none", |(_, _, tone)| tone);
    json!({"text": if text.is_empty() { "–".to_owned() } else { text.join(" ") }, "tone": tone})
}

/// The disks of each host together, where some host has more than one.
fn hosts(report: &Report) -> Vec<Value> {
    let nodes = report.cluster.nodes.iter().filter(|node| node.storage.disks > 0);
    if nodes.clone().all(|node| node.storage.disks == 1) {
        return Vec::new();
    }
    let size = |size: Option<u64>| size.map_or_else(|| wording::NOT_IN_BUNDLE.to_owned(), units::gib);
    let row = |node: &NodeSummary| {
        let storage = &node.storage;
        json!({
            "name": wording::or_missing(&node.name), "disks": storage.disks,
            "used": units::gib(storage.maximum.saturating_sub(storage.available)),
            "scheduled": units::gib(storage.scheduled), "limit": size(storage.limit), "room": size(storage.room),
            "reserved": units::gib(storage.reserved), "maximum": units::gib(storage.maximum),
        })
    };
    nodes.take(DISKS).map(row).collect()
}

/// One disk with its bars.
fn disk(disk: &DiskSummary) -> Value {
    let used = disk.maximum.saturating_sub(disk.available);
    let room = disk.maximum.saturating_sub(disk.reserved);
    // Without the setting for over-provisioning, what is not reserved stands in for the limit.
    let limit = disk.limit.unwrap_or(room);
    let (used_percent, scheduled_percent) = (
        units::percent(used, disk.maximum),
        units::percent(disk.scheduled, limit),
    );
    let over = disk.scheduled > limit;
    let used_tone = match used_percent {
        0..75 => "ok",
        75..90 => "warn",
        _ => "bad",
    };
    let note = if over { ", over the limit" } else { "" };
    let state = match (disk.ready, disk.schedulable) {
        (false, _) => ("not ready", "bad"),
        (true, false) => ("takes no new replicas", "warn"),
        (true, true) => ("schedulable", "ok"),
    };
    json!({
        "node": wording::or_missing(&disk.node),
        "path": safe::line_within(if disk.path.is_empty() { &disk.name } else { &disk.path }, 260),
        "state": state.0, "tone": state.1,
        "maximum": units::gib(disk.maximum), "reserved": units::gib(disk.reserved),
        "used": format!("{used_percent}%, {} available", units::gib(disk.available)),
        "usedBar": used_percent.min(BAR), "usedTone": used_tone,
        "promised": format!("{scheduled_percent}%, {}{note}", units::gib(disk.scheduled)),
        "limit": disk.limit.map_or_else(|| wording::NOT_IN_BUNDLE.to_owned(), units::gib),
        "promisedBar": scheduled_percent.min(BAR), "promisedTone": if over { "warn" } else { "ok" },
    })
}
