//! Replicas of Longhorn volumes.

use crate::cluster::Object;

/// `Replica.longhorn.io`, read.
#[derive(Debug, Clone, Copy)]
pub struct Replica<'o> {
    object: &'o Object<'o>,
}

/// What a replica is good for at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplicaState {
    /// It failed, and Longhorn has not replaced it.
    Failed,
    /// Its process does not run, as that of a detached volume.
    Stopped,
    /// It runs, and does not hold all data yet.
    Rebuilding,
    /// It runs and holds all data.
    Healthy,
}

impl ReplicaState {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            ReplicaState::Failed => "failed",
            ReplicaState::Stopped => "stopped",
            ReplicaState::Rebuilding => "rebuilding",
            ReplicaState::Healthy => "healthy",
        }
    }
}

impl<'o> Replica<'o> {
    /// The view of a replica.
    pub fn of(object: &'o Object<'o>) -> Replica<'o> {
        Replica { object }
    }

    fn spec(self, key: &str) -> &'o str {
        self.object.root.text(&["spec", key])
    }

    fn status(self, key: &str) -> &'o str {
        self.object.root.text(&["status", key])
    }

    /// The name of its volume, or `""`.
    pub fn volume(self) -> &'o str {
        self.spec("volumeName")
    }

    /// The node it is on, or `""` before it is scheduled.
    pub fn node(self) -> &'o str {
        self.spec("nodeID")
    }

    /// The path of its disk on the node, or `""`.
    pub fn disk_path(self) -> &'o str {
        self.spec("diskPath")
    }

    /// What it is good for at the moment.
    pub fn state(self) -> ReplicaState {
        if !self.failed_at().is_empty() {
            ReplicaState::Failed
        } else if self.status("currentState") != "running" {
            ReplicaState::Stopped
        } else if self.spec("healthyAt").is_empty() {
            ReplicaState::Rebuilding
        } else {
            ReplicaState::Healthy
        }
    }

    /// Whether it holds all data, running or not, and is there to stay.
    pub fn is_usable(self) -> bool {
        let is_deleted = !self.object.root.text(&["metadata", "deletionTimestamp"]).is_empty();
        !self.spec("healthyAt").is_empty() && self.failed_at().is_empty() && !is_deleted
    }

    /// When it failed, as the field has it; `""` if it did not.
    pub fn failed_at(self) -> &'o str {
        self.spec("failedAt")
    }

    /// Whether it never ran, so that it holds no data.
    pub fn never_ran(self) -> bool {
        self.spec("healthyAt").is_empty() && self.failed_at().is_empty()
    }

    /// Whether it is stopped, and meant to be.
    pub fn is_stopped(self) -> bool {
        self.status("currentState") == "stopped" && self.spec("desireState") == "stopped"
    }
}
