//! Longhorn's part in a drain: when it gives up the disruption budget of a node's instance manager.
//!
//! It does once no volume is attached there, and the policy has nothing against the replicas that stay behind: for all policies
//! but `always-allow`, each replica with data needs a healthy copy on another node that is Ready and schedulable.

use super::{Nodes, Part, by_text, listed};
use gleaner_cluster::Object;
use gleaner_cluster::Snapshot;
use gleaner_cluster::harvester::{Replica, setting};
use gleaner_yaml::Node;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Longhorn's objects, by what a forecast asks for.
pub(super) struct Storage<'w> {
    by_node: BTreeMap<&'w str, Vec<&'w Object<'w>>>,
    by_volume: BTreeMap<&'w str, Vec<&'w Object<'w>>>,
    /// Nodes with a running instance manager; `None` if the bundle has no instance manager at all.
    managed: Option<BTreeSet<&'w str>>,
    /// Engine processes that no engine of the cluster accounts for, by node.
    strays: BTreeMap<&'w str, BTreeSet<&'w str>>,
    /// Volumes that somebody attached by hand, by node.
    by_hand: BTreeMap<String, BTreeSet<&'w str>>,
    policy: Option<String>,
    detaches: Option<String>,
}

/// What Longhorn holds on to.
#[derive(Default)]
pub(super) struct Held {
    pub(super) part: Part,
    pub(super) last_replicas: Vec<String>,
    pub(super) note: String,
}

