//! What goes wrong with an expression, when it is compiled and when it is evaluated.

use crate::ids::KindId;
use std::ops::Range;

/// The bytes of a source that a piece of syntax takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// From where one piece starts to where another ends.
    pub(crate) fn to(self, end: Span) -> Span {
        Span {
            start: self.start,
            end: end.end,
        }
    }

    /// Some of its bytes, counted from its start.
    #[expect(clippy::cast_possible_truncation, reason = "the parser refuses longer sources")]
    pub(crate) fn part(self, bytes: Range<usize>) -> Span {
        Span {
            start: self.start + bytes.start as u32,
            end: self.start + bytes.end as u32,
        }
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text of the span in its own source.
    pub(crate) fn of(self, source: &str) -> &str {
        &source[self.range()]
    }
}

/// A mistake in an expression, found when it is compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CompileError {
    /// Where it is in the source.
    pub span: Range<usize>,
    /// What is wrong, as a lowercase fragment.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
}

impl CompileError {
    pub(crate) fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> CompileError {
        CompileError {
            span: span.range(),
            message: message.into(),
            help: help.into(),
        }
    }
}

/// An evaluation that failed: a value of the wrong type, a mistake in the rule, or objects that are not there to decide.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} in `{part}`")]
pub struct EvalError {
    /// What is wrong, as a lowercase fragment.
    pub message: String,
    /// The part of the expression in which it happened, on one line.
    pub part: String,
    /// The kind whose objects are incomplete, so that the value cannot be determined; see [`Host::lacks`](crate::Host::lacks).
    pub lacks: Option<KindId>,
    /// Whether it took more than [`MAX_STEPS`](crate::MAX_STEPS).
    pub is_exhausted: bool,
}
