//! Longhorn's decision on a drain: when it deletes the PDB of a node's instance manager.
//!
//! It does so once no volume is attached to the node and the node drain policy allows its replicas to go down: unless that is
//! `always-allow`, each replica with data needs a healthy one of its volume on another node that is Ready and schedulable.

use super::{Nodes, Reasons, listed};
use gleaner_cluster::Snapshot;
use gleaner_cluster::harvester::{Replica, setting};
use gleaner_yaml::Node;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Longhorn's replicas, engine processes, attachments and settings.
pub(super) struct LonghornState<'w> {
    replicas: BTreeMap<&'w str, Vec<Held<'w>>>,
    /// Engine processes without an Engine on their node, by node.
    orphaned_engines: BTreeMap<&'w str, BTreeSet<&'w str>>,
    /// Manually attached volumes, by node.
    manually_attached: BTreeMap<String, BTreeSet<&'w str>>,
    drain_policy: Option<String>,
    detaches_manual: Option<String>,
}

/// A replica that a node holds.
struct Held<'w> {
    replica: Replica<'w>,
    volume: &'w str,
    is_usable: bool,
    /// Whether another available node has a usable replica of the same volume.
    has_other: bool,
}

/// What Longhorn does when a node is drained.
#[derive(Default)]
pub(super) struct StorageForecast {
    pub(super) reasons: Reasons,
    pub(super) last_replicas: Vec<String>,
    pub(super) note: String,
}

