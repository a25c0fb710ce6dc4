//! The report as a GitLab code quality file: one entry a finding, at its first evidence.

use crate::error::RenderError;
use crate::{safe, wording};
use gleaner_report::{Finding, Report, Severity};
use serde::Serialize;

/// One finding, in the fields that GitLab reads.
#[derive(Serialize)]
struct Entry {
    description: String,
    engine_name: &'static str,
    check_name: String,
    fingerprint: String,
    severity: Level,
    location: Location,
}

/// How bad a finding is, in GitLab's words.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Blocker,
    Major,
    Info,
}

/// The location of a finding.
#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

/// The first line of a place.
#[derive(Serialize)]
struct Lines {
    begin: u64,
}

/// Writes the report.
pub(crate) fn render(report: &Report) -> Result<String, RenderError> {
    let entries: Vec<Entry> = report.findings.iter().map(entry).collect();
    let mut out = serde_json::to_string_pretty(&entries)?;
    out.push('\n');
    Ok(out)
}

/// One finding.
fn entry(finding: &Finding) -> Entry {
    let (path, line) = finding.evidence.first().map_or(("metadata.yaml", 1), |evidence| {
        (evidence.path.as_str(), evidence.line.max(1))
    });
    Entry {
        description: wording::message(finding, 1_000),
        engine_name: "gleaner",
        check_name: safe::line_within(&finding.rule, 200),
        fingerprint: wording::plain_id(&finding.id),
        severity: match finding.severity {
            Severity::Blocker => Level::Blocker,
            Severity::Warning => Level::Major,
            Severity::Info => Level::Info,
        },
        location: Location {
            path: relative(path),
            lines: Lines { begin: line },
        },
    }
}

/// A path that stays inside its folder.
fn relative(path: &str) -> String {
    let steps: Vec<&str> = path
        .split('/')
        .filter(|step| !matches!(*step, "" | "." | ".."))
        .collect();
    let path = safe::line_within(&steps.join("/"), 400);
    if path.is_empty() { "unknown".to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_and_plain() {
        assert_eq!(relative("./a/../b.yaml"), "a/b.yaml");
        assert_eq!(relative("/"), "unknown");
    }
}
