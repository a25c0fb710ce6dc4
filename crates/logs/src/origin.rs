//! Where a log comes from.

/// Where a log comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// Namespace of the pod; empty for a node.
    pub namespace: String,
    /// The pod; empty for a node.
    pub pod: String,
    /// The container, or the unit of a node.
    pub name: String,
    /// The node; empty for a pod.
    pub node: String,
}
