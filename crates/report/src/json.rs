//! A report from its JSON, and the schema of that JSON.

use crate::report::{Report, SCHEMA};
use serde::Deserialize;

/// Why a saved report could not be read. The user's fault, or that of who wrote the file.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The text is not JSON, or has other fields than a report.
    #[error("read a report: {0}; pass a file made with `gleaner analyze -f json`")]
    Json(#[from] serde_json::Error),
    /// The document is of another kind or version.
    #[error("read a report: its schema is `{found}`, not `{SCHEMA}`; use the version of gleaner that wrote it")]
    Schema {
        /// What the document says it is.
        found: String,
    },
}

/// Reads a report that was written as JSON.
///
/// # Errors
/// If the text is not JSON, names another schema than [`SCHEMA`], or lacks a field.
pub fn from_json(text: &str) -> Result<Report, ReadError> {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(default)]
        schema: String,
    }
    let kind: Kind = serde_json::from_str(text)?;
    if kind.schema != SCHEMA {
        return Err(ReadError::Schema {
            found: kind.schema.chars().take(80).collect(),
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
