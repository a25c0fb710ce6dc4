//! Following edges: the objects at their ends are looked up by key, and the results are memoized.

use super::{Edge, EdgeId, Graph};
use crate::cluster::{Cluster, Lookup, Object};
use crate::kind::KindId;
use std::sync::OnceLock;

impl Edge {
    /// How the objects at the end are found: names are looked up in the cluster, other keys need an index.
    fn ends(&self, cluster: &Cluster<'_>) -> Ends {
        let key: Vec<String> = self.to_key.iter().map(ToString::to_string).collect();
        match key.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["{metadata.name}"] => Ends::Name,
            ["{metadata.namespace}/{metadata.name}"] => Ends::FullName,
            _ => Ends::Key(self.index(cluster)),
        }
    }

    fn index(&self, cluster: &Cluster<'_>) -> KeyIndex {
        let mut index = KeyIndex::default();
        for (position, object) in (0u32..).zip(cluster.all(self.to)) {
            let mut add = |key: &str| match index.get_mut(key) {
                Some(positions) if positions.last() == Some(&position) => {}
                Some(positions) => positions.push(position),
                None => drop(index.insert(key.into(), vec![position])),
            };
            self.to_key.iter().for_each(|template| template.each(object, &mut add));
        }
        index
    }
}

/// The positions of objects by key.
type KeyIndex = Lookup<Box<str>, Vec<u32>>;

/// How the objects at the end of an edge are found by their key.
#[derive(Debug)]
enum Ends {
    /// The key is a name.
    Name,
    /// The key is a namespace, `/` and a name.
    FullName,
    /// The key is something else.
    Key(KeyIndex),
}

impl Ends {
    /// Adds the positions of the objects of a kind that have the key.
    fn find(&self, cluster: &Cluster<'_>, kind: KindId, key: &str, positions: &mut Vec<u32>) {
        match self {
            Ends::Name => positions.extend(cluster.anywhere(kind, key).map(|object| object.position)),
            Ends::FullName => {
                let object = key
                    .split_once('/')
                    .and_then(|(namespace, name)| cluster.get(kind, namespace, name));
                positions.extend(object.map(|object| object.position));
            }
            Ends::Key(index) => positions.extend(index.get(key).into_iter().flatten()),
        }
    }
}

/// One edge over one cluster.
#[derive(Debug)]
struct EdgeIndex {
    ends: Ends,
    /// Where the edge leads from each object at its start, known once it was followed from there: rules follow it again and again.
    known: Box<[OnceLock<Box<[u32]>>]>,
}

impl EdgeIndex {
    fn new(edge: &Edge, cluster: &Cluster<'_>) -> EdgeIndex {
        EdgeIndex {
            ends: edge.ends(cluster),
            known: cluster.all(edge.from).iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// The positions of the objects the edge leads to, sorted, each once.
    fn from(&self, edge: &Edge, cluster: &Cluster<'_>, object: &Object<'_>) -> &[u32] {
        let position = usize::try_from(object.position)
            .ok()
            .filter(|_| object.kind == edge.from);
        let Some(known) = position.and_then(|position| self.known.get(position)) else {
            return &[];
        };
        known.get_or_init(|| {
            let mut positions = Vec::new();
            let mut find = |key: &str| self.ends.find(cluster, edge.to, key, &mut positions);
            edge.from_key
                .iter()
                .for_each(|template| template.each(object, &mut find));
            positions.sort_unstable();
            positions.dedup();
            positions.into()
        })
    }
}

/// The indexes of a graph over one cluster, each built when its edge is first followed.
#[derive(Debug, Default)]
pub struct GraphIndex {
    built: Vec<OnceLock<EdgeIndex>>,
}

impl GraphIndex {
    /// An index for every edge, none of them built yet.
    pub fn new(graph: &Graph) -> GraphIndex {
        let built = graph.edges.iter().map(|_| OnceLock::new()).collect();
        GraphIndex { built }
    }

    /// Builds the indexes of these edges, unless they were followed already.
    pub(crate) fn build(&self, graph: &Graph, cluster: &Cluster<'_>, edges: impl Iterator<Item = EdgeId>) {
        for id in edges {
            self.built[id.0 as usize].get_or_init(|| EdgeIndex::new(graph.edge(id), cluster));
        }
    }

    /// The positions of the objects that an edge leads to from one of the kind it starts at, sorted, each once.
    pub fn positions(&self, graph: &Graph, cluster: &Cluster<'_>, id: EdgeId, from: &Object<'_>) -> &[u32] {
        let edge = graph.edge(id);
        // On one thread: one that waits for the index must not be given a part of its building.
        let index = self.built[id.0 as usize].get_or_init(|| EdgeIndex::new(edge, cluster));
        index.from(edge, cluster, from)
    }
}
