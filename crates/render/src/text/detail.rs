//! A root cause in detail: what it is, which VMs are affected, what to do, the evidence, and its symptoms.

use super::excerpt::excerpt;
use super::is_plain;
use super::list::vms;
use super::screen::{BOLD, Screen};
use crate::causes::{Root, Symptom};
use crate::{safe, units, wording};
use gleaner_report::{Confidence, Finding, RemediationStep};
use std::collections::BTreeSet;

/// Most symptoms, reasons and steps that are shown, unless all are asked for.
const SYMPTOMS: usize = 6;
const STEPS: usize = 6;
/// Most columns of a symptom.
const SYMPTOM: usize = 240;

/// The cause under its number. `all` shows every symptom in detail, too.
pub(super) fn cause(number: usize, root: &Root<'_>, all: bool, screen: Screen) -> String {
    let mut out = one(&format!("{number}. "), root.finding, Some(root), all, screen);
    if all {
        for symptom in &root.symptoms {
            out.push_str(&one(
                &format!("symptom of {number}: "),
                symptom.finding,
                None,
                all,
                screen,
            ));
        }
    }
    out
}

/// A finding; its symptoms are listed where it is a root cause.
fn one(mark: &str, finding: &Finding, root: Option<&Root<'_>>, all: bool, screen: Screen) -> String {
    let mut out = title(mark, finding, screen);
    let mut field = |label, text: &str| out.push_str(&screen.field(label, text));
    field("since", &wording::since(finding));
    field("affects", &affected(finding, root));
    field("impact", &finding.impact.text);
    field("cause", &likely_cause(finding));
    field("avoid", &finding.avoid);
    out.push_str(&steps(&finding.remediation, all, screen));
    let mut field = |label, text: &str| out.push_str(&screen.field(label, text));
    field("workaround", &finding.workaround);
    field("not set", &finding.unset.join("; "));
    if let Some(evidence) = finding.evidence.first() {
        out.push_str(&excerpt(evidence, screen));
    }
    if let Some(root) = root {
        out.push_str(&symptoms(root, all, screen));
    }
    let mut field = |label, text: &str| out.push_str(&screen.field(label, text));
    field("separate", &separate(finding));
    field("also", &also(finding, all));
    if is_plain(&finding.rule) {
        field("explain", &format!("gleaner explain {}", finding.rule));
    }
    out + "\n"
}

/// What it is: `1. blocker[rule-id]: message`.
fn title(mark: &str, finding: &Finding, screen: Screen) -> String {
    let name = screen.symbols(&name(finding));
    let message = screen.symbols(&wording::message(finding, 600));
    let wrapped = screen.prose(&format!("{mark}{name}: {message}"), 3);
    let plain = format!("{mark}{name}");
    // A name that was itself wrapped stays unpainted.
    let painted = match wrapped.strip_prefix(&plain) {
        Some(rest) => {
            let name = screen.paint(Screen::of_severity(finding.severity), &name);
            format!("{}{name}{}", screen.paint(BOLD, mark), screen.paint(BOLD, rest))
        }
        None => wrapped,
    };
    painted + "\n"
}

/// How a finding is named: `blocker[rule-id]`.
fn name(finding: &Finding) -> String {
    let rule = safe::line_within(&finding.rule, 80);
    format!("{}[{rule}]", finding.severity.as_str())
}

