//! The report as SARIF 2.1.0, for code scanning and editors.
//!
//! One result a finding, with one location (GitHub reads only the first) and the other evidence as related locations.
//! Rules that passed are left out; rules without their data are notifications, so that "could not tell" never reads as
//! "fine".

use super::{RenderError, narrowed, safe, units, wording};
use gleaner_report::{Confidence, Evidence, Finding, Severity};
use gleaner_report::{Outcome, Report, Suppressed};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What GitHub shows of one run, and of one result.
const RESULTS: usize = 5_000;
const RELATED: usize = 20;
const OBJECTS: usize = 100;
/// Where the rules are described.
const HOME: &str = env!("CARGO_PKG_REPOSITORY");

/// Writes the report.
pub(crate) fn render(report: &Report) -> Result<String, RenderError> {
    let mut rules: BTreeMap<&str, &Finding> = BTreeMap::new();
    let suppressed = report
        .suppressed
        .iter()
        .take(RESULTS.saturating_sub(report.findings.len()));
    let hidden = suppressed.clone().map(|one| &one.finding);
    for finding in report.findings.iter().take(RESULTS).chain(hidden) {
        rules.entry(&finding.rule).or_insert(finding);
    }
    let index: BTreeMap<&str, usize> = rules.keys().zip(0..).map(|(rule, at)| (*rule, at)).collect();
    let results: Vec<Value> = report
        .findings
        .iter()
        .take(RESULTS)
        .map(|finding| result(finding, &index))
        .chain(suppressed.map(|one| accepted(one, &index)))
        .collect();
    let broken = wording::outcome_count(report, Outcome::Failed) > 0;
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Gleaner",
                "semanticVersion": version(report),
                "informationUri": HOME,
                "rules": rules.values().map(|finding| rule(finding)).collect::<Vec<_>>(),
            }},
            "automationDetails": {"id": format!("support-bundle/{}/", path_of(&report.bundle.name))},
            "originalUriBaseIds": {"BUNDLE": {"description": {"text": "The top folder of the support bundle."}}},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": !broken,
                "toolExecutionNotifications": notifications(report),
            }],
            "results": results,
        }],
    });
    let mut out = serde_json::to_string_pretty(&document)?;
    out.push('\n');
    Ok(out)
}

/// The version of the tool that made the report; our own if that is no version.
fn version(report: &Report) -> String {
    let known = semver::Version::parse(&report.tool.version).map(|version| version.to_string());
    known.unwrap_or_else(|_| env!("CARGO_PKG_VERSION").to_owned())
}

/// What is said once about a rule.
fn rule(finding: &Finding) -> Value {
    let id = safe::line_within(&finding.rule, 200);
    let title = sentence(&wording::title(finding), 900);
    let full = [&wording::title(finding), &finding.impact.text]
        .map(|text| sentence(text, 450))
        .join(" ");
    let links: Vec<String> = finding
        .references
        .iter()
        .take(10)
        .filter_map(|reference| {
            safe::link(&reference.url).map(|url| format!("{}: {url}", safe::line_within(&reference.title, 160)))
        })
        .collect();
    let help = format!(
        "Run `gleaner explain {id}` for what it means and what to do.\n{}",
        links.join("\n")
    );
    let level = level(finding.severity);
    json!({
        "id": id,
        "name": pascal(&finding.rule),
        "shortDescription": {"text": title},
        "fullDescription": {"text": full.trim()},
        "help": {"text": help.trim(), "markdown": escaped(help.trim())},
        "helpUri": page(finding),
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": ["harvester", safe::line_within(&finding.area, 40)],
            "precision": match finding.confidence {
                Confidence::High => "high",
                Confidence::Medium => "medium",
                Confidence::Low => "low",
            },
            "problem.severity": if level == "note" { "recommendation" } else { level },
        },
    })
}

/// One finding.
fn result(finding: &Finding, index: &BTreeMap<&str, usize>) -> Value {
    let mut first = match finding.evidence.first() {
        Some(evidence) => location(evidence),
        // A result without a place is dropped by GitHub; every bundle has this file.
        None => json!({"physicalLocation": physical("metadata.yaml", 1, 1, 2)}),
    };
    let objects: Vec<Value> = finding
        .objects
        .iter()
        .take(OBJECTS)
        .map(|object| {
            let name = safe::line_within(&object.name, 260);
            json!({"fullyQualifiedName": wording::object(object), "name": name, "kind": "resource"})
        })
        .collect();
    if !objects.is_empty()
        && let Some(fields) = first.as_object_mut()
    {
        fields.insert("logicalLocations".to_owned(), Value::from(objects));
    }
    let related: Vec<Value> = finding.evidence.iter().skip(1).take(RELATED).map(location).collect();
    let id = wording::plain_id(&finding.id);
    let more = match finding.objects.len() {
        0 | 1 => String::new(),
        n => format!(" ({})", units::count(n, "object")),
    };
    let mut result = json!({
        "ruleId": safe::line_within(&finding.rule, 200),
        "ruleIndex": index.get(finding.rule.as_str()),
        "kind": "fail",
        "level": level(finding.severity),
        "message": {"text": escaped(&format!("{}{more}", sentence(&wording::message(finding, 900), 1_000)))},
        "locations": [first],
        "partialFingerprints": {"primaryLocationLineHash": format!("{id}:1"), "gleaner/v1": id},
        "properties": {"confidence": finding.confidence, "area": safe::line_within(&finding.area, 40)},
    });
    if !related.is_empty() {
        result["relatedLocations"] = Value::from(related);
    }
    result
}

