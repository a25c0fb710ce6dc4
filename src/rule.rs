//! Rules: what they say about themselves, how they are loaded and checked, and the cases that test them.

pub mod case;
pub mod catalog;
mod compiled;
pub mod diagnostic;
pub mod explain;
pub mod expr;
mod load;
pub mod official;
pub mod pattern;
pub mod schema;
mod template;

pub use compiled::{Each, EvidenceSource, Need, Rule, Step};
pub use template::Template;
