//! The result of one analysis, as data: what every renderer reads, and all that it may read.
//!
//! Written as JSON it is the document `gleaner.report/v2`, in which every object stands once; v1, the report as it is here, is still
//! written on request, and both are read. Additions are allowed inside a version; nothing is renamed or removed.
//! Everything in it is sorted and free of the wall clock, so the same bundle gives the same bytes.
//!
//! ```
//! use gleaner_report::{Severity, from_json};
//! # let text = include_str!("../../../tests/fixtures/report-plain.json");
//! let report = from_json(text)?;
//! let blockers = report.findings.iter().filter(|finding| finding.severity == Severity::Blocker);
//! assert_eq!(blockers.count(), 3);
//! # Ok::<(), gleaner_report::ReadError>(())
//! ```

mod alerts;
mod area;
mod capacity;
mod cause;
mod cluster;
mod coverage;
mod diagnosis;
mod error;
mod finding;
mod json;
mod moment;
mod progress;
mod report;
mod scope;
mod settings;
mod verdict;
mod why;
mod wire;

pub use alerts::{Alert, Alerts};
pub use area::AREAS;
pub use capacity::{DrainForecast, DrainVerdict, NodeStorage};
pub use cause::Cause;
pub use cluster::{
    Answer, Capability, ClusterSummary, Count, CsiDriverSummary, DiskSummary, NodeSummary, ReplicaSummary, VmChain,
    VmVolume, VolumeSummary,
};
pub use coverage::{Coverage, HostCoverage, Presence, Problem, ProblemKind, YamlCounts};
pub use diagnosis::{AffectedVm, Diagnosis, RunbookStep};
pub use error::ReadError;
pub use finding::{
    Absorbed, Confidence, Effect, Evidence, Finding, Harm, Impact, ImpactTiming, ObjectRef, ObjectRow, Reference,
    RemediationStep, Severity, SnippetLine,
};
pub use json::{from_json, json_schema, json_schema_v1, to_json, to_json_v1};
pub use moment::{Moment, MomentSource};
pub use progress::{NodeProgress, UpgradeProgress, UpgradeStep};
pub use report::{BundleInfo, Input, Report, SCHEMA, SCHEMA_V1, Tool};
pub use scope::{Focus, Selection, Suppressed};
pub use settings::{ChangedSetting, NetworkSummary};
pub use verdict::{CheckVerdict, OfficialCheck, Outcome, RuleOutcome, TargetVerdict, UpgradeVerdict, Verdict};
pub use why::{Dependency, Dependent, WHY_SCHEMA, Why, WhyFinding};
