//! What the bundle holds of each host: its archive, the logs in it, its supportconfig.
//!
//! The collector creates `nodes/NODE.zip` before it receives the content, and only then looks whether that is a zip; of a host whose
//! operating system it does not know the archive holds a folder and no files (rancher/support-bundle-kit v0.0.92,
//! `pkg/manager/httpserver.go`, `hack/support-bundle-collector.sh`). So an archive that is there need not hold anything.

use crate::layout;
use crate::sources::Sources;
use std::collections::BTreeMap;

/// The files of one host, counted; those without a byte are not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HostFiles {
    /// Files of its archive.
    pub files: usize,
    /// Logs among them.
    pub logs: usize,
    /// Whether there is a supportconfig.
    pub has_supportconfig: bool,
    /// Files in its supportconfig.
    pub supportconfig_files: usize,
}

impl HostFiles {
    /// The hosts with an archive, whether or not it holds anything.
    pub fn read(sources: &Sources) -> BTreeMap<String, HostFiles> {
        let mut hosts: BTreeMap<String, HostFiles> = BTreeMap::new();
        for path in &sources.paths {
            let Some(node) = layout::node_of(path) else { continue };
            let host = hosts.entry(node.to_owned()).or_default();
            if let Some((_, inner)) = layout::inside_node_archive(path) {
                let is_empty = sources.empty.contains(path);
                host.count(path, inner, is_empty);
            }
        }
        hosts
    }

    /// Whether the archive holds anything.
    pub fn holds_files(&self) -> bool {
        self.files > 0
    }

    /// Whether the archive holds no log.
    pub fn is_silent(&self) -> bool {
        self.logs == 0
    }

    fn count(&mut self, path: &str, inner: &str, is_empty: bool) {
        self.has_supportconfig |= layout::is_supportconfig(inner);
        if is_empty {
            return;
        }
        self.files += 1;
        self.logs += usize::from(layout::log_origin(path).is_some());
        self.supportconfig_files += usize::from(layout::is_supportconfig(inner) && inner.contains('!'));
    }
}
