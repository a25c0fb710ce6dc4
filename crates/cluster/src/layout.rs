//! What a path inside a bundle is, by the collector's layout.

use crate::kind::KindInfo;
use gleaner_logs::Origin;

/// The alerts that Prometheus knew when the bundle was made.
pub const ALERTS: &str = "prometheus-alerts.json";

/// A resource file: `yamls/cluster/GROUP/VERSION/PLURAL.yaml` or `yamls/namespaced/NS/GROUP/VERSION/PLURAL.yaml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourcePath<'p> {
    /// The namespace, `""` for cluster-scoped resources.
    pub namespace: &'p str,
    /// The API group, `""` for the core group; `None` in the flat layout of before 2022, where the folder does not say.
    pub group: Option<&'p str>,
    /// The resource name.
    pub plural: &'p str,
}

impl<'p> ResourcePath<'p> {
    /// Splits a path; `None` if it is no resource file.
    pub fn parse(path: &'p str) -> Option<ResourcePath<'p>> {
        let rest = path.strip_prefix("yamls/")?;
        let (namespace, rest) = if let Some(rest) = rest.strip_prefix("cluster/") {
            ("", rest)
        } else {
            rest.strip_prefix("namespaced/")?.split_once('/')?
        };
        let (folders, file) = rest.rsplit_once('/')?;
        let plural = file.strip_suffix(".yaml").or_else(|| file.strip_suffix(".yml"))?;
        let group = match folders.split_once('/') {
            Some((group, version)) if !version.contains('/') => Some(group),
            None if is_version(folders) => Some(""),
            _ => None,
        };
        Some(ResourcePath {
            namespace,
            group,
            plural,
        })
    }

    /// Whether the file holds objects of a kind.
    pub(crate) fn holds(&self, info: &KindInfo) -> bool {
        let same_group = |group: &str| info.groups.iter().any(|known| known == group);
        self.plural == info.plural && self.group.is_none_or(same_group)
    }
}

fn is_version(folder: &str) -> bool {
    folder
        .strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// The namespace of a path below `yamls/namespaced`.
pub fn namespace_of(path: &str) -> Option<&str> {
    path.strip_prefix("yamls/namespaced/")?
        .split_once('/')
        .map(|(namespace, _)| namespace)
}

/// The node of a path to a node archive or into one: `nodes/NODE.zip…`, or `nodes/NODE/…` where a user unpacked it.
pub fn node_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("nodes/")?;
    if let Some((node, inner)) = rest.split_once('/')
        && !node.contains('!')
    {
        return (!inner.is_empty()).then_some(node);
    }
    let archive = rest.split_once('!').map_or(rest, |(archive, _)| archive);
    archive.strip_suffix(".zip").filter(|node| !node.contains('/'))
}

/// The node and the path inside its archive of one of its files: `host-1`, `configs/etc/hostname`.
pub fn inside_node_archive(path: &str) -> Option<(&str, &str)> {
    let node = node_of(path)?;
    let rest = path.strip_prefix("nodes/")?.strip_prefix(node)?;
    let inner = rest.strip_prefix(".zip!").or_else(|| rest.strip_prefix('/'))?;
    Some((node, inner))
}

/// Whether a path inside a node archive is that of its supportconfig, or of a file in it.
pub fn is_supportconfig(inner: &str) -> bool {
    let archive = inner.split_once('!').map_or(inner, |(archive, _)| archive);
    archive.starts_with("scc/") && [".txz", ".tgz", ".tbz"].iter().any(|ending| archive.ends_with(ending))
}

/// Splits the path of a log: `logs/NS/POD/CONTAINER.log`, `nodes/NODE.zip!logs/UNIT.log`, and those with `.1` and so on.
pub fn log_origin(path: &str) -> Option<Origin> {
    let (rest, node) = match inside_node_archive(path) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_of_a_resource_comes_from_its_folder() {
        let core = ResourcePath::parse("yamls/cluster/v1/nodes.yaml").unwrap();
        assert_eq!((core.namespace, core.group, core.plural), ("", Some(""), "nodes"));
        let volume = ResourcePath::parse("yamls/namespaced/longhorn-system/longhorn.io/v1beta2/volumes.yaml").unwrap();
        assert_eq!(
            (volume.namespace, volume.group, volume.plural),
            ("longhorn-system", Some("longhorn.io"), "volumes")
        );
    }

    #[test]
    fn the_flat_layout_tells_no_group() {
        assert_eq!(
            ResourcePath::parse("yamls/cluster/kubernetes/nodes.yaml")
                .unwrap()
                .group,
            None
        );
        assert_eq!(
            ResourcePath::parse("yamls/namespaced/default/harvester/images.yaml")
                .unwrap()
                .group,
            None
        );
    }

    #[test]
    fn a_node_archive_names_its_node() {
        assert_eq!(node_of("nodes/host-1.zip"), Some("host-1"));
        assert_eq!(
            inside_node_archive("nodes/host-1.zip!configs/etc/hostname"),
            Some(("host-1", "configs/etc/hostname"))
        );
        assert_eq!(
            inside_node_archive("nodes/host-1/configs/etc/hostname"),
            Some(("host-1", "configs/etc/hostname"))
        );
        assert_eq!(inside_node_archive("nodes/host-1.zip"), None);
    }

    #[test]
    fn a_path_tells_where_a_log_comes_from() {
        let pod = log_origin("logs/kube-system/etcd-host-1/etcd.log.1").unwrap();
        assert_eq!(
            (pod.namespace.as_str(), pod.pod.as_str(), pod.name.as_str()),
            ("kube-system", "etcd-host-1", "etcd")
        );
        let unit = log_origin("nodes/host-1.zip!logs/kernel.log").unwrap();
        assert_eq!((unit.node.as_str(), unit.name.as_str()), ("host-1", "kernel"));
        assert_eq!(log_origin("nodes/host-1.zip!configs/etc/hostname"), None);
        assert_eq!(log_origin("logs/stray.log"), None);
    }
}
