//! Settings that were changed, and cluster networks.

use gleaner_cluster::Object;
use gleaner_cluster::Snapshot;
use gleaner_cluster::harvester::condition_status;
use gleaner_report::{ChangedSetting, NetworkSummary};
use gleaner_yaml::{Node, embedded_json};
use std::collections::BTreeSet;

/// Settings whose value is shown. Others may hold credentials, keys or tokens. Source: harvester/harvester v1.7.0,
/// pkg/settings/settings.go.
const SHOWN: [&str; 28] = [
    "auto-disk-provision-paths",
    "auto-rotate-rke2-certs",
    "cluster-pod-security-standard",
    "csi-driver-config",
    "csi-online-expand-validation",
    "default-storage-class",
    "default-vm-termination-grace-period-seconds",
    "instance-manager-resources",
    "kubeconfig-default-token-ttl-minutes",
    "kubevirt-migration",
    "log-level",
    "longhorn-v2-data-engine-enabled",
    "max-hotplug-ratio",
    "ntp-servers",
    "overcommit-config",
    "rwx-network",
    "server-version",
    "storage-network",
    "support-bundle-expiration",
    "support-bundle-namespaces",
    "support-bundle-node-collection-timeout",
    "support-bundle-timeout",
    "upgrade-checker-enabled",
    "upgrade-config",
    "vip-pools",
    "vm-force-reset-policy",
    "vm-migration-network",
    "volume-snapshot-class",
];
/// How many settings and networks there are at most, and how many characters of a value are kept.
const MOST: usize = 200;
const QUOTED: usize = 300;

/// The Harvester settings whose value is set and not the default.
pub(super) fn changed(snapshot: &Snapshot<'_>) -> Vec<ChangedSetting> {
    let settings = snapshot.cluster.of("Setting.harvesterhci.io").iter();
    let changed = settings.filter(|setting| {
        let value = setting.root.text(&["value"]);
        !value.is_empty() && value != setting.root.text(&["default"])
    });
    let mut changed: Vec<ChangedSetting> = changed.take(MOST).map(setting).collect();
    changed.sort_by(|a, b| a.name.cmp(&b.name));
    changed
}

fn setting(setting: &Object<'_>) -> ChangedSetting {
    let value = || setting.root.text(&["value"]).chars().take(QUOTED).collect();
    ChangedSetting {
        name: setting.name().to_owned(),
        value: SHOWN.contains(&setting.name()).then(value),
    }
}

/// The cluster networks, with the nodes that their VlanConfigs match.
pub(super) fn networks(snapshot: &Snapshot<'_>) -> Vec<NetworkSummary> {
    let networks = snapshot.cluster.of("ClusterNetwork.network.harvesterhci.io").iter();
    let mut networks: Vec<NetworkSummary> = networks.take(MOST).map(|network| summary(snapshot, network)).collect();
    networks.sort_by(|a, b| a.name.cmp(&b.name));
    networks
}

fn summary(snapshot: &Snapshot<'_>, network: &Object<'_>) -> NetworkSummary {
    let name = network.name();
    let configs = snapshot.cluster.of("VlanConfig.network.harvesterhci.io").iter();
    let configs = configs.filter(|config| config.root.text(&["spec", "clusterNetwork"]) == name);
    let nodes: BTreeSet<String> = configs.flat_map(matched_nodes).collect();
    let uses = |definition: &&Object<'_>| {
        let labels = ["metadata", "labels", "network.harvesterhci.io/clusternetwork"];
        definition.root.text(&labels) == name
    };
    let definitions = snapshot.cluster.of("NetworkAttachmentDefinition.k8s.cni.cncf.io");
    NetworkSummary {
        name: name.to_owned(),
        ready: condition_status(&network.root, "ready").to_owned(),
        nodes: nodes.into_iter().collect(),
        vm_networks: definitions.iter().filter(uses).count(),
    }
}

/// The nodes in a VlanConfig's annotation, which Harvester writes as a JSON list.
fn matched_nodes(config: &Object<'_>) -> Vec<String> {
    let annotation = ["metadata", "annotations", "network.harvesterhci.io/matched-nodes"];
    let list = embedded_json(config.root.text(&annotation));
    let items = list.as_ref().map(Node::items).unwrap_or_default();
    items.iter().filter_map(Node::as_str).map(str::to_owned).collect()
}
