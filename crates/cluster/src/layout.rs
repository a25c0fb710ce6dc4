//! What a path inside a bundle is, by the collector's layout.

use crate::kind::{KindInfo, KindScope};
use gleaner_logs::Origin;

/// The alerts that Prometheus knew when the bundle was made.
pub const ALERTS: &str = "prometheus-alerts.json";

/// The folder of the logs of pods.
pub(crate) const LOGS: &str = "logs";

/// API groups of Kubernetes without a dot.
const GROUPS: [&str; 5] = ["apps", "autoscaling", "batch", "extensions", "policy"];

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

/// A folder of resource files: `yamls/cluster` or `yamls/namespaced`, or one of a namespace or a group in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResourceFolder<'p> {
    is_cluster: bool,
    /// `None` if it is that of all namespaces.
    namespace: Option<&'p str>,
    /// `None` if it is that of several groups.
    group: Option<&'p str>,
}

impl<'p> ResourceFolder<'p> {
    /// Splits the path of a folder; `None` if it holds no resource files.
    pub(crate) fn parse(path: &'p str) -> Option<ResourceFolder<'p>> {
        let mut parts = path.strip_prefix("yamls/")?.split('/');
        let is_cluster = match parts.next()? {
            "cluster" => true,
            "namespaced" => false,
            _ => return None,
        };
        let namespace = if is_cluster { None } else { parts.next() };
        let group = parts.next().map(|group| if is_version(group) { "" } else { group });
        let is_known = group.is_none_or(|group| group.is_empty() || group.contains('.') || GROUPS.contains(&group));
        Some(ResourceFolder {
            is_cluster,
            namespace,
            // The flat layout tells no group.
            group: group.filter(|_| is_known),
        })
    }

    /// Whether files with objects of a kind may be below it.
    pub(crate) fn may_hold(&self, info: &KindInfo) -> bool {
        let in_scope = match (&info.scope, self.namespace) {
            (KindScope::Cluster, _) => self.is_cluster,
            (KindScope::Home(home), Some(namespace)) => home == namespace,
            _ => !self.is_cluster,
        };
        in_scope
            && self
                .group
                .is_none_or(|group| info.groups.iter().any(|known| known == group))
    }
}

/// Whether objects of a namespace (`""` for cluster-scoped ones) may be in a file or folder.
pub fn may_be_of(path: &str, namespace: &str) -> bool {
    match path.strip_prefix("yamls/").and_then(|rest| rest.split_once('/')) {
        Some(("cluster", _)) => namespace.is_empty(),
        Some(("namespaced", rest)) => rest.split('/').next() == Some(namespace),
        _ => true,
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

/// Whether a path is that of the node archives, of one, or leads into one.
pub(crate) fn is_of_nodes(path: &str) -> bool {
    let is_folder = |name: &str| !name.contains(['/', '!']);
    path == "nodes" || node_of(path).is_some() || path.strip_prefix("nodes/").is_some_and(is_folder)
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

/// The namespace and the pod of a folder of logs, `logs`, `logs/NAMESPACE` or `logs/NAMESPACE/POD`.
pub fn log_folder(path: &str) -> Option<(Option<&str>, Option<&str>)> {
    let mut parts = path.split('/');
    let found = (parts.next() == Some(LOGS)).then(|| (parts.next(), parts.next()))?;
    parts.next().is_none().then_some(found)
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
    fn a_folder_tells_whose_objects_may_be_below_it() {
        let kinds =
            |path| ResourceFolder::parse(path).map(|folder| (folder.is_cluster, folder.namespace, folder.group));
        for (path, folder) in [
            ("yamls/cluster", Some((true, None, None))),
            ("yamls/cluster/v1", Some((true, None, Some("")))),
            ("yamls/cluster/apps/v1", Some((true, None, Some("apps")))),
            ("yamls/cluster/kubernetes", Some((true, None, None))),
            ("yamls/namespaced", Some((false, None, None))),
            ("yamls/namespaced/prod", Some((false, Some("prod"), None))),
            (
                "yamls/namespaced/prod/kubevirt.io",
                Some((false, Some("prod"), Some("kubevirt.io"))),
            ),
            ("logs/prod", None),
        ] {
            assert_eq!(kinds(path), folder, "{path}");
        }
        assert!(may_be_of("yamls/namespaced/prod", "prod") && may_be_of("yamls", "prod"));
        assert!(!may_be_of("yamls/namespaced/prod/v1/pods.yaml", "test") && !may_be_of("yamls/cluster/v1", "test"));
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
        assert_eq!(log_folder("logs"), Some((None, None)));
        assert_eq!(
            log_folder("logs/kube-system/etcd-0"),
            Some((Some("kube-system"), Some("etcd-0")))
        );
        assert_eq!(log_folder("logs/kube-system/etcd-0/etcd.log"), None);
    }
}
