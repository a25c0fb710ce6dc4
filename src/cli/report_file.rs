//! Report files: written atomically, and never over a file that Gleaner did not write.

use anyhow::{Context, bail};
use std::fs::{OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::path::Path;

/// Writes a file atomically. What is not a regular file, such as /dev/stdout, is written to directly.
///
/// # Errors
/// If the file cannot be written; a file that was there is unchanged then.
pub(super) fn write(path: &Path, content: &str) -> anyhow::Result<()> {
    let written = match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => std::fs::write(path, content),
        // A symbolic link stays, and the file it points to is replaced.
        Ok(metadata) => path
            .canonicalize()
            .and_then(|path| replace(&path, content, Some(metadata.permissions()))),
        Err(_) => replace(path, content, None),
    };
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Writes another file and renames it to this one, with the permissions of what was there.
fn replace(path: &Path, content: &str, permissions: Option<Permissions>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    // Made by ourselves, a report is as readable as any new file; tempfile's own are private. Only a new file is written to:
    // whoever put a link there gets nothing.
    let create = |path: &Path| OpenOptions::new().write(true).create_new(true).open(path);
    let mut temporary = tempfile::Builder::new();
    // Not after the report: its name may be as long as the file system allows.
    temporary.prefix(".gleaner-").suffix(".partial");
    let mut file = temporary.make_in(folder, create)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file_mut().write_all(content.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// How reports of ours begin.
const BEGINNINGS: [&str; 4] = ["# Gleaner:", "h1. Gleaner:", "Gleaner:", "GLEANER:"];
/// What is near the beginning of the others.
const MARKS: [&str; 6] = [
    "\"gleaner.report/",
    "\"gleaner.finding/v1\"",
    "\"engine_name\": \"gleaner\"",
    "\"name\": \"Gleaner\"",
    "<testsuites name=\"gleaner\"",
    "<p class=\"brand\">Gleaner</p>",
];
/// How much of a file is searched for them.
const SEARCHED: u64 = 256 << 10;

/// Checks that a file may be written: it does not exist, is empty, is not a regular file, or is a report of ours.
///
/// # Errors
/// If it is something else, unless `force` is set, or a folder.
#[expect(
    clippy::disallowed_methods,
    reason = "an output file is looked at before it is replaced"
)]
pub(super) fn check_replaceable(path: &Path, force: bool) -> anyhow::Result<()> {
    let Ok(metadata) = std::fs::metadata(path) else {
        return Ok(());
    };
    let shown = path.display();
    if metadata.is_dir() {
        bail!("{shown} is a folder: name a file in it");
    }
    if force || !metadata.is_file() {
        return Ok(());
    }
    let mut start = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(SEARCHED).read_to_end(&mut start))
        .with_context(|| format!("cannot look at {shown}"))?;
    let text = String::from_utf8_lossy(&start);
    let ours = matches!(text.trim(), "" | "[]")
        || BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
        || MARKS.iter().any(|mark| text.contains(mark));
    if ours {
        return Ok(());
    }
    bail!("{shown} exists and is not a report of Gleaner: use --force to overwrite it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_report_and_not_the_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = write(&folder.path().join("no/report.json"), "{}").unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains("no/report.json: "), "{text}");
        assert!(!text.contains(".partial"), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn a_report_that_is_replaced_stays_as_private_as_it_was() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report.json");
        for mode in [0o600, 0o640, 0o444] {
            std::fs::write(&report, "").unwrap();
            std::fs::set_permissions(&report, Permissions::from_mode(mode)).unwrap();
            write(&report, "{}").unwrap();
            assert_eq!(report.metadata().unwrap().permissions().mode() & 0o777, mode);
            std::fs::remove_file(&report).unwrap();
        }
    }

    #[test]
    fn a_report_may_have_the_longest_name_that_there_is() {
        let folder = tempfile::tempdir().unwrap();
        for length in [200, 240, 250] {
            let report = folder.path().join(format!("{}.json", "n".repeat(length)));
            write(&report, "{}").unwrap();
            assert!(report.is_file());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_report_is_as_readable_as_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (report, other) = (folder.path().join("report.json"), folder.path().join("other"));
        write(&report, "{}").unwrap();
        std::fs::write(&other, "").unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
        assert_eq!(mode(&report), mode(&other));
    }
}
