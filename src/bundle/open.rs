//! From paths to containers: tells what each input is and finds where the bundle's tree begins.

use crate::bundle::entry::Index;
use crate::bundle::error::OpenError;
use crate::bundle::nested::{Content, HEAD};
use crate::bundle::source::{self, Source};
use crate::bundle::zip::{self, EndError};
use crate::bundle::{Limits, folder, name};
use crate::report::Input;
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One container of the bundle's tree, or of a part of it.
pub(crate) struct Container {
    pub(crate) index: Arc<Index>,
    /// Leading folders that are no part of the bundle's paths.
    pub(crate) top: String,
}

/// What the inputs turned out to be.
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) containers: Vec<Container>,
}

/// Opens all inputs.
pub(crate) fn open(inputs: &[PathBuf], limits: &Limits) -> Result<Opened, OpenError> {
    let first = inputs.first().ok_or(OpenError::NoInput)?;
    let mut containers = Vec::new();
    for path in inputs {
        let index = if is_folder(path)? {
            folder::read(path, limits)
        } else {
            open_file(path, limits)?
        };
        containers.push(index);
    }
    let tops: Vec<Option<String>> = containers
        .iter()
        .map(|index| name::bundle_top(index.entries.iter().map(|entry| entry.path.as_str())))
        .collect();
    if tops.iter().all(Option::is_none) {
        let what = "it has no metadata.yaml, yamls, logs or nodes".to_owned();
        return Err(OpenError::NotABundle {
            path: first.clone(),
            what,
        });
    }
    let name = tops
        .iter()
        .flatten()
        .filter_map(|top| top.rsplit('/').next())
        .find(|top| !top.is_empty());
    let name = name.map_or_else(|| stem(first), str::to_owned);
    let containers = containers
        .into_iter()
        .zip(tops)
        .map(|(index, top)| Container {
            index: Arc::new(index),
            top: top.unwrap_or_default(),
        })
        .collect();
    Ok(Opened { name, containers })
}

fn open_file(path: &Path, limits: &Limits) -> Result<Index, OpenError> {
    let source = Source::files(std::iter::once(path)).map_err(|(path, source)| io_error(path, source))?;
    if source.len() == 0 {
        return Err(OpenError::Empty {
            path: path.to_path_buf(),
        });
    }
    let head = source.bytes(0, HEAD as usize).map_err(|error| io_error(path, error))?;
    match Content::of(&head) {
        Content::Zip => {
            let zip = zip::read(&source, false, limits).map_err(|error| end_error(path, error))?;
            if zip.all_encrypted {
                return Err(OpenError::Encrypted {
                    path: path.to_path_buf(),
                });
            }
            Ok(zip.index)
        }
        Content::Other => Err(OpenError::NotABundle {
            path: path.to_path_buf(),
            what: "it is no archive".to_owned(),
        }),
    }
}

fn end_error(path: &Path, error: EndError) -> OpenError {
    let path = path.to_path_buf();
    match error {
        EndError::Io(source) => OpenError::Io { path, source },
        EndError::NoEnd => OpenError::Truncated {
            path,
            what: "the zip is cut off: its table of contents is missing".to_owned(),
        },
        EndError::Parts { wanted } => OpenError::MissingPart {
            part: String::new(),
            name: format!("one of {wanted}"),
        },
        EndError::NoDirectory => OpenError::Truncated {
            path,
            what: "the zip's table of contents is not where it should be".to_owned(),
        },
    }
}

fn io_error(path: &Path, source: io::Error) -> OpenError {
    OpenError::Io {
        path: path.to_path_buf(),
        source,
    }
}

fn is_folder(path: &Path) -> Result<bool, OpenError> {
    std::fs::metadata(path)
        .map(|meta| meta.is_dir())
        .map_err(|error| io_error(path, error))
}

/// A file's name without folders and without the endings of archives and parts.
fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    name.split_once(".zip")
        .map_or(name.as_ref(), |(stem, _)| stem)
        .to_owned()
}

/// Names, sizes and checksums of the inputs; `None` if the flag was raised on the way.
pub(crate) fn inputs(paths: &[PathBuf], cancel: Option<&AtomicBool>) -> Option<Vec<Input>> {
    paths.iter().map(|path| input(path, cancel)).collect()
}

fn input(path: &Path, cancel: Option<&AtomicBool>) -> Option<Input> {
    const CHUNK: usize = 256 << 10;
    let name = name::printable(path.file_name().unwrap_or(path.as_os_str()).as_encoded_bytes());
    let nothing = Input {
        name,
        size: 0,
        sha256: String::new(),
    };
    let Ok((mut file, size)) = source::open(path) else {
        return Some(nothing);
    };
    if path.is_dir() {
        return Some(nothing);
    }
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    loop {
        if cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return None;
        }
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => hasher.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Some(Input { size, ..nothing }),
        }
    }
    let sha256 = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(Input {
        size,
        sha256,
        ..nothing
    })
}
