//! The document as a whole.

use crate::cause::Cause;
use crate::coverage::Coverage;
use crate::report::{BundleInfo, Report, SCHEMA, Tool};
use crate::scope::Selection;
use crate::verdict::UpgradeVerdict;
use crate::wire::alerts::AlertsRecord;
use crate::wire::cluster::ClusterRecord;
use crate::wire::common::{Broken, read_list, record};
use crate::wire::finding::{FindingRecord, SuppressedRecord};
use crate::wire::objects::{Group, Numbers, Objects};
use crate::wire::section::{CheckRecord, DiagnosisRecord, FocusRecord, MomentRecord, RuleRecord};

record! {
    /// Everything one run found out. Objects are in `objects`, once; everything else refers to them by number. Fields that are
    /// empty, zero or false are left out unless they are required here.
    Document {
        always {
            /// Always `gleaner.report/v2`.
            schema: String,
            /// What made the report.
            tool: Tool,
            /// What was read.
            bundle: BundleInfo,
            /// May the upgrade start, or go on?
            upgrade: UpgradeVerdict,
            /// What an expert would say first.
            diagnosis: DiagnosisRecord,
            /// What is wrong, worst first: by harm, VMs down now (most first), `since` (oldest first, unknown last), confidence
            /// (surest first), rule, id.
            findings: Vec<FindingRecord>,
            /// Root causes with their symptoms, in the order of the worst that each brings about.
            causes: Vec<Cause>,
            /// The outcome of every rule, sorted by area and id.
            rules: Vec<RuleRecord>,
            /// What the official checks would say.
            official_checks: Vec<CheckRecord>,
            /// What was readable and what was not.
            coverage: Coverage,
            /// The cluster in a few facts.
            cluster: ClusterRecord,
            /// What Prometheus alerted of when the bundle was made.
            alerts: AlertsRecord,
            /// The objects that the report names, sorted by `apiVersion`, kind, namespace and name. Object n is the n-th name,
            /// counted from 0 over all groups: `[.objects[] | {kind, namespace, name: .names[]}][n]` in jq.
            objects: Vec<Group>,
        }
        unless_empty {
            /// Accepted findings, in the order of the findings.
            suppressed: Vec<SuppressedRecord>,
            /// What the report was narrowed to; without it, it shows everything.
            selection: Option<Selection>,
            /// The object the report was asked about.
            focus: Option<FocusRecord>,
            /// What happened, oldest first: events, transitions, restarts, upgrade steps, failed replicas, log matches.
            timeline: Vec<MomentRecord>,
            /// How many moments were left out of `timeline`: repeated ones, and older ones of noisy sources.
            timeline_cut: usize,
        }
    }
}

impl Document {
    /// The document of a report with this table of objects, referred to by their numbers.
    pub(crate) fn new<'r>(report: &'r Report, objects: Vec<Group>, numbers: &mut Numbers<'r>) -> Document {
        let (findings, suppressed) = (report.findings.iter(), report.suppressed.iter());
        let (checks, moments) = (report.official_checks.iter(), report.timeline.iter());
        Document {
            schema: SCHEMA.to_owned(),
            tool: report.tool.clone(),
            bundle: report.bundle.clone(),
            upgrade: report.upgrade.clone(),
            diagnosis: DiagnosisRecord::new(&report.diagnosis, numbers),
            findings: findings.map(|finding| FindingRecord::new(finding, numbers)).collect(),
            causes: report.causes.clone(),
            rules: report.rules.iter().map(RuleRecord::new).collect(),
            official_checks: checks.map(|check| CheckRecord::new(check, numbers)).collect(),
            coverage: report.coverage.clone(),
            cluster: ClusterRecord::new(&report.cluster, numbers),
            alerts: AlertsRecord::new(&report.alerts, numbers),
            suppressed: suppressed.map(|one| SuppressedRecord::new(one, numbers)).collect(),
            selection: report.selection.clone(),
            focus: report.focus.as_ref().map(|focus| FocusRecord::new(focus, numbers)),
            timeline: moments.map(|moment| MomentRecord::new(moment, numbers)).collect(),
            timeline_cut: report.timeline_cut,
            objects,
        }
    }

    /// The report that the document says.
    pub(crate) fn into_report(self) -> Result<Report, Broken> {
        let objects = Objects::new(self.objects)?;
        let within = |section: &'static str| move |broken: Broken| broken.within(section);
        let focus = self.focus.map(|focus| focus.read(&objects));
        Ok(Report {
            schema: self.schema,
            tool: self.tool,
            bundle: self.bundle,
            cluster: self.cluster.read(&objects).map_err(within("cluster"))?,
            upgrade: self.upgrade,
            diagnosis: self.diagnosis.read(&objects).map_err(within("diagnosis"))?,
            findings: read_list("findings", self.findings, |finding| finding.read(&objects))?,
            causes: self.causes,
            rules: self.rules.into_iter().map(RuleRecord::read).collect(),
            official_checks: read_list("officialChecks", self.official_checks, |check| check.read(&objects))?,
            coverage: self.coverage,
            alerts: self.alerts.read(&objects).map_err(within("alerts"))?,
            suppressed: read_list("suppressed", self.suppressed, |one| one.read(&objects))?,
            selection: self.selection,
            focus: focus.transpose().map_err(within("focus"))?,
            timeline: read_list("timeline", self.timeline, |moment| moment.read(&objects))?,
            timeline_cut: self.timeline_cut,
        })
    }
}
