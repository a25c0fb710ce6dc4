//! Which signatures read which logs.

use crate::origin::Origin;
use crate::signature::Signature;
use globset::GlobSet;
use std::collections::BTreeMap;

/// Signatures, identified by their index, and which of them read which logs.
#[derive(Debug, Clone)]
pub struct Signatures<'s> {
    /// The signatures.
    pub all: Vec<&'s Signature>,
    /// Which logs they read; built from the same signatures.
    pub routing: &'s LogRouting,
}

impl Signatures<'_> {
    /// Those that may read logs of pods in a namespace, or in any.
    pub fn of_namespace(&self, namespace: Option<&str>) -> impl Iterator<Item = usize> {
        let may_be_in = move |glob: &str| {
            let of = glob.split('/').next().unwrap_or(glob);
            namespace.is_none_or(|namespace| of.contains('*') || of == namespace)
        };
        let all = self.all.iter().enumerate();
        let found = all.filter(move |(_, signature)| signature.pods.iter().any(|pods| may_be_in(pods.glob())));
        found.map(|(index, _)| index)
    }
}

/// Which signatures read which logs. One pass matches a name against the patterns of all of them.
#[derive(Debug)]
pub struct LogRouting {
    pods: GlobSet,
    /// By pattern: the signature, and its containers; any container where empty.
    of_pods: Vec<(usize, Vec<String>)>,
    of_units: BTreeMap<String, Vec<usize>>,
}

impl LogRouting {
    /// Compiles the patterns of all signatures into one set.
    pub fn new(signatures: &[&Signature]) -> LogRouting {
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
        LogRouting {
            // Each pattern is valid by itself, so the set can only be too large: then no log of a pod is read.
            pods: globs.build().unwrap_or_else(|_| GlobSet::empty()),
            of_pods,
            of_units,
        }
    }

    /// The indexes of the signatures that read a log, sorted.
    pub fn of(&self, origin: &Origin) -> Vec<usize> {
        if !origin.node.is_empty() {
            return self.of_units.get(&origin.name).cloned().unwrap_or_default();
        }
        let patterns = self.pods.matches(format!("{}/{}", origin.namespace, origin.pod));
        let routing = patterns.into_iter().map(|pattern| &self.of_pods[pattern]);
        let routing = routing.filter(|(_, containers)| containers.is_empty() || containers.contains(&origin.name));
        let mut routing: Vec<usize> = routing.map(|(index, _)| *index).collect();
        routing.sort_unstable();
        routing.dedup();
        routing
    }

    /// The indexes of the signatures that read the logs of a pod, of whatever container.
    pub fn of_pod(&self, namespace: &str, pod: &str) -> impl Iterator<Item = usize> {
        let patterns = self.pods.matches(format!("{namespace}/{pod}"));
        patterns.into_iter().map(|pattern| self.of_pods[pattern].0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::{LinePattern, pod_pattern};

    fn of_pod(namespace: &str, pod: &str, container: &str) -> Origin {
        Origin {
            namespace: namespace.to_owned(),
            pod: pod.to_owned(),
            name: container.to_owned(),
            node: String::new(),
        }
    }

    fn of_node(node: &str, unit: &str) -> Origin {
        Origin {
            name: unit.to_owned(),
            node: node.to_owned(),
            ..Origin::default()
        }
    }

    #[test]
    fn signatures_read_the_pods_containers_and_units_they_name() {
        let signature = |pods: &[&str], containers: &[&str], units: &[&str]| Signature {
            pods: pods.iter().map(|pod| pod_pattern(pod).unwrap()).collect(),
            containers: containers.iter().map(|name| (*name).to_owned()).collect(),
            units: units.iter().map(|name| (*name).to_owned()).collect(),
            line: LinePattern {
                literal: "text".to_owned(),
                pattern: None,
            },
            clears: None,
            by: Vec::new(),
            gap: 1800,
        };
        let signatures = [
            signature(&["longhorn-system/longhorn-manager-*"], &[], &["kernel"]),
            signature(
                &["harvester-system/hvst-upgrade-*-pre-drain-*", "*/etcd-*"],
                &["apply"],
                &[],
            ),
        ];
        let routing = LogRouting::new(&signatures.iter().collect::<Vec<_>>());
        assert_eq!(
            routing.of(&of_pod("longhorn-system", "longhorn-manager-x7", "longhorn-manager")),
            [0]
        );
        assert_eq!(
            routing.of(&of_pod("harvester-system", "hvst-upgrade-a-pre-drain-b", "apply")),
            [1]
        );
        assert!(routing.of(&of_pod("kube-system", "etcd-host-1", "etcd")).is_empty());
        assert_eq!(routing.of(&of_node("host-1", "kernel")), [0]);
        assert!(routing.of(&of_node("host-1", "kubelet")).is_empty());
    }
}
