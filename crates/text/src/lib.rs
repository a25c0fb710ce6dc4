//! What text of a bundle holds and how it is written about: times and durations, patterns, lines, characters that must not
//! reach a terminal, and suggestions for mistyped names.
//!
//! ```
//! assert_eq!(gleaner_text::parse_duration("1h30m"), Some(5400));
//! assert_eq!(gleaner_text::LineIndex::new("a\nb\nc").line_of(2), 2);
//! ```

mod hidden;
mod lines;
mod number;
mod pattern;
mod suggest;
mod time;

pub use hidden::{is_control, is_hidden};
pub use lines::{LineIndex, LineMap};
pub use number::grouped;
pub use pattern::Pattern;
pub use suggest::{did_you_mean, nearest};
pub use time::{format_duration, format_time, parse_duration, parse_time, parse_time_nanos, time_in_name};