impl<'w> LonghornState<'w> {
    pub(super) fn read(snapshot: &'w Snapshot<'w>, nodes: &Nodes<'_>) -> LonghornState<'w> {
        let mut manually_attached: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for attachment in snapshot.cluster.of("VolumeAttachment.longhorn.io") {
            let tickets = attachment.root.at(&["spec", "attachmentTickets"]);
            for (_, ticket) in tickets.into_iter().flat_map(Node::entries) {
                if ticket.text(&["type"]) == "longhorn-api" {
                    let volumes = manually_attached
                        .entry(ticket.text(&["nodeID"]).to_owned())
                        .or_default();
                    volumes.insert(attachment.name());
                }
            }
        }
        let longhorn = |name| setting::longhorn(&snapshot.cluster, name).map(Cow::into_owned);
        LonghornState {
            replicas: held(snapshot, nodes),
            orphaned_engines: orphaned_engines(snapshot),
            manually_attached,
            drain_policy: longhorn("node-drain-policy"),
            detaches_manual: longhorn("detach-manually-attached-volumes-when-cordoned"),
        }
    }

    /// What Longhorn does when this node is drained.
    pub(super) fn forecast(&self, node: &str) -> StorageForecast {
        let mut forecast = StorageForecast::default();
        self.attached(node, &mut forecast.reasons);
        if let Some(engines) = self.orphaned_engines.get(node) {
            forecast.reasons.blocked_by.push(format!(
                "Longhorn keeps the instance manager here for engine processes that belong to no engine of this host: {}",
                listed(engines.iter().copied())
            ));
        }
        let here = self.replicas.get(node).map(Vec::as_slice).unwrap_or_default();
        let last = here.iter().filter(|held| held.is_usable && !held.has_other);
        let names: BTreeSet<&str> = last.map(|held| held.volume).collect();
        forecast.last_replicas = names.iter().map(|name| (*name).to_owned()).collect();
        if here.is_empty() {
            return forecast;
        }
        let Some(policy) = self.drain_policy.as_deref() else {
            forecast
                .reasons
                .missing
                .push("Longhorn's setting node-drain-policy".to_owned());
            return forecast;
        };
        let protected: BTreeSet<&str> = match policy {
            "always-allow" => BTreeSet::new(),
            "block-for-eviction" => here.iter().map(|held| held.volume).collect(),
            "allow-if-replica-is-stopped"
            | "block-if-contains-last-replica"
            | "block-for-eviction-if-contains-last-replica" => here
                .iter()
                .filter(|held| policy != "allow-if-replica-is-stopped" || !held.replica.is_stopped())
                .filter(|held| !held.has_other && !held.replica.never_ran())
                .map(|held| held.volume)
                .collect(),
            unknown => {
                let what = format!("what Longhorn's node-drain-policy `{unknown}` does");
                forecast.reasons.missing.push(what);
                return forecast;
            }
        };
        if !protected.is_empty() {
            let what = match policy {
                "block-for-eviction" => "a replica",
                _ if protected.is_subset(&names) => "the last usable replica",
                _ => "the last replica with data",
            };
            forecast.reasons.blocked_by.push(format!(
                "by its policy `{policy}` Longhorn keeps the instance manager here, which holds {what} of {}",
                listed(protected.iter().copied())
            ));
        } else if !forecast.last_replicas.is_empty() {
            forecast.note = format!(
                "by the policy `{policy}` the drain goes on, and leaves {} without a healthy replica until the host is back",
                listed(names.iter().copied())
            );
        }
        forecast
    }

    /// Manually attached volumes keep the instance manager unless the setting makes Longhorn detach them.
    fn attached(&self, node: &str, reasons: &mut Reasons) {
        let Some(volumes) = self.manually_attached.get(node) else {
            return;
        };
        let names = listed(volumes.iter().copied());
        match self.detaches_manual.as_deref() {
            Some("true") => {}
            Some(_) => reasons
                .blocked_by
                .push(format!("attached manually here, and not detached by a drain: {names}")),
            None => reasons
                .missing
                .push(format!("whether Longhorn detaches manually attached volumes: {names}")),
        }
    }
}

/// The replicas by node.
fn held<'w>(snapshot: &'w Snapshot<'w>, nodes: &Nodes<'_>) -> BTreeMap<&'w str, Vec<Held<'w>>> {
    let managers = snapshot.cluster.of("InstanceManager.longhorn.io");
    let running = managers
        .iter()
        .filter(|manager| manager.root.text(&["status", "currentState"]) == "running");
    let with_manager: BTreeSet<&str> = running.map(|manager| manager.root.text(&["spec", "nodeID"])).collect();
    // Without any instance manager in the bundle, it is unknown which nodes have one.
    let serves = |node: &str| nodes.is_available(node) && (managers.is_empty() || with_manager.contains(node));
    let serving: BTreeSet<&str> = nodes.all.iter().copied().filter(|node| serves(node)).collect();
    let replicas = snapshot.cluster.of("Replica.longhorn.io").iter().map(|object| {
        let replica = Replica::of(object);
        (replica.volume(), replica.node(), replica.is_usable(), replica)
    });
    let mut replicas: Vec<_> = replicas.collect();
    replicas.sort_by_key(|(volume, ..)| *volume);
    let mut by_node: BTreeMap<&str, Vec<Held<'_>>> = BTreeMap::new();
    for of_volume in replicas.chunk_by(|(a, ..), (b, ..)| a == b) {
        for (volume, node, is_usable, replica) in of_volume {
            let other =
                |(_, at, is_usable, _): &(&str, &str, bool, _)| at != node && *is_usable && serving.contains(at);
            by_node.entry(node).or_default().push(Held {
                replica: *replica,
                volume,
                is_usable: *is_usable,
                has_other: of_volume.iter().any(other),
            });
        }
    }
    by_node
}

/// Engine processes whose Engine is gone or on another node: they count as attached volumes and are not cleaned up.
fn orphaned_engines<'w>(snapshot: &'w Snapshot<'w>) -> BTreeMap<&'w str, BTreeSet<&'w str>> {
    let engines = snapshot.cluster.of("Engine.longhorn.io");
    let engine_nodes: BTreeMap<&str, &str> = engines
        .iter()
        .map(|engine| (engine.name(), engine.root.text(&["spec", "nodeID"])))
        .collect();
    let mut orphaned: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let kind = snapshot.cluster.kinds.by_name("Engine.longhorn.io");
    if engine_nodes.is_empty() || kind.is_none_or(|kind| !snapshot.availability.is_complete(kind)) {
        return orphaned;
    }
    for manager in snapshot.cluster.of("InstanceManager.longhorn.io") {
        let node = manager.root.text(&["spec", "nodeID"]);
        let processes = manager.root.at(&["status", "instanceEngines"]);
        for (name, _) in processes.into_iter().flat_map(Node::entries) {
            if engine_nodes.get(name).is_none_or(|home| *home != node) {
                orphaned.entry(node).or_default().insert(name);
            }
        }
    }
    orphaned
}
