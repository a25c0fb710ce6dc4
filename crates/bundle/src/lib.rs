//! Reads the bytes of a support bundle: a zip, a tar, a folder, archives in archives, and parts of all these.
//!
//! [`Bundle::open`] takes paths and finds the tree; [`Bundle::visit`] reads it once, in parallel, and hands every file a
//! [`Visitor`] wants to it. Everything in a bundle is taken as hostile (names, sizes, links, nesting), so all is bounded by
//! [`Limits`]; nothing is written to disk. This crate knows where files are, not what they mean.
//!
//! ```
//! use gleaner_bundle::{Bundle, Limits, Visitor, Want};
//! use std::io::BufRead;
//!
//! struct Print;
//!
//! impl Visitor for Print {
//!     fn want(&self, path: &str, _size: u64) -> Want {
//!         if path.ends_with(".log") { Want::Stream } else { Want::Bytes }
//!     }
//!
//!     fn bytes(&self, path: &str, data: Vec<u8>) {
//!         println!("{path}: {} bytes", data.len());
//!     }
//!
//!     fn stream(&self, path: &str, reader: &mut dyn BufRead) {
//!         println!("{path}: {} lines", reader.lines().count());
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! std::fs::create_dir_all(folder.path().join("logs/kube-system/etcd-0"))?;
//! std::fs::write(folder.path().join("logs/kube-system/etcd-0/etcd.log"), "started\n")?;
//! std::fs::write(folder.path().join("metadata.yaml"), "projectName: harvester\n")?;
//!
//! let bundle = Bundle::open(&[folder.path().to_path_buf()], Limits::default())?;
//! let visited = bundle.visit(&Print)?;
//! assert_eq!(visited.paths, ["logs/kube-system/etcd-0/etcd.log", "metadata.yaml"]);
//! assert!(visited.problems.is_empty());
//! # Ok(())
//! # }
//! ```

mod bundle;
mod cancel;
mod compression;
mod contents;
mod entry;
mod error;
mod folder;
mod format;
mod input;
#[cfg(test)]
mod io_errors;
mod layout;
mod limits;
mod name;
mod open;
mod parts;
mod problem;
mod problems;
mod ratio;
mod source;
mod sparse;
mod spool;
mod tar;
mod visit;
mod visitor;
mod zip;

pub use bundle::Bundle;
pub use cancel::Cancel;
pub use error::{OpenError, ReadError};
pub use input::Input;
pub use limits::Limits;
pub use problem::{Problem, ProblemKind};
pub use visitor::{Visited, Visitor, Want};
