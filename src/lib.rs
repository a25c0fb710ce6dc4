//! Gleaner reads a Harvester support bundle offline and says what is wrong in it.
//!
//! The way of the data: open (`bundle`) → load (`model`) → evaluate (`rule`, `engine`) → [`report::Report`] → renderers.

pub mod bundle;
pub mod finding;
pub mod model;
pub mod report;
