//! The JSON report, and the digest by which other formats name it.
//!
//! Strings stay as the bundle has them; JSON's own escaping is enough.

use crate::error::RenderError;
use gleaner_report::{Report, to_json, to_json_v1};
use serde::ser::Error as _;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// A report as `gleaner.report/v2`, written when it is first asked for: formats that only name it share it.
pub(crate) struct Json<'r> {
    report: &'r Report,
    written: OnceLock<serde_json::Result<Written>>,
}

struct Written {
    text: String,
    digest: String,
}

impl<'r> Json<'r> {
    pub(crate) fn new(report: &'r Report) -> Json<'r> {
        Json {
            report,
            written: OnceLock::new(),
        }
    }

    /// The document.
    pub(crate) fn text(&self) -> Result<&str, RenderError> {
        Ok(&self.written()?.text)
    }

    /// SHA-256 of the document in hexadecimal, by which other formats name the `report.json` they belong to.
    pub(crate) fn digest(&self) -> Result<&str, RenderError> {
        Ok(&self.written()?.digest)
    }

    /// On one thread: one that waits for it must not be given a part of it.
    fn written(&self) -> Result<&Written, RenderError> {
        let written = self.written.get_or_init(|| {
            let text = to_json(self.report)?;
            let digest = base16ct::lower::encode_string(&Sha256::digest(&text));
            Ok(Written { text, digest })
        });
        Ok(written.as_ref().map_err(serde_json::Error::custom)?)
    }
}

/// Writes the report as `gleaner.report/v1`.
pub(crate) fn render_v1(report: &Report) -> Result<String, RenderError> {
    Ok(to_json_v1(report)?)
}
