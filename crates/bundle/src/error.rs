//! What can go wrong with a whole bundle, and with one entry of it.
//!
//! [`OpenError`] and [`ReadError`] end the run; a `Trouble` costs one entry and becomes a `Problem` of the report.

use std::io;
use std::path::PathBuf;

/// Why a bundle could not be opened. The user or the sender of the bundle can mend all of them.
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
        /// The missing part's number as it stands in its name.
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
        "{}: this is no support bundle: {what}; pass a supportbundle_….zip, its extracted folder, a tar of it, or all its parts",
        path.display()
    )]
    NotABundle {
        /// The file or folder.
        path: PathBuf,
        /// What was looked for and not found.
        what: String,
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

/// A part of a bundle that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Path inside the bundle, made printable.
    pub path: String,
    /// What kind of problem.
    pub kind: ProblemKind,
    /// What is wrong, as a lower-case fragment.
    pub what: String,
}

/// Kinds of problems with a part of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// Not touched, because its name or type is unsafe (`../`, absolute, link, device).
    Refused,
    /// Damaged: bad checksum, truncated, unreadable compression.
    Unreadable,
    /// Over a limit of size, ratio, depth or number.
    OverLimit,
    /// The same path was there before, and that one was read.
    Duplicate,
}

impl ProblemKind {
    /// The word for it, as reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            ProblemKind::Refused => "refused",
            ProblemKind::Unreadable => "unreadable",
            ProblemKind::OverLimit => "over-limit",
            ProblemKind::Duplicate => "duplicate",
        }
    }
}

/// Why one entry was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) kind: ProblemKind,
    pub(crate) what: String,
}

impl Trouble {
    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self {
            kind: ProblemKind::Refused,
            what: what.into(),
        }
    }

    pub(crate) fn unreadable(what: impl Into<String>) -> Self {
        Self {
            kind: ProblemKind::Unreadable,
            what: what.into(),
        }
    }

    pub(crate) fn over_limit(what: impl Into<String>) -> Self {
        Self {
            kind: ProblemKind::OverLimit,
            what: what.into(),
        }
    }

    /// The problem this is, at `path`, which must be printable already.
    pub(crate) fn at(self, path: impl Into<String>) -> Problem {
        Problem {
            path: path.into(),
            kind: self.kind,
            what: self.what,
        }
    }
}
