//! Suppressions: findings that were accepted, with a reason and, for blockers, an end.
//!
//! Takes suppressions (from `[[suppress]]` tables or the command line) and a finished report; moves the findings they cover to the
//! report's own list of suppressed ones and gives notes on what did not fit. Time is the bundle's, never the wall clock's. Neither
//! the coverage nor the outcome of a rule changes, and the upgrade verdict says what of it is suppressed.

mod apply;
mod parse;
mod split;

pub use apply::{Note, apply};
pub use parse::{SuppressError, parse_argument, parse_tables};

use gleaner_cluster::ObjectPattern;
use jiff::civil::Date;

/// One suppression.
#[derive(Debug, Clone)]
pub struct Suppression {
    /// The id of the rule.
    pub rule: String,
    /// The objects; all without one.
    pub object: Option<ObjectPattern>,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is.
    pub until: Option<Date>,
    /// The case or ticket; may be empty.
    pub case: String,
    /// Where it is written, for notes: a file or `--suppress`.
    pub origin: String,
    /// Whether it holds for this run only, and so needs no end.
    pub once: bool,
}
