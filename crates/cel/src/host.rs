//! What expressions need to know of the world that they are about: its schema when they are compiled, its objects when they are
//! evaluated. Whoever brings objects implements both.

use crate::function::Function;
use crate::ids::{GlobalId, KindId, RelationId};
use crate::types::Type;
use crate::value::{Object, Value};

/// The kinds, fields, relations and global values that there are.
pub trait Schema {
    /// The kind of this name.
    fn kind(&self, name: &str) -> Option<KindId>;

    /// The name of a kind.
    fn kind_name(&self, kind: KindId) -> &str;

    /// The names of all kinds, for suggestions.
    fn kind_names(&self) -> Vec<&str>;

    /// The type of the field at a path below an object of a kind: a scalar, or [`Type::Any`] for what is open or a collection.
    ///
    /// # Errors
    /// The fields there are instead, where there is no such field.
    fn field(&self, kind: KindId, path: &[String]) -> Result<Type, Vec<String>>;

    /// The relation of this name that starts at a kind.
    fn relation(&self, name: &str, from: KindId) -> Option<Relation>;

    /// The names of the relations that start at a kind; of all relations without one.
    fn relation_names(&self, from: Option<KindId>) -> Vec<&str>;

    /// The global value of this name, and its type.
    fn global(&self, name: &str) -> Option<(GlobalId, Type)>;

    /// The names of all global values, for suggestions.
    fn global_names(&self) -> Vec<&str>;

    /// Functions beyond those of this crate.
    fn functions(&self) -> &'static [Function] {
        &[]
    }
}

/// A relation between two kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relation {
    /// Its id.
    pub id: RelationId,
    /// The kind that it leads to.
    pub to: KindId,
    /// Whether it leads to a list.
    pub many: bool,
}

/// The objects and global values that there are.
pub trait Host<'a>: Sync {
    /// The value of a global.
    fn global(&self, id: GlobalId) -> Value<'a>;

    /// The places of the objects that a relation leads to, sorted, each once.
    fn related(&self, relation: RelationId, from: Object<'a>) -> &'a [u32];

    /// The object at a place among those of a kind, as [`Host::count`] and [`Host::related`] give it.
    fn object(&self, kind: KindId, position: u32) -> Object<'a>;

    /// How many objects of a kind there are.
    fn count(&self, kind: KindId) -> u32;

    /// The object of this kind, namespace and name.
    fn get(&self, kind: KindId, namespace: &str, name: &str) -> Option<Object<'a>>;

    /// The result of a function that was made by [`Function::of_host`].
    ///
    /// # Errors
    /// What is wrong with its arguments, as a lowercase fragment.
    fn call(&self, function: &Function, arguments: &[Value<'a>]) -> Result<Value<'a>, String>;

    /// The kind whose objects are incomplete, so that nothing follows from what was not found. An expression that needs it fails,
    /// unless another part decides: `true || x` is true whatever `x` is.
    fn lacks(&self, _: Read<'_>) -> Option<KindId> {
        None
    }
}

/// What an expression reads of the world.
#[derive(Debug, Clone, Copy)]
pub enum Read<'r> {
    /// Objects of a kind.
    Kind(KindId),
    /// What a function of the host reads beyond its arguments.
    Function(&'r Function),
    /// A global value.
    Global(GlobalId),
}
