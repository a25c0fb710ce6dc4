//! Texts for a ticket: what the customer is told and asked for, and what engineering needs to take over.

use crate::format::Audience;
use crate::{causes, issue, narrowed, safe, units, wording};
use gleaner_report::{AffectedVm, Cause, Effect, Evidence, Finding, Report};
use std::collections::BTreeMap;

/// How many causes, VMs, steps and commands are named.
const CAUSES: usize = 8;
const VMS: usize = 20;
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
    let began = match report.diagnosis.first_bad.as_deref().and_then(units::utc) {
        Some(first) => format!(" The trouble began at {first}."),
        None => String::new(),
    };
    format!("Support bundle {name}, collected {when}\n\n{sentence}{began}\n\n")
}

fn customer(report: &Report) -> String {
    let mut out = opening(report);
    vms("Virtual machines that are down", &report.diagnosis.down, &mut out);
    vms("Virtual machines at risk", &report.diagnosis.at_risk, &mut out);
    list(
        "Before anything else",
        report.diagnosis.avoid.iter().map(|text| line(text)),
        &mut out,
    );
    let steps = report
        .diagnosis
        .runbook
        .iter()
        .filter(|step| step.effect != Effect::ReadOnly);
    let steps = steps.take(STEPS).map(|step| {
        let warning = if step.effect == Effect::CanLoseData {
            " (can lose data: ask us first)"
        } else {
            ""
        };
        format!("{}{warning}", line(&step.text))
    });
    list("What will have to be done, in this order", steps, &mut out);
    let commands = report.diagnosis.collect.iter();
    let commands: Vec<String> = commands
        .map(|command| format!("    {}\n", safe::line(command)))
        .collect();
    if !commands.is_empty() {
        out.push_str("Please send us the output of these commands, which change nothing:\n\n");
        out.push_str(&commands.concat());
        out.push('\n');
    }
    let gaps = wording::gaps(report);
    list("The bundle does not hold", gaps.iter().map(|gap| line(gap)), &mut out);
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
    let index: BTreeMap<&str, &Finding> = report.findings.iter().map(|found| (found.id.as_str(), found)).collect();
    let heads = causes::heads(report);
    for (number, cause) in (1..).zip(heads.iter().take(CAUSES)) {
        if let Some(finding) = index.get(cause.finding.as_str()) {
            one(number, cause, finding, &index, &mut out);
        }
    }
    if heads.len() > CAUSES {
        out.push_str(&format!("and {} more causes in the report\n\n", heads.len() - CAUSES));
    }
    vms("VMs that are down", &report.diagnosis.down, &mut out);
    let unchecked = wording::unchecked(report);
    let gaps = wording::gaps(report).join("; ");
    out.push_str(&format!("{} could not be checked", units::count(unchecked, "rule")));
    out.push_str(&if gaps.is_empty() {
        ".\n".to_owned()
    } else {
        format!(": {gaps}.\n")
    });
    out
}

/// A cause with its evidence, symptoms and steps.
fn one(number: usize, cause: &Cause, finding: &Finding, index: &BTreeMap<&str, &Finding>, out: &mut String) {
    out.push_str(&format!(
        "{number}. {} [{}, {}]\n   {}; since {}; {} down, {} at risk\n",
        line(&finding.message),
        safe::line_within(&finding.rule, 80),
        finding.severity.as_str(),
        wording::harm(cause.harm),
        wording::since(finding),
        units::count(cause.vms_down, "VM"),
        cause.vms_at_risk,
    ));
    for reason in &finding.stands_alone {
        out.push_str(&format!("   stands alone: {}\n", line(reason)));
    }
    for evidence in finding.evidence.iter().take(3) {
        out.push_str(&format!("   {}\n", quote(evidence)));
    }
    let mut open: Vec<(usize, &Cause)> = cause.symptoms.iter().rev().map(|below| (1, below)).collect();
    while let Some((depth, below)) = open.pop() {
        if let Some(symptom) = index.get(below.finding.as_str()) {
            let indent = "  ".repeat(depth);
            let rule = safe::line_within(&symptom.rule, 80);
            out.push_str(&format!("   {indent}- {} [{rule}]\n", line(&symptom.message)));
        }
        open.extend(below.symptoms.iter().rev().map(|next| (depth + 1, next)));
    }
    for step in finding.remediation.iter().take(5) {
        out.push_str(&format!("   > {} ({})\n", line(&step.text), step.effect.as_str()));
        if let Some(command) = &step.command {
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

fn vms(title: &str, vms: &[AffectedVm], out: &mut String) {
    let rows = vms
        .iter()
        .take(VMS)
        .map(|vm| format!("{}: {}", wording::object_name(&vm.vm), line(&vm.why)));
    let more = vms.len().saturating_sub(VMS);
    let more = (more > 0).then(|| format!("and {more} more"));
    list(title, rows.chain(more), out);
}

/// A heading and its items; nothing without items.
fn list(title: &str, items: impl Iterator<Item = String>, out: &mut String) {
    let items: Vec<String> = items.map(|item| format!("- {item}\n")).collect();
    if !items.is_empty() {
        out.push_str(&format!("{title}:\n{}\n", items.concat()));
    }
}
