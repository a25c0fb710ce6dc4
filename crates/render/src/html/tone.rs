//! Colour classes of the page, by what they mean.

use gleaner_report::{CheckVerdict, DrainVerdict, Effect, Verdict};
use serde::Serialize;

/// What a colour says. The words are the classes of the style sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tone {
    /// As it should be.
    Ok,
    /// Needs a look.
    Warn,
    /// Broken.
    Bad,
    /// Says nothing either way.
    Dim,
    /// Nothing is there.
    None,
}

impl Tone {
    /// Of a volume's robustness, as Longhorn words it.
    pub(super) fn of_robustness(robustness: &str) -> Tone {
        match robustness {
            "healthy" => Tone::Ok,
            "degraded" => Tone::Warn,
            "faulted" => Tone::Bad,
            _ => Tone::Dim,
        }
    }

    /// Of KubeVirt's word for the state of a VM, as the report counts them.
    pub(super) fn of_vm(status: &str) -> Tone {
        match status {
            "Running" => Tone::Ok,
            "Stopped" => Tone::Dim,
            "Starting" | "Stopping" | "Migrating" | "Provisioning" | "Terminating" | "WaitingForVolumeBinding" => {
                Tone::Warn
            }
            _ => Tone::Bad,
        }
    }

    /// The place among others, the worst first.
    pub(super) fn rank(self) -> u8 {
        match self {
            Tone::Bad => 0,
            Tone::Warn => 1,
            Tone::Dim => 2,
            Tone::None => 3,
            Tone::Ok => 4,
        }
    }

    /// Of a replica's state.
    pub(super) fn of_replica(state: &str) -> Tone {
        match state {
            "healthy" => Tone::Ok,
            "rebuilding" => Tone::Warn,
            "failed" | "unreachable" => Tone::Bad,
            _ => Tone::Dim,
        }
    }
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Tone {
        match verdict {
            Verdict::Ready => Tone::Ok,
            Verdict::Unknown => Tone::Dim,
            Verdict::Blocked => Tone::Bad,
        }
    }
}

impl From<CheckVerdict> for Tone {
    fn from(verdict: CheckVerdict) -> Tone {
        match verdict {
            CheckVerdict::Pass => Tone::Ok,
            CheckVerdict::Warning => Tone::Warn,
            CheckVerdict::Fail => Tone::Bad,
            CheckVerdict::Skipped | CheckVerdict::Unknown => Tone::Dim,
        }
    }
}

impl From<DrainVerdict> for Tone {
    fn from(verdict: DrainVerdict) -> Tone {
        match verdict {
            DrainVerdict::Free => Tone::Ok,
            DrainVerdict::Moves => Tone::Warn,
            DrainVerdict::Blocked => Tone::Bad,
            DrainVerdict::Unknown => Tone::Dim,
        }
    }
}

impl From<Effect> for Tone {
    fn from(effect: Effect) -> Tone {
        match effect {
            Effect::ReadOnly => Tone::Ok,
            Effect::ChangesState => Tone::Warn,
            Effect::CanLoseData => Tone::Bad,
        }
    }
}
