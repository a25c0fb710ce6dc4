//! Where the bytes of a support bundle come from: zip, tar, folder, archives in archives, and parts of all these.
//!
//! [`Bundle::open`] takes paths and finds the tree; [`Bundle::visit`] reads it once, in parallel, and hands every file a
//! [`Visitor`] wants to it. Everything in a bundle is taken as hostile: names, sizes, links, nesting. Nothing is written to
//! disk. This layer knows where files are, not what they mean.

mod entry;
mod error;
mod folder;
mod guard;
mod name;
mod nested;
mod open;
mod packing;
mod parts;
mod source;
mod tar;
mod visit;
mod zip;

pub use error::{OpenError, Problem, ProblemKind, ReadError};
pub use open::Input;
use open::{Body, Container};
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use visit::{Run, Stream, Tree};

/// How much of a bundle is read. Sizes are in bytes, uncompressed.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Files in the bundle, those of nested archives included.
    pub max_entries: usize,
    /// All files that are read, together.
    pub total_bytes: u64,
    /// One file that is handed over whole ([`Want::Bytes`]).
    pub entry_bytes: u64,
    /// How many times its packed size a file may unpack to, once it is larger than `ratio_floor`.
    pub ratio: u64,
    /// Files up to this size may be packed as well as they like.
    pub ratio_floor: u64,
    /// How deep archives may be nested; a node archive is 1.
    pub depth: usize,
    /// Memory for nested archives that must be unpacked to be read at all.
    pub held_bytes: u64,
    /// Memory for all of these together, with what is made of them, in bytes. It is kept by unpacking fewer archives at once;
    /// files are left out only where all that is read whole takes up more than a quarter: their texts and trees have to be there
    /// until the report is done.
    pub max_memory: u64,
    /// Raise it, and the visit ends soon with [`ReadError::Cancelled`].
    pub cancel: Option<Arc<AtomicBool>>,
}

impl Limits {
    /// Memory for nested archives.
    pub(crate) fn held(&self) -> u64 {
        self.held_bytes.min(self.max_memory / 4)
    }

    /// Memory for the texts of files that are read whole.
    pub(crate) fn texts(&self) -> u64 {
        self.max_memory / 4
    }

    /// The longest file that is unpacked at once: one that is kept, or, of `total` bytes to be read, one that is only looked through.
    /// The memory for that costs time of its own, and pays where it is used again and again.
    pub(crate) fn at_once(&self, kept: bool, total: u64) -> u64 {
        let most = if kept {
            64 << 20
        } else {
            (total / 32).clamp(1 << 20, 16 << 20)
        };
        self.buffer().min(most)
    }

    /// Memory for one of the buffers whose size a bundle chooses.
    pub(crate) fn buffer(&self) -> u64 {
        (256 << 20).min(self.max_memory / 8)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_entries: 1_000_000,
            total_bytes: 64 << 30,
            entry_bytes: 512 << 20,
            ratio: 1000,
            ratio_floor: 16 << 20,
            depth: 4,
            held_bytes: 1 << 30,
            max_memory: 4 << 30,
            cancel: None,
        }
    }
}

/// What a visitor wants of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Nothing; the file is not read.
    Skip,
    /// The whole content at once, through [`Visitor::bytes`].
    Bytes,
    /// The content piece by piece, through [`Visitor::stream`].
    Stream,
    /// The file is an archive: visit the files in it.
    Enter,
}

/// Receives the files of a bundle. Methods are called from several threads at once, in no particular order.
///
/// Paths are `/`-separated, without the bundle's top folder. Those inside a nested archive follow the archive's own path and a
/// `!`, again without a top folder: `nodes/host-1.zip!logs/kernel.log`.
pub trait Visitor: Sync {
    /// Says what is wanted of a file, before any of it is read. `size` is what the archive declares.
    fn want(&self, path: &str, size: u64) -> Want;

    /// Takes the whole content of a file. Not called for a file that is damaged or over a limit.
    fn bytes(&self, path: &str, data: Vec<u8>);

    /// Reads a file piece by piece: the reader's buffer may hold all of it. It fails where the file is damaged or over a limit; the problem is recorded.
    fn stream(&self, path: &str, reader: &mut dyn BufRead);

