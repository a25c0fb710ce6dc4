//! The cluster as the bundle shows it: objects, where they stand, and how they belong together.

pub mod cluster;
pub mod coverage;
pub mod facts;
pub mod fields;
pub mod graph;
pub mod kind;
pub mod layout;
pub mod load;
pub mod quantity;
pub mod version;
