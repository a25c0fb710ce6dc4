//! Longhorn volumes.

use super::workload::Workload;
use crate::cluster::Object;
use gleaner_yaml::Node;

/// `Volume.longhorn.io`, read.
#[derive(Debug, Clone, Copy)]
pub struct Volume<'o> {
    object: &'o Object<'o>,
}

impl<'o> Volume<'o> {
    /// The view of a volume.
    pub fn of(object: &'o Object<'o>) -> Volume<'o> {
        Volume { object }
    }

    /// `healthy`, `degraded`, `faulted` or `unknown`: Longhorn's term for how many replicas are usable. A detached volume is `unknown`.
    pub fn robustness(self) -> &'o str {
        match self.object.root.text(&["status", "robustness"]) {
            "" => "unknown",
            known => known,
        }
    }

    /// `attached`, `detached`, … or `""`.
    pub fn state(self) -> &'o str {
        self.object.root.text(&["status", "state"])
    }

    /// The node it is attached to, or `""`.
    pub fn node(self) -> &'o str {
        self.object.root.text(&["status", "currentNodeID"])
    }

    /// Its nominal size in bytes; 0 if it is not set.
    pub fn size(self) -> u64 {
        self.number("size")
    }

    /// How many replicas it should have; 0 if that is not set.
    pub fn wanted_replicas(self) -> u64 {
        self.number("numberOfReplicas")
    }

    /// Longhorn's record of the workload that uses it.
    pub fn workload(self) -> Option<Workload<'o>> {
        Workload::of(self.object)
    }

    fn number(self, key: &str) -> u64 {
        let number = self.object.root.at(&["spec", key]).and_then(Node::as_int);
        number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0)
    }
}