impl<'w> Storage<'w> {
    pub(super) fn read(snapshot: &'w Snapshot<'w>) -> Storage<'w> {
        let replicas = snapshot.cluster.of("Replica.longhorn.io");
        let managers = snapshot.cluster.of("InstanceManager.longhorn.io");
        let running = managers
            .iter()
            .filter(|manager| manager.root.text(&["status", "currentState"]) == "running");
        let mut by_hand: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for attachment in snapshot.cluster.of("VolumeAttachment.longhorn.io") {
            let tickets = attachment.root.at(&["spec", "attachmentTickets"]);
            for (_, ticket) in tickets.into_iter().flat_map(Node::entries) {
                if ticket.text(&["type"]) == "longhorn-api" {
                    let volumes = by_hand.entry(ticket.text(&["nodeID"]).to_owned()).or_default();
                    volumes.insert(attachment.name());
                }
            }
        }
        let longhorn = |name| setting::longhorn(&snapshot.cluster, name).map(Cow::into_owned);
        Storage {
            by_node: by_text(replicas, &["spec", "nodeID"]),
            by_volume: by_text(replicas, &["spec", "volumeName"]),
            managed: (!managers.is_empty())
                .then(|| running.map(|manager| manager.root.text(&["spec", "nodeID"])).collect()),
            strays: strays(snapshot),
            by_hand,
            policy: longhorn("node-drain-policy"),
            detaches: longhorn("detach-manually-attached-volumes-when-cordoned"),
        }
    }

    /// What Longhorn would hold on to if this node were drained.
    pub(super) fn held(&self, node: &str, nodes: &Nodes<'_>) -> Held {
        let mut held = Held::default();
        self.attached(node, &mut held.part);
        if let Some(strays) = self.strays.get(node) {
            held.part.blocked_by.push(format!(
                "Longhorn keeps the instance manager here for engine processes that belong to no engine of this host: {}",
                listed(strays.iter().copied())
            ));
        }
        let here = self.by_node.get(node).map(Vec::as_slice).unwrap_or_default();
        let last: Vec<&Object<'_>> = here
            .iter()
            .copied()
            .filter(|replica| Replica::of(replica).is_usable() && !self.is_elsewhere(replica, node, nodes))
            .collect();
        let names: BTreeSet<&str> = last.iter().map(|replica| Replica::of(replica).volume()).collect();
        held.last_replicas = names.iter().map(|name| (*name).to_owned()).collect();
        if here.is_empty() {
            return held;
        }
        let Some(policy) = self.policy.as_deref() else {
            held.part
                .missing
                .push("Longhorn's setting node-drain-policy".to_owned());
            return held;
        };
        let kept: BTreeSet<&str> = match policy {
            "always-allow" => BTreeSet::new(),
            "block-for-eviction" => here.iter().map(|replica| Replica::of(replica).volume()).collect(),
            "allow-if-replica-is-stopped"
            | "block-if-contains-last-replica"
            | "block-for-eviction-if-contains-last-replica" => here
                .iter()
                .filter(|replica| policy != "allow-if-replica-is-stopped" || !Replica::of(replica).is_stopped())
                .filter(|replica| !Replica::of(replica).never_ran() && !self.is_elsewhere(replica, node, nodes))
                .map(|replica| Replica::of(replica).volume())
                .collect(),
            unknown => {
                let what = format!("what Longhorn's node-drain-policy `{unknown}` does");
                held.part.missing.push(what);
                return held;
            }
        };
        if !kept.is_empty() {
            let what = if policy == "block-for-eviction" {
                "a replica"
            } else {
                "the last usable replica"
            };
            held.part.blocked_by.push(format!(
                "by its policy `{policy}` Longhorn keeps the instance manager here, which holds {what} of {}",
                listed(kept.iter().copied())
            ));
        } else if !held.last_replicas.is_empty() {
            held.note = format!(
                "by the policy `{policy}` the drain goes on, and leaves {} without a healthy replica until the host is back",
                listed(names.iter().copied())
            );
        }
        held
    }

    /// Volumes that somebody attached by hand keep the instance manager, unless Longhorn is told to detach them.
    fn attached(&self, node: &str, part: &mut Part) {
        let Some(volumes) = self.by_hand.get(node) else { return };
        let names = listed(volumes.iter().copied());
        match self.detaches.as_deref() {
            Some("true") => {}
            Some(_) => part
                .blocked_by
                .push(format!("attached here by hand, and not detached by a drain: {names}")),
            None => part
                .missing
                .push(format!("whether Longhorn detaches what was attached by hand: {names}")),
        }
    }

    /// Whether another usable node has a healthy copy of what a replica holds.
    fn is_elsewhere(&self, replica: &Object<'_>, node: &str, nodes: &Nodes<'_>) -> bool {
        let copies = self
            .by_volume
            .get(Replica::of(replica).volume())
            .map(Vec::as_slice)
            .unwrap_or_default();
        copies.iter().any(|copy| {
            let at = Replica::of(copy).node();
            let managed = self.managed.as_ref().is_none_or(|managed| managed.contains(at));
            at != node && Replica::of(copy).is_usable() && nodes.takes_over(at) && managed
        })
    }
}

/// Engine processes in instance managers whose engine is gone or on another node: they count as attached volumes and never leave.
fn strays<'w>(snapshot: &'w Snapshot<'w>) -> BTreeMap<&'w str, BTreeSet<&'w str>> {
    let engines = snapshot.cluster.of("Engine.longhorn.io");
    let homes: BTreeMap<&str, &str> = engines
        .iter()
        .map(|engine| (engine.name(), engine.root.text(&["spec", "nodeID"])))
        .collect();
    let mut strays: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let kind = snapshot.cluster.kinds.by_name("Engine.longhorn.io");
    if homes.is_empty() || kind.is_none_or(|kind| !snapshot.availability.is_complete(kind)) {
        return strays;
    }
    for manager in snapshot.cluster.of("InstanceManager.longhorn.io") {
        let node = manager.root.text(&["spec", "nodeID"]);
        let processes = manager.root.at(&["status", "instanceEngines"]);
        for (name, _) in processes.into_iter().flat_map(Node::entries) {
            if homes.get(name).is_none_or(|home| *home != node) {
                strays.entry(node).or_default().insert(name);
            }
        }
    }
    strays
}
