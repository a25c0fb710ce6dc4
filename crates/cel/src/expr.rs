//! Compiled expressions: operations that are evaluated again and again.

use crate::error::Span;
use crate::function::{Function, PreparedCall};
use crate::host::Relation;
use crate::ids::{GlobalId, KindId, RelationId};
use crate::syntax::{Arithmetic, Comparison, LoopKind};
use crate::types::Type;
use crate::value::{Field, Value};
use std::collections::BTreeSet;

/// A compiled expression.
#[derive(Debug)]
pub struct Expr {
    /// As it was written.
    pub source: String,
    /// The type it gives, as far as it is known.
    pub ty: Type,
    /// What it reads.
    pub uses: Uses,
    /// How many operations may be under way at once when it is evaluated, those of the variables it reads among them.
    pub(crate) depth: u32,
    pub(crate) root: Op,
}

/// What an expression reads of the world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uses {
    /// Kinds it looks at.
    pub kinds: BTreeSet<KindId>,
    /// Relations it follows.
    pub relations: BTreeSet<RelationId>,
    /// Global values.
    pub globals: BTreeSet<GlobalId>,
}

impl Uses {
    /// Adds what another expression reads.
    pub fn extend(&mut self, other: &Uses) {
        self.kinds.extend(&other.kinds);
        self.relations.extend(&other.relations);
        self.globals.extend(&other.globals);
    }
}

/// An operation, and where it is written.
#[derive(Debug)]
pub(crate) struct Op {
    pub(crate) span: Span,
    pub(crate) kind: OpKind,
}

#[derive(Debug)]
pub(crate) enum OpKind {
    Const(Value<'static>),
    /// A variable, by its slot.
    Slot(usize),
    /// A variable of a loop around, by how many loops are around that one.
    Local(usize),
    Global(GlobalId),
    /// The value at a path of fields.
    Path(Box<Op>, Vec<Field>),
    Index(Box<[Op; 2]>),
    Has(Box<Op>, Field),
    Empty(Box<Op>),
    /// The first value, or the second where that is unset.
    Or(Box<[Op; 2]>),
    Every(Vec<Op>),
    Any(Vec<Op>),
    Not(Box<Op>),
    Negate(Box<Op>),
    Conditional(Box<[Op; 3]>),
    Compare(Comparison, Box<[Op; 2]>),
    Calculate(Arithmetic, Box<[Op; 2]>),
    In(Box<[Op; 2]>),
    /// Whether a value is one of these literals.
    OneOf(Box<Op>, Vec<Value<'static>>),
    List(Vec<Op>),
    Map(Vec<[Op; 2]>),
    Loop(Box<Loop>),
    Call(&'static Function, Vec<Op>),
    Prepared(&'static Function, PreparedCall, Vec<Op>),
    Related(Relation, Box<Op>),
    All(KindId),
    Get(KindId, Box<[Op; 2]>),
}

/// `range.exists(x, body)` and the like.
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) kind: LoopKind,
    pub(crate) range: Op,
    /// How many loops are around this one.
    pub(crate) depth: usize,
    pub(crate) wanted: Option<Op>,
    /// The element itself without one.
    pub(crate) body: Option<Op>,
}
