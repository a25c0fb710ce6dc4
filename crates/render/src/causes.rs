//! Which findings are causes and which their symptoms, as reports show them: causes first, each with its symptoms below it.
//!
//! Takes the links that the engine drew (`explains`, `explained_by`). No finding is ever lost: one in a cycle of
//! explanations, or whose cause is not in the report, is a cause of its own.

use gleaner_report::{Cause, Finding, Harm, Report};
use std::collections::{BTreeMap, BTreeSet};

/// A root cause as reports list it.
#[derive(Debug, Clone)]
pub(crate) struct Root<'r> {
    /// The finding that nothing else explains.
    pub(crate) finding: &'r Finding,
    /// The worst that it and its symptoms do.
    pub(crate) harm: Harm,
    /// How many VMs are down because of it or its symptoms.
    pub(crate) vms_down: usize,
    /// How many others are at risk.
    pub(crate) vms_at_risk: usize,
    /// Why its symptoms are below it; empty without symptoms.
    pub(crate) why: &'r str,
    /// All its symptoms, each before those of its own.
    pub(crate) symptoms: Vec<Symptom<'r>>,
}

/// A symptom of a root cause.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Symptom<'r> {
    /// The finding.
    pub(crate) finding: &'r Finding,
    /// How many links it is from the root cause: 1 for a direct symptom.
    pub(crate) depth: usize,
}

/// All root causes in order of harm, those that touch what was asked for first. Every finding is in one of them.
pub(crate) fn listed(report: &Report) -> Vec<Root<'_>> {
    let index = by_id(report);
    let mut seen = BTreeSet::new();
    let mut roots = Vec::new();
    for head in heads(report) {
        let mut found = Vec::new();
        let mut open = vec![(head, 0)];
        while let Some((cause, depth)) = open.pop() {
            let finding = index.get(cause.finding.as_str()).copied();
            let finding = finding.filter(|finding| seen.insert(finding.id.as_str()));
            found.extend(finding.map(|finding| Symptom { finding, depth }));
            open.extend(cause.symptoms.iter().rev().map(|below| (below, depth + 1)));
        }
        let Some(first) = found.first() else { continue };
        roots.push(Root {
            finding: first.finding,
            harm: head.harm,
            vms_down: head.vms_down,
            vms_at_risk: head.vms_at_risk,
            why: &head.why,
            symptoms: found.split_off(1),
        });
    }
    let alone = report
        .findings
        .iter()
        .filter(|finding| seen.insert(finding.id.as_str()));
    roots.extend(alone.map(|finding| Root {
        finding,
        harm: finding.harm,
        vms_down: finding.impact.down.len(),
        vms_at_risk: finding.impact.at_risk.len(),
        why: "",
        symptoms: Vec::new(),
    }));
    roots
}

/// The heading under which reports list a cause of this harm.
pub(crate) fn group(harm: Harm) -> &'static str {
    match harm {
        Harm::DataLoss => "Data at risk",
        Harm::Outage => "Down now",
        Harm::Redundancy => "Redundancy lost",
        Harm::UpgradeBlocked | Harm::UpgradeRisk => "Blocks an upgrade",
        Harm::Degraded => "Impaired",
        Harm::Hygiene => "Hygiene",
    }
}

/// The root causes, in their order; those that touch what was asked for come first.
fn heads(report: &Report) -> Vec<&Cause> {
    let mut heads: Vec<&Cause> = report.causes.iter().collect();
    let focus: &[String] = report.focus.as_ref().map_or(&[], |focus| &focus.findings);
    heads.sort_by_key(|head| !focus.contains(&head.finding));
    heads
}

fn by_id(report: &Report) -> BTreeMap<&str, &Finding> {
    let findings = report.findings.iter().rev();
    findings.map(|finding| (finding.id.as_str(), finding)).collect()
}
