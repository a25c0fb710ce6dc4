//! The JSON report, and the digest by which other formats name it.
//!
//! Strings stay as the bundle has them; JSON's own escaping is enough.

use crate::error::RenderError;
use gleaner_report::{Report, to_json, to_json_v1};
use sha2::{Digest, Sha256};

/// Writes the report as `gleaner.report/v2`.
pub(crate) fn render(report: &Report) -> Result<String, RenderError> {
    Ok(to_json(report)?)
}

/// Writes the report as `gleaner.report/v1`.
pub(crate) fn render_v1(report: &Report) -> Result<String, RenderError> {
    Ok(to_json_v1(report)?)
}

/// SHA-256 of the JSON report in hexadecimal, by which other formats name the `report.json` they belong to.
pub(crate) fn digest(report: &Report) -> Result<String, RenderError> {
    Ok(base16ct::lower::encode_string(&Sha256::digest(render(report)?)))
}
