//! The few facts that rules ask for all the time: time, versions, the upgrade under way, what was collected.

use crate::cluster::{Cluster, Object};
use crate::harvester::{setting, upgrade};
use crate::hosts::HostFiles;
use crate::layout;
use crate::sources::{Sources, TextFile};
use gleaner_yaml::{Node, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Facts about the bundle and its cluster. Unknown texts are empty.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// When the bundle was made: seconds since 1970, UTC.
    pub now: Option<i64>,
    /// Where `now` comes from.
    pub now_source: String,
    /// The running Harvester version; during an upgrade the one it started from.
    pub running: String,
    /// Where the running version was read.
    pub running_source: String,
    /// The Longhorn version.
    pub longhorn: String,
    /// The Kubernetes version.
    pub kubernetes: String,
    /// Name of the Upgrade under way.
    pub upgrade: Option<String>,
    /// Whether an upgrade is planned as far as Upgrades say: one is under way, whatever its labels, or the latest one failed and will be tried again.
    pub is_upgrading: bool,
    /// The version the Upgrade under way goes to.
    pub upgrade_target: String,
    /// How many nodes there are, the witness among them; a lower bound of at least 2 where the Nodes were not collected, and nothing
    /// where their file is damaged.
    pub node_count: Option<i64>,
    /// Namespaces whose objects were collected.
    pub namespaces: BTreeSet<String>,
    /// What the bundle holds of each host, by the name of its node; nothing of those without an archive.
    pub hosts: BTreeMap<String, HostFiles>,
    /// Releases and the oldest release each may be reached from.
    pub matrix: BTreeMap<String, String>,
}

/// The keys of metadata.yaml, which are all lower case.
#[derive(Debug, Clone, Default)]
pub struct Metadata {
    /// `bundlename`
    pub name: String,
    /// `kubernetesversion`
    pub kubernetes: String,
    /// `bundlecreatedat`
    pub created_at: String,
    /// `issueurl`
    pub issue_url: String,
    /// `issuedescription`
    pub issue_description: String,
}

impl Metadata {
    /// Reads metadata.yaml; what is missing or unreadable stays empty.
    pub fn read(sources: &Sources) -> Metadata {
        let document = sources
            .text("metadata.yaml")
            .and_then(|text| gleaner_yaml::read_document(text, gleaner_yaml::Mode::Dialect).ok());
        let text = |key: &str| {
            let found = document
                .iter()
                .flat_map(Node::entries)
                .find(|(name, _)| name.eq_ignore_ascii_case(key));
            found.map(|(_, value)| gleaner_yaml::display(value)).unwrap_or_default()
        };
        Metadata {
            name: text("bundlename"),
            kubernetes: text("kubernetesversion"),
            created_at: text("bundlecreatedat"),
            issue_url: text("issueurl"),
            issue_description: text("issuedescription"),
        }
    }
}

impl Facts {
    /// Whether the archive of a node is in the bundle and holds anything.
    pub fn has_archive(&self, node: &str) -> bool {
        self.hosts.get(node).is_some_and(HostFiles::holds_files)
    }

    /// Reads the facts off the objects and the bundle's own files.
    pub fn read(
        cluster: &Cluster<'_>,
        sources: &Sources,
        metadata: &Metadata,
        bundle_name: &str,
        mut matrix: BTreeMap<String, String>,
    ) -> Facts {
        matrix.extend(cluster.of("Version.harvesterhci.io").iter().filter_map(release));
        let upgrade = upgrade::active(cluster);
        let (now, now_source) = now(cluster, metadata, bundle_name);
        let (running, running_source) = running(cluster, sources, upgrade);
        let longhorn = setting::longhorn(cluster, "current-longhorn-version");
        Facts {
            now,
            now_source: now_source.to_owned(),
            running,
            running_source,
            longhorn: longhorn.map_or_else(|| longhorn_of_image(cluster), Cow::into_owned),
            kubernetes: kubernetes(cluster, metadata),
            upgrade: upgrade.map(|upgrade| upgrade.name().to_owned()),
            is_upgrading: cluster
                .of("Upgrade.harvesterhci.io")
                .iter()
                .any(upgrade::is_open_or_failed),
            upgrade_target: upgrade.map(upgrade::target).unwrap_or_default(),
            node_count: node_count(cluster),
            namespaces: sources
                .paths
                .iter()
                .filter_map(|path| layout::namespace_of(path))
                .map(str::to_owned)
                .collect(),
            hosts: HostFiles::read(sources),
            matrix,
        }
    }
}

/// The version of Longhorn by the image of its DaemonSet, such as `v1.2.3` of `longhornio/longhorn-manager:v1.2.3`, for bundles without
/// its settings; `""` if it has no such tag.
fn longhorn_of_image(cluster: &Cluster<'_>) -> String {
    let manager = cluster.named("DaemonSet.apps", "longhorn-system", "longhorn-manager");
    let containers = manager.and_then(|manager| manager.root.at(&["spec", "template", "spec", "containers"]));
    let images = containers.into_iter().flat_map(|containers| containers.items());
    let mut images = images.map(|container| container.text(&["image"]));
    let tag = images.find_map(|image| image.rsplit_once("longhorn-manager:"));
    // A digest may follow.
    let tag = tag.map_or("", |(_, tag)| tag.split('@').next().unwrap_or(tag));
    let number = tag.strip_prefix('v').filter(|_| tag.len() < 40);
    let is_release = number.is_some_and(|number| number.starts_with(|first: char| first.is_ascii_digit()));
    if is_release { tag.to_owned() } else { String::new() }
}

