//! Names that objects hold of others which must be there: what tells a file that is missing from a kind without objects.

use super::key::KeyTemplate;
use crate::cluster::{Cluster, Object};
use crate::kind::{KindId, KindScope, Kinds};
use crate::layout::ResourcePath;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// So many different names are no reference that was left over: the file is missing.
const ENOUGH: usize = 2;

/// A field by which objects of one kind name those of another.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    from: KindId,
    to: KindId,
    key: KeyTemplate,
}

/// The same as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferenceRow {
    from: String,
    to: String,
    key: String,
}

/// Names of objects of a kind that has none in the place where they belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unseen {
    /// The kind of the objects that are named.
    pub(crate) kind: KindId,
    /// The kind of those that name them.
    pub(crate) by: KindId,
    /// How many different names there are.
    pub(crate) names: usize,
}

impl Reference {
    pub(super) fn new(row: &ReferenceRow, kinds: &Kinds) -> Result<Reference, String> {
        let kind = |name: &str| kinds.by_name(name).ok_or_else(|| format!("unknown kind `{name}`"));
        Ok(Reference {
            from: kind(&row.from)?,
            to: kind(&row.to)?,
            key: KeyTemplate::parse(&row.key)?,
        })
    }

    /// Whether so many names show that the file of the kind is missing, namespace by namespace for kinds that users have objects of.
    /// `paths` are those of the bundle: a file that is there and lists nothing is proof of nothing.
    pub(super) fn unseen(&self, cluster: &Cluster<'_>, paths: &[String]) -> Option<Unseen> {
        let info = cluster.kinds.info(self.to);
        let home = match &info.scope {
            KindScope::Cluster => Some(""),
            KindScope::Home(namespace) => Some(namespace.as_str()),
            KindScope::Workload | KindScope::Everywhere => None,
        };
        let seen: BTreeSet<&str> = cluster.all(self.to).iter().map(Object::namespace).collect();
        let mut names: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for object in cluster.all(self.from) {
            let place = home.unwrap_or(object.namespace());
            if seen.contains(place) {
                continue;
            }
            self.key.each(object, &mut |key| {
                if !key.is_empty() {
                    names.entry(place).or_default().insert(key.to_owned());
                }
            });
        }
        names.retain(|_, names| names.len() >= ENOUGH);
        if !names.is_empty() {
            let resources = paths.iter().filter_map(|path| ResourcePath::parse(path));
            for file in resources.filter(|file| file.holds(info)) {
                names.remove(file.namespace);
            }
        }
        let most = names.values().map(BTreeSet::len).max();
        most.map(|names| Unseen {
            kind: self.to,
            by: self.from,
            names,
        })
    }
}
