//! What renderers say about a narrowed report: suppressed findings, a selection, an object in focus.
//!
//! A report without findings may only say that nothing was found where nothing was taken out of it.

use crate::{safe, units};
use gleaner_report::{Finding, Report, Selection, Suppressed};

/// What to say where there is nothing to report. Never "healthy": a bundle cannot show that.
const NOTHING_FOUND: &str = "No known problem found in what the bundle holds";

/// How many findings were suppressed or not selected.
pub(crate) fn hidden(report: &Report) -> usize {
    let unselected = report
        .selection
        .as_ref()
        .map_or(0, |selection| selection.hidden_findings);
    report.suppressed.len().saturating_add(unselected)
}

/// What a report without findings says.
pub(crate) fn nothing(report: &Report) -> String {
    match hidden(report) {
        0 => NOTHING_FOUND.to_owned(),
        n => format!(
            "Nothing left to show: {} suppressed or not selected",
            units::count(n, "finding")
        ),
    }
}

/// Whether a finding touches the object that was asked for.
pub(crate) fn in_focus(report: &Report, finding: &Finding) -> bool {
    report
        .focus
        .as_ref()
        .is_some_and(|focus| focus.findings.contains(&finding.id))
}

/// What a reader must know about the view: sentences without full stops, none for a report that shows everything.
pub(crate) fn notes(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(focus) = &report.focus {
        let asked = safe::line_within(&focus.asked, 260);
        let shown = report
            .findings
            .iter()
            .filter(|finding| in_focus(report, finding))
            .count();
        let touching = match shown {
            0 => "no finding shown affects it or what it runs on".to_owned(),
            1 => "1 finding affects it or what it runs on".to_owned(),
            n => format!("{} findings affect it or what it runs on", units::grouped(n)),
        };
        let absent = if focus.objects.is_empty() {
            ", which the bundle does not hold"
        } else {
            ""
        };
        notes.push(format!("Asked about {asked}{absent}: {touching}"));
    }
    if let Some(selection) = &report.selection {
        notes.push(format!(
            "Shows only a part ({}): {} and {} are left out; the upgrade verdict is about all of them",
            safe::line_within(&selected(selection), 400),
            units::count(selection.hidden_findings, "finding"),
            units::count(selection.hidden_rules, "rule"),
        ));
    }
    if !report.suppressed.is_empty() {
        notes.push(format!(
            "{} suppressed",
            units::count(report.suppressed.len(), "finding")
        ));
    }
    notes
}

/// What was selected, in words: `area storage`, `at least warning`.
fn selected(selection: &Selection) -> String {
    let mut words = Vec::new();
    let mut list = |label: &str, items: &[String]| {
        if !items.is_empty() {
            let plural = if items.len() == 1 { "" } else { "s" };
            words.push(format!("{label}{plural} {}", items.join(", ")));
        }
    };
    list("area", &selection.areas);
    list("rule", &selection.rules);
    list("without rule", &selection.skipped);
    if let Some(least) = selection.min_severity {
        words.push(format!("at least {}", least.as_str()));
    }
    words.join("; ")
}

/// Why a finding is suppressed, in one line.
pub(crate) fn reason(suppressed: &Suppressed) -> String {
    let mut out = safe::line_within(&suppressed.reason, 400);
    if !suppressed.until.is_empty() {
        out.push_str(&format!(" (until {})", safe::line_within(&suppressed.until, 20)));
    }
    if !suppressed.case.is_empty() {
        out.push_str(&format!(" [{}]", safe::line_within(&suppressed.case, 80)));
    }
    out
}
