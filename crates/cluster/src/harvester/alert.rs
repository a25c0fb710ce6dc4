//! Alerts of Prometheus.

use crate::cluster::{Cluster, Object};
use gleaner_report::ObjectRef;
use gleaner_yaml::Node;

/// Alerts that always fire, by design of kube-prometheus: they show that alerting works, or only inhibit others.
const BY_DESIGN: [&str; 2] = ["Watchdog", "InfoInhibitor"];

/// Kinds by the label that names one of their objects, the most telling first: label, `Kind.group`, and its namespace where that is no
/// label.
const NAMED: [(&str, &str, &str); 7] = [
    ("persistentvolumeclaim", "PersistentVolumeClaim", ""),
    ("volume", "Volume.longhorn.io", "longhorn-system"),
    ("deployment", "Deployment.apps", ""),
    ("statefulset", "StatefulSet.apps", ""),
    ("daemonset", "DaemonSet.apps", ""),
    ("job_name", "Job.batch", ""),
    ("node", "Node", ""),
];

/// Most nodes whose addresses are compared with that of an alert.
const NODES: usize = 1_000;

/// `Alert.gleaner.io`, read.
#[derive(Debug, Clone, Copy)]
pub struct Alert<'o> {
    object: &'o Object<'o>,
}

impl<'o> Alert<'o> {
    /// The view of an alert.
    pub fn of(object: &'o Object<'o>) -> Alert<'o> {
        Alert { object }
    }

    /// The name of its alerting rule.
    pub fn name(self) -> &'o str {
        self.label("alertname")
    }

    /// The label of this name, or `""`.
    pub fn label(self, name: &str) -> &'o str {
        self.object.root.text(&["labels", name])
    }

    /// Its labels that are text.
    pub fn labels(self) -> impl Iterator<Item = (&'o str, &'o str)> {
        let labels = self.object.root.get("labels").into_iter().flat_map(Node::entries);
        labels.filter_map(|(name, value)| Some((name, value.as_str()?)))
    }

    /// `critical`, `warning`, `info`, `none`, another word of the rule's author, or `""`.
    pub fn severity(self) -> &'o str {
        self.label("severity")
    }

    /// `firing`, or `pending` while its condition has not held for long enough.
    pub fn state(self) -> &'o str {
        self.object.root.text(&["state"])
    }

    /// Since when its condition holds, as it is written.
    pub fn since(self) -> Option<&'o Node<'o>> {
        self.object.root.get("activeAt")
    }

    /// What its rule says is wrong, or `""`.
    pub fn summary(self) -> &'o str {
        let texts = ["summary", "description", "message"].map(|key| self.object.root.text(&["annotations", key]));
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or("")
    }

    /// Whether it fires in every cluster, so that it is no trouble.
    pub fn is_by_design(self) -> bool {
        BY_DESIGN.contains(&self.name())
    }

    /// Whether it fires and its rule calls that trouble.
    pub fn is_trouble(self) -> bool {
        self.state() == "firing" && !self.is_by_design() && matches!(self.severity(), "critical" | "warning")
    }

    /// The object it is about, where its labels name one that the bundle holds. An exporter's own pod is not what an alert is about:
    /// the node whose address the exporter was asked at is.
    pub fn subject(self, cluster: &Cluster<'_>) -> Option<ObjectRef> {
        let namespace = self.label("namespace");
        let named = NAMED.iter().find_map(|(label, kind, home)| {
            let namespace = match (*kind, *home) {
                ("Node", _) => "",
                (_, "") => namespace,
                (_, home) => home,
            };
            cluster.named(kind, namespace, self.label(label))
        });
        let found = named.or_else(|| self.asked_at(cluster));
        let found = found.or_else(|| cluster.named("Pod", namespace, self.label("pod")));
        found.map(Object::reference)
    }

    /// The node with the address of the label `instance`.
    fn asked_at<'c, 't>(self, cluster: &'c Cluster<'t>) -> Option<&'c Object<'t>> {
        let instance = self.label("instance");
        let address = instance.rsplit_once(':').map_or(instance, |(address, _)| address);
        let has_address = |node: &&Object<'_>| {
            let addresses = node.root.at(&["status", "addresses"]).map_or(&[][..], Node::items);
            addresses
                .iter()
                .any(|known| known.text(&["address"]) == address.trim_matches(['[', ']']))
        };
        // A bundle that claims more nodes than any cluster has must not cost each alert a look at all of them.
        cluster
            .of("Node")
            .iter()
            .take(NODES)
            .find(|node| !address.is_empty() && has_address(node))
    }
}
