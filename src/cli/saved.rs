//! Saved reports as inputs, and bundles that are taken for one.

use super::print::shell_quote;
use anyhow::{Context, bail};
use gleaner_report::Report;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How much of a file shows what it is.
const HEAD: u64 = 512;

/// Reads a saved report.
///
/// # Errors
/// A file that is not readable or not a report; if it may be a bundle, the error says which command reads those.
#[expect(clippy::disallowed_methods, reason = "a saved report is an input like a bundle")]
pub(super) fn read(path: &Path) -> anyhow::Result<Report> {
    let shown = path.display();
    if path.is_dir() || !head(path)?.trim_ascii_start().starts_with(b"{") {
        let bundle = shell_quote(&shown.to_string());
        bail!("{shown} is not a JSON report; if it is a bundle, use `gleaner analyze {bundle}`");
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    let mut report = gleaner_report::from_json(&text).with_context(|| format!("{shown} is not a report of Gleaner"))?;
    // Reports of older versions have no tree, and one that was edited may have another.
    report.causes = gleaner_insight::cause_tree(&report.findings);
    Ok(report)
}

/// Refuses saved reports where bundles belong.
///
/// # Errors
/// The first path that is a report; the error says which command reads it. What cannot be read is left to whoever opens it.
pub(super) fn refuse(paths: &[PathBuf]) -> anyhow::Result<()> {
    let mark = b"\"gleaner.report/";
    let is_report = |path: &&PathBuf| {
        // To look at a pipe would take from it what belongs to whoever opens it.
        if !path.is_file() {
            return false;
        }
        let head = head(path).unwrap_or_default();
        head.trim_ascii_start().starts_with(b"{") && head.windows(mark.len()).any(|part| part == mark)
    };
    let Some(report) = paths.iter().find(is_report) else {
        return Ok(());
    };
    let shown = report.display();
    bail!(
        "{shown} is a report, not a bundle: use `gleaner report {}`",
        shell_quote(&shown.to_string())
    )
}

/// The first bytes of a file.
#[expect(clippy::disallowed_methods, reason = "an input is looked at before it is read")]
fn head(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut start = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(HEAD).read_to_end(&mut start))
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(start)
}
