//! The findings as JSON lines: one finding a line, for `jq`, `grep` and log pipelines. Suppressed ones are left out.

use crate::error::RenderError;
use gleaner_report::{Finding, Report};
use serde::Serialize;

/// The name and version of a line.
const SCHEMA: &str = "gleaner.finding/v1";

#[derive(Serialize)]
struct Line<'f> {
    schema: &'static str,
    #[serde(flatten)]
    finding: &'f Finding,
}

/// Writes the findings; nothing if there is none.
pub(crate) fn render(report: &Report) -> Result<String, RenderError> {
    let mut out = String::new();
    for finding in &report.findings {
        out.push_str(&serde_json::to_string(&Line {
            schema: SCHEMA,
            finding,
        })?);
        out.push('\n');
    }
    Ok(out)
}
