//! Why a bundle as a whole could not be opened or read.

use std::io;
use std::path::PathBuf;

/// Why a bundle could not be opened. The user or the sender of the bundle can fix all of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No input was given.
    #[error("no bundle was given: pass the path of a support bundle")]
    NoInput,
    /// The cancel flag was raised.
    #[error("opening the bundle was cancelled")]
    Cancelled,
    /// The operating system would not let us read an input.
    #[error("{}: cannot be read: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file of zero bytes.
    #[error("{}: the file is empty: download or copy it again", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A split archive without one of its parts.
    #[error("part {part} is missing: {name}; pass all parts")]
    MissingPart {
        /// The missing part's number as it is in its name.
        part: String,
        /// The missing part's file name, or a description of it.
        name: String,
    },
    /// The end of an archive is gone.
    #[error("{}: {what}; copy the file again, or pass all its parts if it was split", path.display())]
    Truncated {
        /// The file, or the last of its parts.
        path: PathBuf,
        /// What is missing.
        what: String,
    },
    /// An archive that cannot be read for another reason.
    #[error("{}: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        what: String,
    },
    /// Every file in the archive is encrypted.
    #[error("{}: the archive is encrypted: unpack it with its password and pass the folder", path.display())]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// The input can be read but holds no support bundle.
    #[error(
        "{}: not a support bundle: {what}; pass a supportbundle_….zip, its extracted folder, a tar of it, or all its parts",
        path.display()
    )]
    NotABundle {
        /// The file or folder.
        path: PathBuf,
        /// What was looked for and not found.
        what: String,
    },
    /// The inputs are several bundles.
    #[error(
        "{first} and {second} are two bundles: analyze one at a time; only the parts of one bundle can be given together"
    )]
    SeveralBundles {
        /// One of them.
        first: String,
        /// Another one.
        second: String,
    },
}

/// Why reading an opened bundle ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The cancel flag was raised.
    #[error("reading the bundle was cancelled")]
    Cancelled,
}
