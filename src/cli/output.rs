//! Where answers go: stdout for what was asked, stderr for everything else, files by way of a temporary one.

use anyhow::Context;
use std::io::Write;
use std::path::Path;

/// Writes an answer to stdout.
pub(super) fn answer(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes a line to stderr. If that cannot be written either, nobody is left to tell.
pub(super) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes a file so that it is there whole or not at all.
pub(super) fn write_file(path: &Path, content: &str) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path
        .file_name()
        .context("the output is no file name")?
        .to_string_lossy()
        .into_owned();
    let temporary = folder.join(format!(".{name}.partial"));
    let written = std::fs::write(&temporary, content).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Whether an error is that stdout was closed by whoever reads it.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
