//! The areas that rules belong to.

/// All areas, in the order in which reports show them and folders of rules are named. A report may hold other areas, which a
/// newer version wrote.
pub const AREAS: [&str; 11] = [
    "upgrade", "cluster", "storage", "image", "csi", "backup", "vm", "node", "network", "addon", "log",
];
