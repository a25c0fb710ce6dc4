//! The object graph: which object belongs to which, as data (`rules/graph.yaml`), and the indexes that make it quick.
//!
//! An edge joins two kinds by a key made of field paths on either side (`key`). What it leads to is looked up by name where the key is
//! one, else in an index that is built when the edge is first followed (`index`).

mod index;
mod key;
mod reference;

use crate::cluster::Cluster;
use crate::kind::{KindId, Kinds};
pub use index::GraphIndex;
use key::KeyTemplate;
pub(crate) use reference::Unseen;
use reference::{Reference, ReferenceRow};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One relation between two kinds, as rules call it: `name(from)` gives the objects of kind `to`.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The function's name.
    pub name: String,
    /// The kind of the argument.
    pub from: KindId,
    /// The kind of the result.
    pub to: KindId,
    /// Whether the result is a list.
    pub many: bool,
    from_key: Vec<KeyTemplate>,
    to_key: Vec<KeyTemplate>,
    /// Whether the edge before it in the list is its inverse, or the one after it.
    inverse: Option<Inverse>,
}

/// Where the inverse of an edge is in the list of edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inverse {
    Before,
    After,
}

/// The edges of the graph.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    edges: Vec<Edge>,
    impact: BTreeMap<KindId, Vec<EdgeId>>,
    contains: BTreeMap<KindId, Vec<EdgeId>>,
    references: Vec<Reference>,
}

/// Index of an edge in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeId(u32);

impl EdgeId {
    /// The edge of this number.
    pub fn new(number: u32) -> EdgeId {
        EdgeId(number)
    }

    /// Its number.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// The graph as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphTable {
    edges: Vec<EdgeRow>,
    impact: BTreeMap<String, Vec<String>>,
    contains: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    references: Vec<ReferenceRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EdgeRow {
    from: String,
    to: String,
    name: String,
    #[serde(default)]
    inverse: Option<String>,
    #[serde(default)]
    many: Many,
    from_key: OneOrMore,
    to_key: OneOrMore,
}

/// How many objects are at the ends of an edge.
#[derive(Debug, Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum Many {
    /// One on either side.
    #[default]
    Neither,
    /// Several at `to` for one `from`.
    To,
    /// Several at `from` for one `to`.
    From,
    /// Several on either side.
    Both,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Graph {
    /// Reads the edges and the way of impact.
    ///
    /// # Errors
    /// Which edge is wrong and why.
    pub fn new(table: GraphTable, kinds: &Kinds) -> Result<Graph, String> {
        let mut graph = Graph::default();
        for row in table.edges {
            let name = row.name.clone();
            graph.add(row, kinds).map_err(|what| format!("edge `{name}`: {what}"))?;
        }
        graph.impact = graph.ways("impact", table.impact, kinds)?;
        graph.contains = graph.ways("contains", table.contains, kinds)?;
        let references = table.references.iter().map(|row| Reference::new(row, kinds));
        graph.references = references
            .collect::<Result<_, _>>()
            .map_err(|what| format!("references: {what}"))?;
        Ok(graph)
    }

    fn ways(
        &self,
        what: &str,
        table: BTreeMap<String, Vec<String>>,
        kinds: &Kinds,
    ) -> Result<BTreeMap<KindId, Vec<EdgeId>>, String> {
        let mut ways: BTreeMap<KindId, Vec<EdgeId>> = BTreeMap::new();
        for (kind, names) in table {
            let id = kinds
                .by_name(&kind)
                .ok_or_else(|| format!("{what} of unknown kind `{kind}`"))?;
            for name in names {
                let edge = self
                    .find(&name, id)
                    .ok_or_else(|| format!("{what} of `{kind}`: no edge `{name}`"))?;
                ways.entry(id).or_default().push(edge);
            }
        }
        Ok(ways)
    }

    /// The kinds that other objects name although the bundle has none in the place where they belong: their file is missing.
    pub(crate) fn unseen(&self, cluster: &Cluster<'_>, paths: &[String]) -> impl Iterator<Item = Unseen> {
        self.references
            .iter()
            .filter_map(|reference| reference.unseen(cluster, paths))
    }

    /// The edges that lead from a kind towards the virtual machines that depend on its objects.
    pub fn impact(&self, kind: KindId) -> &[EdgeId] {
        self.impact.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The edges to what belongs to an object of a kind, and is at fault where it is.
    pub fn contains(&self, kind: KindId) -> &[EdgeId] {
        self.contains.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The edges of impact and of belonging, which every report follows.
    pub(crate) fn ways_of_impact(&self) -> impl Iterator<Item = EdgeId> {
        self.impact.values().chain(self.contains.values()).flatten().copied()
    }

    /// The kinds at the ends of the edges of impact and of belonging.
    pub fn impact_kinds(&self) -> impl Iterator<Item = KindId> {
        self.ways_of_impact()
            .flat_map(|edge| [self.edge(edge).from, self.edge(edge).to])
    }

    fn add(&mut self, row: EdgeRow, kinds: &Kinds) -> Result<(), String> {
        let kind = |name: &str| kinds.by_name(name).ok_or_else(|| format!("unknown kind `{name}`"));
        let (from, to) = (kind(&row.from)?, kind(&row.to)?);
        let parse = |keys: OneOrMore| -> Result<Vec<KeyTemplate>, String> {
            let keys = match keys {
                OneOrMore::One(key) => vec![key],
                OneOrMore::More(keys) => keys,
            };
            keys.iter().map(|key| KeyTemplate::parse(key)).collect()
        };
        let (from_key, to_key) = (parse(row.from_key)?, parse(row.to_key)?);
        let has_inverse = row.inverse.is_some();
        if let Some(inverse) = row.inverse {
            self.push(Edge {
                inverse: Some(Inverse::After),
                name: inverse,
                from: to,
                to: from,
                many: matches!(row.many, Many::From | Many::Both),
                from_key: to_key.clone(),
                to_key: from_key.clone(),
            })?;
        }
        let many = matches!(row.many, Many::To | Many::Both);
        self.push(Edge {
            inverse: has_inverse.then_some(Inverse::Before),
            name: row.name,
            from,
            to,
            many,
            from_key,
            to_key,
        })
    }

    fn push(&mut self, edge: Edge) -> Result<(), String> {
        if self.find(&edge.name, edge.from).is_some() {
            return Err(format!("duplicate name `{}` for the same kind", edge.name));
        }
        self.edges.push(edge);
        Ok(())
    }

    /// The edge of this name that starts at this kind.
    pub fn find(&self, name: &str, from: KindId) -> Option<EdgeId> {
        let found = (0..)
            .zip(&self.edges)
            .find(|(_, edge)| edge.name == name && edge.from == from);
        found.map(|(number, _)| EdgeId(number))
    }

    /// The edge that leads back.
    pub fn inverse(&self, id: EdgeId) -> Option<EdgeId> {
        match self.edge(id).inverse? {
            Inverse::Before => id.0.checked_sub(1).map(EdgeId),
            Inverse::After => Some(EdgeId(id.0 + 1)),
        }
    }

    /// The names of all edges.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.edges.iter().map(|edge| edge.name.as_str())
    }

    /// All edges that start at a kind.
    pub fn from(&self, kind: KindId) -> impl Iterator<Item = (EdgeId, &Edge)> {
        let edges = (0..).map(EdgeId).zip(&self.edges);
        edges.filter(move |(_, edge)| edge.from == kind)
    }

    /// The edge behind an id.
    pub fn edge(&self, id: EdgeId) -> &Edge {
        &self.edges[id.0 as usize]
    }
}
