//! What a reader wants to know first, beside the diagnosis: who is affected, what to do first, and what not to do.

use crate::{affected, safe, units, wording};
use gleaner_report::{Finding, Report};

/// Most reasons and names of VMs that are told.
const REASONS: usize = 2;
const NAMES: usize = 4;
/// Most characters of a line.
const LINE: usize = 300;
/// Most characters of what happened when the trouble began.
const MOMENT: usize = 110;

/// The lines, each with its label; none where nothing is wrong.
pub(crate) fn facts(report: &Report) -> Vec<(&'static str, String)> {
    if report.findings.is_empty() {
        return Vec::new();
    }
    let diagnosis = &report.diagnosis;
    let vms = |vms, by| affected::lines(vms, by, REASONS, NAMES).join("; ");
    let (down, at_risk) = (vms(&diagnosis.down, ""), vms(&diagnosis.at_risk, "by "));
    let is_told = |finding: &Finding| !finding.impact.at_risk.is_empty();
    let unaffected = if down.is_empty() && at_risk.is_empty() && report.findings.iter().any(is_told) {
        "none is known to be down"
    } else if down.is_empty() && at_risk.is_empty() {
        "none is known to be down or at risk"
    } else {
        ""
    };
    let step = diagnosis.runbook.first();
    let step = step.map(|step| format!("{} ({})", sentence(&step.text), step.effect.as_str()));
    let avoid = diagnosis.avoid.first().map_or("", String::as_str);
    // A rule of somebody else's may put it in other words.
    let (avoid_label, avoid) = match avoid.strip_prefix("Do not ") {
        Some(act) => ("Do not", bare(act)),
        None => ("Avoid", bare(avoid)),
    };
    let facts = [
        ("VMs down", down),
        ("At risk", at_risk),
        ("VMs", unaffected.to_owned()),
        ("Do first", step.unwrap_or_default()),
        (avoid_label, avoid),
    ];
    let told = facts.into_iter().filter(|(_, text)| !text.is_empty());
    told.map(|(label, text)| (label, brief(&text, LINE))).collect()
}

/// The text with short names, cut after a word.
fn brief(text: &str, most: usize) -> String {
    wording::clipped(&wording::brief(&safe::line(text)), most)
}

/// What a sentence says not to do, without the reason, which the cause gives.
fn bare(avoid: &str) -> String {
    let act = avoid.split_once(": ").map_or(avoid, |(act, _)| act);
    sentence(act).to_owned()
}

/// The first sentence, without its full stop.
fn sentence(text: &str) -> &str {
    text.split_once(". ")
        .map_or(text, |(first, _)| first)
        .trim_end_matches('.')
}

/// When the worst of the trouble first shows, and in what where the timeline has a moment of that second.
pub(crate) fn began(report: &Report) -> Option<String> {
    let first = report.diagnosis.first_bad.as_deref()?;
    let when = units::utc(first).unwrap_or_else(|| safe::line_within(first, 40));
    let seconds = units::seconds(first);
    let moment = report
        .timeline
        .iter()
        .find(|moment| moment.first_bad && seconds.is_some() && units::seconds(&moment.time) == seconds);
    let what = moment.map_or_else(String::new, |moment| {
        let object = wording::object(&moment.object);
        let text = moment.text.trim_end_matches('.');
        format!(": {}", brief(&format!("{object}: {text}"), MOMENT))
    });
    let stop = if what.ends_with('…') { "" } else { "." };
    Some(format!("The worst of it first shows at {when}{what}{stop}"))
}
