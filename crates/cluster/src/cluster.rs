//! The store of all objects that were read, by kind, with look-ups by name.
//!
//! Objects borrow from the texts of their files; an offset in a file is turned into a line on demand.

use crate::kind::{KindId, Kinds};
use crate::sources::TextFile;
use gleaner_logs::Origin;
use gleaner_report::{ObjectRef, Problem, ProblemKind};
use gleaner_text::LineIndex;
use gleaner_yaml::Node;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The file of objects that are in none, as node archives are, and of those beyond the number of files that can be numbered.
pub(crate) const NO_FILE: u32 = u32::MAX;

/// One object of the cluster.
#[derive(Debug)]
pub struct Object<'t> {
    /// Its kind.
    pub kind: KindId,
    /// The file it is in: an index into the texts of the bundle, or [`NO_FILE`].
    pub file: u32,
    /// Its position among the objects of its kind that a [`Cluster`] holds, from 0.
    pub position: u32,
    /// Its content; offsets are relative to the file's text.
    pub root: Node<'t>,
    name: Cow<'t, str>,
    namespace: Cow<'t, str>,
}

impl<'t> Object<'t> {
    /// An object of this kind, from this file.
    pub fn new(kind: KindId, file: u32, root: Node<'t>) -> Object<'t> {
        let text = |key: &str| root.at(&["metadata", key]).and_then(Node::to_cow).unwrap_or_default();
        Object {
            kind,
            file,
            position: 0,
            name: text("name"),
            namespace: text("namespace"),
            root,
        }
    }
}

impl Object<'_> {
    /// `metadata.name`, or `""`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `metadata.namespace`, or `""` for cluster-scoped objects.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// `metadata.uid`, or `""`.
    pub fn uid(&self) -> &str {
        self.root.text(&["metadata", "uid"])
    }

    /// The names by which reports speak of the object.
    pub fn reference(&self) -> ObjectRef {
        ObjectRef {
            api_version: self.root.text(&["apiVersion"]).to_owned(),
            kind: self.root.text(&["kind"]).to_owned(),
            namespace: self.namespace().to_owned(),
            name: self.name().to_owned(),
        }
    }
}

/// All objects of the bundle.
#[derive(Debug)]
pub struct Cluster<'t> {
    /// The table of kinds.
    pub kinds: &'t Kinds,
    /// The texts the objects borrow from.
    pub files: &'t [TextFile],
    objects: Vec<Vec<Object<'t>>>,
    /// By kind: how many objects there are of the kinds before it.
    before: Vec<usize>,
    by_name: Vec<NameIndex>,
    conflicts: Vec<Conflict>,
}

/// Where an object is that has the kind, namespace and name of another one and other content, and where that one is, which is used.
#[derive(Debug)]
struct Conflict {
    object: ObjectRef,
    dropped: Spot,
    kept: Spot,
}

/// A place in a file of the bundle.
#[derive(Debug)]
struct Spot {
    file: u32,
    offset: usize,
}

/// How many conflicts of one kind are named.
const NAMED: usize = 20;

/// A map for look-ups alone, as its order is random. Names in a bundle are untrusted, so its hash is seeded at random.
#[expect(clippy::disallowed_types, reason = "only looked up in, never iterated")]
pub(crate) type Lookup<K, V> = std::collections::HashMap<K, V, foldhash::quality::RandomState>;

/// The position of an object by namespace, then name.
type NameIndex = BTreeMap<String, Lookup<String, u32>>;

impl<'t> Cluster<'t> {
    /// Sorts the objects by kind, namespace and name, and drops duplicates (same kind, namespace and name):
    /// the copy under the kind's preferred group stays, else the first in order of files.
    pub fn new(kinds: &'t Kinds, files: &'t [TextFile], all: Vec<Object<'t>>) -> Cluster<'t> {
        let mut objects: Vec<Vec<Object<'t>>> = (0..kinds.len()).map(|_| Vec::new()).collect();
        for object in all {
            objects[object.kind.index()].push(object);
        }
        let groups: Vec<&[String]> = kinds.all().map(|(_, info)| info.groups.as_slice()).collect();
        let sorted = objects.par_iter_mut().zip(groups);
        let sorted: Vec<(NameIndex, Vec<Conflict>)> = sorted.map(|(list, groups)| sort(list, groups)).collect();
        let (by_name, conflicts): (Vec<_>, Vec<_>) = sorted.into_iter().unzip();
        let mut count = 0;
        let before = objects.iter().map(|list| {
            let before = count;
            count += list.len();
            before
        });
        Cluster {
            kinds,
            files,
            before: before.collect(),
            objects,
            by_name,
            conflicts: conflicts.into_iter().flatten().collect(),
        }
    }

    /// Objects that were dropped because another one with other content has their kind, namespace and name: where they are, and where
    /// that one is.
    pub(crate) fn conflicts(&self) -> impl Iterator<Item = Problem> {
        self.conflicts.iter().filter_map(|conflict| {
            let place = |spot: &Spot| {
                let file = self.files.get(usize::try_from(spot.file).ok()?)?;
                Some((file.path.as_str(), LineIndex::new(&file.text).line_of(spot.offset)))
            };
            let ((path, line), (kept, kept_line)) = (place(&conflict.dropped)?, place(&conflict.kept)?);
            let ObjectRef {
                kind, namespace, name, ..
            } = &conflict.object;
            let name = format!("{namespace}/{name}");
            let name = name.trim_start_matches('/');
            Some(Problem {
                path: path.to_owned(),
                kind: ProblemKind::Duplicate,
                what: format!(
                    "line {line}: {kind} {name} has other content in {kept}, line {kept_line}, which is used"
                ),
            })
        })
    }

    /// All objects of a kind, sorted by namespace and name.
    pub fn all(&self, kind: KindId) -> &[Object<'t>] {
        // There is a list for each kind of the table.
        &self.objects[kind.index()]
    }

    /// All objects of the kind written as `Kind.group`; none if the table does not know it.
    pub fn of(&self, kind: &str) -> &[Object<'t>] {
        self.kinds.by_name(kind).map_or(&[], |id| self.all(id))
    }

    /// The object of this kind, namespace and name.
    pub fn get(&self, kind: KindId, namespace: &str, name: &str) -> Option<&Object<'t>> {
        let index = self.by_name.get(kind.index())?.get(namespace)?.get(name)?;
        self.all(kind).get(usize::try_from(*index).ok()?)
    }