/// The VMs that it affects, and how many its symptoms affect besides.
fn affected(finding: &Finding, root: Option<&Root<'_>>) -> String {
    let mut parts = vec![wording::affected(finding)];
    let impact = &finding.impact;
    let more = root.filter(|root| (root.vms_down, root.vms_at_risk) != (impact.down.len(), impact.at_risk.len()));
    parts.extend(more.and_then(vms).map(|all| format!("with its symptoms {all}")));
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

/// The likely cause, and how sure it is where that is not certain.
fn likely_cause(finding: &Finding) -> String {
    match finding.confidence {
        _ if finding.cause.trim().is_empty() => String::new(),
        Confidence::High => finding.cause.clone(),
        confidence => format!("{} (confidence: {})", finding.cause.trim(), confidence.as_str()),
    }
}

/// Why it is no symptom of what could explain it.
fn separate(finding: &Finding) -> String {
    match finding.stands_alone.join("; ") {
        none if none.is_empty() => none,
        reasons => format!("not a symptom of another finding: {reasons}"),
    }
}

/// What general rules say of the same objects: the rules alone, unless all is asked for.
fn also(finding: &Finding, all: bool) -> String {
    if all {
        return wording::absorbed(finding);
    }
    let rules: BTreeSet<&str> = finding.absorbs.iter().map(|other| other.rule.as_str()).collect();
    let rules: Vec<String> = rules.into_iter().map(str::to_owned).collect();
    if rules.is_empty() {
        String::new()
    } else {
        format!("includes what {} found", units::joined(&rules))
    }
}

/// Why its symptoms are below it, and a line for each of the first; the worst is never left out.
fn symptoms(root: &Root<'_>, all: bool, screen: Screen) -> String {
    if root.symptoms.is_empty() {
        return String::new();
    }
    let why = if root.why.is_empty() { "its symptoms" } else { root.why };
    let mut out = screen.field("symptoms", &format!("{}: {why}", root.symptoms.len()));
    let worst = root.symptoms.iter().map(|symptom| symptom.finding.harm).min();
    let worst = root
        .symptoms
        .iter()
        .position(|symptom| Some(symptom.finding.harm) == worst);
    let is_shown = |(at, _): &(usize, &Symptom<'_>)| all || *at < SYMPTOMS || Some(*at) == worst;
    let shown: Vec<(usize, &Symptom<'_>)> = root.symptoms.iter().enumerate().filter(is_shown).collect();
    for (_, symptom) in &shown {
        let message = wording::short(&wording::message(symptom.finding, safe::LINE_MAX));
        let message = screen.cut(&screen.symbols(&message), SYMPTOM);
        let worse = worse(root.finding, symptom.finding).unwrap_or_default();
        let text = format!("{}: {message}{worse}", name(symptom.finding));
        out.push_str(&screen.item("-", &text, symptom.depth.clamp(1, 5) - 1));
    }
    let left = root.symptoms.len() - shown.len();
    if left > 0 {
        out.push_str(&screen.item("-", &format!("{left} more, listed with --full"), 0));
    }
    out
}

/// That a symptom is worse than its cause, if it is.
fn worse(cause: &Finding, symptom: &Finding) -> Option<String> {
    if symptom.harm < cause.harm {
        return Some(format!(" (worse: {})", wording::harm_word(symptom.harm)));
    }
    let worse = symptom.severity > cause.severity;
    worse.then(|| format!(" (worse: {})", symptom.severity.as_str()))
}

/// The numbered steps, each command on one line below its text.
fn steps(steps: &[RemediationStep], all: bool, screen: Screen) -> String {
    let most = if all { steps.len() } else { STEPS };
    let mut out = String::new();
    for (number, step) in (1..).zip(steps.iter().take(most)) {
        let label = if number == 1 { "steps" } else { "" };
        let effect = format!("[{}]", step.effect.as_str());
        let text = screen.entry(label, &format!("{number}. "), &format!("{} {effect}", step.text), 0);
        out.push_str(&match text.rsplit_once(&effect) {
            Some((before, after)) => {
                format!(
                    "{before}{}{after}",
                    screen.paint(Screen::of_effect(step.effect), &effect)
                )
            }
            None => text,
        });
        for command in step.command.iter().flat_map(|command| command.lines()) {
            out.push_str(&screen.verbatim(&format!("   {}", safe::line(command))));
        }
    }
    if steps.len() > most {
        out.push_str(&screen.item("", &format!("{} more with --full", steps.len() - most), 0));
    }
    out
}
