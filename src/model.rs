//! The cluster as the bundle shows it: objects, where they stand, and how they belong together.

pub mod value;
pub mod yaml;
