//! The table of contents of an extracted bundle: a folder on disk.
//!
//! Links are never followed, and files are opened only when they are read.

use crate::Limits;
use crate::entry::{Entry, Index, Place};
use crate::error::Trouble;
use crate::name;
use std::path::Path;
use walkdir::WalkDir;

/// Lists the files below `root`, sorted by path.
pub(crate) fn read(root: &Path, limits: &Limits) -> Index {
    let mut index = Index::default();
    for item in WalkDir::new(root)
        .follow_links(false)
        .follow_root_links(true)
        .min_depth(1)
        .sort_by_file_name()
    {
        let path = item
            .as_ref()
            .map_or_else(|error| error.path().unwrap_or(root), |item| item.path());
        let below = path.strip_prefix(root).unwrap_or(path).as_os_str().as_encoded_bytes();
        let item = match &item {
            Ok(item) if item.file_type().is_dir() => continue,
            Ok(item) => item,
            Err(error) => {
                let what = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                index
                    .problems
                    .push(Trouble::unreadable(what).at(name::printable(below)));
                continue;
            }
        };
        if index.entries.len() >= limits.max_entries {
            let what = format!("the files after the first {} were left out", limits.max_entries);
            index.problems.push(Trouble::over_limit(what).at(""));
            break;
        }
        match entry(item, below) {
            Ok(entry) => index.entries.push(entry),
            Err(trouble) => index.problems.push(trouble.at(name::printable(below))),
        }
    }
    index
}

fn entry(item: &walkdir::DirEntry, below: &[u8]) -> Result<Entry, Trouble> {
    if !item.file_type().is_file() {
        return Err(Trouble::refused("it is a link or a device, not a file"));
    }
    let path = name::safe_path(below, cfg!(windows))?;
    let size = item
        .metadata()
        .map_err(|error| Trouble::unreadable(error.to_string()))?
        .len();
    Ok(Entry {
        path,
        size,
        packed: size,
        place: Place::File(item.path().to_path_buf()),
    })
}