/// One finding that somebody accepted.
fn accepted(suppressed: &Suppressed, index: &BTreeMap<&str, usize>) -> Value {
    let mut result = result(&suppressed.finding, index);
    result["suppressions"] = json!([{
        "kind": "external",
        "status": "accepted",
        "justification": escaped(&narrowed::reason(suppressed)),
    }]);
    result
}

/// Where an evidence stands.
fn location(evidence: &Evidence) -> Value {
    let line = evidence.line.max(1);
    let quoted = evidence.snippet.iter().find(|quoted| quoted.line == evidence.line);
    let found = quoted.and_then(|quoted| {
        let (before, _) = quoted
            .text
            .rsplit_once(evidence.value.as_str())
            .filter(|_| !evidence.value.is_empty())?;
        let start = before.chars().count() + 1;
        Some((start, start + evidence.value.chars().count()))
    });
    let (start, end) = found.unwrap_or((1, 2));
    let mut place = json!({"physicalLocation": physical(&evidence.path, line, start, end)});
    if !evidence.field.is_empty() {
        let says = format!(
            "{} is {}",
            safe::line_within(&evidence.field, 200),
            safe::line_within(&evidence.value, 300)
        );
        place["message"] = json!({"text": escaped(&says)});
    }
    place
}

/// A file of the bundle and a region in it.
fn physical(path: &str, line: u64, start: usize, end: usize) -> Value {
    json!({
        "artifactLocation": {"uri": path_of(path), "uriBaseId": "BUNDLE"},
        "region": {"startLine": line, "startColumn": start, "endLine": line, "endColumn": end},
    })
}

/// A path as a relative URI reference, never leaving its folder.
fn path_of(path: &str) -> String {
    let steps = path.split('/').filter(|step| !matches!(*step, "" | "." | ".."));
    let path: String = steps.collect::<Vec<_>>().join("/").chars().take(400).collect();
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'/' | b'!' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    if out.is_empty() { "unknown".to_owned() } else { out }
}

/// Rules that could not tell, and rules that broke.
fn notifications(report: &Report) -> Vec<Value> {
    let mut out = Vec::new();
    for rule in report.rules.iter().take(RESULTS) {
        let (level, text) = match rule.outcome {
            Outcome::NotEvaluated => (
                "warning",
                format!("not evaluated, missing in the bundle: {}", rule.missing.join(", ")),
            ),
            Outcome::Failed => ("error", format!("the rule broke: {}", rule.error)),
            Outcome::Fired | Outcome::Quiet | Outcome::NotApplicable => continue,
        };
        let id = safe::line_within(&rule.id, 200);
        out.push(json!({
            "level": level,
            "descriptor": {"id": id},
            "message": {"text": escaped(&sentence(&format!("{id}: {text}"), 900))},
        }));
    }
    out
}

/// The SARIF level of a severity.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocker => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// One line that ends with a full stop, as SARIF viewers expect.
fn sentence(text: &str, max: usize) -> String {
    let line = safe::line_within(text, max);
    if line.is_empty() || line.ends_with(['.', '!', '?']) {
        line
    } else {
        format!("{line}.")
    }
}

/// Text in which brackets cannot make a link.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('[', "\\[")
        .replace(']', "\\]")
        .replace('<', "&lt;")
}

/// A rule's id in the form SARIF wants for names.
fn pascal(id: &str) -> String {
    let mut out = String::new();
    for word in id
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.extend(chars);
    }
    let out: String = out.chars().take(200).collect();
    if out.is_empty() { "Unnamed".to_owned() } else { out }
}

/// The page of a rule in the repository; the repository itself if the rule's name is no plain one.
fn page(finding: &Finding) -> String {
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if plain(&finding.rule) && plain(&finding.area) {
        format!("{HOME}/tree/main/rules/{}/{}", finding.area, finding.rule)
    } else {
        HOME.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_the_bundle() {
        assert_eq!(path_of("nodes/h-1.zip!logs/x.log"), "nodes/h-1.zip!logs/x.log");
        assert_eq!(path_of("/../../etc/./pass wd"), "etc/pass%20wd");
        assert_eq!(path_of("javascript:alert(1)"), "javascript%3Aalert%281%29");
        assert_eq!(path_of("../"), "unknown");
    }

    #[test]
    fn messages_cannot_link() {
        assert_eq!(escaped("[x](https://e)"), "\\[x\\](https://e)");
        assert_eq!(pascal("single-replica-volume"), "SingleReplicaVolume");
    }
}
