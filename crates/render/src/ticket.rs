//! Texts for a ticket: what the customer is told and asked for, and what engineering needs to take over.

use crate::causes::{self, Root};
use crate::format::Audience;
use crate::{affected, first, issue, narrowed, safe, units, wording};
use gleaner_report::{Effect, Evidence, Report};

/// How many causes, reasons, VMs for each of them, and steps are named.
const CAUSES: usize = 8;
const REASONS: usize = 10;
const VMS: usize = 12;
const STEPS: usize = 12;
/// How many characters a sentence has.
const SENTENCE: usize = 600;

/// Writes the text: plain, fit for mail and for every ticket system.
pub(crate) fn render(report: &Report, audience: Audience) -> String {
    let mut page = match audience {
        Audience::Customer => customer(report),
        Audience::Engineering => engineering(report),
    };
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn line(text: &str) -> String {
    safe::line_within(text, SENTENCE)
}

/// What was found and since when.
fn opening(report: &Report) -> String {
    let name = wording::or_missing(&report.bundle.name);
    let when = units::utc(&report.bundle.created_at).unwrap_or_else(|| "an unknown time".to_owned());
    let sentence = match safe::line(&report.diagnosis.sentence) {
        empty if empty.is_empty() => format!("{}.", narrowed::nothing(report)),
        sentence => sentence,
    };
    let began = first::began(report).map_or_else(String::new, |began| format!(" {began}"));
    format!("Support bundle {name}, collected {when}\n\n{sentence}{began}\n\n")
}

fn customer(report: &Report) -> String {
    let mut out = opening(report);
    affected(report, &mut out);
    let avoid = report.diagnosis.avoid.iter().map(|text| line(text));
    list("Before anything else", avoid, &mut out);
    let steps = report.diagnosis.runbook.iter();
    let steps = steps.filter(|step| step.effect != Effect::ReadOnly).take(STEPS);
    let steps = steps.map(|step| match step.effect {
        Effect::CanLoseData => format!("{} (can lose data: ask us first)", line(&step.text)),
        _ => line(&step.text),
    });
    numbered("What will have to be done, in this order", steps, &mut out);
    let commands = report.diagnosis.collect.iter();
    let commands: String = commands
        .map(|command| format!("    {}\n", safe::line(command)))
        .collect();
    if !commands.is_empty() {
        out.push_str(&format!(
            "Please send us the output of these commands, which change nothing:\n\n{commands}\n"
        ));
    }
    let gaps = wording::gaps(report);
    list("The bundle is not complete", gaps.iter().map(|gap| line(gap)), &mut out);
    out
}

fn engineering(report: &Report) -> String {
    let mut out = opening(report);
    for (name, value) in issue::fields(report).into_iter().take(7) {
        out.push_str(&format!("{name}: {}\n", line(&value)));
    }
    if let Some(upgrade) = wording::upgrade_line(report) {
        out.push_str(&format!("{upgrade}: {}\n", line(&report.upgrade.reason)));
    }
    out.push('\n');
    let roots = causes::listed(report);
    for (number, root) in (1..).zip(roots.iter().take(CAUSES)) {
        one(number, root, &mut out);
    }
    if roots.len() > CAUSES {
        let more = units::count(roots.len() - CAUSES, "more cause");
        out.push_str(&format!("and {more} in the report\n\n"));
    }
    affected(report, &mut out);
    let unchecked = units::count(wording::unchecked(report), "rule");
    let gaps = match wording::gaps(report).join("; ") {
        none if none.is_empty() => none,
        gaps => format!(": {gaps}"),
    };
    out.push_str(&format!("{unchecked} could not be checked{gaps}.\n"));
    out
}

/// A cause with its evidence, symptoms and steps.
fn one(number: usize, root: &Root<'_>, out: &mut String) {
    let finding = root.finding;
    let rule = safe::line_within(&finding.rule, 80);
    let severity = finding.severity.as_str();
    let mut facts = vec![
        wording::harm(root.harm).to_owned(),
        format!("since {}", wording::since(finding)),
    ];
    facts.extend((root.vms_down > 0).then(|| format!("{} down now", units::count(root.vms_down, "VM"))));
    facts.extend((root.vms_at_risk > 0).then(|| format!("{} at risk", units::count(root.vms_at_risk, "VM"))));
    let message = wording::message(finding, SENTENCE);
    out.push_str(&format!(
        "{number}. {message} [{rule}, {severity}]\n   {}\n",
        facts.join("; ")
    ));
    for reason in &finding.stands_alone {
        out.push_str(&format!("   not a symptom of another finding: {}\n", line(reason)));
    }
    for evidence in finding.evidence.iter().take(3) {
        out.push_str(&format!("   {}\n", quote(evidence)));
    }
    if !root.why.is_empty() {
        out.push_str(&format!("   symptoms: {}: {}\n", root.symptoms.len(), line(root.why)));
    }
    for symptom in &root.symptoms {
        let indent = "  ".repeat(symptom.depth.min(6));
        let rule = safe::line_within(&symptom.finding.rule, 80);
        let message = wording::clipped(&wording::message(symptom.finding, SENTENCE), 300);
        out.push_str(&format!("   {indent}- {message} [{rule}]\n"));
    }
    if !finding.avoid.trim().is_empty() {
        out.push_str(&format!("   ! {}\n", line(&finding.avoid)));
    }
    for step in finding.remediation.iter().take(5) {
        out.push_str(&format!("   > {} ({})\n", line(&step.text), step.effect.as_str()));
        for command in step.command.iter().flat_map(|command| command.lines()) {
            out.push_str(&format!("     {}\n", safe::line(command)));
        }
    }
    out.push('\n');
}

fn quote(evidence: &Evidence) -> String {
    let place = match evidence.line {
        0 => safe::line(&evidence.path),
        line => format!("{}:{line}", safe::line(&evidence.path)),
    };
    let field = safe::line_within(&evidence.field, 120);
    format!("{place}  {field}: {}", safe::line_within(&evidence.value, 240))
}

/// The VMs that are down, and apart from them those at risk.
fn affected(report: &Report, out: &mut String) {
    let states = [
        ("down now", "", &report.diagnosis.down),
        ("at risk", "by ", &report.diagnosis.at_risk),
    ];
    for (state, by, vms) in states {
        let title = format!("{} {state}", units::count(vms.len(), "VM"));
        list(&title, affected::lines(vms, by, REASONS, VMS).into_iter(), out);
    }
}

/// A heading and its items; nothing without items.
fn list(title: &str, items: impl Iterator<Item = String>, out: &mut String) {
    section(title, items.map(|item| format!("- {item}\n")).collect(), out);
}

/// As [`list`], with numbers.
fn numbered(title: &str, items: impl Iterator<Item = String>, out: &mut String) {
    let items = (1..).zip(items);
    section(
        title,
        items.map(|(number, item)| format!("{number}. {item}\n")).collect(),
        out,
    );
}

fn section(title: &str, items: String, out: &mut String) {
    if !items.is_empty() {
        out.push_str(&format!("{title}:\n{items}\n"));
    }
}
