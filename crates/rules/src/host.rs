//! The cluster as expressions see it: kinds, relations and global values when they are compiled, objects when they are evaluated.

mod functions;

pub use functions::documentation;
pub(crate) use functions::selected;
use gleaner_cel::{Function, GlobalId, Host, Object, Read, Relation, RelationId, Schema, Type, Uses, Value};
use gleaner_cluster::{self as cluster, Cluster};
use gleaner_cluster::{Availability, Facts};
use gleaner_cluster::{EdgeId, Graph, GraphIndex};
use gleaner_cluster::{KindId, Kinds};
use std::collections::BTreeSet;

/// The global values, by their ids.
const GLOBALS: [&str; 7] = [
    "now",
    "running",
    "target",
    "upgrade",
    "longhorn",
    "node_count",
    "target_named",
];

/// The version to upgrade to.
pub(crate) const TARGET: GlobalId = GlobalId::new(2);

const UPGRADE: &str = "Upgrade.harvesterhci.io";

/// The kinds and relations that rules may use.
#[derive(Debug, Clone, Copy)]
pub struct RuleSchema<'k> {
    /// The known kinds.
    pub kinds: &'k Kinds,
    /// The object graph.
    pub graph: &'k Graph,
}

impl Schema for RuleSchema<'_> {
    fn kind(&self, name: &str) -> Option<gleaner_cel::KindId> {
        self.kinds.by_name(name).map(id_of)
    }

    fn kind_name(&self, kind: gleaner_cel::KindId) -> &str {
        &self.kinds.info(kind_of(kind)).name
    }

    fn kind_names(&self) -> Vec<&str> {
        self.kinds.all().map(|(_, info)| info.name.as_str()).collect()
    }

    fn field(&self, kind: gleaner_cel::KindId, path: &[String]) -> Result<Type, Vec<String>> {
        let scalar = self.kinds.info(kind_of(kind)).fields.look_up(path)?;
        Ok(match scalar {
            Some("int") => Type::Int,
            Some("string") => Type::String,
            Some("bool") => Type::Bool,
            _ => Type::Any,
        })
    }

    fn relation(&self, name: &str, from: gleaner_cel::KindId) -> Option<Relation> {
        let id = self.graph.find(name, kind_of(from))?;
        let edge = self.graph.edge(id);
        Some(Relation {
            id: RelationId::new(id.number()),
            to: id_of(edge.to),
            many: edge.many,
        })
    }

    fn relation_names(&self, from: Option<gleaner_cel::KindId>) -> Vec<&str> {
        match from {
            Some(kind) => {
                let edges = self.graph.from(kind_of(kind));
                edges.map(|(_, edge)| edge.name.as_str()).collect()
            }
            None => self.graph.names().collect(),
        }
    }

    fn global(&self, name: &str) -> Option<(GlobalId, Type)> {
        let id = (0..).zip(GLOBALS).find(|(_, global)| *global == name)?.0;
        let ty = match name {
            "upgrade" => self.kind(UPGRADE).map_or(Type::Any, Type::Object),
            "node_count" => Type::Int,
            "target_named" => Type::Bool,
            "running" | "target" | "longhorn" => Type::String,
            _ => Type::Any,
        };
        Some((GlobalId::new(id), ty))
    }

    fn global_names(&self) -> Vec<&str> {
        GLOBALS.to_vec()
    }

    fn functions(&self) -> &'static [Function] {
        functions::FUNCTIONS
    }
}

/// What every evaluation over one cluster shares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuleHost<'a> {
    /// The objects.
    pub cluster: &'a Cluster<'a>,
    /// The edges between them.
    pub graph: &'a Graph,
    /// The built indexes of the edges.
    pub index: &'a GraphIndex,
    /// Versions, time and the upgrade in progress.
    pub facts: &'a Facts,
    /// The target version this evaluation is for, where there is one.
    pub target: Option<&'a str>,
    /// Whether the user or an Upgrade names the target version, instead of the upgrade matrix.
    pub target_named: bool,
    /// Where objects that may decide are missing: what is not found is then not known, instead of unset.
    pub strict: Option<Strict<'a>>,
}

/// What must be complete, and what is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strict<'a> {
    /// The kinds that must be complete.
    pub requires: &'a BTreeSet<KindId>,
    /// What the bundle holds of each kind.
    pub availability: &'a Availability,
}

/// The kinds that must be complete for what needs none.
static NO_KINDS: BTreeSet<KindId> = BTreeSet::new();

