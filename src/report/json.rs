//! The JSON report: the [`Report`] itself, pretty-printed, its schema, and the way back.
//!
//! Strings stay as the bundle has them; JSON's own escaping is enough.

use super::{RenderError, Report, SCHEMA, safe};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Writes the report as `gleaner.report/v1`.
pub(crate) fn render(report: &Report) -> Result<String, RenderError> {
    let mut out = serde_json::to_string_pretty(report)?;
    out.push('\n');
    Ok(out)
}

/// SHA-256 of the JSON report in hexadecimal, by which other formats name the `report.json` they belong to.
pub(crate) fn digest(report: &Report) -> Result<String, RenderError> {
    let mut hash = std::io::BufWriter::with_capacity(1 << 16, Hash(Sha256::new()));
    serde_json::to_writer_pretty(&mut hash, report)?;
    let Hash(mut hash) = hash
        .into_inner()
        .map_err(|error| serde_json::Error::io(error.into_error()))?;
    hash.update("\n");
    Ok(hex(&hash.finalize()))
}

/// Hashes what is written to it.
struct Hash(Sha256);

impl std::io::Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a saved report could not be read. The user's fault, or that of who wrote the file.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The text is no JSON, or has other fields than a report.
    #[error("read a report: {0}; pass a file made with `gleaner analyze -f json`")]
    Json(#[from] serde_json::Error),
    /// The document is of another kind or version.
    #[error("read a report: its schema is `{found}`, not `{SCHEMA}`; use the version of gleaner that wrote it")]
    Schema {
        /// What the document says it is.
        found: String,
    },
}

/// Reads a report that [`super::render`] wrote as JSON.
///
/// # Errors
/// If the text is no JSON, says another schema than [`SCHEMA`], or lacks a field.
pub fn from_json(text: &str) -> Result<Report, ReadError> {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(default)]
        schema: String,
    }
    let kind: Kind = serde_json::from_str(text)?;
    if kind.schema != SCHEMA {
        return Err(ReadError::Schema {
            found: safe::line_within(&kind.schema, 80),
        });
    }
    Ok(serde_json::from_str(text)?)
}

/// The JSON Schema of the report, made from the types.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_documents_are_refused_with_a_reason() {
        let error = from_json("{\"schema\": \"trivy/v2\"}")
            .expect_err("another schema")
            .to_string();
        assert!(error.contains("`trivy/v2`") && error.contains(SCHEMA), "{error}");
        assert!(matches!(from_json("no report"), Err(ReadError::Json(_))));
    }
}
