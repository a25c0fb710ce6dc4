//! Log signatures: what to look for in which logs, found in the same pass that reads the bundle.
//!
//! Literals first, for all signatures at once; a signature's pattern only sees the lines that hold its literal. Logs are never held:
//! a hit keeps its count, its first and last time, and three lines.

mod found;
pub mod hit;
mod scan;
mod shard;
pub mod stamp;

pub use hit::{FileHits, LogHit, merge};
pub use scan::Scanner;

use crate::model::cluster::{Cluster, Object};
use crate::model::layout;
use gleaner_report::ObjectRef;
use gleaner_text::Pattern;
use globset::{Glob, GlobSet};
use std::collections::BTreeMap;

/// What to look for, and where.
#[derive(Debug)]
pub struct Signature {
    /// Pods as `namespace/name` patterns.
    pub pods: Vec<Glob>,
    /// Containers; any where empty.
    pub containers: Vec<String>,
    /// Logs of nodes, by their file name without `.log`.
    pub units: Vec<String>,
    /// What a line must say.
    pub says: Line,
    /// What a later line says when it is over.
    pub clears: Option<Line>,
    /// Names of the groups of the pattern that tell hits apart.
    pub by: Vec<String>,
}

/// A literal, and the pattern for the lines that hold it.
#[derive(Debug)]
pub struct Line {
    /// Text that must stand in the line.
    pub literal: String,
    /// What the line must match besides.
    pub pattern: Option<Pattern>,
}

/// Where a log comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Namespace of the pod; empty for a node.
    pub namespace: String,
    /// The pod; empty for a node.
    pub pod: String,
    /// The container, or the unit of a node.
    pub name: String,
    /// The node; empty for a pod.
    pub node: String,
}

impl Origin {
    /// Takes the path of a log apart: `logs/NS/POD/CONTAINER.log`, `nodes/NODE.zip!logs/UNIT.log`, and those with `.1` and so on.
    pub fn parse(path: &str) -> Option<Origin> {
        let (rest, node) = match layout::inside_node_archive(path) {
            Some((node, inner)) => (inner.strip_prefix("logs/")?, node),
            None => (path.strip_prefix("logs/")?, ""),
        };
        let (folders, file) = rest.rsplit_once('/').unwrap_or(("", rest));
        let (name, ending) = file.split_once(".log").unwrap_or((file, ""));
        if !ending.is_empty() && !ending.starts_with('.') {
            return None;
        }
        let (namespace, pod) = folders.split_once('/').unwrap_or((folders, ""));
        if node.is_empty() == pod.is_empty() {
            return None;
        }
        let text = str::to_owned;
        Some(Origin {
            namespace: text(namespace),
            pod: text(pod),
            name: text(name),
            node: text(node),
        })
    }
}

impl Origin {
    /// The pod or node that wrote the log.
    pub fn object(&self, cluster: &Cluster<'_>) -> ObjectRef {
        let of_pod = self.node.is_empty();
        let (kind, name) = if of_pod {
            ("Pod", &self.pod)
        } else {
            ("Node", &self.node)
        };
        let known = cluster.named(kind, &self.namespace, name).map(Object::reference);
        known.unwrap_or_else(|| ObjectRef {
            api_version: "v1".to_owned(),
            kind: kind.to_owned(),
            namespace: self.namespace.clone(),
            name: name.clone(),
        })
    }
}

impl Signature {
    /// Where the signature looks, in words.
    pub fn place(&self) -> String {
        let pods = self.pods.iter().map(|pattern| pattern.glob().to_owned());
        let units = self.units.iter().map(|unit| format!("{unit}.log of a node"));
        pods.chain(units).collect::<Vec<_>>().join(", ")
    }
}

/// Signatures, known by their place, and which of them read which logs.
#[derive(Debug, Clone)]
pub struct Signatures<'s> {
    /// The signatures.
    pub all: Vec<&'s Signature>,
    /// Which logs they read.
    pub readers: &'s Readers,
}

