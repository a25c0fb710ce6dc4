//! What the report says CSI drivers can do.

use crate::official_state::State;
use gleaner_report::{Answer, CsiDriverSummary};
use serde_json::{Value, json};

const CLASSES: &str = "cluster/snapshot.storage.k8s.io/v1/volumesnapshotclasses";

fn class(name: &str, driver: &str) -> Value {
    json!({"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass", "metadata": {"name": name}, "driver": driver})
}

fn configured(state: State, running: &str) -> State {
    let config = json!({
        "driver.longhorn.io": {"volumeSnapshotClassName": "longhorn-snapshot", "backupVolumeSnapshotClassName": "longhorn"},
        "csi.example.com": {"volumeSnapshotClassName": "example-snapshot", "backupVolumeSnapshotClassName": "example-backup"},
    });
    state
        .setting("csi-driver-config", Some(json!({"value": config.to_string()})))
        .setting("server-version", Some(json!({"value": running})))
}

fn driver(state: &State, name: &str) -> CsiDriverSummary {
    let drivers = state.report("v1.5.0").cluster.csi_drivers;
    drivers.into_iter().find(|driver| driver.name == name).unwrap()
}

#[test]
fn a_snapshot_needs_a_class_of_the_driver() {
    let all = [
        class("longhorn-snapshot", "driver.longhorn.io"),
        class("longhorn", "driver.longhorn.io"),
        class("example-snapshot", "csi.example.com"),
        class("example-backup", "csi.example.com"),
    ];
    let state = configured(State::healthy(), "v1.8.1").with(CLASSES, all.to_vec());
    assert_eq!(driver(&state, "driver.longhorn.io").backup.answer, Answer::Yes);
    let example = driver(&state, "csi.example.com");
    assert_eq!(
        (example.snapshot.answer, example.backup.answer),
        (Answer::Yes, Answer::No)
    );
    assert_eq!(
        (example.clone.answer, example.expand.answer),
        (Answer::Unknown, Answer::Unknown)
    );
    let other = [class("example-snapshot", "csi.other.example.com")];
    let state = configured(State::healthy(), "v1.8.1").with(CLASSES, other.to_vec());
    let example = driver(&state, "csi.example.com");
    assert_eq!(
        example.snapshot.reason,
        "VolumeSnapshotClass example-snapshot belongs to csi.other.example.com"
    );
    assert_eq!(driver(&state, "driver.longhorn.io").snapshot.answer, Answer::No);
}

#[test]
fn backups_of_other_drivers_are_never_uploaded() {
    let classes = vec![class("example-backup", "csi.example.com")];
    for (running, answer) in [
        ("v1.4.3", Answer::No),
        ("v1.9.0", Answer::No),
        ("master-head", Answer::Unknown),
    ] {
        let state = configured(State::healthy(), running).with(CLASSES, classes.clone());
        assert_eq!(driver(&state, "csi.example.com").backup.answer, answer, "{running}");
    }
}

#[test]
fn what_was_not_collected_is_unknown() {
    let state =
        configured(State::healthy(), "v1.8.1").without(|path| path.contains("harvesterhci.io/v1beta1/settings"));
    assert_eq!(driver(&state, "driver.longhorn.io").snapshot.answer, Answer::Unknown);
}
