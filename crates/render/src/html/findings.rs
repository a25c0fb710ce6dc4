//! The view of the findings: where to start, one section per finding, and the anchors that link to them.

use super::super::{RenderOptions, causes, safe, units, wording};
use causes::Placed;
use gleaner_report::Report;
use gleaner_report::{Confidence, Evidence, Finding, Row, Severity, SnippetLine, Step};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Most cards under "Start here".
const CARDS: usize = 5;
/// Most evidence a finding shows.
const EVIDENCE: usize = 3;
/// Most quoted lines an evidence shows.
const SNIPPET: usize = 12;
/// Most links to symptoms or causes.
const LINKS: usize = 20;
/// Most object rows of all findings together; beyond it each finding shows fewer.
const ROWS: usize = 9_000;
/// Most findings that get a section of their own; the others are counted.
const SECTIONS: usize = 700;
/// Areas that can be filtered by name; rules of other areas share the class `other`.
const AREAS: [&str; 11] = [
    "upgrade", "cluster", "storage", "image", "csi", "backup", "vm", "node", "network", "addon", "log",
];

/// The anchor of a finding.
pub(super) fn anchor(id: &str) -> String {
    format!("f-{}", wording::plain_id(id))
}

/// The anchor of a finding that has a section, else that of the list.
pub(super) fn anchor_of(report: &Report, id: &str) -> String {
    let shown = report.findings.iter().take(SECTIONS).any(|finding| finding.id == id);
    if shown { anchor(id) } else { "findings".to_owned() }
}

/// A link to a finding of this report by id; `None` if there is no such finding.
pub(super) fn link_to(report: &Report, id: &str) -> Option<Value> {
    let Some(finding) = report.findings.iter().find(|finding| finding.id == id) else {
        let suppressed = report.suppressed.iter().find(|one| one.finding.id == id)?;
        return Some(json!({
            "anchor": "passed",
            "title": format!("{} (suppressed)", wording::title(&suppressed.finding)),
            "severity": suppressed.finding.severity.as_str(),
        }));
    };
    Some(json!({
        "anchor": anchor_of(report, id),
        "title": wording::title(finding),
        "severity": finding.severity.as_str(),
    }))
}

/// Links to the findings of some rules, at most three.
pub(super) fn links_to_rules(report: &Report, rules: &[String]) -> Vec<Value> {
    let found = report.findings.iter().filter(|finding| rules.contains(&finding.rule));
    found
        .take(3)
        .filter_map(|finding| link_to(report, &finding.id))
        .collect()
}

/// The cards under "Start here".
pub(super) fn start(report: &Report) -> Value {
    let roots = causes::roots(report);
    let cards: Vec<Value> = roots
        .iter()
        .take(CARDS)
        .zip(1..)
        .map(|(finding, n)| {
            json!({
                "n": n,
                "severity": finding.severity.as_str(),
                "anchor": anchor_of(report, &finding.id),
                "title": wording::title(finding),
                "message": safe::line_within(&finding.message, 300),
                "impact": safe::line_within(&finding.impact.text, 300),
                "hurt": safe::line_within(&wording::hurt(finding), 300),
                "symptoms": wording::symptoms(report, finding),
                "below": below(report, finding),
                "step": finding.remediation.first().map(step),
            })
        })
        .collect();
    json!({
        "cards": cards,
        "more": roots.len().saturating_sub(CARDS),
        "onlyInfo": !report.findings.is_empty() && report.worst() == Some(Severity::Info),
    })
}

/// Most symptoms that a card lists.
const BELOW: usize = 30;

/// What follows from a cause: a link for each of its symptoms, and how many objects each has.
fn below(report: &Report, finding: &Finding) -> Vec<Value> {
    let symptoms = causes::symptoms(report, finding);
    let listed = symptoms.iter().take(BELOW).map(|symptom| {
        json!({
            "severity": symptom.severity.as_str(),
            "anchor": anchor_of(report, &symptom.id),
            "title": wording::title(symptom),
            "objects": units::count(symptom.objects.len(), "object"),
        })
    });
    listed.collect()
}

/// Most suppressed findings that are listed.
pub(super) const SUPPRESSED: usize = 200;

