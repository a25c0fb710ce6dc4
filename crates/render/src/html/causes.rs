//! The causes: all of them in order of harm, each a line that opens into what is known of it and its symptoms.

mod finding;

use super::links::{SECTIONS, anchor};
use super::when::When;
use crate::causes::{self, Root};
use crate::options::RenderOptions;
use crate::{narrowed, safe, units, wording};
use finding::{Place, Section};
use gleaner_report::{AREAS, Harm, Outcome, Report, Severity};
use serde::Serialize;
use std::collections::BTreeSet;

/// How many causes are open.
const OPEN: usize = 3;
/// Most object rows of all findings together; beyond it each finding shows fewer.
const ROWS: usize = 9_000;
/// How many symptoms that are worse than their cause are named in its line.
const WORSE: usize = 3;
/// The class of areas that cannot be filtered by name.
const OTHER: &str = "other";

/// The section of all causes.
#[derive(Serialize)]
pub(super) struct Causes<'r> {
    total: usize,
    more: usize,
    groups: Vec<Group<'r>>,
    filters: bool,
    severities: Vec<Filter>,
    areas: Vec<Filter>,
    /// What is said where there is no finding.
    nothing: String,
    quiet: usize,
    unchecked: usize,
    /// Read-only commands whose output says more than the bundle, one a line.
    collect: String,
}

/// The causes that do the same harm.
#[derive(Serialize)]
struct Group<'r> {
    id: &'static str,
    word: &'static str,
    n: usize,
    /// Whether it is one line until it is opened.
    folded: bool,
    list: Vec<Cause<'r>>,
}

/// A root cause.
#[derive(Serialize)]
struct Cause<'r> {
    /// The worst that it and its symptoms do.
    #[serde(skip)]
    harm: Harm,
    finding: Section<'r>,
    symptoms: Vec<Section<'r>>,
    line: Line,
}

/// What the line of a cause says beside its sentence.
#[derive(Serialize)]
struct Line {
    /// The worst severity of the cause and its symptoms, by which it is filtered.
    worst: &'static str,
    since: Option<When>,
    down: String,
    risk: String,
    symptoms: String,
    /// What symptoms say that do more harm than the cause itself.
    worse: Vec<String>,
    /// Why the symptoms are below it.
    why: String,
}

/// A filter and how many findings it shows.
#[derive(Serialize)]
struct Filter {
    word: &'static str,
    n: usize,
}

/// The view of the section.
pub(super) fn view<'r>(report: &'r Report, options: &RenderOptions) -> Causes<'r> {
    let cap = row_cap(report, options.max_rows);
    let listed: Vec<Cause<'_>> = Listing::new(report, cap).causes();
    let shown: usize = listed.iter().map(|cause| 1 + cause.symptoms.len()).sum();
    let severities = [Severity::Blocker, Severity::Warning, Severity::Info].map(|severity| Filter {
        word: severity.as_str(),
        n: wording::count_of(report, severity),
    });
    let of_area = |name: &str| {
        let findings = report.findings.iter();
        findings.filter(|finding| area_class(&finding.area) == name).count()
    };
    let areas = AREAS.into_iter().chain([OTHER]);
    let areas = areas.map(|word| Filter { word, n: of_area(word) });
    let areas: Vec<Filter> = areas.filter(|filter| filter.n > 0).collect();
    Causes {
        total: listed.len(),
        more: report.findings.len() - shown,
        groups: groups(listed),
        filters: report.findings.len() > 1,
        severities: severities.into_iter().filter(|filter| filter.n > 0).collect(),
        areas: if areas.len() > 1 { areas } else { Vec::new() },
        nothing: narrowed::nothing(report),
        quiet: wording::outcome_count(report, Outcome::Quiet),
        unchecked: wording::unchecked(report),
        collect: safe::block(&report.diagnosis.collect.join("\n"), 40, 8_000),
    }
}

/// Turns root causes into their views, as many as the page holds.
struct Listing<'r> {
    report: &'r Report,
    cap: usize,
    /// The anchors that still get a section.
    left: BTreeSet<String>,
}

