//! The view of the virtual machines that findings name: from the machine down to the disks that hold its data.

use super::super::{safe, units, wording};
use super::storage;
use gleaner_report::{Report, VmVolume, VolumeSummary};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most machines, volumes of a machine, and replicas of a volume.
const MACHINES: usize = 50;
const VOLUMES: usize = 20;
const REPLICAS: usize = 10;

/// All chains.
pub(super) fn view(report: &Report) -> Value {
    let volumes: BTreeMap<&str, &VolumeSummary> = report
        .cluster
        .volume_list
        .iter()
        .map(|volume| (volume.name.as_str(), volume))
        .collect();
    let list: Vec<Value> = report
        .cluster
        .chains
        .iter()
        .take(MACHINES)
        .map(|chain| {
            let disks: Vec<Value> = chain
                .volumes
                .iter()
                .take(VOLUMES)
                .map(|disk| one(disk, &volumes))
                .collect();
            json!({
                "vm": wording::or_missing(&chain.vm),
                "status": wording::state(&chain.status),
                "tone": if chain.status == "Running" { "ok" } else { "warn" },
                "node": safe::line_within(&chain.node, 260),
                "volumes": disks,
                "more": chain.volumes.len().saturating_sub(VOLUMES),
            })
        })
        .collect();
    let counts: Vec<String> = report
        .cluster
        .virtual_machines
        .iter()
        .take(20)
        .map(|count| format!("{} {}", count.count, safe::line_within(&count.label, 60)))
        .collect();
    json!({"list": list, "more": report.cluster.chains.len().saturating_sub(MACHINES), "counts": units::joined(&counts)})
}

/// One disk of a machine, with the volume behind it.
fn one(disk: &VmVolume, volumes: &BTreeMap<&str, &VolumeSummary>) -> Value {
    let known = volumes.get(disk.volume.as_str());
    let replicas: Vec<Value> = known
        .map(|volume| volume.replicas.as_slice())
        .unwrap_or_default()
        .iter()
        .take(REPLICAS)
        .map(|replica| {
            let tone = match replica.state.as_str() {
                "healthy" => "ok",
                "rebuilding" => "warn",
                "failed" => "bad",
                _ => "dim",
            };
            json!({
                "state": wording::state(&replica.state), "tone": tone,
                "node": if replica.node.is_empty() { "not placed".to_owned() } else { safe::line_within(&replica.node, 260) },
                "disk": safe::line_within(&replica.disk, 260),
            })
        })
        .collect();
    let robustness = known.map(|volume| volume.robustness.as_str()).unwrap_or_default();
    json!({
        "pvc": safe::line_within(&disk.pvc, 350),
        "volume": safe::line_within(&disk.volume, 260),
        "driver": safe::line_within(&disk.driver, 120),
        "known": known.is_some(),
        "state": known.map(|volume| wording::state(&volume.state)).unwrap_or_default(),
        "robustness": wording::state(robustness),
        "tone": storage::tone(robustness),
        "size": known.map(|volume| units::gib(volume.size)).unwrap_or_default(),
        "replicas": replicas,
    })
}