/// What somebody accepted, and why.
pub(super) fn suppressed(report: &Report) -> Vec<Value> {
    let list = report.suppressed.iter().take(SUPPRESSED);
    list.map(|one| {
        let objects: Vec<String> = one.finding.objects.iter().take(3).map(wording::object).collect();
        json!({
            "severity": one.finding.severity.as_str(),
            "rule": safe::line_within(&one.finding.rule, 80),
            "message": wording::message(&one.finding, 400),
            "objects": objects, "more": one.finding.objects.len().saturating_sub(3),
            "reason": safe::line_within(&one.reason, 400),
            "until": safe::line_within(&one.until, 20),
            "case": safe::line_within(&one.case, 80),
        })
    })
    .collect()
}

/// All findings.
pub(super) fn view(report: &Report, options: &RenderOptions) -> Value {
    let cap = row_cap(report, options.max_rows);
    // The worst get a section; those that do stand below their causes.
    let mut shown: BTreeSet<String> = report
        .findings
        .iter()
        .take(SECTIONS)
        .map(|finding| anchor(&finding.id))
        .collect();
    let list: Vec<Value> = causes::ordered(report)
        .into_iter()
        .filter(|placed| shown.remove(&anchor(&placed.finding.id)))
        .map(|placed| one(report, placed, cap))
        .collect();
    let severities: Vec<Value> = [Severity::Blocker, Severity::Warning, Severity::Info]
        .into_iter()
        .map(|severity| json!({"word": severity.as_str(), "n": wording::count_of(report, severity)}))
        .filter(|entry| entry["n"] != 0)
        .collect();
    let present = |name: &str| {
        report
            .findings
            .iter()
            .filter(|finding| area(&finding.area) == name)
            .count()
    };
    let areas: Vec<Value> = AREAS
        .into_iter()
        .chain(["other"])
        .map(|name| json!({"word": name, "n": present(name)}))
        .filter(|entry| entry["n"] != 0)
        .collect();
    json!({
        "total": report.findings.len(),
        "more": report.findings.len() - list.len(),
        "list": list,
        "filters": report.findings.len() > 1,
        "severities": severities,
        "areas": if areas.len() > 1 { areas } else { Vec::new() },
    })
}

/// How many rows each finding may show, so that all together stay within [`ROWS`].
fn row_cap(report: &Report, wanted: usize) -> usize {
    let sizes: Vec<usize> = report
        .findings
        .iter()
        .take(SECTIONS)
        .map(|finding| finding.objects.len())
        .collect();
    let total = |cap: usize| sizes.iter().map(|size| (*size).min(cap)).fold(0, usize::saturating_add);
    let mut cap = wanted.min(ROWS);
    while cap > 5 && total(cap) > ROWS {
        cap = cap * 9 / 10;
    }
    cap
}

/// The class of an area.
fn area(name: &str) -> &'static str {
    AREAS.into_iter().find(|area| *area == name).unwrap_or("other")
}

/// One finding.
fn one(report: &Report, placed: Placed<'_>, cap: usize) -> Value {
    let Placed { finding, symptom } = placed;
    let references: Vec<Value> = finding
        .references
        .iter()
        .take(10)
        .map(|reference| {
            let url = safe::line_within(&reference.url, 500);
            let title = safe::line_within(&reference.title, 160);
            json!({"title": title, "href": safe::link(&reference.url).unwrap_or_default(), "url": url})
        })
        .collect();
    let links = |ids: &[String]| -> Value {
        let found: Vec<Value> = ids.iter().filter_map(|id| link_to(report, id)).collect();
        let more = found.len().saturating_sub(LINKS);
        json!({"n": found.len(), "list": found.into_iter().take(LINKS).collect::<Vec<_>>(), "more": more})
    };
    let vms: Vec<String> = finding
        .impact
        .virtual_machines
        .iter()
        .take(10)
        .map(wording::object_name)
        .collect();
    let (confidence, why) = confidence(finding.confidence);
    json!({
        "anchor": anchor(&finding.id),
        "id": safe::line_within(&finding.id, 64),
        "severity": finding.severity.as_str(),
        "areaClass": area(&finding.area),
        "area": safe::line_within(&finding.area, 40),
        "symptom": symptom,
        "open": finding.severity > if symptom { Severity::Warning } else { Severity::Info },
        "rule": safe::line_within(&finding.rule, 80),
        "title": wording::title(finding),
        "message": safe::line_within(&finding.message, 600),
        "confidence": confidence, "confidenceWhy": why,
        "path": safe::line_within(finding.path.as_deref().unwrap_or_default(), 80),
        "count": units::grouped(finding.objects.len()),
        "table": table(finding, cap),
        "impact": finding.impact.text,
        "vms": vms, "vmsHit": finding.impact.hits.as_str(), "vmsMore": finding.impact.virtual_machines.len().saturating_sub(vms.len()),
        "vmsIncomplete": finding.impact.incomplete,
        "cause": finding.cause,
        "evidence": finding.evidence.iter().take(EVIDENCE).map(evidence).collect::<Vec<_>>(),
        "evidenceMore": finding.evidence.len().saturating_sub(EVIDENCE),
        "steps": finding.remediation.iter().take(20).map(step).collect::<Vec<_>>(),
        "workaround": finding.workaround,
        "fixedIn": safe::line_within(&finding.fixed_in, 120),
        "explains": links(&finding.explains), "explainedBy": links(&finding.explained_by),
        "references": references,
    })
}