/// A release that the cluster itself knows, and the oldest release it says it may be reached from.
fn release(version: &Object<'_>) -> Option<(String, String)> {
    let least = version
        .root
        .text(&["spec", "minUpgradableVersion"])
        .trim_start_matches('v');
    (!least.is_empty()).then(|| (version.name().trim_start_matches('v').to_owned(), least.to_owned()))
}

fn now(cluster: &Cluster<'_>, metadata: &Metadata, bundle_name: &str) -> (Option<i64>, &'static str) {
    if let Some(seconds) = gleaner_text::parse_time(&metadata.created_at) {
        return (Some(seconds), "metadata.yaml");
    }
    if let Some(seconds) = gleaner_text::time_in_name(bundle_name) {
        return (Some(seconds), "file name");
    }
    let newest = cluster
        .kinds
        .all()
        .flat_map(|(kind, _)| cluster.all(kind))
        .filter_map(|object| newest_time(&object.root))
        .max();
    (
        newest,
        if newest.is_some() {
            "newest timestamp"
        } else {
            "unknown"
        },
    )
}

/// Fields that are written when something happened, never for the future.
const PAST: [&str; 6] = [
    "creationTimestamp",
    "lastTransitionTime",
    "lastHeartbeatTime",
    "lastUpdateTime",
    "lastTimestamp",
    "renewTime",
];

fn newest_time(node: &Node<'_>) -> Option<i64> {
    let in_map = node.entries().filter_map(|(key, value)| match value.value() {
        Value::Str(text) if PAST.contains(&key) => gleaner_text::parse_time(text),
        _ => newest_time(value),
    });
    in_map.chain(node.items().iter().filter_map(newest_time)).max()
}

/// The running version. Once the chart is upgraded, `server-version` already shows the target: an upgrade under way knows better.
fn running(cluster: &Cluster<'_>, sources: &Sources, upgrade: Option<&Object<'_>>) -> (String, String) {
    let previous = upgrade.map_or("", |upgrade| upgrade.root.text(&["status", "previousVersion"]));
    if !previous.is_empty() {
        return (previous.to_owned(), "status.previousVersion of the Upgrade".to_owned());
    }
    let server = setting::harvester(cluster, "server-version");
    if !server.is_empty() {
        return (server.to_owned(), "Setting server-version".to_owned());
    }
    let chart = cluster.named("ManagedChart.management.cattle.io", "fleet-local", "harvester");
    let chart = chart.map_or("", |chart| chart.root.text(&["spec", "version"]));
    if !chart.is_empty() && !chart.starts_with("0.0.0") {
        return (
            format!("v{}", chart.trim_start_matches('v')),
            "ManagedChart harvester".to_owned(),
        );
    }
    if let Some(version) = majority(cluster.of("Node").iter().filter_map(os_version)) {
        return (version, "osImage of the Nodes".to_owned());
    }
    if let Some(version) = majority(sources.files.iter().filter_map(release_file)) {
        return (version, "harvester-release.yaml of the node archives".to_owned());
    }
    let tag = cluster
        .named("Deployment.apps", "harvester-system", "harvester")
        .and_then(image_tag);
    tag.map_or_else(Default::default, |tag| {
        (tag, "image tag of Deployment harvester".to_owned())
    })
}

fn os_version(node: &Object<'_>) -> Option<String> {
    let image = node.root.text(&["status", "nodeInfo", "osImage"]);
    image
        .strip_prefix("Harvester ")
        .map(|version| version.trim().to_owned())
}

fn release_file(file: &TextFile) -> Option<String> {
    let (_, inner) = layout::inside_node_archive(&file.path)?;
    if inner != "configs/etc/harvester-release.yaml" {
        return None;
    }
    let document = gleaner_yaml::read_document(&file.text, gleaner_yaml::Mode::Dialect).ok()?;
    document.get("harvester").map(gleaner_yaml::display)
}

fn image_tag(deployment: &Object<'_>) -> Option<String> {
    let containers = deployment.root.at(&["spec", "template", "spec", "containers"])?;
    let image = containers.items().first()?.text(&["image"]);
    image.rsplit_once(':').map(|(_, tag)| tag.to_owned())
}

/// The text that occurs most often; of equally frequent ones the first in order.
fn majority(texts: impl Iterator<Item = String>) -> Option<String> {
    let mut counts = BTreeMap::<String, usize>::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)))
        .map(|(text, _)| text)
}

fn kubernetes(cluster: &Cluster<'_>, metadata: &Metadata) -> String {
    if !metadata.kubernetes.is_empty() {
        return metadata.kubernetes.clone();
    }
    let kubelet = |node: &Object<'_>| node.root.text(&["status", "nodeInfo", "kubeletVersion"]).to_owned();
    majority(
        cluster
            .of("Node")
            .iter()
            .map(kubelet)
            .filter(|version| !version.is_empty()),
    )
    .unwrap_or_default()
}

/// Nodes by their objects; where those are missing, the nodes that Longhorn names show at least whether there are several.
fn node_count(cluster: &Cluster<'_>) -> Option<i64> {
    let nodes = cluster.of("Node");
    if !nodes.is_empty() {
        return i64::try_from(nodes.len()).ok();
    }
    let mut named: BTreeSet<&str> = cluster.of("Node.longhorn.io").iter().map(Object::name).collect();
    for kind in ["Replica.longhorn.io", "Engine.longhorn.io"] {
        named.extend(
            cluster
                .of(kind)
                .iter()
                .map(|object| object.root.text(&["spec", "nodeID"])),
        );
    }
    named.extend(
        cluster
            .of("Volume.longhorn.io")
            .iter()
            .map(|volume| volume.root.text(&["status", "currentNodeID"])),
    );
    named.remove("");
    (named.len() > 1).then(|| i64::try_from(named.len()).unwrap_or(i64::MAX))
}
