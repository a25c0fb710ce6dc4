//! What a support engineer wants to know about a cluster besides findings: its inventory and storage, what draining a node would do,
//! a timeline, and what an object depends on.
//!
//! ```
//! use gleaner_cluster::Sources;
//!
//! let catalog = gleaner_rules::Catalog::load(None)?;
//! let sources = Sources::default();
//! let snapshot = catalog.snapshot(&sources, "bundle", Default::default());
//! let summary = gleaner_insight::inventory(&snapshot, &[], &Default::default());
//! assert_eq!(summary.node_count, 0);
//! # Ok::<(), gleaner_rules::CatalogError>(())
//! ```

mod alerts;
mod causes;
mod diagnosis;
mod drain;
mod focus;
mod hosts;
mod inventory;
mod state;
mod timeline;
mod why;

pub use alerts::alerts;
pub use causes::cause_tree;
pub use diagnosis::diagnosis;
pub use focus::Asked;
pub use hosts::hosts;
pub use inventory::inventory;
pub use timeline::{Timeline, fold, timeline};
pub use why::Whys;
