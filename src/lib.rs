//! Gleaner reads a Harvester support bundle offline and says what is wrong in it.
//!
//! The way of the data: open ([`bundle`]) → load ([`model`]) → evaluate ([`rule`], [`engine`]) → [`report::Report`] → renderers.

pub mod analyze;
pub mod engine;
pub mod log;
pub mod model;
pub mod object_pattern;
pub mod rule;
pub mod select;
pub mod suppress;
