//! The variables of an expression at run time. One that is the value of another expression is evaluated when it is first read.

use crate::expr::Expr;
use crate::value::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many steps an evaluation may take, and each variable that evaluations share: elements of lists that are looped over or given to
/// a function. It is a second of work or less; a rule that looks at every object of a bundle with 300,000 takes a tenth.
pub const MAX_STEPS: u64 = 20_000_000;

/// How many steps evaluations may take together, whatever each of them takes.
#[derive(Debug)]
pub struct Budget {
    most: u64,
    steps: AtomicU64,
}

impl Budget {
    /// So many steps.
    pub fn new(most: u64) -> Budget {
        Budget {
            most,
            steps: AtomicU64::new(0),
        }
    }

    /// Whether more steps were asked for than there were.
    pub fn is_exhausted(&self) -> bool {
        self.steps.load(Ordering::Relaxed) > self.most
    }

    fn spend(&self, steps: u64) -> bool {
        let before = self.steps.fetch_add(steps, Ordering::Relaxed);
        before.saturating_add(steps) <= self.most
    }
}

/// The values of variables, in the order in which [`Scope`](crate::Scope) names them, and how much work went into them.
#[derive(Debug, Clone, Default)]
pub struct Slots<'a> {
    values: Vec<Slot<'a>>,
    /// How many of the first are shared.
    shared: usize,
    steps: u64,
    /// What evaluations with these variables, and with copies of them, are charged to.
    budget: Option<Arc<Budget>>,
}

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
        self.values.push(Slot::Ready(value));
    }

    /// Adds a variable for each of these expressions. It is evaluated when it is first read, at most once.
    pub fn memoize(&mut self, expressions: &'a [Expr]) {
        self.values.extend(expressions.iter().map(Slot::Pending));
    }

    /// Makes the variables that there are those of many evaluations: what they cost is not counted for the one that reads them first.
    pub fn share(&mut self) {
        self.shared = self.values.len();
    }

    /// How many steps were taken since [`Slots::begin`], but for shared variables.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Charges the steps from here on to a budget.
    pub fn charge(&mut self, budget: &Arc<Budget>) {
        self.steps = 0;
        self.budget = Some(Arc::clone(budget));
    }

    /// Begins another evaluation.
    pub fn begin(&mut self) {
        self.steps = 0;
    }

    /// Counts steps; false if they are too many.
    pub(crate) fn spend(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps as u64);
        let budget = self.budget.as_ref();
        self.steps <= MAX_STEPS && budget.is_none_or(|budget| budget.spend(steps as u64))
    }

    /// Begins the evaluation of a shared variable, and gives the steps so far; `None` for another one.
    pub(crate) fn begin_shared(&mut self, slot: usize) -> Option<u64> {
        (slot < self.shared).then(|| std::mem::take(&mut self.steps))
    }

    /// Goes on after it.
    pub(crate) fn resume(&mut self, steps: Option<u64>) {
        self.steps = steps.unwrap_or(self.steps);
    }

    /// How many variables there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Takes away all variables but the first `length`.
    #[inline]
    pub fn truncate(&mut self, length: usize) {
        self.values.truncate(length);
    }

    /// A copy of the first `length` variables.
    pub fn first(&self, length: usize) -> Slots<'a> {
        Slots {
            values: self.values.iter().take(length).cloned().collect(),
            shared: self.shared.min(length),
            steps: 0,
            budget: self.budget.clone(),
        }
    }

    #[expect(clippy::expect_used, reason = "whoever evaluates brings the variables of the scope")]
    pub(crate) fn get(&self, slot: usize) -> &Slot<'a> {
        self.values
            .get(slot)
            .expect("an expression is evaluated with the variables it was compiled for")
    }

    pub(crate) fn set(&mut self, slot: usize, value: Value<'a>) {
        self.values[slot] = Slot::Ready(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_charged_to_one_budget() {
        let budget = Arc::new(Budget::new(10));
        let mut slots = Slots::new();
        slots.charge(&budget);
        let mut copies = [slots.clone(), slots.first(0), slots];
        assert!(copies[0].spend(6) && copies[1].spend(4));
        assert!(!budget.is_exhausted());
        assert!(!copies[2].spend(1) && budget.is_exhausted());
    }
}
