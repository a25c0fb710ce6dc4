//! Rules: their files, how they are loaded, checked and evaluated, and the cases that test them.
//!
//! A [`Catalog`] has the rules and the tables they use; [`evaluate()`] runs them on a snapshot of a cluster and returns the outcome of
//! every rule, the findings, and which findings explain which.
//!
//! ```
//! let catalog = gleaner_rules::Catalog::load(None)?;
//! assert!(catalog.rule("volume-degraded").is_some());
//! # Ok::<(), gleaner_rules::CatalogError>(())
//! ```

pub mod case;
mod catalog;
mod diagnostic;
mod diagnostic_sink;
mod docs;
mod documented;
mod evaluate;
pub mod explain;
mod host;
mod lint;
mod load;
mod messages;
mod official;
mod program;
mod renamed;
mod rule;
mod rule_text;
pub mod schema;
mod selector;
mod template;

pub use catalog::{Catalog, CatalogError, READS, RuleFiles, built_in};
pub use diagnostic::Diagnostic;
pub use documented::{DocumentedCount, DocumentedFailure, documented};
pub use evaluate::{Context, Evaluation, Targets, count_outcomes, evaluate, evaluate_rule, steps};
pub use host::{RuleSchema, documentation};
pub use messages::{EvidenceSource, Messages, StepTemplate};
pub use official::Check;
pub use program::{Need, Program, RequiredKinds};
pub use rule::Rule;
pub use rule_text::RuleText;
pub use selector::selects;
pub use template::Template;
