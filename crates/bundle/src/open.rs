//! From paths to containers: detects what each input is and finds where the bundle's tree begins.

use crate::compression::Compression;
use crate::entry::{Entry, EntryIndex};
use crate::error::OpenError;
use crate::format::{Format, HEAD};
use crate::input::Input;
use crate::limits::Limits;
use crate::parts::{self, Group, Numbering};
use crate::problem::EntryError;
use crate::ratio::RatioLimit;
use crate::source::Source;
use crate::spool::{self, Spooled};
use crate::tar::Step;
use crate::zip::{self, EndError};
use crate::{folder, layout, name, tar};
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One container of the bundle's tree, or of a part of it.
pub(crate) struct Container {
    /// Its file name, made printable.
    pub(crate) name: String,
    /// Leading folders that are no part of the bundle's paths.
    pub(crate) top: String,
    pub(crate) contents: Contents,
}

/// How a container is read.
pub(crate) enum Contents {
    /// In any order.
    Indexed(Arc<EntryIndex>),
    /// From front to back. With it comes what is wrong with it in any case.
    Streamed(Source, Compression, Option<EntryError>),
}

impl Contents {
    /// How many bytes it has before anything is unpacked.
    pub(crate) fn packed(&self) -> u64 {
        match self {
            Self::Streamed(source, ..) => source.len(),
            Self::Indexed(index) => match &index.source {
                Some(source) => source.len(),
                None => index
                    .entries
                    .iter()
                    .fold(0, |sum, entry| sum.saturating_add(entry.size)),
            },
        }
    }

    fn indexed(index: EntryIndex) -> Self {
        Self::Indexed(Arc::new(index))
    }
}

/// A container, and its leading folders if it holds a part of a bundle.
type ContentsWithTop = (Contents, Option<String>);

/// What the inputs turned out to be.
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) containers: Vec<Container>,
    /// The inputs that can be read only once.
    pub(crate) spooled: Vec<Input>,
}

/// Opens all inputs.
pub(crate) fn open(inputs: &[PathBuf], limits: &Limits) -> Result<Opened, OpenError> {
    let first = inputs.first().ok_or(OpenError::NoInput)?;
    let mut files = Vec::new();
    let mut found = Vec::new();
    let mut spooled = Vec::new();
    for path in inputs {
        if spool::is_stream(path).map_err(|error| io_error(path, error))? {
            let Spooled { path, source, input } = spool::spool(path, limits)?;
            spooled.push(input);
            let (contents, top) = open_group(&source, &Group::alone(path.clone()), limits)?;
            found.push((path, contents, top));
            continue;
        }
        let meta = std::fs::metadata(path).map_err(|error| io_error(path, error))?;
        if meta.is_dir() {
            let index = folder::read(path, limits).map_err(|error| io_error(path, error))?;
            let top = layout::bundle_top(index.paths());
            found.push((path.clone(), Contents::indexed(index), top));
        } else if meta.len() == 0 {
            return Err(OpenError::Empty { path: path.clone() });
        } else {
            files.push(path.clone());
        }
    }
    for group in parts::group(&files, is_whole_zip)? {
        let paths = group.paths.iter().map(PathBuf::as_path);
        let source = Source::files(paths).map_err(|(path, error)| io_error(path, error))?;
        let opened = open_group(&source, &group, limits);
        if limits.cancel.is_raised() {
            return Err(OpenError::Cancelled);
        }
        let (contents, top) = opened?;
        found.push((group.last().to_path_buf(), contents, top));
    }
    if found.iter().all(|(_, _, top)| top.is_none()) {
        let what = "it contains none of metadata.yaml, yamls, logs and nodes".to_owned();
        return Err(OpenError::NotABundle {
            path: spool::shown(first),
            what,
        });
    }
    found.sort_by_cached_key(|(path, _, _)| (parts::file_name(path), path.clone()));
    refuse_several(&found)?;
    let name = found
        .iter()
        .find_map(|(_, _, top)| top.as_deref()?.rsplit('/').next().filter(|top| !top.is_empty()));
    let name = name.map_or_else(|| stem(found.first().map_or(first, |(path, _, _)| path)), str::to_owned);
    let containers = found.into_iter().map(|(path, contents, top)| {
        let name = name::printable(parts::file_name(&path).as_bytes());
        Container {
            name,
            top: top.unwrap_or_default(),
            contents,
        }
    });
    Ok(Opened {
        name,
        containers: containers.collect(),
        spooled,
    })
}

