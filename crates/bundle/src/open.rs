//! From paths to containers: tells what each input is and finds where the bundle's tree begins.

use crate::entry::{Entry, Index};
use crate::error::OpenError;
use crate::guard::trouble_of;
use crate::nested::{self, Content, HEAD};
use crate::packing::{Flow, Packing};
use crate::parts::{self, Group, Numbering};
use crate::source::{self, Source};
use crate::zip::{self, EndError};
use crate::{Limits, folder, name, tar};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One container of the bundle's tree, or of a part of it.
pub(crate) struct Container {
    /// Its file name, made printable.
    pub(crate) name: String,
    /// Leading folders that are no part of the bundle's paths.
    pub(crate) top: String,
    pub(crate) body: Body,
}

/// How a container is read.
pub(crate) enum Body {
    /// In any order.
    Index(Arc<Index>),
    /// From front to back.
    Stream(Source, Packing),
}

/// What the inputs turned out to be.
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) containers: Vec<Container>,
}

/// Opens all inputs.
pub(crate) fn open(inputs: &[PathBuf], limits: &Limits) -> Result<Opened, OpenError> {
    let first = inputs.first().ok_or(OpenError::NoInput)?;
    let mut files = Vec::new();
    let mut found = Vec::new();
    for path in inputs {
        let meta = std::fs::metadata(path).map_err(|error| io_error(path, error))?;
        if meta.is_dir() {
            let index = folder::read(path, limits);
            let top = index_top(&index);
            found.push((path.clone(), Body::Index(Arc::new(index)), top));
        } else if meta.len() == 0 {
            return Err(OpenError::Empty { path: path.clone() });
        } else {
            files.push(path.clone());
        }
    }
    for group in parts::group(&files)? {
        let opened = open_group(&group, limits);
        if limits.cancel.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(OpenError::Cancelled);
        }
        let (body, top) = opened?;
        let path = group.paths.last().unwrap_or(first).clone();
        found.push((path, body, top));
    }
    if found.iter().all(|(_, _, top)| top.is_none()) {
        let what = "it holds none of metadata.yaml, yamls, logs and nodes".to_owned();
        return Err(OpenError::NotABundle {
            path: first.clone(),
            what,
        });
    }
    found.sort_by_cached_key(|(path, _, _)| (parts::file_name(path), path.clone()));
    let name = found
        .iter()
        .find_map(|(_, _, top)| top.as_deref()?.rsplit('/').next().filter(|top| !top.is_empty()));
    let name = name.map_or_else(|| stem(found.first().map_or(first, |(path, _, _)| path)), str::to_owned);
    let containers = found.into_iter().map(|(path, body, top)| {
        let name = name::printable(parts::file_name(&path).as_bytes());
        Container {
            name,
            top: top.unwrap_or_default(),
            body,
        }
    });
    Ok(Opened {
        name,
        containers: containers.collect(),
    })
}

fn index_top(index: &Index) -> Option<String> {
    name::bundle_top(index.entries.iter().map(|entry| entry.path.as_str()))
}

fn open_group(group: &Group, limits: &Limits) -> Result<(Body, Option<String>), OpenError> {
    let source =
        Source::files(group.paths.iter().map(PathBuf::as_path)).map_err(|(path, error)| io_error(path, error))?;
    let (body, top) = open_source(&source, group, limits, 0)?;
    let Body::Index(index) = &body else {
        return Ok((body, top));
    };
    let files: Vec<&Entry> = index
        .entries
        .iter()
        .filter(|entry| !entry.path.starts_with("__MACOSX/"))
        .collect();
    match (&top, files.as_slice()) {
        // The whole bundle packed once more: nothing in it but one archive.
        (None, [only]) => {
            let path = group.paths.last().map(PathBuf::as_path).unwrap_or(Path::new(""));
            let inner = inner_source(index, only, path, limits)?;
            match inner {
                Some(inner) => open_source(&inner, group, limits, 1),
                None => Ok((body, top)),
            }
        }
        _ => Ok((body, top)),
    }
}

/// The only file of an archive, if it is an archive itself.
fn inner_source(index: &Index, entry: &Entry, path: &Path, limits: &Limits) -> Result<Option<Source>, OpenError> {
    let damaged = |what: String| OpenError::Damaged {
        path: path.to_path_buf(),
        what: format!("{}: {what}", entry.path),
    };
    let content = nested::look(index, entry).map_err(|trouble| damaged(trouble.what))?;
    if content == Content::Other {
        return Ok(None);
    }
    if Index::is_raw(entry) {
        return index.raw(entry).map(Some).map_err(|trouble| damaged(trouble.what));
    }
    let most = limits.held().saturating_mul(2);
    if entry.size > most {
        return Err(damaged(format!(
            "it unpacks to {} bytes, too many to hold: unpack it and pass what is in it",
            entry.size
        )));
    }
    let reader = index.open(entry).map_err(|trouble| damaged(trouble.what))?;
    let mut data = Vec::new();
    let read = reader.take(most).read_to_end(&mut data);
    read.map_err(|error| damaged(trouble_of(&error).what))?;
    Ok(Some(Source::memory(data)))
}

