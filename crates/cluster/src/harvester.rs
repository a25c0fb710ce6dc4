//! What Harvester and Longhorn write into their objects, each read in one place.

mod condition;
mod node;
pub mod setting;
mod workload;

pub use condition::{Conditions, condition, condition_status};
pub use node::{Role, role};
pub use workload::{Workload, virtual_machine};