/// Which signatures read which logs. The patterns of all are held against a name at once.
#[derive(Debug)]
pub struct Readers {
    pods: GlobSet,
    /// By pattern: the signature, and its containers; all where empty.
    of_pods: Vec<(usize, Vec<String>)>,
    of_units: BTreeMap<String, Vec<usize>>,
}

impl Readers {
    /// Puts the patterns of all signatures together; signatures are known by their place.
    pub fn new(signatures: &[&Signature]) -> Readers {
        let (mut globs, mut of_pods) = (GlobSet::builder(), Vec::new());
        let mut of_units: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, signature) in signatures.iter().enumerate() {
            for pattern in &signature.pods {
                globs.add(pattern.clone());
                of_pods.push((index, signature.containers.clone()));
            }
            for unit in &signature.units {
                of_units.entry(unit.clone()).or_default().push(index);
            }
        }
        Readers {
            // Each pattern was read on its own, so together they can only be too large: then no log of a pod is read.
            pods: globs.build().unwrap_or_else(|_| GlobSet::empty()),
            of_pods,
            of_units,
        }
    }

    /// The signatures that read a log, sorted.
    pub fn of(&self, origin: &Origin) -> Vec<usize> {
        if !origin.node.is_empty() {
            return self.of_units.get(&origin.name).cloned().unwrap_or_default();
        }
        let patterns = self.pods.matches(format!("{}/{}", origin.namespace, origin.pod));
        let readers = patterns.into_iter().filter_map(|pattern| self.of_pods.get(pattern));
        let readers = readers.filter(|(_, containers)| containers.is_empty() || containers.contains(&origin.name));
        let mut readers: Vec<usize> = readers.map(|(index, _)| *index).collect();
        readers.sort_unstable();
        readers.dedup();
        readers
    }
}

/// Reads a pattern for `namespace/pod` names.
///
/// # Errors
/// What is wrong with it.
pub fn pod_pattern(text: &str) -> Result<Glob, String> {
    Glob::new(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_where_a_log_comes_from() {
        let pod = Origin::parse("logs/kube-system/etcd-host-1/etcd.log.1").unwrap();
        assert_eq!(
            (pod.namespace.as_str(), pod.pod.as_str(), pod.name.as_str()),
            ("kube-system", "etcd-host-1", "etcd")
        );
        let unit = Origin::parse("nodes/host-1.zip!logs/kernel.log").unwrap();
        assert_eq!((unit.node.as_str(), unit.name.as_str()), ("host-1", "kernel"));
        assert_eq!(Origin::parse("nodes/host-1.zip!configs/etc/hostname"), None);
        assert_eq!(Origin::parse("logs/stray.log"), None);
    }

    #[test]
    fn signatures_read_the_pods_containers_and_units_they_name() {
        let signature = |pods: &[&str], containers: &[&str], units: &[&str]| Signature {
            pods: pods.iter().map(|pod| pod_pattern(pod).unwrap()).collect(),
            containers: containers.iter().map(|name| (*name).to_owned()).collect(),
            units: units.iter().map(|name| (*name).to_owned()).collect(),
            says: Line {
                literal: "text".to_owned(),
                pattern: None,
            },
            clears: None,
            by: Vec::new(),
        };
        let signatures = [
            signature(&["longhorn-system/longhorn-manager-*"], &[], &["kernel"]),
            signature(
                &["harvester-system/hvst-upgrade-*-pre-drain-*", "*/etcd-*"],
                &["apply"],
                &[],
            ),
        ];
        let readers = Readers::new(&signatures.iter().collect::<Vec<_>>());
        let of = |path| readers.of(&Origin::parse(path).unwrap());
        assert_eq!(of("logs/longhorn-system/longhorn-manager-x7/longhorn-manager.log"), [0]);
        assert_eq!(of("logs/harvester-system/hvst-upgrade-a-pre-drain-b/apply.log"), [1]);
        assert!(of("logs/kube-system/etcd-host-1/etcd.log").is_empty());
        assert_eq!(of("nodes/host-1.zip!logs/kernel.log.1"), [0]);
        assert!(of("nodes/host-1.zip!logs/kubelet.log").is_empty());
    }
}
