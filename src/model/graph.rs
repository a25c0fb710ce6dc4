//! The object graph: which object belongs to which, as data (`rules/graph.yaml`), and the indexes that make it quick.
//!
//! An edge joins two kinds by a key made of field paths on either side. Only edges that somebody uses are indexed;
//! an index is built once, in one pass over the objects of the target kind.

use super::cluster::{Cluster, Object};
use super::kind::{KindId, Kinds};
use super::path::{FieldPath, Reached};
use crate::rule::RuleText;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

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
}

/// The edges of the graph.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    edges: Vec<Edge>,
    impact: BTreeMap<KindId, Vec<EdgeId>>,
    covers: BTreeMap<KindId, Vec<EdgeId>>,
}

/// Index of an edge in the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeId(usize);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    edges: Vec<Row>,
    impact: BTreeMap<String, Vec<String>>,
    covers: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
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

/// How many objects stand at the ends of an edge.
#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
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

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// A key such as `{metadata.namespace}/{spec.claimName}`: fixed text and paths. A path that reaches several values gives
/// several keys; a path that reaches none gives no key.
#[derive(Debug, Clone)]
struct KeyTemplate {
    parts: Vec<KeyPart>,
}

#[derive(Debug, Clone)]
enum KeyPart {
    Text(String),
    Path(FieldPath),
}

impl Edge {
    fn index(&self, cluster: &Cluster<'_>) -> KeyIndex {
        let mut index = KeyIndex::new();
        for (position, object) in (0u32..).zip(cluster.all(self.to)) {
            for key in self.to_key.iter().flat_map(|template| template.keys(object)) {
                match index.get_mut(key.as_ref()) {
                    Some(positions) if positions.last() == Some(&position) => {}
                    Some(positions) => positions.push(position),
                    None => drop(index.insert(key.into_owned(), vec![position])),
                }
            }
        }
        index
    }
}

impl KeyTemplate {
    fn parse(text: &str) -> Result<KeyTemplate, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(KeyPart::Text(before.to_owned()));
            }
            let (path, next) = after.strip_prefix('}').map_or_else(
                || split_path(after).ok_or_else(|| format!("unclosed `{{` in `{text}`")),
                |_| Err(format!("empty path in `{text}`")),
            )?;
            parts.push(KeyPart::Path(
                FieldPath::parse(path).map_err(|(_, what)| format!("{what} in `{path}`"))?,
            ));
            rest = next;
        }
        if !rest.is_empty() {
            parts.push(KeyPart::Text(rest.to_owned()));
        }
        Ok(KeyTemplate { parts })
    }

    fn keys<'a>(&self, object: &'a Object<'a>) -> Vec<Cow<'a, str>> {
        if let [KeyPart::Path(path)] = self.parts.as_slice() {
            return path.reach(&object.root).iter().map(Reached::text).collect();
        }
        let mut keys = vec![String::new()];
        for part in &self.parts {
            match part {
                KeyPart::Text(text) => keys.iter_mut().for_each(|key| key.push_str(text)),
                KeyPart::Path(path) => match path.reach(&object.root).as_slice() {
                    [one] => keys.iter_mut().for_each(|key| key.push_str(&one.text())),
                    several => {
                        let each = |key: &String| several.iter().map(|one| format!("{key}{}", one.text())).collect();
                        keys = keys.iter().flat_map(|key| -> Vec<String> { each(key) }).collect();
                    }
                },
            }
        }
        keys.into_iter().map(Cow::Owned).collect()
    }
}

/// Splits `spec.map{}} rest` or `spec.x} rest` at the closing brace of the part.
fn split_path(after: &str) -> Option<(&str, &str)> {
    let end = after.find("{}}").map(|at| at + 2).or_else(|| after.find('}'))?;
    Some((after.get(..end)?, after.get(end + 1..)?))
}

