//! The cluster that a support bundle shows: its objects, how they belong together, and what the bundle cannot show.
//!
//! [`ingest`] reads a bundle in one pass into [`Sources`]: the texts of objects, matches in logs, problems. [`Snapshot::read`] makes
//! the cluster of them: objects by kind, the graph between them, versions and time, and why each kind may be incomplete.
//!
//! ```
//! use gleaner_cluster::{Graph, Kinds, Snapshot, Sources, Tables, TextFile};
//!
//! let kinds = serde_json::json!({
//!     "system_namespaces": [],
//!     "kinds": [{"kind": "Node", "plural": "nodes", "scope": "cluster", "always": true}],
//! });
//! let kinds = Kinds::new(serde_json::from_value(kinds)?, Default::default())?;
//! let graph = serde_json::json!({"edges": [], "impact": {}, "contains": {}});
//! let graph = Graph::new(serde_json::from_value(graph)?, &kinds)?;
//! let sources = Sources {
//!     files: vec![TextFile {
//!         path: "yamls/cluster/v1/nodes.yaml".into(),
//!         text: "items:\n- {apiVersion: v1, kind: Node, metadata: {name: host-1}}\nkind: List\n".into(),
//!     }],
//!     ..Sources::default()
//! };
//! let tables = Tables { kinds: &kinds, graph: &graph, matrix: &Default::default() };
//! let wanted = kinds.all().map(|(kind, _)| kind).collect();
//! let snapshot = Snapshot::read(&sources, "bundle", tables, &wanted, Default::default());
//! assert_eq!(snapshot.cluster.of("Node")[0].name(), "host-1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alerts;
mod availability;
mod cluster;
mod facts;
mod fields;
mod graph;
pub mod harvester;
mod hosts;
mod impact;
mod ingest;
mod kind;
pub mod layout;
mod object_pattern;
mod objects;
mod outage;
mod quantity;
mod snapshot;
mod sources;
mod version;

pub use availability::{Availability, Gap};
pub use cluster::{Cluster, Object};
pub use facts::{Facts, Metadata};
pub use fields::FieldTable;
pub use graph::{Edge, EdgeId, Graph, GraphIndex, GraphTable};
pub use hosts::HostFiles;
pub use impact::Reached;
pub use ingest::ingest;
pub use kind::{KindId, KindInfo, KindScope, KindTable, Kinds, split};
pub use object_pattern::{ObjectPattern, ObjectPatternError};
pub use objects::ParseStats;
pub use outage::CLOCK_SKEW;
pub use quantity::{Quantity, parse_quantity};
pub use snapshot::{Snapshot, Tables};
pub use sources::{Sources, TextFile};
pub use version::{Version, VersionRange};
