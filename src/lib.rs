//! Gleaner reads a Harvester support bundle offline and says what is wrong in it.
//!
//! The way of the data: ingest → evaluate → render. [`analyze`] is the pipeline; everything it joins is a crate of its own.

pub mod analyze;
pub mod select;
pub mod suppress;
