//! The JSON report: the [`Report`] itself, pretty-printed.
//!
//! Strings stay as the bundle has them; JSON's own escaping is enough.

use crate::error::RenderError;
use gleaner_report::Report;
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
