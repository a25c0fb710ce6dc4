//! Rules: what they say about themselves, how they are loaded, checked and evaluated, and the cases that test them.
//!
//! A [`Catalog`] has the rules and the tables they rest on; [`evaluate`] holds it against a snapshot of a cluster and says the
//! outcome of every rule, its findings, and which of them explain which.
//!
//! ```
//! let catalog = gleaner_rules::Catalog::load(None)?;
//! assert!(catalog.rule("volume-degraded").is_some());
//! # Ok::<(), gleaner_rules::CatalogError>(())
//! ```

pub mod case;
mod catalog;
mod checker;
mod compiled;
mod diagnostic;
mod evaluate;
pub mod explain;
mod functions;
mod host;
mod load;
mod logic;
mod official;
mod renamed;
pub mod schema;
mod selector;
mod template;
mod text;
mod words;

pub use catalog::{Catalog, CatalogError, READS, RuleFiles, built_in};
pub use compiled::Rule;
pub use diagnostic::Diagnostic;
pub use evaluate::{Context, Evaluation, Targets, count_outcomes, evaluate, evaluate_rule};
pub use functions::documentation;
pub use host::RuleSchema;
pub use logic::{Logic, Need, Reads};
pub use official::Check;
pub use selector::selects;
pub use template::Template;
pub use text::RuleText;
pub use words::{EvidenceSource, Step, Words};
