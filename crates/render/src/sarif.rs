//! The report as SARIF 2.1.0, for code scanning and editors.
//!
//! One result a finding, with one location (GitHub reads only the first) and the other evidence as related locations.
//! Rules that passed are left out; rules without their data are notifications, so that "could not be determined" never reads as
//! "fine".

mod schema;

use crate::error::RenderError;
use crate::{narrowed, safe, units, wording};
use gleaner_report::{Evidence, Finding, Outcome, Report, Severity, Suppressed};
use schema::{
    ArtifactLocation, AutomationDetails, Configuration, Descriptor, Driver, Fingerprints, Help, Invocation, Level,
    Location, Log, LogicalLocation, Notification, PhysicalLocation, ProblemSeverity, Region, ResultProperties, Rule,
    RuleProperties, Run, Suppression, Text, Tool, UriBase, UriBaseIds,
};
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
    let results = report
        .findings
        .iter()
        .take(RESULTS)
        .map(|finding| result(finding, &index))
        .chain(suppressed.map(|one| accepted(one, &index)));
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "Gleaner",
                    semantic_version: version(report),
                    information_uri: HOME,
                    rules: rules.values().map(|finding| rule(finding)).collect(),
                },
            },
            automation_details: AutomationDetails {
                id: format!("support-bundle/{}/", path_of(&report.bundle.name)),
            },
            original_uri_base_ids: UriBaseIds {
                bundle: UriBase {
                    description: text("The top folder of the support bundle."),
                },
            },
            column_kind: "unicodeCodePoints",
            invocations: [Invocation {
                execution_successful: wording::outcome_count(report, Outcome::Failed) == 0,
                tool_execution_notifications: notifications(report),
            }],
            results: results.collect(),
        }],
    };
    let mut out = serde_json::to_string_pretty(&log)?;
    out.push('\n');
    Ok(out)
}

fn text(text: impl Into<String>) -> Text {
    Text { text: text.into() }
}

/// The version of the tool that made the report; our own if that is no version.
fn version(report: &Report) -> String {
    let known = semver::Version::parse(&report.tool.version).map(|version| version.to_string());
    known.unwrap_or_else(|_| env!("CARGO_PKG_VERSION").to_owned())
}

/// What is said once about a rule.
fn rule(finding: &Finding) -> Rule<'_> {
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
    Rule {
        id,
        name: pascal(&finding.rule),
        short_description: text(title),
        full_description: text(full.trim()),
        help: Help {
            text: help.trim().to_owned(),
            markdown: escaped(help.trim()),
        },
        help_uri: page(finding),
        default_configuration: Configuration { level },
        properties: RuleProperties {
            tags: ["harvester".to_owned(), safe::line_within(&finding.area, 40)],
            precision: finding.confidence.as_str(),
            problem_severity: match level {
                Level::Error => ProblemSeverity::Error,
                Level::Warning => ProblemSeverity::Warning,
                Level::Note => ProblemSeverity::Recommendation,
            },
        },
    }
}

/// One finding.
fn result(finding: &Finding, index: &BTreeMap<&str, usize>) -> schema::Result {
    let mut first = match finding.evidence.first() {
        Some(evidence) => location(evidence),
        // A result without a place is dropped by GitHub; every bundle has this file.
        None => Location {
            physical_location: physical("metadata.yaml", 1, (1, 2)),
            message: None,
            logical_locations: Vec::new(),
        },
    };
    let objects = finding.objects.iter().take(OBJECTS).map(|object| LogicalLocation {
        fully_qualified_name: wording::object(object),
        name: safe::line_within(&object.name, 260),
        kind: "resource",
    });
    first.logical_locations = objects.collect();
    let id = wording::plain_id(&finding.id);
    let more = match finding.objects.len() {
        0 | 1 => String::new(),
        n => format!(" ({})", units::count(n, "object")),
    };
    let message = sentence(&wording::message(finding, 900), 1_000);
    schema::Result {
        rule_id: safe::line_within(&finding.rule, 200),
        rule_index: index.get(finding.rule.as_str()).copied(),
        kind: "fail",
        level: level(finding.severity),
        message: text(escaped(&format!("{message}{more}"))),
        locations: [first],
        partial_fingerprints: Fingerprints {
            primary_location_line_hash: format!("{id}:1"),
            gleaner: id,
        },
        properties: ResultProperties {
            confidence: finding.confidence,
            area: safe::line_within(&finding.area, 40),
        },
        related_locations: finding.evidence.iter().skip(1).take(RELATED).map(location).collect(),
        suppressions: Vec::new(),
    }
}

/// One suppressed finding.
fn accepted(suppressed: &Suppressed, index: &BTreeMap<&str, usize>) -> schema::Result {
    let suppression = Suppression {
        kind: "external",
        status: "accepted",
        justification: escaped(&narrowed::reason(suppressed)),
    };
    schema::Result {
        suppressions: vec![suppression],
        ..result(&suppressed.finding, index)
    }
}

/// The location of an evidence.
fn location(evidence: &Evidence) -> Location {
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
    let message = (!evidence.field.is_empty()).then(|| {
        let (field, value) = (
            safe::line_within(&evidence.field, 200),
            safe::line_within(&evidence.value, 300),
        );
        text(escaped(&format!("{field} is {value}")))
    });
    Location {
        physical_location: physical(&evidence.path, line, found.unwrap_or((1, 2))),
        message,
        logical_locations: Vec::new(),
    }
}

/// A file of the bundle and some columns of a line in it.
fn physical(path: &str, line: u64, (start, end): (usize, usize)) -> PhysicalLocation {
    PhysicalLocation {
        artifact_location: ArtifactLocation {
            uri: path_of(path),
            uri_base_id: "BUNDLE",
        },
        region: Region {
            start_line: line,
            start_column: start,
            end_line: line,
            end_column: end,
        },
    }
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

/// Rules without their data, and rules that failed.
fn notifications(report: &Report) -> Vec<Notification> {
    let mut out = Vec::new();
    for rule in report.rules.iter().take(RESULTS) {
        let (level, says) = match rule.outcome {
            Outcome::NotEvaluated => (
                Level::Warning,
                format!("not evaluated, missing in the bundle: {}", rule.missing.join(", ")),
            ),
            Outcome::Failed => (Level::Error, format!("the rule failed: {}", rule.error)),
            Outcome::Fired | Outcome::Quiet | Outcome::NotApplicable => continue,
        };
        let id = safe::line_within(&rule.id, 200);
        out.push(Notification {
            level,
            message: text(escaped(&sentence(&format!("{id}: {says}"), 900))),
            descriptor: Descriptor { id },
        });
    }
    out
}

/// The SARIF level of a severity.
fn level(severity: Severity) -> Level {
    match severity {
        Severity::Blocker => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Note,
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
