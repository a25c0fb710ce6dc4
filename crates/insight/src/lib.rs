//! What a support engineer asks of a cluster beyond rules: what is in it, how full it is, what a drain would do, what happened when,
//! and what an object rests on.
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

mod drain;
mod focus;
mod inventory;
mod timeline;

pub use focus::Asked;
pub use inventory::inventory;
pub use timeline::{Timeline, timeline};