    /// Says whether nothing more is wanted of the archive at `archive`. It is asked after each file of a compressed tar, whose
    /// rest then need not be unpacked: files after that are not known, and damage behind it goes unnoticed.
    fn has_enough(&self, archive: &str) -> bool {
        let _ = archive;
        false
    }

    /// Learns how many bytes have been read, of how many that are known to be wanted so far.
    fn progress(&self, bytes_done: u64, bytes_total: u64) {
        let _ = (bytes_done, bytes_total);
    }
}

/// What a visit came across.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visited {
    /// Number of files, those in nested archives included.
    pub files: usize,
    /// Their uncompressed bytes as declared.
    pub bytes: u64,
    /// Paths of all files, sorted.
    pub paths: Vec<String>,
    /// What was refused, damaged, over a limit or there twice, sorted by path.
    pub problems: Vec<Problem>,
}

/// An opened support bundle.
pub struct Bundle {
    name: String,
    files: Vec<PathBuf>,
    containers: Vec<Container>,
    limits: Limits,
    inputs: OnceLock<Vec<Input>>,
}

impl Bundle {
    /// Opens a bundle given as a zip, tar or folder, or as parts of one in any order.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if an input cannot be read, a part is missing, an archive is cut off or encrypted, or the tree is not that
    /// of a support bundle.
    pub fn open(inputs: &[PathBuf], limits: Limits) -> Result<Self, OpenError> {
        let opened = open::open(inputs, &limits)?;
        let mut files = inputs.to_vec();
        files.sort();
        Ok(Self {
            name: opened.name,
            files,
            containers: opened.containers,
            limits,
            inputs: OnceLock::new(),
        })
    }

    /// The bundle's name: its top folder, else the first input's name without its ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The files and folders it was read from, sorted by path, with their checksums.
    ///
    /// [`Bundle::visit`] computes the checksums on the side; before a visit this reads all files.
    pub fn inputs(&self) -> &[Input] {
        self.inputs
            .get_or_init(|| open::inputs(&self.files, None).unwrap_or_default())
    }

    /// The flag by which a run over this bundle is cancelled.
    pub fn cancel_flag(&self) -> Option<Arc<AtomicBool>> {
        self.limits.cancel.clone()
    }

    /// Hands every wanted file to the visitor, in parallel.
    ///
    /// # Errors
    ///
    /// [`ReadError::Cancelled`] if the cancel flag of [`Limits`] was raised.
    pub fn visit(&self, visitor: &dyn Visitor) -> Result<Visited, ReadError> {
        let run = Run::new(visitor, &self.limits);
        rayon::scope(|scope| {
            let mut tree = Tree::root(&self.limits);
            for container in &self.containers {
                if let Body::Index(index) = &container.body {
                    tree.own.clone_from(&container.name);
                    run.add(scope, index, &container.top, &mut tree);
                }
            }
            let run = &run;
            scope.spawn(move |scope| self.visit_streams(scope, run, tree));
            scope.spawn(|_| self.hash());
        });
        run.run_deferred();
        if run.meter.is_cancelled() {
            return Err(ReadError::Cancelled);
        }
        let gathered = run.into_gathered();
        Ok(Visited {
            files: gathered.paths.len(),
            bytes: gathered.bytes,
            paths: gathered.paths,
            problems: gathered.problems,
        })
    }

    fn visit_streams<'s>(&'s self, scope: &rayon::Scope<'s>, run: &'s Run<'_>, mut tree: Tree) {
        for container in &self.containers {
            if let Body::Stream(source, packing) = &container.body {
                tree.own.clone_from(&container.name);
                let stream = Stream {
                    packing: *packing,
                    top: Some(container.top.clone()),
                };
                if let Err(trouble) = run.read_stream(scope, &mut source.reader(0), &stream, &mut tree) {
                    run.report(&container.name, trouble);
                }
            }
        }
    }

    fn hash(&self) {
        if self.inputs.get().is_none()
            && let Some(inputs) = open::inputs(&self.files, self.limits.cancel.as_deref())
        {
            // A second visit at the same time may have been faster; both computed the same.
            let _ = self.inputs.set(inputs);
        }
    }
}