/// How sure we are, in a word and in a sentence.
fn confidence(confidence: Confidence) -> (&'static str, &'static str) {
    match confidence {
        Confidence::High => ("high", "the objects in the bundle say so directly"),
        Confidence::Medium => ("medium", "known signs agree, but the bundle cannot prove it"),
        Confidence::Low => ("low", "a rule of thumb: check before you act"),
    }
}

/// The object rows of a finding, without the kind where all objects share it.
fn table(finding: &Finding, cap: usize) -> Value {
    let first = finding
        .objects
        .first()
        .map(|object| object.kind.as_str())
        .unwrap_or_default();
    let same = finding.objects.iter().all(|object| object.kind == first);
    let single = finding.objects.len() <= 1;
    let named = |row: &Row| {
        json!({
            "object": if same { wording::object_name(&row.object) } else { wording::object(&row.object) },
            "message": safe::line_within(&row.message, 400),
        })
    };
    let rows: Vec<Value> = if finding.rows.is_empty() {
        let rows = finding.objects.iter().take(cap);
        rows.map(|object| {
            named(&Row {
                object: object.clone(),
                message: String::new(),
            })
        })
        .collect()
    } else {
        finding.rows.iter().take(cap).map(named).collect()
    };
    let total = finding.objects.len().max(finding.rows.len());
    let heading = if same && !first.is_empty() {
        safe::line_within(first, 80)
    } else {
        "Object".to_owned()
    };
    json!({
        "messages": !single && finding.rows.iter().any(|row| !row.message.is_empty()),
        "single": if single { finding.objects.first().map(wording::object) } else { None },
        "heading": heading,
        "more": units::grouped(total - rows.len()), "cut": total > rows.len(),
        "rows": if single { Vec::new() } else { rows },
    })
}

/// A next step with its command.
fn step(step: &Step) -> Value {
    let command = step.command.as_deref().map(|command| safe::block(command, 30, 2_000));
    json!({
        "text": step.text,
        "command": command,
        "copyable": step.command.as_deref().is_some_and(safe::copyable),
        "effect": step.effect.as_str(),
        "tone": match step.effect {
            gleaner_report::Effect::ReadOnly => "ok",
            gleaner_report::Effect::ChangesState => "warn",
            gleaner_report::Effect::CanLoseData => "bad",
        },
    })
}

/// An evidence with the lines around it.
fn evidence(evidence: &Evidence) -> Value {
    let place = if evidence.line > 0 {
        format!(":{}", evidence.line)
    } else {
        String::new()
    };
    let value = safe::line_within(&evidence.value, 400);
    let lines: Vec<Value> = evidence
        .snippet
        .iter()
        .take(SNIPPET)
        .map(|line| quoted(line, evidence))
        .collect();
    json!({
        "path": safe::line_within(&evidence.path, 400), "place": place,
        "object": evidence.object.as_ref().map(wording::object),
        "field": safe::line_within(&evidence.field, 200),
        "value": value,
        "lines": lines,
    })
}

/// A quoted line, parted around what to mark in it.
fn quoted(line: &SnippetLine, evidence: &Evidence) -> Value {
    let text = safe::clip(line.text.trim_end(), 400).replace('\n', "<U+000A>");
    let value = evidence.value.as_str();
    let (before, mark, after) = if line.line != evidence.line {
        (text.as_str(), "", "")
    } else if let Some((before, after)) = text.rsplit_once(value).filter(|_| !value.is_empty()) {
        (before, value, after)
    } else {
        let start = text.len() - text.trim_start().len();
        let (indent, rest) = text.split_at_checked(start).unwrap_or(("", text.as_str()));
        (indent, rest, "")
    };
    json!({"n": line.line, "before": before, "mark": mark, "after": after})
}
