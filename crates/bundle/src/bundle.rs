//! The bundle as its users see it.

use crate::cancel::Cancel;
use crate::error::{OpenError, ReadError};
use crate::input::{self, Input};
use crate::limits::Limits;
use crate::open::{self, Container, Contents};
use crate::spool;
use crate::visit::{Stream, Subtree, Visit};
use crate::visitor::{Visited, Visitor};
use std::path::PathBuf;
use std::sync::OnceLock;

/// An opened support bundle.
pub struct Bundle {
    name: String,
    files: Vec<PathBuf>,
    spooled: Vec<Input>,
    containers: Vec<Container>,
    limits: Limits,
    inputs: OnceLock<Vec<Input>>,
}

impl Bundle {
    /// Opens a bundle given as a zip, tar or folder, or as parts of one in any order.
    ///
    /// The path `-` is standard input. It, pipes and devices are read to their end first; what does not fit in memory goes to a file
    /// without a name in the folder for temporary files.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if an input cannot be read, a part is missing, an archive is cut off or encrypted, or the tree is not that
    /// of a support bundle.
    pub fn open(inputs: &[PathBuf], limits: Limits) -> Result<Self, OpenError> {
        let opened = open::open(inputs, &limits)?;
        // What can be read only once was read.
        let is_file = |path: &&PathBuf| !spool::is_stream(path).unwrap_or(false);
        let mut files: Vec<PathBuf> = inputs.iter().filter(is_file).cloned().collect();
        files.sort();
        Ok(Self {
            name: opened.name,
            files,
            spooled: opened.spooled,
            containers: opened.containers,
            limits,
            inputs: OnceLock::new(),
        })
    }

    /// The bundle's name: its top folder, else the first input's name without its ending.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it was read from, with checksums: pipes as they were given, then files and folders sorted by path.
    ///
    /// [`Bundle::visit`] computes the checksums on the side; before a visit this reads all files.
    #[expect(clippy::expect_used, reason = "a default flag is never raised")]
    pub fn inputs(&self) -> &[Input] {
        let inputs = || self.read_inputs(&Cancel::default());
        self.inputs
            .get_or_init(|| inputs().expect("this call has no cancel flag"))
    }

    /// The flag of its [`Limits`], by which work on this bundle is cancelled.
    pub fn cancel(&self) -> &Cancel {
        &self.limits.cancel
    }

    /// Hands every wanted file to the visitor, in parallel.
    ///
    /// # Errors
    ///
    /// [`ReadError::Cancelled`] if the cancel flag of [`Limits`] was raised.
    pub fn visit(&self, visitor: &dyn Visitor) -> Result<Visited, ReadError> {
        let visit = Visit::new(visitor, &self.limits);
        rayon::scope(|scope| {
            let packed = self.containers.iter().map(|container| container.contents.packed());
            let mut root = Subtree::root(&self.limits, packed.fold(0, u64::saturating_add));
            for container in &self.containers {
                if let Contents::Indexed(index) = &container.contents {
                    root.container.clone_from(&container.name);
                    visit.add(scope, index, &container.top, &mut root);
                }
            }
            let visit = &visit;
            scope.spawn(move |scope| self.visit_streams(scope, visit, root));
            scope.spawn(|_| self.hash());
        });
        visit.finish(&self.name)
    }

    fn visit_streams<'s>(&'s self, scope: &rayon::Scope<'s>, visit: &'s Visit<'_>, mut root: Subtree) {
        for container in &self.containers {
            if let Contents::Streamed(source, compression, problem) = &container.contents {
                root.container.clone_from(&container.name);
                visit.record(&root, problem.clone());
                let stream = Stream {
                    compression: *compression,
                    top: Some(container.top.clone()),
                };
                visit.read_stream(scope, &mut source.reader(0), stream, &mut root);
            }
        }
    }

    fn read_inputs(&self, cancel: &Cancel) -> Option<Vec<Input>> {
        let files = input::inputs(&self.files, cancel)?;
        Some(self.spooled.iter().cloned().chain(files).collect())
    }

    fn hash(&self) {
        if self.inputs.get().is_none()
            && let Some(inputs) = self.read_inputs(&self.limits.cancel)
        {
            // A second visit at the same time may have been faster; both computed the same.
            let _ = self.inputs.set(inputs);
        }
    }
}