impl Graph {
    /// Reads the edges and the way of impact.
    ///
    /// # Errors
    /// Which edge is wrong and why.
    pub fn parse(text: &RuleText, kinds: &Kinds) -> Result<Graph, String> {
        let table: Table = text.read().map_err(|error| error.to_string())?;
        let mut graph = Graph::default();
        for row in table.edges {
            let name = row.name.clone();
            graph.add(row, kinds).map_err(|what| format!("edge `{name}`: {what}"))?;
        }
        graph.impact = graph.ways("impact", table.impact, kinds)?;
        graph.covers = graph.ways("covers", table.covers, kinds)?;
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

    /// The edges that lead from a kind towards the virtual machines that depend on its objects.
    pub fn impact(&self, kind: KindId) -> &[EdgeId] {
        self.impact.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The edges to what belongs to an object of a kind, and is at fault where it is.
    pub fn covers(&self, kind: KindId) -> &[EdgeId] {
        self.covers.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The kinds at the ends of the edges of impact and of belonging, which every report follows.
    #[cfg(test)]
    pub(crate) fn impact_kinds(&self) -> impl Iterator<Item = KindId> {
        let ways = self.impact.values().chain(self.covers.values()).flatten();
        ways.flat_map(|edge| [self.edge(*edge).from, self.edge(*edge).to])
    }

    fn add(&mut self, row: Row, kinds: &Kinds) -> Result<(), String> {
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
        if let Some(inverse) = row.inverse {
            self.push(Edge {
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
            return Err(format!("`{}` stands twice for the same kind", edge.name));
        }
        self.edges.push(edge);
        Ok(())
    }

    /// The edge of this name that starts at this kind.
    pub fn find(&self, name: &str, from: KindId) -> Option<EdgeId> {
        self.edges
            .iter()
            .position(|edge| edge.name == name && edge.from == from)
            .map(EdgeId)
    }

    /// The names of all edges.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.edges.iter().map(|edge| edge.name.as_str())
    }

    /// Whether any edge has this name.
    pub fn knows(&self, name: &str) -> bool {
        self.edges.iter().any(|edge| edge.name == name)
    }

    /// All edges that start at a kind.
    pub fn from(&self, kind: KindId) -> impl Iterator<Item = (EdgeId, &Edge)> {
        self.edges
            .iter()
            .enumerate()
            .filter(move |(_, edge)| edge.from == kind)
            .map(|(index, edge)| (EdgeId(index), edge))
    }

    /// The edge behind an id.
    pub fn edge(&self, id: EdgeId) -> &Edge {
        &self.edges[id.0]
    }
}

/// The positions of objects by key.
#[expect(clippy::disallowed_types, reason = "only looked up in, never iterated")]
type KeyIndex = std::collections::HashMap<String, Vec<u32>>;

/// One edge over one cluster.
#[derive(Debug)]
struct Links {
    /// The objects at the end, by key.
    ends: KeyIndex,
    /// Where the edge leads from each object at its start, known once it was followed from there: rules follow it again and again.
    known: Box<[OnceLock<Box<[u32]>>]>,
}

impl Links {
    fn new(edge: &Edge, cluster: &Cluster<'_>) -> Links {
        Links {
            ends: edge.index(cluster),
            known: cluster.all(edge.from).iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// The positions of the objects the edge leads to, sorted, each once.
    fn from(&self, edge: &Edge, object: &Object<'_>) -> &[u32] {
        let position = usize::try_from(object.position)
            .ok()
            .filter(|_| object.kind == edge.from);
        let Some(known) = position.and_then(|position| self.known.get(position)) else {
            return &[];
        };
        known.get_or_init(|| {
            let keys = edge.from_key.iter().flat_map(|template| template.keys(object));
            let ends = keys.filter_map(|key| self.ends.get(key.as_ref()));
            let mut positions: Vec<u32> = ends.flatten().copied().collect();
            positions.sort_unstable();
            positions.dedup();
            positions.into()
        })
    }
}

/// The indexes of a graph over one cluster, each built when its edge is first followed.
#[derive(Debug, Default)]
pub struct GraphIndex {
    built: Vec<OnceLock<Links>>,
}

impl GraphIndex {
    /// No index yet, and room for one of every edge.
    pub fn new(graph: &Graph) -> GraphIndex {
        let built = graph.edges.iter().map(|_| OnceLock::new()).collect();
        GraphIndex { built }
    }

    /// The objects an edge leads to from `object`, which is of the kind it starts at; sorted, each once.
    pub fn follow<'c, 't>(
        &'c self,
        graph: &Graph,
        cluster: &'c Cluster<'t>,
        id: EdgeId,
        object: &Object<'_>,
    ) -> impl ExactSizeIterator<Item = &'c Object<'t>> + use<'c, 't> {
        let edge = graph.edge(id);
        // On one thread: one that waits for the index must not be given a part of its building.
        let links = self
            .built
            .get(id.0)
            .map(|built| built.get_or_init(|| Links::new(edge, cluster)));
        let all = cluster.all(edge.to);
        let positions = links.map_or(&[][..], |links| links.from(edge, object));
        positions.iter().map(|position| &all[*position as usize])
    }
}
