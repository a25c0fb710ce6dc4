//! The exit codes of the program.

use std::process::ExitCode;

/// How a run ended; the value is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// The command did what it was asked to do.
    Success = 0,
    /// A finding is at or above `--fail-on`, rules have mistakes, or their cases fail.
    Findings = 1,
    /// Wrong usage, unreadable input, or output that could not be written.
    Error = 2,
    /// The analysis is not complete, and `--strict` was given.
    Incomplete = 3,
    /// Ctrl-C.
    Interrupted = 130,
}

impl Exit {
    /// Ends the process without running destructors, for callers that hold the objects of a whole bundle: freeing millions of small
    /// allocations one by one takes longer than the operating system needs to take back all of them. All output must be flushed.
    pub(super) fn terminate(self) -> ! {
        std::process::exit(self as i32)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
