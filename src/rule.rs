//! Rules: what they say about themselves, how they are loaded and checked, and the cases that test them.

pub mod case;
pub mod catalog;
mod checker;
mod compiled;
pub mod diagnostic;
pub mod explain;
mod functions;
pub mod host;
mod load;
mod logic;
pub mod official;
pub mod schema;
mod template;
mod text;
mod words;

pub use compiled::Rule;
pub use functions::documentation;
pub(crate) use functions::selected;
pub use logic::{Logic, Need, Reads};
pub use template::Template;
pub use text::RuleText;
pub use words::{EvidenceSource, Step, Words};
