//! What Harvester and Longhorn write into their objects, each read in one place.

mod alert;
mod condition;
mod node;
mod replica;
pub mod setting;
pub mod upgrade;
mod vm;
mod volume;
mod workload;

pub use alert::Alert;
pub use condition::{Conditions, condition, condition_status};
pub use node::{Role, down_nodes, role};
pub use replica::{Replica, ReplicaState};
pub use vm::{Down, Outage, Vm, Vmi};
pub use volume::Volume;
pub use workload::{Workload, virtual_machine};
