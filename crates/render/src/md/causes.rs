//! All root causes with a line each, and the worst in detail.

use super::Page;
use super::finding;
use super::markup::Markup;
use crate::causes::{self, Root};
use crate::format::Flavor;
use crate::{narrowed, safe, units, wording};
use gleaner_report::{Finding, RemediationStep, Report};
use std::collections::BTreeSet;

/// How many causes are shown in detail.
const DETAILS: usize = 3;
/// Most bytes of the list, unless it is shown in full.
const LIST: usize = 1_500;
const SHORT_LIST: usize = 1_100;
/// How many rules are named that found symptoms.
const RULES: usize = 6;
/// Most lines of an excerpt.
const EXCERPT: usize = 6;

/// All causes by harm, as many as fit; gives how many did not.
pub(super) fn list(report: &Report, roots: &[Root<'_>], full: bool, m: Markup, page: &mut Page) -> usize {
    page.push(&m.heading(2, "Causes"));
    if roots.is_empty() {
        page.push(&format!("{}.\n\n", narrowed::nothing(report)));
        return 0;
    }
    let most = match (full, m.flavor) {
        (true, _) => usize::MAX,
        (false, Flavor::Text) => SHORT_LIST,
        (false, _) => LIST,
    };
    let mut group = "";
    let shown = page.within(most, |page| {
        let rows = roots.iter().take_while(|root| {
            let title = causes::group(root.harm);
            let mut row = line(root, full, m);
            if title != group {
                let gap = if group.is_empty() { "" } else { "\n" };
                row = format!("{gap}{}{row}", m.heading(3, title));
                group = title;
            }
            page.push(&row)
        });
        rows.count()
    });
    page.push("\n");
    roots.len() - shown
}

/// A cause on one line; in full with a line for each symptom.
fn line(root: &Root<'_>, full: bool, m: Markup) -> String {
    let max = match (full, m.flavor) {
        (true, _) => 300,
        (false, Flavor::Text) => 90,
        (false, _) => 170,
    };
    let mut facts = vec![format!("since {}", m.sentence(&wording::since(root.finding), 40))];
    if root.vms_down > 0 {
        facts.push(format!("{} down", units::count(root.vms_down, "VM")));
    }
    if root.vms_at_risk > 0 {
        facts.push(format!("{} at risk", units::count(root.vms_at_risk, "VM")));
    }
    if !root.symptoms.is_empty() {
        facts.push(units::count(root.symptoms.len(), "symptom"));
    }
    let row = |mark: String, finding: &Finding, facts: &str| {
        let message = wording::short(&wording::message(finding, safe::LINE_MAX));
        let message = m.sentence(&wording::clipped(&message, max), max + 1);
        let rule = m.name(&finding.rule, 60);
        format!("{mark} {message} ({}{facts}, {rule})\n", finding.severity.as_str())
    };
    let mut out = row(m.bullet().to_owned(), root.finding, &format!(", {}", facts.join(", ")));
    for symptom in root.symptoms.iter().filter(|_| full) {
        let mark = m.nested_bullet(symptom.depth.min(4));
        out.push_str(&row(mark, symptom.finding, ", symptom"));
    }
    out
}

/// The worst causes in detail. Each leaves the next something of what there is, and none is there without those before it.
pub(super) fn worst(roots: &[Root<'_>], m: Markup, page: &mut Page) {
    let shown = &roots[..roots.len().min(DETAILS)];
    for (at, root) in shown.iter().enumerate() {
        let title = if at == 0 {
            m.heading(2, "In detail")
        } else {
            String::new()
        };
        if !page.push(&format!("{title}{}", head(root, m))) {
            break;
        }
        let last = at + 1 == shown.len();
        let more = more(root, if last { page.left } else { page.left / 5 * 3 }, m);
        page.push(&more);
    }
}

/// What is said of a cause within so many bytes: by their weight, the first step, what to avoid, the next step, an excerpt and further
/// steps; in the order in which they are read.
fn more(root: &Root<'_>, bytes: usize, m: Markup) -> String {
    let finding = root.finding;
    let step = |at: usize| {
        finding
            .remediation
            .get(at)
            .map_or_else(String::new, |step| step_text(step, m))
    };
    let avoid = match finding.avoid.trim() {
        "" => String::new(),
        avoid => format!("{} {}\n\n", m.strong("Avoid:"), m.sentence(avoid, 400)),
    };
    let excerpt = finding.evidence.first();
    let excerpt = excerpt.map_or_else(String::new, |evidence| finding::quote(evidence, EXCERPT, m));
    let parts = [excerpt, avoid, step(0), step(1), step(2), step(3)];
    let (mut shown, mut left) = ([false; 6], bytes);
    for at in [2, 1, 3, 0, 4, 5] {
        if parts[at].len() <= left {
            shown[at] = true;
            left -= parts[at].len();
        }
    }
    let parts = parts.iter().zip(shown).filter(|(_, shown)| *shown);
    parts.map(|(part, _)| part.as_str()).collect()
}

/// What a cause is, since when, and which VMs are affected.
fn head(root: &Root<'_>, m: Markup) -> String {
    let finding = root.finding;
    let mut facts = vec![
        finding.severity.as_str().to_owned(),
        m.name(&finding.rule, 60),
        format!("since {}", m.sentence(&wording::since(finding), 40)),
    ];
    let affected = wording::affected(finding);
    facts.extend((!affected.is_empty()).then(|| m.sentence(&affected, 200)));
    let message = wording::brief(&wording::message(finding, safe::LINE_MAX));
    let message = wording::clipped(&message, 240);
    let mut out = m.heading(3, &m.sentence(&wording::title(finding), 120));
    out.push_str(&format!("{} ({}).\n\n", m.sentence(&message, 260), facts.join("; ")));
    out.push_str(&symptoms(root, m));
    out
}

/// The rules that found its symptoms; nothing without symptoms.
fn symptoms(root: &Root<'_>, m: Markup) -> String {
    let rules: BTreeSet<&str> = root
        .symptoms
        .iter()
        .map(|symptom| symptom.finding.rule.as_str())
        .collect();
    let mut shown: Vec<String> = rules.iter().take(RULES).map(|rule| m.name(rule, 60)).collect();
    if rules.len() > shown.len() {
        shown.push(format!("{} more", rules.len() - shown.len()));
    }
    if shown.is_empty() {
        return String::new();
    }
    format!("{} {}\n\n", m.strong("Symptoms:"), shown.join(", "))
}

/// A step, with its command below it.
fn step_text(step: &RemediationStep, m: Markup) -> String {
    let label = m.strong(&format!("Next ({}):", step.effect.as_str()));
    let command = step.command.as_deref().map(|command| m.block(command, 10));
    format!(
        "{label} {}\n\n{}",
        m.sentence(&step.text, 300),
        command.unwrap_or_default()
    )
}
