//! What was read, by what, and what goes with the page.

use crate::error::RenderError;
use crate::json::Json;
use crate::{issue, md, safe, units, wording};
use gleaner_report::{Input, Report};
use serde::Serialize;

/// Most inputs.
const INPUTS: usize = 100;

/// The section.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct About {
    tool: String,
    rules: String,
    schema: String,
    time_source: String,
    inputs: Vec<Source>,
    digest: String,
    /// What the reporter wrote.
    description: String,
    /// The fields of issue templates, filled in.
    issue: String,
}

/// A file or folder that was read.
#[derive(Serialize)]
struct Source {
    name: String,
    size: String,
    sha256: String,
}

/// The view of the section.
pub(super) fn view(report: &Report, json: &Json<'_>) -> Result<About, RenderError> {
    let lines = issue::fields(report).into_iter();
    let lines: Vec<String> = lines.map(|(name, value)| md::issue_line(name, &value)).collect();
    Ok(About {
        tool: wording::tool(report),
        rules: units::count(report.tool.rules, "rule"),
        schema: safe::line_within(&report.schema, 60),
        time_source: wording::or_missing(&report.bundle.created_at_source),
        inputs: report.bundle.inputs.iter().take(INPUTS).map(source).collect(),
        digest: json.digest()?.to_owned(),
        description: safe::block(&report.bundle.issue_description, 40, 400),
        issue: lines.join("\n"),
    })
}

fn source(input: &Input) -> Source {
    let folder = input.sha256.is_empty() && input.size == 0;
    Source {
        name: safe::line_within(&input.name, 260),
        size: if folder {
            "folder".to_owned()
        } else {
            units::bytes(input.size)
        },
        sha256: safe::line_within(&input.sha256, 64),
    }
}
