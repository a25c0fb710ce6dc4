//! Gleaner reads a Harvester support bundle offline and says what is wrong in it.
//!
//! The way of the data: ingest → evaluate → render. [`analyze`] is the pipeline; everything it joins is a crate of its own.
//!
//! ```
//! use gleaner::analyze::{Options, analyze};
//! use gleaner_bundle::{Bundle, Limits};
//!
//! let bundle = Bundle::open(&["sample-bundles/healthy/bundle".into()], Limits::default())?;
//! let report = analyze(&bundle, &gleaner_rules::Catalog::load(None)?, &Options::default(), &|_, _| {})?;
//! assert_eq!(report.findings.len(), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod analyze;
mod problems;
pub mod refuse;
pub mod select;
pub mod suppress;
