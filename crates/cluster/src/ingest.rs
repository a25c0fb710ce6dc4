//! From the bytes of a bundle to its texts: which entries are worth reading, and what was there besides.
//!
//! Only resource files of wanted kinds are read whole; everything else is counted by its name.

use crate::kind::{KindId, Kinds};
use crate::layout::{self, ResourcePath};
use crate::sources::{Sources, TextFile};
use gleaner_bundle::{Bundle, ReadError, Visitor, Want};
use gleaner_logs::{LineMatches, Scanner, Signatures};
use gleaner_report::{Problem, ProblemKind};
use gleaner_yaml::Interner;
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Folders of a node archive whose files rules read.
const NODE_FOLDERS: [&str; 2] = ["configs/etc/", "configs/oem/"];

/// Files of a supportconfig archive that rules read: disks and clocks. Once all are read the rest is not unpacked, which is half
/// of the time that a bundle with node archives takes.
const SUPPORTCONFIG_FILES: [&str; 3] = ["basic-health-check.txt", "fs-diskio.txt", "ntp.txt"];

fn wants_of_node(inner: &str) -> Want {
    if let Some((_, file)) = inner.split_once('!') {
        return if SUPPORTCONFIG_FILES.contains(&file) {
            Want::Bytes
        } else {
            Want::Skip
        };
    }
    if layout::is_supportconfig(inner) {
        return Want::Enter;
    }
    if NODE_FOLDERS.iter().any(|folder| inner.starts_with(folder)) {
        Want::Bytes
    } else {
        Want::Skip
    }
}

struct Reader<'k> {
    scanner: Scanner<'k>,
    matches: Mutex<Vec<LineMatches>>,
    kinds: &'k Kinds,
    wanted: BTreeSet<KindId>,
    files: Mutex<Vec<TextFile>>,
    /// Files of and in node archives without a byte.
    empty: Mutex<BTreeSet<String>>,
    /// How many files were wanted of each supportconfig so far.
    supportconfigs: Mutex<BTreeMap<String, usize>>,
    lossy: Mutex<Vec<Problem>>,
    progress: &'k (dyn Fn(u64, u64) + Sync),
}

/// Reads the entries that the wanted kinds and every report need, in one pass over the bundle.
///
/// # Errors
/// When the bundle as a whole cannot be read any further, or the run was cancelled.
pub fn ingest(
    bundle: &Bundle,
    kinds: &Kinds,
    wanted: BTreeSet<KindId>,
    signatures: Signatures<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Sources, ReadError> {
    let reader = Reader {
        scanner: Scanner::new(signatures),
        matches: Mutex::default(),
        kinds,
        wanted,
        files: Mutex::default(),
        empty: Mutex::default(),
        supportconfigs: Mutex::default(),
        lossy: Mutex::default(),
        progress,
    };
    let visited = bundle.visit(&reader)?;
    let mut files = owned(reader.files);
    files.sort();
    let mut problems: Vec<Problem> = visited.problems.into_iter().map(problem).collect();
    problems.extend(owned(reader.lossy));
    problems.sort();
    let mut matches = owned(reader.matches);
    matches.sort_by(|a, b| a.origin.cmp(&b.origin));
    Ok(Sources {
        files,
        keys: Interner::default(),
        paths: visited.paths,
        empty: owned(reader.empty),
        bytes: visited.bytes,
        problems,
        matches,
        cancel: bundle.cancel().clone(),
    })
}

/// A problem of the bundle's bytes, as the report shows it.
fn problem(problem: gleaner_bundle::Problem) -> Problem {
    let kind = match problem.kind {
        gleaner_bundle::ProblemKind::Refused => ProblemKind::Refused,
        gleaner_bundle::ProblemKind::Unreadable => ProblemKind::Unreadable,
        gleaner_bundle::ProblemKind::OverLimit => ProblemKind::OverLimit,
        gleaner_bundle::ProblemKind::Duplicate => ProblemKind::Duplicate,
    };
    Problem {
        path: problem.path,
        kind,
        what: problem.what,
    }
}

/// A thread that panics ends the whole visit, so a poisoned value is never read.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn owned<T>(shared: Mutex<T>) -> T {
    shared.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl Reader<'_> {
    fn wants_resource(&self, resource: &ResourcePath<'_>) -> bool {
        let Some(group) = resource.group else { return true };
        self.wanted.iter().any(|id| {
            let info = self.kinds.info(*id);
            info.plural == resource.plural && info.groups.iter().any(|known| known == group)
        })
    }
}

impl Visitor for Reader<'_> {
    fn want(&self, path: &str, size: u64) -> Want {
        if size == 0 && layout::node_of(path).is_some() {
            lock(&self.empty).insert(path.to_owned());
        }
        if let Some(origin) = layout::log_origin(path) {
            return if self.scanner.reads(&origin) {
                Want::Stream
            } else {
                Want::Skip
            };
        }
        if let Some((_, inner)) = layout::inside_node_archive(path) {
            let want = wants_of_node(inner);
            if want == Want::Bytes
                && let Some((archive, _)) = path.rsplit_once('!')
            {
                *lock(&self.supportconfigs).entry(archive.to_owned()).or_default() += 1;
            }
            return want;
        }
        if layout::node_of(path).is_some() {
            return Want::Enter;
        }
        let wanted = match ResourcePath::parse(path) {
            Some(resource) => self.wants_resource(&resource),
            None => matches!(path, "metadata.yaml" | "bundleGenerationError.log" | layout::ALERTS),
        };
        if wanted { Want::Bytes } else { Want::Skip }
    }

    fn bytes(&self, path: &str, data: Vec<u8>) {
        let text = String::from_utf8(data).unwrap_or_else(|error| {
            let valid = error.utf8_error().valid_up_to();
            lock(&self.lossy).push(Problem {
                path: path.to_owned(),
                kind: ProblemKind::BadItem,
                what: format!("not UTF-8 from byte {valid} on: the odd bytes were replaced"),
            });
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        });
        lock(&self.files).push(TextFile {
            path: path.to_owned(),
            text,
        });
    }

    fn stream(&self, path: &str, reader: &mut dyn BufRead) {
        let Some(origin) = layout::log_origin(path) else { return };
        let found = self.scanner.scan(path, origin, reader);
        lock(&self.matches).push(found);
    }

    fn has_enough(&self, archive: &str) -> bool {
        layout::inside_node_archive(archive).is_some()
            && lock(&self.supportconfigs).get(archive).copied() >= Some(SUPPORTCONFIG_FILES.len())
    }

    fn progress(&self, done: u64, total: u64) {
        (self.progress)(done, total);
    }
}