/// Refuses inputs of which more than one is a bundle of its own, with metadata.yaml or with another top folder: read as one they
/// would be half of each.
fn refuse_several(found: &[(PathBuf, Contents, Option<String>)]) -> Result<(), OpenError> {
    let tops: BTreeSet<&str> = found.iter().filter_map(|(_, _, top)| top.as_deref()).collect();
    let is_whole = |(_, contents, top): &&(PathBuf, Contents, Option<String>)| match (contents, top.as_deref()) {
        (Contents::Indexed(index), Some(top)) => {
            let metadata = if top.is_empty() {
                "metadata.yaml".to_owned()
            } else {
                format!("{top}/metadata.yaml")
            };
            index.paths().any(|path| path == metadata)
        }
        (Contents::Streamed(..), Some(top)) => !top.is_empty() && tops.len() > 1,
        (_, None) => false,
    };
    let mut whole = found.iter().filter(is_whole);
    match (whole.next(), whole.next()) {
        (Some(first), Some(second)) => {
            let named = |(path, _, top): &(PathBuf, Contents, Option<String>)| match top.as_deref() {
                None | Some("") => path.display().to_string(),
                Some(top) => format!("{} ({top})", path.display()),
            };
            Err(OpenError::SeveralBundles {
                first: named(first),
                second: named(second),
            })
        }
        _ => Ok(()),
    }
}

/// Whether a numbered file is a zip of its own rather than a piece of one.
fn is_whole_zip(path: &Path) -> Result<bool, OpenError> {
    let whole = Source::file(path).and_then(|source| zip::is_whole(&source));
    whole.map_err(|error| io_error(path, error))
}

fn open_group(source: &Source, group: &Group, limits: &Limits) -> Result<ContentsWithTop, OpenError> {
    let (contents, top) = open_source(source, group, limits, 0)?;
    if let (Contents::Indexed(index), None) = (&contents, &top) {
        let mut files = index
            .entries
            .iter()
            .filter(|entry| !entry.path.starts_with("__MACOSX/"));
        // The whole bundle packed once more: nothing in it but one archive.
        if let (Some(only), None) = (files.next(), files.next())
            && let Some(inner) = inner_source(index, only, group.last(), limits)?
        {
            return open_source(&inner, group, limits, 1);
        }
    }
    Ok((contents, top))
}

/// The only file of an archive, if it is an archive itself.
fn inner_source(index: &EntryIndex, entry: &Entry, path: &Path, limits: &Limits) -> Result<Option<Source>, OpenError> {
    let damaged = |error: EntryError| match error.os_error() {
        Some(source) => io_error(path, source),
        None => OpenError::Damaged {
            path: path.to_path_buf(),
            what: format!("{}: {error}", entry.path),
        },
    };
    if index.format(entry).map_err(damaged)? == Format::Other {
        return Ok(None);
    }
    if entry.is_stored() {
        return index.raw(entry).map(Some).map_err(damaged);
    }
    let most = limits.nested_memory().saturating_mul(2);
    if entry.size > most {
        return Err(damaged(EntryError::over_limit(format!(
            "it unpacks to {} bytes, more than fit in memory: unpack it and pass its contents",
            entry.size
        ))));
    }
    let reader = index.open(entry).map_err(damaged)?;
    let mut data = Vec::new();
    let most = if entry.is_cut() { entry.size } else { most };
    let read = reader.take(most).read_to_end(&mut data);
    read.map_err(|error| damaged(error.into()))?;
    Ok(Some(Source::memory(data)))
}

/// Opens what a group of files holds; `depth` is 1 for the only archive in it.
fn open_source(source: &Source, group: &Group, limits: &Limits, depth: usize) -> Result<ContentsWithTop, OpenError> {
    let path = group.last();
    let unreadable = |error: io::Error| io_error(path, error);
    let head = source.bytes(0, HEAD as usize).map_err(unreadable)?;
    match Format::of(&head) {
        Format::Zip => {
            let split = depth == 0 && matches!(group.numbering, Numbering::Split(_));
            open_zip(source, group, limits, split)
        }
        Format::Tar(Compression::None) => {
            let mut index =
                tar::read(source, limits.allowance(source.len())).map_err(|error| unreadable(error.into()))?;
            index.problems.extend(gap(group).map(|error| error.at("")));
            Ok(with_top(index))
        }
        Format::Tar(compression) => {
            let top = stream_top(source, compression, limits).map_err(unreadable)?;
            let gap = gap(group);
            Ok((Contents::Streamed(source.clone(), compression, gap), top))
        }
        Format::Other => match zip::read_behind(source, limits.allowance(source.len())) {
            Err(EndError::Io(error)) => Err(unreadable(error)),
            Ok(zip) => Ok(with_top(zip.index)),
            Err(EndError::Parts { .. } | EndError::NoDirectory) => Err(OpenError::Truncated {
                path: path.to_path_buf(),
                what: "the beginning of the zip is missing".to_owned(),
            }),
            Err(EndError::NoEnd) => Err(OpenError::NotABundle {
                path: path.to_path_buf(),
                what: "it is neither a zip nor a tar".to_owned(),
            }),
        },
    }
}