impl<'r> Listing<'r> {
    fn new(report: &'r Report, cap: usize) -> Listing<'r> {
        // The worst get a section.
        let shown = report.findings.iter().take(SECTIONS);
        Listing {
            report,
            cap,
            left: shown.map(|finding| anchor(&finding.id)).collect(),
        }
    }

    fn causes(mut self) -> Vec<Cause<'r>> {
        let roots = causes::listed(self.report);
        let mut open = OPEN;
        let mut found = Vec::new();
        for root in &roots {
            if self.left.remove(&anchor(&root.finding.id)) {
                found.push(self.cause(root, open > 0));
                open = open.saturating_sub(1);
            }
        }
        found
    }

    fn cause(&mut self, root: &Root<'r>, open: bool) -> Cause<'r> {
        let mut symptoms = root.symptoms.clone();
        symptoms.retain(|symptom| self.left.remove(&anchor(&symptom.finding.id)));
        let severities = symptoms.iter().map(|symptom| symptom.finding.severity);
        let worst = severities.fold(root.finding.severity, Ord::max);
        let worse = symptoms
            .iter()
            .filter(|symptom| symptom.finding.harm < root.finding.harm);
        let of = |finding, place| Section::of(self.report, finding, place, self.cap);
        Cause {
            harm: root.harm,
            line: Line {
                worst: worst.as_str(),
                since: root
                    .finding
                    .since
                    .as_deref()
                    .map(|since| When::short(since, self.report)),
                down: some(root.vms_down),
                risk: some(root.vms_at_risk),
                symptoms: if symptoms.is_empty() {
                    String::new()
                } else {
                    units::count(symptoms.len(), "symptom")
                },
                worse: worse
                    .take(WORSE)
                    .map(|symptom| wording::message(symptom.finding, 200))
                    .collect(),
                why: safe::line(root.why),
            },
            finding: of(root.finding, Place::Root { open }),
            symptoms: symptoms
                .iter()
                .map(|symptom| of(symptom.finding, Place::Symptom { depth: symptom.depth }))
                .collect(),
        }
    }
}

/// A number; empty for none.
fn some(n: usize) -> String {
    if n == 0 { String::new() } else { units::grouped(n) }
}

/// The causes under their headings, which come in the order of their first cause.
fn groups(causes: Vec<Cause<'_>>) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for cause in causes {
        let word = causes::group(cause.harm);
        match groups.iter_mut().find(|group| group.word == word) {
            Some(group) => group.list.push(cause),
            None => groups.push(Group {
                id: group_id(cause.harm),
                word,
                n: 0,
                folded: false,
                list: vec![cause],
            }),
        }
    }
    let several = groups.len() > 1;
    for group in &mut groups {
        group.n = group.list.len();
        group.folded = several && group.word == causes::group(Harm::Hygiene);
    }
    groups
}

/// The anchor of a group, which is also the class of its colour.
pub(super) fn group_id(harm: Harm) -> &'static str {
    match harm {
        Harm::DataLoss => "g-data",
        Harm::Outage => "g-down",
        Harm::Redundancy => "g-redundancy",
        Harm::UpgradeBlocked | Harm::UpgradeRisk => "g-upgrade",
        Harm::Degraded => "g-impaired",
        Harm::Hygiene => "g-hygiene",
    }
}

/// How many rows each finding may show, so that all together stay within [`ROWS`].
fn row_cap(report: &Report, wanted: usize) -> usize {
    let shown = report.findings.iter().take(SECTIONS);
    let sizes: Vec<usize> = shown.map(|finding| finding.objects.len()).collect();
    let total = |cap: usize| sizes.iter().map(|size| (*size).min(cap)).fold(0, usize::saturating_add);
    let mut cap = wanted.min(ROWS);
    while cap > 5 && total(cap) > ROWS {
        cap = cap * 9 / 10;
    }
    cap
}

/// The class of an area.
fn area_class(name: &str) -> &'static str {
    AREAS.into_iter().find(|area| *area == name).unwrap_or(OTHER)
}
