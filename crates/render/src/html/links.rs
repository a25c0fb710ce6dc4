//! Links from anywhere on the page to its findings.

use crate::wording;
use gleaner_report::Report;
use serde::Serialize;

/// Most findings that get a section of their own; the others are counted.
pub(super) const SECTIONS: usize = 700;
/// Where suppressed findings are listed.
const PASSED: &str = "passed";
/// Where all causes are listed.
const CAUSES: &str = "causes";

/// A link to a finding.
#[derive(Serialize)]
pub(super) struct Link {
    anchor: String,
    title: String,
}

/// The anchor of a finding.
pub(super) fn anchor(id: &str) -> String {
    format!("f-{}", wording::plain_id(id))
}

/// The anchor of a finding that has a section, else that of the list.
pub(super) fn anchor_of(report: &Report, id: &str) -> String {
    let shown = report.findings.iter().take(SECTIONS).any(|finding| finding.id == id);
    if shown { anchor(id) } else { CAUSES.to_owned() }
}

/// A link to a finding of this report by id; `None` if there is no such finding.
pub(super) fn to(report: &Report, id: &str) -> Option<Link> {
    if let Some(finding) = report.findings.iter().find(|finding| finding.id == id) {
        return Some(Link {
            anchor: anchor_of(report, id),
            title: wording::brief(&wording::message(finding, 120)),
        });
    }
    let suppressed = report.suppressed.iter().find(|one| one.finding.id == id)?;
    Some(Link {
        anchor: PASSED.to_owned(),
        title: format!("{} (suppressed)", wording::title(&suppressed.finding)),
    })
}

/// Links to the findings of some rules, at most three.
pub(super) fn to_rules(report: &Report, rules: &[String]) -> Vec<Link> {
    let found = report.findings.iter().filter(|finding| rules.contains(&finding.rule));
    found.take(3).filter_map(|finding| to(report, &finding.id)).collect()
}