    /// The objects of this kind and name in all namespaces.
    pub fn anywhere<'c>(&'c self, kind: KindId, name: &str) -> impl Iterator<Item = &'c Object<'t>> {
        let names = self.by_name.get(kind.index()).into_iter().flat_map(BTreeMap::values);
        let found = names.filter_map(|names| names.get(name).copied());
        found.filter_map(move |index| self.all(kind).get(usize::try_from(index).ok()?))
    }

    /// The object of the kind written as `Kind.group`.
    pub fn named(&self, kind: &str, namespace: &str, name: &str) -> Option<&Object<'t>> {
        self.kinds.by_name(kind).and_then(|id| self.get(id, namespace, name))
    }

    /// Whether there is an object of the kind written as `Kind.group` in a namespace.
    pub fn has_any(&self, kind: &str, namespace: &str) -> bool {
        let names = self.kinds.by_name(kind).and_then(|id| self.by_name.get(id.index()));
        names.is_some_and(|names| names.contains_key(namespace))
    }

    /// The number of one of its objects, from 0 and below [`Cluster::len`].
    pub fn number(&self, object: &Object<'_>) -> usize {
        self.before[object.kind.index()] + object.position as usize
    }

    /// The object of a number.
    pub fn numbered(&self, number: usize) -> Option<&Object<'t>> {
        let kind = self.before.partition_point(|before| *before <= number).checked_sub(1)?;
        self.objects[kind].get(number - self.before[kind])
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.objects.iter().map(Vec::len).sum()
    }

    /// Whether there are no objects.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The pod or node that wrote a log, as reports name it, whether or not the bundle has it.
    pub fn writer(&self, origin: &Origin) -> ObjectRef {
        let of_pod = origin.node.is_empty();
        let (kind, name) = if of_pod {
            ("Pod", &origin.pod)
        } else {
            ("Node", &origin.node)
        };
        let known = self.named(kind, &origin.namespace, name).map(Object::reference);
        known.unwrap_or_else(|| ObjectRef {
            api_version: "v1".to_owned(),
            kind: kind.to_owned(),
            namespace: origin.namespace.clone(),
            name: name.clone(),
        })
    }

    /// The file an object is in.
    pub fn file(&self, object: &Object<'_>) -> Option<&'t TextFile> {
        self.files.get(usize::try_from(object.file).ok()?)
    }
}

/// Sorts objects of one kind by namespace and name, drops duplicates, and gives the position of each name and the duplicates of other
/// content.
fn sort(list: &mut Vec<Object<'_>>, groups: &[String]) -> (NameIndex, Vec<Conflict>) {
    let mut conflicts = Vec::new();
    let rank = |object: &Object<'_>| {
        let group = object.root.text(&["apiVersion"]).split_once('/');
        let group = group.map_or("", |(group, _)| group);
        groups.iter().position(|known| known == group).unwrap_or(usize::MAX)
    };
    let sorted = |a: &Object<'_>, b: &Object<'_>| (a.namespace(), a.name()) < (b.namespace(), b.name());
    // Lists come sorted from the cluster, so there is hardly ever anything to do.
    if !list.is_sorted_by(sorted) {
        // The names are looked up once for each object, not for each comparison.
        list.sort_by_cached_key(|object| {
            let (namespace, name) = (object.namespace().to_owned(), object.name().to_owned());
            (namespace, name, rank(object), object.file)
        });
        list.dedup_by(|later, kept| {
            let same = later.namespace() == kept.namespace() && later.name() == kept.name();
            if same && conflicts.len() < NAMED && differ(later, kept) {
                conflicts.push(Conflict {
                    object: kept.reference(),
                    dropped: Spot::of(later),
                    kept: Spot::of(kept),
                });
            }
            same
        });
    }
    for (position, object) in (0..).zip(list.iter_mut()) {
        object.position = position;
    }
    let spaces = list.chunk_by(|a, b| a.namespace() == b.namespace());
    let spaces = spaces.filter_map(|objects| {
        let names = objects.iter().map(|object| (object.name().to_owned(), object.position));
        Some((objects.first()?.namespace().to_owned(), names.collect()))
    });
    (spaces.collect(), conflicts)
}

impl Spot {
    fn of(object: &Object<'_>) -> Spot {
        Spot {
            file: object.file,
            offset: object.root.offset(),
        }
    }
}

/// Whether two objects of one name are not the same. Under another group or version the same object reads differently.
fn differ(a: &Object<'_>, b: &Object<'_>) -> bool {
    let same_version = a.root.text(&["apiVersion"]) == b.root.text(&["apiVersion"]);
    same_version && !a.root.equals(&b.root)
}
