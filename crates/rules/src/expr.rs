//! Expressions of rules: CEL in its own grammar, compiled once and evaluated over the value tree without copying it.
//!
//! The crate `cel` parses; we check and evaluate, because a rule needs more than its interpreter offers: missing fields that are
//! unset rather than errors, relations between objects, and mistakes reported with their place when the rule is loaded.

mod check;
mod compile;
pub mod elements;
mod eval;
mod functions;
mod operators;
mod parse;
pub mod val;

pub use compile::{Scope, compile};
pub use eval::{Env, EvalError};
pub(crate) use functions::selected;
pub use functions::{documentation, names as function_names};

use functions::Function;
use gleaner_cluster::EdgeId;
use gleaner_cluster::KindId;
use gleaner_cluster::VersionRange;
use gleaner_text::Pattern;
use gleaner_yaml::Conditions;
use gleaner_yaml::FieldMemo;
use std::collections::BTreeSet;
use val::Val;

/// A mistake in an expression, with the bytes it stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Start and end in the source of the expression.
    pub span: (usize, usize),
    /// What is wrong, as a lowercase fragment.
    pub what: String,
    /// What to do about it; may be empty.
    pub help: String,
}

/// What is known about a value before it is evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Anything.
    Any,
    /// An object of this kind.
    Object(KindId),
    /// A field of an object, by its path from the object's root.
    Field(KindId, Vec<String>),
    /// A list of this.
    List(Box<Type>),
    /// A whole number.
    Int,
    /// Text.
    Str,
    /// True or false.
    Bool,
}

/// A compiled expression.
#[derive(Debug)]
pub struct Expr {
    /// As the rule wrote it.
    pub source: String,
    /// The type it gives, as far as it is known.
    pub ty: Type,
    /// What it reads.
    pub uses: Uses,
    root: Op,
}

/// What an expression reads of the cluster.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    /// Kinds it looks at.
    pub kinds: BTreeSet<KindId>,
    /// Edges it follows.
    pub edges: BTreeSet<EdgeId>,
    /// Names of global values (`target`, `running`, …).
    pub globals: BTreeSet<&'static str>,
}

impl Uses {
    /// Adds what another expression reads.
    pub fn extend(&mut self, other: &Uses) {
        self.kinds.extend(&other.kinds);
        self.edges.extend(&other.edges);
        self.globals.extend(&other.globals);
    }
}

/// An operation and the id of its node in the syntax tree.
#[derive(Debug)]
struct Op {
    at: u64,
    what: OpKind,
}

#[derive(Debug)]
enum OpKind {
    Const(Val<'static>),
    /// A variable of the rule.
    Slot(usize),
    /// A variable of a loop around, by how many loops are around that one.
    Local(usize),
    Global(&'static str),
    /// The value at a path of fields.
    Path(Box<Op>, Vec<Field>),
    Index(Box<Op>, Box<Op>),
    Has(Box<Op>, Field),
    Empty(Box<Op>),
    And(Box<Op>, Box<Op>),
    Or(Box<Op>, Box<Op>),
    Not(Box<Op>),
    Neg(Box<Op>),
    If(Box<Op>, Box<Op>, Box<Op>),
    Binary(Binary, Box<Op>, Box<Op>),
    List(Vec<Op>),
    /// Whether a value is one of these literals.
    OneOf(Box<Op>, Vec<Val<'static>>),
    Map(Vec<(Op, Op)>),
    Loop(Box<Loop>),
    Call(Function, Vec<Op>),
    Follow(EdgeId, Box<Op>),
    All(KindId),
    Get(KindId, Box<(Op, Op)>),
    Matches(Box<Op>, Pattern),
    Extract(Box<Op>, Pattern),
    VersionIn(Box<Op>, VersionRange),
    /// The first value, or the second where the first is unset.
    Default(Box<Op>, Box<Op>),
    Condition(Box<Op>, String, Conditions),
}

/// A field that is read.
#[derive(Debug)]
struct Field {
    name: String,
    memo: FieldMemo,
}

impl Field {
    fn new(name: &str) -> Field {
        Field {
            name: name.to_owned(),
            memo: FieldMemo::default(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binary {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// A comprehension: `range.exists(slot, body)` and its kin.
#[derive(Debug)]
struct Loop {
    kind: LoopKind,
    range: Op,
    /// How many loops are around this one.
    depth: usize,
    /// For `map(x, filter, body)`.
    filter: Option<Op>,
    body: Op,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LoopKind {
    All,
    Exists,
    ExistsOne,
    Map,
}