/// What is wrong with a group of which a part is missing between others.
fn gap(group: &Group) -> Option<EntryError> {
    let gap = group.gap.as_ref()?;
    Some(EntryError::unreadable(gap.error().to_string()))
}

fn with_top(index: EntryIndex) -> ContentsWithTop {
    let top = layout::bundle_top(index.paths());
    (Contents::indexed(index), top)
}

/// Opens a zip. Of one that is not whole, or of which parts are missing, it takes what the first parts hold.
fn open_zip(source: &Source, group: &Group, limits: &Limits, split: bool) -> Result<ContentsWithTop, OpenError> {
    let allowance = limits.allowance(source.len());
    let refused = |error| end_error(group, error);
    let zip = match group.gap.is_some() {
        true => zip::salvage(source, limits, allowance, EndError::NoEnd),
        false => match zip::read(source, split, limits, allowance) {
            Err(error) if split && error.is_incomplete(group.paths.len()) => {
                // The last part is no continuation of those before the gap.
                let end = source.starts().last().copied().unwrap_or_default();
                zip::salvage(&source.window(0, end), limits, allowance, error)
            }
            other => other,
        },
    };
    let mut zip = zip.map_err(refused)?;
    if zip.all_encrypted {
        let path = group.last().to_path_buf();
        return Err(OpenError::Encrypted { path });
    }
    let Some(reason) = zip.cut else {
        return Ok(with_top(zip.index));
    };
    let archive = name::printable(parts::file_name(group.last()).as_bytes());
    for problem in &mut zip.index.problems {
        if problem.path == zip::DIRECTORY {
            problem.path = format!("{archive}/{}", zip::DIRECTORY);
        }
    }
    let refusal = refused(reason);
    if let OpenError::MissingPart { .. } = refusal {
        zip.index
            .problems
            .push(EntryError::unreadable(refusal.to_string()).at(""));
    }
    let (contents, top) = with_top(zip.index);
    match (&contents, &top) {
        // The only file may be the bundle itself.
        (Contents::Indexed(index), None) if index.entries.len() > 1 => Err(refusal),
        _ => Ok((contents, top)),
    }
}

/// The top folder of a compressed tar: it is unpacked up to the first file that shows it.
///
/// An error is one of the operating system, before any such file: other damage is reported when the tar is visited.
fn stream_top(source: &Source, compression: Compression, limits: &Limits) -> io::Result<Option<String>> {
    let limit = RatioLimit::new(limits, limits.unpacked_bytes(source.len()));
    let mut top = None;
    let unpacked = compression.decoder(source.reader(0), limits, &limit);
    let done = unpacked.and_then(|unpacked| {
        tar::stream(unpacked, limits.max_entries, &mut |step| {
            limit.begin_member();
            let Step::Member(member, _) = step else {
                return ControlFlow::Continue(());
            };
            top = member
                .path
                .ok()
                .and_then(|path| layout::bundle_top(std::iter::once(path.as_str())));
            if top.is_some() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
    });
    match done.err().and_then(|error| error.os_error()) {
        Some(error) if top.is_none() => Err(error),
        _ => Ok(top),
    }
}

fn end_error(group: &Group, error: EndError) -> OpenError {
    let path = group.last().to_path_buf();
    let truncated = |what: &str| OpenError::Truncated {
        path: path.clone(),
        what: what.to_owned(),
    };
    match error {
        EndError::Io(source) => io_error(&path, source),
        _ if let Some(gap) = &group.gap => gap.error(),
        // In a cut-off zip the end of a node archive may be taken for its own: then the directory is not where it should be.
        EndError::NoEnd | EndError::NoDirectory => {
            let missing = group.numbering.missing(group.paths.len());
            missing.unwrap_or_else(|| truncated("the zip is truncated: its central directory is missing"))
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
    name[..end.unwrap_or(name.len())].to_owned()
}

/// Opens the only file of a bundle.
#[cfg(test)]
pub(crate) fn open_only(source: &Source) -> Result<Contents, OpenError> {
    let group = Group::alone(PathBuf::from("x"));
    open_source(source, &group, &Limits::default(), 0).map(|(contents, _)| contents)
}