fn open_source(
    source: &Source,
    group: &Group,
    limits: &Limits,
    depth: usize,
) -> Result<(Body, Option<String>), OpenError> {
    let path = group.paths.last().cloned().unwrap_or_default();
    let head = source.bytes(0, HEAD as usize).map_err(|error| io_error(&path, error))?;
    match Content::of(&head) {
        Content::Zip => {
            let split = depth == 0 && matches!(group.numbering, Numbering::Split(_));
            let zip = zip::read(source, split, limits).map_err(|error| end_error(group, error))?;
            if zip.all_encrypted {
                return Err(OpenError::Encrypted { path });
            }
            let top = index_top(&zip.index);
            Ok((Body::Index(Arc::new(zip.index)), top))
        }
        Content::Tar(Packing::None) => {
            let index = tar::read(source, limits);
            let top = index_top(&index);
            Ok((Body::Index(Arc::new(index)), top))
        }
        Content::Tar(packing) => {
            let top = stream_top(source, packing, limits);
            Ok((Body::Stream(source.clone(), packing), top))
        }
        Content::Other => {
            if matches!(
                zip::read(source, false, limits),
                Ok(_) | Err(EndError::Parts { .. } | EndError::NoDirectory)
            ) {
                let what = "the beginning of the zip is missing".to_owned();
                return Err(OpenError::Truncated { path, what });
            }
            let what = "it is neither a zip nor a tar".to_owned();
            Err(OpenError::NotABundle { path, what })
        }
    }
}

/// The top folder of a compressed tar: it is unpacked as far as the first file that tells.
fn stream_top(source: &Source, packing: Packing, limits: &Limits) -> Option<String> {
    let flow = Flow::new(limits);
    let unpacked = packing.unpack(source.reader(0), &flow).ok()?;
    let mut top = None;
    let mut left = limits.max_entries;
    // A damaged stream is reported when it is visited.
    let _ = tar::stream(unpacked, &mut |member, _| {
        flow.begin();
        left = left.saturating_sub(1);
        top = member
            .path
            .ok()
            .and_then(|path| name::bundle_top(std::iter::once(path.as_str())));
        if top.is_some() || left == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    top
}

fn end_error(group: &Group, error: EndError) -> OpenError {
    let path = group.paths.last().cloned().unwrap_or_default();
    let truncated = |what: &str| OpenError::Truncated {
        path: path.clone(),
        what: what.to_owned(),
    };
    match error {
        EndError::Io(source) => io_error(&path, source),
        // In a cut-off zip the end of a node archive may be taken for its own: then the directory is not where it should be.
        EndError::NoEnd | EndError::NoDirectory => {
            let missing = group.numbering.missing(group.paths.len());
            missing.unwrap_or_else(|| truncated("the zip is cut off: its table of contents is missing"))
        }
        EndError::Parts { wanted } => {
            let name = parts::file_name(&path);
            let stem = name.get(..name.len().saturating_sub(".zip".len())).unwrap_or(&name);
            let numbering = Numbering::Split(stem.to_owned());
            let what = format!(
                "the zip says it has {wanted} parts, and {} were given",
                group.paths.len()
            );
            if wanted as usize > group.paths.len() {
                return numbering.missing(group.paths.len()).unwrap_or_else(|| truncated(&what));
            }
            OpenError::Damaged {
                path,
                what: format!("{what}: pass only the parts that belong together"),
            }
        }
    }
}

fn io_error(path: &Path, source: io::Error) -> OpenError {
    OpenError::Io {
        path: path.to_path_buf(),
        source,
    }
}

/// A file's name without the endings of archives and parts; for `.` the name of that folder.
fn stem(path: &Path) -> String {
    let whole = if path.file_name().is_some() {
        None
    } else {
        path.canonicalize().ok()
    };
    let name = parts::file_name(whole.as_deref().unwrap_or(path));
    let end = [".zip", ".tar", ".tgz", ".txz"]
        .iter()
        .filter_map(|ending| name.rfind(ending))
        .min();
    name.get(..end.unwrap_or(name.len())).unwrap_or(&name).to_owned()
}

/// One file or folder that the bundle was opened from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its file name, without folders.
    pub name: String,
    /// Its size in bytes; 0 for a folder.
    pub size: u64,
    /// SHA-256 of a file in hexadecimal; empty for a folder.
    pub sha256: String,
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
    let sha256 = base16ct::lower::encode_string(&hasher.finalize());
    Some(Input {
        size,
        sha256,
        ..nothing
    })
}
