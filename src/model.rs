//! The cluster as the bundle shows it: objects, where they stand, and how they belong together.

pub mod quantity;
pub mod time;
pub mod value;
pub mod version;
pub mod yaml;
