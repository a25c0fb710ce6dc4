//! Kinds of objects: their names, where the collector puts them, and whether every cluster has them.
//!
//! A kind is written as `Kind.group` (`Volume.longhorn.io`); the core group has no suffix (`Node`). The version never matters.
//! The table is data (`rules/kinds.yaml`), so that rule authors can add kinds without Rust.

use crate::fields::FieldTable;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// Index of a kind in the [`Kinds`] table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(u16);

/// Where the objects of a kind live, which decides what an absent file means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KindScope {
    /// Not in a namespace.
    Cluster,
    /// In one namespace of the system, for example `longhorn-system`.
    Home(String),
    /// In the users' namespaces, wherever virtual machines and their volumes are.
    Workload,
    /// In every namespace of the system and of the users.
    Everywhere,
}

/// What is known about a kind.
#[derive(Debug, Clone)]
pub struct KindInfo {
    /// `Kind.group`.
    pub name: String,
    /// `Kind` alone.
    pub kind: String,
    /// API groups its objects are dumped under; the first one is preferred where an object is under several.
    pub groups: Vec<String>,
    /// The resource name that the collector names the file after.
    pub plural: String,
    /// Where its objects live.
    pub scope: KindScope,
    /// Whether every Harvester cluster has at least one.
    pub always: bool,
    /// No built-in rule or report reads it: it is there for the rules that users add.
    pub idle: bool,
    /// The fields its objects may have.
    pub fields: FieldTable,
}

/// The table of all known kinds.
#[derive(Debug, Clone)]
pub struct Kinds {
    /// Namespaces that every Harvester cluster has and the collector dumps.
    pub system_namespaces: Vec<String>,
    infos: Vec<KindInfo>,
    by_name: BTreeMap<String, KindId>,
    by_group_kind: BTreeMap<(String, String), KindId>,
}

/// The table of kinds as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindTable {
    system_namespaces: Vec<String>,
    kinds: Vec<KindRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindRow {
    kind: String,
    plural: String,
    #[serde(default)]
    also: Vec<String>,
    scope: String,
    #[serde(default)]
    always: bool,
    #[serde(default)]
    idle: bool,
}

impl Kinds {
    /// Joins the table of kinds with that of their fields, by `Kind.group`.
    ///
    /// # Errors
    /// Which row is wrong and why.
    pub fn new(table: KindTable, mut fields: BTreeMap<String, serde_json::Value>) -> Result<Kinds, String> {
        let mut kinds = Kinds {
            system_namespaces: table.system_namespaces,
            infos: Vec::new(),
            by_name: BTreeMap::new(),
            by_group_kind: BTreeMap::new(),
        };
        for row in table.kinds {
            let (kind, group) = split(&row.kind);
            let mut groups = vec![group.to_owned()];
            groups.extend(row.also);
            let id = KindId(u16::try_from(kinds.infos.len()).map_err(|_| "too many kinds".to_owned())?);
            for group in &groups {
                if kinds
                    .by_group_kind
                    .insert((group.clone(), kind.to_owned()), id)
                    .is_some()
                {
                    return Err(format!("duplicate kind `{kind}` in group `{group}`"));
                }
            }
            let scope = match row.scope.as_str() {
                "cluster" => KindScope::Cluster,
                "workload" => KindScope::Workload,
                "everywhere" => KindScope::Everywhere,
                home => KindScope::Home(home.to_owned()),
            };
            kinds.by_name.insert(row.kind.clone(), id);
            let kind = kind.to_owned();
            let table = fields
                .remove(&row.kind)
                .map(|value| FieldTable::parse(&value))
                .transpose();
            let fields = table
                .map_err(|what| format!("fields of `{}`: {what}", row.kind))?
                .unwrap_or_default();
            let (name, plural, always, idle) = (row.kind, row.plural, row.always, row.idle);
            kinds.infos.push(KindInfo {
                name,
                kind,
                groups,
                plural,
                scope,
                always,
                idle,
                fields,
            });
        }
        match fields.keys().next() {
            Some(stranger) => Err(format!("fields of unknown kind `{stranger}`")),
            None => Ok(kinds),
        }
    }

    /// The kind written as `Kind.group`.
    pub fn by_name(&self, name: &str) -> Option<KindId> {
        self.by_name.get(name).copied()
    }

    /// The kind of an object with this `apiVersion` and `kind`.
    pub fn of(&self, api_version: &str, kind: &str) -> Option<KindId> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        self.by_group_kind.get(&(group.to_owned(), kind.to_owned())).copied()
    }

    /// What is known about a kind.
    pub fn info(&self, id: KindId) -> &KindInfo {
        &self.infos[usize::from(id.0)]
    }

    /// All kinds, in the table's order.
    pub fn all(&self) -> impl Iterator<Item = (KindId, &KindInfo)> {
        (0..).map(KindId).zip(&self.infos)
    }

    /// How many kinds there are.
    pub fn len(&self) -> usize {
        self.infos.len()
    }

    /// Whether the table is empty.
    pub fn is_empty(&self) -> bool {
        self.infos.is_empty()
    }
}

impl KindId {
    /// The kind of this number.
    pub fn new(number: u16) -> KindId {
        KindId(number)
    }

    /// Its number.
    pub fn number(self) -> u16 {
        self.0
    }

    /// The kind's place in the table.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// `Kind.group`, split; the core group is `""`.
pub fn split(name: &str) -> (&str, &str) {
    name.split_once('.').unwrap_or((name, ""))
}

impl fmt::Display for KindInfo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}
