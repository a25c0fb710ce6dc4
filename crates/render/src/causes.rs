//! Which findings are causes and which their symptoms, as reports show them: causes first, each with its symptoms below it.
//!
//! Takes the links that the engine drew (`explains`, `explained_by`). No finding is ever lost: one in a cycle of
//! explanations, or whose cause is not in the report, is a cause of its own.

use gleaner_report::{Cause, Finding, Harm, Report, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A finding and its place among the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed<'r> {
    /// The finding.
    pub(crate) finding: &'r Finding,
    /// Whether it follows a cause above it.
    pub(crate) symptom: bool,
}

/// All findings, causes first, as in the tree of causes: each is followed by its symptoms. What was asked for comes first.
pub(crate) fn ordered(report: &Report) -> Vec<Placed<'_>> {
    let index: BTreeMap<&str, &Finding> = by_id(report);
    let mut placed = Vec::with_capacity(report.findings.len());
    for head in heads(report) {
        let mut open = vec![(head, false)];
        while let Some((cause, symptom)) = open.pop() {
            let finding = index.get(cause.finding.as_str());
            placed.extend(finding.map(|finding| Placed { finding, symptom }));
            open.extend(cause.symptoms.iter().rev().map(|symptom| (symptom, true)));
        }
    }
    let shown: BTreeSet<&str> = placed.iter().map(|placed| placed.finding.id.as_str()).collect();
    let lost = report
        .findings
        .iter()
        .filter(|finding| !shown.contains(finding.id.as_str()));
    placed.extend(lost.map(|finding| Placed {
        finding,
        symptom: false,
    }));
    placed
}

/// The findings to look at first: those that nothing else in the report explains, worst first. Facts (`info`) are among them
/// only where they account for something worse, or there is nothing worse.
pub(crate) fn roots(report: &Report) -> Vec<&Finding> {
    let index = by_id(report);
    let worst = |cause: &Cause| {
        let (mut worst, mut open) = (Severity::Info, vec![cause]);
        while let Some(cause) = open.pop() {
            worst = worst.max(
                index
                    .get(cause.finding.as_str())
                    .map_or(worst, |finding| finding.severity),
            );
            open.extend(&cause.symptoms);
        }
        worst
    };
    let heads = heads(report);
    let act = heads.iter().filter(|head| worst(head) > Severity::Info);
    let roots: Vec<&Finding> = act
        .filter_map(|head| index.get(head.finding.as_str()).copied())
        .collect();
    if roots.is_empty() {
        report.findings.iter().take(1).collect()
    } else {
        roots
    }
}

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
        Harm::DataLoss => "Data lost",
        Harm::Outage => "Down now",
        Harm::Redundancy => "Redundancy lost",
        Harm::UpgradeBlocked | Harm::UpgradeRisk => "Blocks an upgrade",
        Harm::Degraded => "Impaired",
        Harm::Hygiene => "Hygiene",
    }
}

/// The root causes, in their order; those that touch what was asked for come first.
pub(crate) fn heads(report: &Report) -> Vec<&Cause> {
    let mut heads: Vec<&Cause> = report.causes.iter().collect();
    let focus: &[String] = report.focus.as_ref().map_or(&[], |focus| &focus.findings);
    heads.sort_by_key(|head| !focus.contains(&head.finding));
    heads
}

fn by_id(report: &Report) -> BTreeMap<&str, &Finding> {
    let findings = report.findings.iter().rev();
    findings.map(|finding| (finding.id.as_str(), finding)).collect()
}

/// The other findings that a finding accounts for, directly or through others, worst first.
pub(crate) fn symptoms<'r>(report: &'r Report, finding: &Finding) -> Vec<&'r Finding> {
    let graph = CauseGraph::of(report);
    let Some(start) = graph.index.get(finding.id.as_str()) else {
        return Vec::new();
    };
    let others = graph.reached(*start).into_iter().filter(|index| index != start);
    others.map(|index| &report.findings[index]).collect()
}

/// How many other findings a finding accounts for, directly or through others, by severity, worst first.
pub(crate) fn symptom_counts(report: &Report, finding: &Finding) -> Vec<(Severity, usize)> {
    let mut counts: BTreeMap<Reverse<Severity>, usize> = BTreeMap::new();
    for symptom in symptoms(report, finding) {
        *counts.entry(Reverse(symptom.severity)).or_default() += 1;
    }
    counts.into_iter().map(|(severity, n)| (severity.0, n)).collect()
}

/// The links between findings, by their place in the report.
struct CauseGraph<'r> {
    index: BTreeMap<&'r str, usize>,
    symptoms: Vec<BTreeSet<usize>>,
}

impl<'r> CauseGraph<'r> {
    /// A link counts whichever of the two findings names it.
    fn of(report: &'r Report) -> CauseGraph<'r> {
        let mut index = BTreeMap::new();
        for (at, finding) in report.findings.iter().enumerate() {
            index.entry(finding.id.as_str()).or_insert(at);
        }
        let mut symptoms = vec![BTreeSet::new(); report.findings.len()];
        for (at, finding) in report.findings.iter().enumerate() {
            let below = finding.explains.iter().filter_map(|id| index.get(id.as_str()));
            let above = finding.explained_by.iter().filter_map(|id| index.get(id.as_str()));
            let pairs = below
                .map(|symptom| (at, *symptom))
                .chain(above.map(|cause| (*cause, at)));
            for (cause, symptom) in pairs.filter(|(cause, symptom)| cause != symptom) {
                symptoms[cause].insert(symptom);
            }
        }
        CauseGraph { index, symptoms }
    }

    fn symptoms(&self, index: usize) -> Vec<usize> {
        self.symptoms[index].iter().copied().collect()
    }

    /// A finding and all that follows from it.
    fn reached(&self, start: usize) -> BTreeSet<usize> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![start]);
        while let Some(index) = open.pop() {
            if reached.insert(index) {
                open.extend(self.symptoms(index));
            }
        }
        reached
    }
}
