//! The findings: a section for each, and the filters above them.

mod finding;

use super::links::{SECTIONS, anchor};
use crate::options::RenderOptions;
use crate::{causes, narrowed, wording};
use finding::Section;
use gleaner_report::{AREAS, Report, Severity};
use serde::Serialize;
use std::collections::BTreeSet;

/// Most object rows of all findings together; beyond it each finding shows fewer.
const ROWS: usize = 9_000;
/// The class of areas that cannot be filtered by name.
const OTHER: &str = "other";

/// The section of all findings.
#[derive(Serialize)]
pub(super) struct Findings<'r> {
    total: usize,
    more: usize,
    list: Vec<Section<'r>>,
    filters: bool,
    severities: Vec<Filter>,
    areas: Vec<Filter>,
    /// What is said where there is no finding.
    nothing: String,
}

/// A filter and how many findings it shows.
#[derive(Serialize)]
struct Filter {
    word: &'static str,
    n: usize,
}

/// The view of the section.
pub(super) fn view<'r>(report: &'r Report, options: &RenderOptions) -> Findings<'r> {
    let cap = row_cap(report, options.max_rows);
    // The worst get a section; those that do are below their causes.
    let shown = report.findings.iter().take(SECTIONS);
    let mut shown: BTreeSet<String> = shown.map(|finding| anchor(&finding.id)).collect();
    let list: Vec<Section<'_>> = causes::ordered(report)
        .into_iter()
        .filter(|placed| shown.remove(&anchor(&placed.finding.id)))
        .map(|placed| Section::of(report, placed, cap))
        .collect();
    let severities = [Severity::Blocker, Severity::Warning, Severity::Info].map(|severity| Filter {
        word: severity.as_str(),
        n: wording::count_of(report, severity),
    });
    let of_area = |name: &str| {
        let findings = report.findings.iter();
        findings.filter(|finding| area_class(&finding.area) == name).count()
    };
    let areas = AREAS
        .into_iter()
        .chain([OTHER])
        .map(|word| Filter { word, n: of_area(word) });
    let areas: Vec<Filter> = areas.filter(|filter| filter.n > 0).collect();
    Findings {
        total: report.findings.len(),
        more: report.findings.len() - list.len(),
        list,
        filters: report.findings.len() > 1,
        severities: severities.into_iter().filter(|filter| filter.n > 0).collect(),
        areas: if areas.len() > 1 { areas } else { Vec::new() },
        nothing: narrowed::nothing(report),
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
