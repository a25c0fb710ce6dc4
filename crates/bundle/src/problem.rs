//! What is wrong with a part of a bundle: it costs that part, and the rest is read.

use std::io;

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
    /// Damaged (bad checksum, truncated, unreadable compression), or the operating system could not read it.
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
///
/// It converts to an [`io::Error`] and back, so that it passes through readers and decoders unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(crate) struct EntryError {
    kind: ProblemKind,
    what: String,
    /// The operating system's code, where it is the system that could not read.
    os_error: Option<i32>,
}

impl EntryError {
    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self::new(ProblemKind::Refused, what)
    }

    pub(crate) fn unreadable(what: impl Into<String>) -> Self {
        Self::new(ProblemKind::Unreadable, what)
    }

    pub(crate) fn over_limit(what: impl Into<String>) -> Self {
        Self::new(ProblemKind::OverLimit, what)
    }

    pub(crate) fn new(kind: ProblemKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            os_error: None,
        }
    }

    /// What the operating system said, if it is the system that could not read.
    pub(crate) fn os_error(&self) -> Option<io::Error> {
        self.os_error.map(io::Error::from_raw_os_error)
    }

    pub(crate) fn kind(&self) -> ProblemKind {
        self.kind
    }

    pub(crate) fn what(&self) -> &str {
        &self.what
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

impl From<io::Error> for EntryError {
    fn from(error: io::Error) -> Self {
        if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            return inner.clone();
        }
        let what = match error.kind() {
            io::ErrorKind::UnexpectedEof => "it is truncated".to_owned(),
            _ => error.to_string(),
        };
        Self {
            os_error: error.raw_os_error(),
            ..Self::unreadable(what)
        }
    }
}

impl From<EntryError> for io::Error {
    fn from(error: EntryError) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_error_passes_through_io_errors_unchanged() {
        let error = EntryError::over_limit("too much");
        assert_eq!(EntryError::from(io::Error::from(error.clone())), error);
    }

    #[test]
    fn what_the_operating_system_says_is_kept() {
        let system = io::Error::from_raw_os_error(5);
        let said = system.to_string();
        let error = EntryError::from(io::Error::from(EntryError::from(system)));
        assert_eq!(error.os_error().unwrap().to_string(), said);
        assert_eq!(error.at("a").what, said);
        assert!(EntryError::unreadable("damaged").os_error().is_none());
    }
}
