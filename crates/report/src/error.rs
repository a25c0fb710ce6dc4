//! What is wrong with a saved report.

use crate::report::{SCHEMA, SCHEMA_V1};

/// Why a saved report could not be read. The user's fault, or that of who wrote the file.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The text is not JSON, or has other fields than a report.
    #[error("read a report: {0}; pass a file made with `gleaner analyze -f json`")]
    Json(#[from] serde_json::Error),
    /// The document is of another kind or version.
    #[error(
        "read a report: its schema is `{found}`, not `{SCHEMA}` or `{SCHEMA_V1}`; use the version of gleaner that wrote it"
    )]
    Schema {
        /// What the document says it is.
        found: String,
    },
    /// The document refers to what it does not hold.
    #[error("read a report: {path} {what}")]
    Broken {
        /// Where, for example `findings[3].objects[0]`.
        path: String,
        /// What is wrong there, as a fragment.
        what: String,
    },
}
