//! The syntax tree of an expression. Macros stay as they are written.

use crate::error::Span;

/// A node of the tree.
#[derive(Debug)]
pub(crate) struct Ast<'s> {
    pub(crate) span: Span,
    /// How many nodes are on top of each other here, itself among them.
    pub(crate) height: u16,
    pub(crate) syntax: Syntax<'s>,
}

#[derive(Debug)]
pub(crate) enum Syntax<'s> {
    /// Where the source could not be understood; there is an error about it.
    Error,
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    String(String),
    Ident(&'s str),
    Select(Box<Ast<'s>>, Name<'s>),
    /// `has(a.b)`
    Has(Box<Ast<'s>>, Name<'s>),
    Index(Box<[Ast<'s>; 2]>),
    Call(Call<'s>),
    Loop(Box<Loop<'s>>),
    Not(Box<Ast<'s>>),
    Negate(Box<Ast<'s>>),
    /// `a && b && c`
    Every(Vec<Ast<'s>>),
    /// `a || b || c`
    Any(Vec<Ast<'s>>),
    /// `a ? b : c`
    Conditional(Box<[Ast<'s>; 3]>),
    Binary(Operator, Box<[Ast<'s>; 2]>),
    List(Vec<Ast<'s>>),
    Map(Vec<[Ast<'s>; 2]>),
}

/// The name of a field, and where it is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name<'s> {
    pub(crate) text: &'s str,
    pub(crate) span: Span,
}

/// `f(a, b)`, or `a.f(b)` with the receiver as its first argument.
#[derive(Debug)]
pub(crate) struct Call<'s> {
    pub(crate) name: &'s str,
    pub(crate) is_method: bool,
    pub(crate) arguments: Vec<Ast<'s>>,
}

/// A macro that looks at each element: `range.exists(variable, body)` and the like.
#[derive(Debug)]
pub(crate) struct Loop<'s> {
    pub(crate) kind: LoopKind,
    pub(crate) range: Ast<'s>,
    pub(crate) variable: &'s str,
    /// Of `filter(x, wanted)` and `map(x, wanted, body)`.
    pub(crate) wanted: Option<Ast<'s>>,
    /// The variable itself for `filter`.
    pub(crate) body: Option<Ast<'s>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoopKind {
    All,
    Exists,
    ExistsOne,
    /// `map` and `filter`
    Map,
}

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Compare(Comparison),
    In,
    Calculate(Arithmetic),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Syntax<'_> {
    /// The height of its highest part.
    pub(crate) fn inner_height(&self) -> u16 {
        match self {
            Syntax::Select(inner, _) | Syntax::Has(inner, _) | Syntax::Not(inner) | Syntax::Negate(inner) => {
                inner.height
            }
            Syntax::Index(parts) | Syntax::Binary(_, parts) => highest(&**parts),
            Syntax::Conditional(parts) => highest(&**parts),
            Syntax::Call(call) => highest(&call.arguments),
            Syntax::Every(parts) | Syntax::Any(parts) | Syntax::List(parts) => highest(parts),
            Syntax::Map(entries) => highest(entries.iter().flatten()),
            Syntax::Loop(each) => highest([&each.range].into_iter().chain(&each.wanted).chain(&each.body)),
            _ => 0,
        }
    }
}

fn highest<'p, 's: 'p>(parts: impl IntoIterator<Item = &'p Ast<'s>>) -> u16 {
    parts.into_iter().map(|part| part.height).max().unwrap_or_default()
}
