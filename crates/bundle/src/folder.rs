//! The table of contents of an extracted bundle: a folder on disk.
//!
//! Links are never followed, and files are opened only when they are read.

use crate::entry::{Entry, EntryIndex, Location};
use crate::limits::Limits;
use crate::name;
use crate::problem::EntryError;
use crate::problems::Problems;
use std::io;
use std::path::Path;
use walkdir::WalkDir;

/// Lists the files below `root`, sorted by path.
///
/// What cannot be listed is a problem of the index, unless it is `root` itself.
pub(crate) fn read(root: &Path, limits: &Limits) -> io::Result<EntryIndex> {
    let mut entries = Vec::new();
    let mut problems = Problems::default();
    let mut seen = 0;
    for item in WalkDir::new(root)
        .follow_links(false)
        .follow_root_links(true)
        .sort_by_file_name()
    {
        let path = item
            .as_ref()
            .map_or_else(|error| error.path().unwrap_or(root), |item| item.path());
        let below = path.strip_prefix(root).unwrap_or(path).as_os_str().as_encoded_bytes();
        let item = match &item {
            Ok(item) if item.file_type().is_dir() => continue,
            Ok(item) => item,
            Err(error) if error.path() == Some(root) => return Err(system_error(error)),
            Err(error) => {
                problems.push_raw(below, EntryError::from(system_error(error)));
                continue;
            }
        };
        if seen >= limits.max_entries {
            let what = format!("the files after the first {} were left out", limits.max_entries);
            problems.push_own(EntryError::over_limit(what));
            break;
        }
        seen += 1;
        match entry(item, below) {
            Ok(entry) => entries.push(entry),
            Err(error) => problems.push_raw(below, error),
        }
    }
    Ok(EntryIndex {
        source: None,
        entries,
        refused: problems.total(),
        problems: problems.into_vec(),
    })
}

fn entry(item: &walkdir::DirEntry, below: &[u8]) -> Result<Entry, EntryError> {
    if !item.file_type().is_file() {
        return Err(EntryError::refused("it is a link or a device, not a file"));
    }
    let path = name::safe_path(below, cfg!(windows))?;
    let size = item.metadata().map_err(|error| system_error(&error))?.len();
    Ok(Entry {
        path,
        size,
        packed: size,
        location: Location::File(item.path().to_path_buf()),
    })
}

/// What the operating system said; `walkdir` adds the path on the disk, which is not for reports.
fn system_error(error: &walkdir::Error) -> io::Error {
    let code = error.io_error().and_then(io::Error::raw_os_error);
    code.map_or_else(|| io::Error::other(error.to_string()), io::Error::from_raw_os_error)
}
