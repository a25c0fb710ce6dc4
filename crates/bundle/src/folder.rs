//! The table of contents of an extracted bundle: a folder on disk.
//!
//! Links are never followed, and files are opened only when they are read.

use crate::entry::{Entry, EntryIndex, Location};
use crate::layout;
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
                let error = EntryError::from(system_error(error));
                problems.push_raw(&unread(below, path.is_dir()), error);
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

/// What a problem calls something that cannot be listed: a folder that is no part of a bundle, such as `lost+found`, gets a slash, so
/// that it is not taken for the whole of one.
fn unread(below: &[u8], is_folder: bool) -> Vec<u8> {
    let is_part = below.split(|byte| *byte == b'/').any(layout::is_part);
    let slash: &[u8] = if is_folder && !is_part { b"/" } else { b"" };
    [below, slash].concat()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_no_part_of_a_bundle_is_called_one() {
        for (below, is_folder, called) in [
            ("lost+found", true, "lost+found/"),
            ("x/.Trash", true, "x/.Trash/"),
            ("yamls", true, "yamls"),
            ("x/yamls/cluster", true, "x/yamls/cluster"),
            ("metadata.yaml", false, "metadata.yaml"),
        ] {
            assert_eq!(unread(below.as_bytes(), is_folder), called.as_bytes());
        }
    }
}
