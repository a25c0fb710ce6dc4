//! Upgrades: which one is under way, how it ended, and where it leads.

use super::condition_status;
use crate::cluster::{Cluster, Object};

/// The Upgrade under way: the latest one, neither succeeded nor failed.
pub(crate) fn active<'c, 't>(cluster: &'c Cluster<'t>) -> Option<&'c Object<'t>> {
    let mut upgrades = cluster.of("Upgrade.harvesterhci.io").iter();
    upgrades.find(|upgrade| is_latest(upgrade) && !has_succeeded(upgrade) && !has_failed(upgrade))
}

/// The Upgrade that is not finished: the one under way, else the latest one if it failed.
pub fn unfinished<'c, 't>(cluster: &'c Cluster<'t>) -> Option<&'c Object<'t>> {
    let mut upgrades = cluster.of("Upgrade.harvesterhci.io").iter();
    active(cluster).or_else(|| upgrades.find(|upgrade| is_latest(upgrade) && is_open_or_failed(upgrade)))
}

/// Whether an Upgrade has not succeeded and, if it failed, is the latest one.
pub(crate) fn is_open_or_failed(upgrade: &Object<'_>) -> bool {
    !has_succeeded(upgrade) && (!has_failed(upgrade) || is_latest(upgrade))
}

fn label<'o>(upgrade: &'o Object<'_>, name: &str) -> &'o str {
    upgrade.root.text(&["metadata", "labels", name])
}

fn is_latest(upgrade: &Object<'_>) -> bool {
    label(upgrade, "harvesterhci.io/latestUpgrade") == "true"
}

fn has_succeeded(upgrade: &Object<'_>) -> bool {
    label(upgrade, "harvesterhci.io/upgradeState") == "Succeeded"
        || condition_status(&upgrade.root, "Completed") == "True"
}

fn has_failed(upgrade: &Object<'_>) -> bool {
    label(upgrade, "harvesterhci.io/upgradeState") == "Failed"
        || condition_status(&upgrade.root, "Completed") == "False"
}

/// The version that an Upgrade leads to; empty if the bundle does not say.
pub fn target(upgrade: &Object<'_>) -> String {
    let info = upgrade.root.text(&["status", "repoInfo"]);
    let release = gleaner_yaml::embedded_yaml(info);
    let harvester = release.as_ref().map_or("", |info| info.text(&["release", "harvester"]));
    if harvester.is_empty() {
        upgrade.root.text(&["spec", "version"]).to_owned()
    } else {
        harvester.to_owned()
    }
}
