//! Which findings are causes and which their symptoms, as reports show them: causes first, each with its symptoms below it.
//!
//! Takes the links that the engine drew (`explains`, `explained_by`). No finding is ever lost: one in a cycle of
//! explanations, or whose cause is not in the report, is a cause of its own.

use crate::narrowed;
use gleaner_report::{Finding, Report, Severity};
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

/// All findings, causes first: by the worst of what each accounts for, itself included, each followed by its symptoms.
pub(crate) fn ordered(report: &Report) -> Vec<Placed<'_>> {
    let graph = CauseGraph::of(report);
    let mut placed = Vec::with_capacity(report.findings.len());
    let mut seen = vec![false; report.findings.len()];
    for root in graph.heads() {
        let mut open = vec![(root, false)];
        while let Some((index, symptom)) = open.pop() {
            if std::mem::replace(&mut seen[index], true) {
                continue;
            }
            let finding = &report.findings[index];
            placed.push(Placed { finding, symptom });
            open.extend(graph.symptoms(index).iter().rev().map(|symptom| (*symptom, true)));
        }
    }
    placed
}

/// The findings to look at first: those that nothing else in the report explains, worst first. Facts (`info`) are among them
/// only where they account for something worse, or there is nothing worse.
pub(crate) fn roots(report: &Report) -> Vec<&Finding> {
    let graph = CauseGraph::of(report);
    let causes = ordered(report).into_iter().filter(|placed| !placed.symptom);
    let act = |finding: &&Finding| {
        let index = graph.index.get(finding.id.as_str());
        index.map_or(finding.severity, |index| graph.worst(*index)) > Severity::Info
    };
    let mut roots: Vec<&Finding> = causes.map(|placed| placed.finding).filter(act).collect();
    // What was asked for comes first; the order is otherwise kept.
    roots.sort_by_key(|finding| !narrowed::in_focus(report, finding));
    if roots.is_empty() {
        report.findings.iter().take(1).collect()
    } else {
        roots
    }
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
    report: &'r Report,
    index: BTreeMap<&'r str, usize>,
    symptoms: Vec<BTreeSet<usize>>,
    explained: BTreeSet<usize>,
}

impl<'r> CauseGraph<'r> {
    /// A link counts whichever of the two findings names it.
    fn of(report: &'r Report) -> CauseGraph<'r> {
        let mut index = BTreeMap::new();
        for (at, finding) in report.findings.iter().enumerate() {
            index.entry(finding.id.as_str()).or_insert(at);
        }
        let mut symptoms = vec![BTreeSet::new(); report.findings.len()];
        let mut explained = BTreeSet::new();
        for (at, finding) in report.findings.iter().enumerate() {
            let below = finding.explains.iter().filter_map(|id| index.get(id.as_str()));
            let above = finding.explained_by.iter().filter_map(|id| index.get(id.as_str()));
            let pairs = below
                .map(|symptom| (at, *symptom))
                .chain(above.map(|cause| (*cause, at)));
            for (cause, symptom) in pairs.filter(|(cause, symptom)| cause != symptom) {
                symptoms[cause].insert(symptom);
                explained.insert(symptom);
            }
        }
        CauseGraph {
            report,
            index,
            symptoms,
            explained,
        }
    }

    /// The findings that nothing explains, by the worst of what each accounts for.
    fn heads(&self) -> Vec<usize> {
        let all = 0..self.report.findings.len();
        let mut heads: Vec<usize> = all.clone().filter(|index| !self.explained.contains(index)).collect();
        let mut reached: BTreeSet<usize> = heads.iter().flat_map(|head| self.reached(*head)).collect();
        // What no head reaches is in a cycle: the worst finding of each cycle is taken as its cause.
        for index in all {
            if !reached.contains(&index) {
                heads.push(index);
                reached.extend(self.reached(index));
            }
        }
        heads.sort_by_cached_key(|index| (Reverse(self.worst(*index)), *index));
        heads
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

    /// The worst severity among a finding and all that follows from it.
    fn worst(&self, index: usize) -> Severity {
        let of = |index: usize| self.report.findings[index].severity;
        self.reached(index).into_iter().map(of).fold(of(index), Severity::max)
    }
}