impl Strict<'_> {
    /// The same where only kinds with a damaged file are missing.
    pub(crate) fn of_damage(self) -> Self {
        Strict {
            requires: &NO_KINDS,
            ..self
        }
    }

    /// Whether nothing follows from an object of a kind that is not there: a kind that must be complete is not, or a file of any kind
    /// is damaged. Kinds that may be incomplete are otherwise read with what else tells whether they were collected.
    fn lacks(&self, kind: KindId) -> bool {
        let required = self.requires.contains(&kind);
        self.availability.is_damaged(kind) || (required && !self.availability.is_complete(kind))
    }
}

impl<'a> RuleHost<'a> {
    /// The object of the cluster that a value refers to.
    pub(crate) fn resolve(&self, object: Object<'a>) -> &'a cluster::Object<'a> {
        &self.cluster.all(kind_of(object.kind))[object.position as usize]
    }

    /// The objects of a value: the value itself, or those in a list.
    pub(crate) fn objects(&self, value: &Value<'a>) -> Vec<&'a cluster::Object<'a>> {
        match value {
            Value::Object(object) => vec![self.resolve(*object)],
            Value::List(items) => items.iter().flat_map(|item| self.objects(item)).collect(),
            _ => Vec::new(),
        }
    }
}

impl<'a> Host<'a> for RuleHost<'a> {
    fn global(&self, id: GlobalId) -> Value<'a> {
        let facts = self.facts;
        match GLOBALS[usize::from(id.number())] {
            "now" => facts.now.map_or(Value::UNSET, Value::Time),
            "running" => Value::borrowed(&facts.running),
            "target" => self.target.map_or(Value::UNSET, Value::borrowed),
            "longhorn" => Value::borrowed(&facts.longhorn),
            "node_count" => facts.node_count.map_or(Value::UNSET, Value::Int),
            "target_named" => Value::Bool(self.target_named),
            _ => {
                let name = facts.upgrade.as_deref();
                let upgrade = name.and_then(|name| self.cluster.named(UPGRADE, "harvester-system", name));
                upgrade.map_or(Value::UNSET, object)
            }
        }
    }

    fn related(&self, relation: RelationId, from: Object<'a>) -> &'a [u32] {
        let edge = EdgeId::new(relation.number());
        self.index.positions(self.graph, self.cluster, edge, self.resolve(from))
    }

    fn object(&self, kind: gleaner_cel::KindId, position: u32) -> Object<'a> {
        let root = &self.cluster.all(kind_of(kind))[position as usize].root;
        Object { kind, position, root }
    }

    #[expect(clippy::expect_used, reason = "the cluster numbers its objects with 32 bits")]
    fn count(&self, kind: gleaner_cel::KindId) -> u32 {
        let count = self.cluster.all(kind_of(kind)).len();
        u32::try_from(count).expect("objects are numbered with 32 bits")
    }

    fn get(&self, kind: gleaner_cel::KindId, namespace: &str, name: &str) -> Option<Object<'a>> {
        let object = self.cluster.get(kind_of(kind), namespace, name)?;
        Some(handle(object))
    }

    fn call(&self, function: &Function, arguments: &[Value<'a>]) -> Result<Value<'a>, String> {
        functions::call(function, arguments, self)
    }

    fn lacks(&self, read: Read<'_>) -> Option<gleaner_cel::KindId> {
        let strict = self.strict?;
        let kinds = self.cluster.kinds;
        let mut read: Box<dyn Iterator<Item = KindId>> = match read {
            Read::Kind(kind) => Box::new(std::iter::once(kind_of(kind))),
            Read::Function(function) => Box::new(function.reads.iter().filter_map(|name| kinds.by_name(name))),
            Read::Global(id) => {
                let kind = match GLOBALS[usize::from(id.number())] {
                    "upgrade" => UPGRADE,
                    "node_count" => "Node",
                    _ => return None,
                };
                Box::new(kinds.by_name(kind).into_iter())
            }
        };
        read.find(|kind| strict.lacks(*kind)).map(id_of)
    }
}

/// An object of the cluster as a value.
pub(crate) fn object<'a>(object: &'a cluster::Object<'a>) -> Value<'a> {
    Value::Object(handle(object))
}

fn handle<'a>(object: &'a cluster::Object<'a>) -> Object<'a> {
    Object {
        kind: id_of(object.kind),
        position: object.position,
        root: &object.root,
    }
}

/// The kinds that an expression reads.
pub(crate) fn kinds(uses: &Uses) -> BTreeSet<KindId> {
    uses.kinds.iter().copied().map(kind_of).collect()
}

pub(crate) fn id_of(kind: KindId) -> gleaner_cel::KindId {
    gleaner_cel::KindId::new(kind.number())
}

pub(crate) fn kind_of(id: gleaner_cel::KindId) -> KindId {
    KindId::new(id.number())
}
