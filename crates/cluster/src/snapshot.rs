//! The cluster as the bundle shows it, put together.

use crate::availability::Availability;
use crate::cluster::{Cluster, Object};
use crate::facts::{Facts, Metadata};
use crate::graph::{EdgeId, Graph, GraphIndex};
use crate::harvester::Down;
use crate::kind::{KindId, Kinds};
use crate::objects::{self, ParseStats};
use crate::sources::Sources;
use gleaner_report::ObjectRef;
use gleaner_yaml::Mode;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// What is known of clusters in general.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'t> {
    /// The kinds of objects.
    pub kinds: &'t Kinds,
    /// How they belong together.
    pub graph: &'t Graph,
    /// Releases, and the oldest release that each may be upgraded from.
    pub matrix: &'t BTreeMap<String, String>,
}

/// One cluster at the moment its bundle was made.
#[derive(Debug)]
pub struct Snapshot<'t> {
    /// The name of the bundle: its top folder, or the name of its file.
    pub name: String,
    /// The objects.
    pub cluster: Cluster<'t>,
    /// How kinds belong together.
    pub graph: &'t Graph,
    /// Versions, time, what was collected.
    pub facts: Facts,
    /// `metadata.yaml` of the bundle.
    pub metadata: Metadata,
    /// Where objects may be incomplete, and why.
    pub availability: Availability,
    /// How the reading of the objects went.
    pub parsed: ParseStats,
    /// What the snapshot was made of.
    pub sources: &'t Sources,
    index: GraphIndex,
    /// The VMs that are down, worked out when first asked for.
    pub(crate) vms_down: OnceLock<BTreeMap<ObjectRef, Down>>,
}

impl<'t> Snapshot<'t> {
    /// Parses the objects and works out what is known about them. `wanted` are the kinds that were read; `name` is that of the
    /// bundle, which may say when it was made.
    pub fn read(
        sources: &'t Sources,
        name: &str,
        tables: Tables<'t>,
        wanted: &BTreeSet<KindId>,
        mode: Mode,
    ) -> Snapshot<'t> {
        let (objects, mut parsed) = objects::parse(sources, tables.kinds, mode);
        let cluster = Cluster::new(tables.kinds, &sources.files, objects);
        parsed.bad.extend(cluster.conflicts());
        let metadata = Metadata::read(sources);
        let mut facts = Facts::read(&cluster, sources, &metadata, name, tables.matrix.clone());
        let availability = Availability::read(&cluster, tables.graph, sources, &facts, &parsed.bad, wanted);
        if tables
            .kinds
            .by_name("Node")
            .is_some_and(|nodes| availability.is_damaged(nodes))
        {
            facts.node_count = None;
        }
        Snapshot {
            name: name.to_owned(),
            cluster,
            graph: tables.graph,
            facts,
            metadata,
            availability,
            parsed,
            sources,
            index: GraphIndex::new(tables.graph),
            vms_down: OnceLock::new(),
        }
    }
}

impl Snapshot<'_> {
    /// Whether the run was cancelled, so that what is still being worked out is not needed.
    pub fn is_cancelled(&self) -> bool {
        self.sources.is_cancelled()
    }

    /// The objects that an edge leads to from an object of the kind it starts at, sorted, each once.
    pub fn follow<'s>(
        &'s self,
        edge: EdgeId,
        from: &Object<'_>,
    ) -> impl ExactSizeIterator<Item = &'s Object<'s>> + use<'s> {
        let positions = self.index.positions(self.graph, &self.cluster, edge, from);
        let all = self.cluster.all(self.graph.edge(edge).to);
        positions.iter().map(|position| &all[*position as usize])
    }

    /// The index behind [`Snapshot::follow`].
    pub fn index(&self) -> &GraphIndex {
        &self.index
    }

    /// Nodes of the cluster without an archive in the bundle.
    pub fn nodes_without_archive(&self) -> Vec<String> {
        let names = self.cluster.of("Node").iter().map(|node| node.name().to_owned());
        names.filter(|name| !self.facts.hosts.contains_key(name)).collect()
    }
}
