//! The variables of an expression at run time. One that is the value of another expression is evaluated when it is first read.

use crate::expr::Expr;
use crate::value::Value;

/// The values of variables, in the order in which [`Scope`](crate::Scope) names them.
#[derive(Debug, Clone, Default)]
pub struct Slots<'a>(Vec<Slot<'a>>);

/// One variable.
#[derive(Debug, Clone)]
pub(crate) enum Slot<'a> {
    /// The value of this expression, which was not read yet.
    Pending(&'a Expr),
    /// Its value.
    Ready(Value<'a>),
}

impl<'a> Slots<'a> {
    /// No variables.
    pub fn new() -> Slots<'a> {
        Slots::default()
    }

    /// Adds a variable with this value.
    #[inline]
    pub fn push(&mut self, value: Value<'a>) {
        self.0.push(Slot::Ready(value));
    }

    /// Adds a variable for each of these expressions. It is evaluated when it is first read, at most once.
    pub fn memoize(&mut self, expressions: &'a [Expr]) {
        self.0.extend(expressions.iter().map(Slot::Pending));
    }

    /// How many variables there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes away all variables but the first `length`.
    #[inline]
    pub fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }

    /// A copy of the first `length` variables.
    pub fn first(&self, length: usize) -> Slots<'a> {
        Slots(self.0.iter().take(length).cloned().collect())
    }

    #[expect(clippy::expect_used, reason = "whoever evaluates brings the variables of the scope")]
    pub(crate) fn get(&self, slot: usize) -> &Slot<'a> {
        self.0
            .get(slot)
            .expect("an expression is evaluated with the variables it was compiled for")
    }

    pub(crate) fn set(&mut self, slot: usize, value: Value<'a>) {
        self.0[slot] = Slot::Ready(value);
    }
}
