//! What happened and when, as the report shows it.

use crate::finding::ObjectRef;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// When, RFC 3339, UTC; for what was repeated, the first time.
    pub time: String,
    /// The last time, for what was repeated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<String>,
    /// Where it was recorded.
    pub source: MomentSource,
    /// Whether something went wrong then, rather than right.
    pub bad: bool,
    /// Whether this is the first thing that went wrong of the trouble that is there now.
    pub first_bad: bool,
    /// The object it happened to, the first one of several.
    pub object: ObjectRef,
    /// To how many objects it happened.
    #[serde(default = "one")]
    pub objects: usize,
    /// What happened.
    pub text: String,
    /// How often, for events that repeat.
    pub count: u64,
    /// Path inside the bundle.
    pub path: String,
    /// 1-based line.
    pub line: u64,
}

fn one() -> usize {
    1
}

/// The source of a moment of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MomentSource {
    /// A transition of a node's condition.
    Host,
    /// A Warning event.
    Event,
    /// A container that ended and was started again.
    Restart,
    /// A replica that failed, or a volume that lost its redundancy.
    Volume,
    /// A step of an upgrade.
    Upgrade,
    /// A line that a log signature found.
    Log,
    /// An alert of Prometheus that fires.
    Alert,
}

impl MomentSource {
    /// All sources, in the order of the lanes.
    pub const ALL: [MomentSource; 7] = [
        MomentSource::Host,
        MomentSource::Event,
        MomentSource::Restart,
        MomentSource::Volume,
        MomentSource::Upgrade,
        MomentSource::Log,
        MomentSource::Alert,
    ];

    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            MomentSource::Host => "host",
            MomentSource::Event => "event",
            MomentSource::Restart => "restart",
            MomentSource::Volume => "volume",
            MomentSource::Upgrade => "upgrade",
            MomentSource::Log => "log",
            MomentSource::Alert => "alert",
        }
    }
}
