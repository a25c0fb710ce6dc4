//! The report as a GitLab code quality file: one entry a finding, at its first evidence.

use super::{RenderError, safe, wording};
use gleaner_report::Report;
use gleaner_report::{Finding, Severity};
use serde_json::{Value, json};

/// Writes the report.
pub(crate) fn render(report: &Report) -> Result<String, RenderError> {
    let entries: Vec<Value> = report.findings.iter().map(entry).collect();
    let mut out = serde_json::to_string_pretty(&entries)?;
    out.push('\n');
    Ok(out)
}

/// One finding.
fn entry(finding: &Finding) -> Value {
    let (path, line) = finding.evidence.first().map_or(("metadata.yaml", 1), |evidence| {
        (evidence.path.as_str(), evidence.line.max(1))
    });
    json!({
        "description": wording::message(finding, 1_000),
        "engine_name": "gleaner",
        "check_name": safe::line_within(&finding.rule, 200),
        "fingerprint": wording::plain_id(&finding.id),
        "severity": match finding.severity {
            Severity::Blocker => "blocker",
            Severity::Warning => "major",
            Severity::Info => "info",
        },
        "location": {"path": relative(path), "lines": {"begin": line}},
    })
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
