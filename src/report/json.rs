//! The JSON report: the [`Report`] itself, pretty-printed. Strings stay as the bundle has them; JSON's own escaping is enough.

use super::{RenderError, Report};
use sha2::{Digest, Sha256};

/// Writes the report as `gleaner.report/v1`.
pub(crate) fn render(report: &Report) -> Result<String, RenderError> {
    let mut out = serde_json::to_string_pretty(report)?;
    out.push('\n');
    Ok(out)
}

/// SHA-256 of the JSON report in hexadecimal, by which other formats name the `report.json` they belong to.
pub(crate) fn digest(report: &Report) -> Result<String, RenderError> {
    Ok(hex(&Sha256::digest(render(report)?)))
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
