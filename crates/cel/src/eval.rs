//! Evaluation of compiled expressions. It always ends: there are no loops but over existing lists.

mod operators;

use crate::error::{EvalError, Span};
use crate::expr::{Expr, Loop, Op, OpKind};
use crate::function::{Body, Function};
use crate::host::{Host, Read, Relation};
use crate::ids::KindId;
use crate::slots::{MAX_STEPS, Slot, Slots};
use crate::syntax::{Comparison, LoopKind};
use crate::value::{Object, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Expr {
    /// Evaluates the expression over the variables of its scope. Those that are memoized are evaluated when they are first read.
    ///
    /// # Errors
    /// The part of the expression that failed, and why: a text was added to a number, for example.
    pub fn eval<'a>(&'a self, host: &dyn Host<'a>, slots: &mut Slots<'a>) -> Result<Value<'a>, EvalError> {
        let base = slots.len();
        let result = Evaluation { host, base }.op(&self.root, slots);
        slots.truncate(base);
        result.map_err(|failure| self.error(*failure))
    }

    /// Evaluates the expression as a condition: unset is false.
    ///
    /// # Errors
    /// As [`Expr::eval`], and when the value is neither a bool nor unset.
    pub fn holds<'a>(&'a self, host: &dyn Host<'a>, slots: &mut Slots<'a>) -> Result<bool, EvalError> {
        let base = slots.len();
        let result = Evaluation { host, base }.condition(&self.root, slots);
        slots.truncate(base);
        result.map_err(|failure| self.error(*failure))
    }

    fn error(&self, failure: Failure) -> EvalError {
        let part = failure.span.of(&self.source);
        EvalError {
            message: failure.message,
            lacks: failure.lacks,
            is_exhausted: failure.is_exhausted,
            part: part.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }
}

impl<'a> Slots<'a> {
    /// Evaluates all variables that were not read yet. One that fails stays as it is, and fails whoever reads it.
    ///
    /// # Errors
    /// If one takes too long: it must not be tried again.
    pub fn settle(&mut self, host: &dyn Host<'a>) -> Result<(), EvalError> {
        let base = self.len();
        for slot in 0..base {
            if let Slot::Pending(expr) = self.get(slot) {
                // What fails is reported where it is read.
                match (Evaluation { host, base }).memoize(slot, expr, self) {
                    Err(error) if error.is_exhausted => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// What is wrong, and where.
struct Failure {
    message: String,
    span: Span,
    /// The kind whose objects are incomplete.
    lacks: Option<KindId>,
    is_exhausted: bool,
}

/// The failure is boxed, so that what nearly always is a value stays as small as one.
type Evaluated<T> = Result<T, Box<Failure>>;

fn at(span: Span) -> impl Fn(String) -> Box<Failure> {
    move |message| {
        Box::new(Failure {
            message,
            span,
            lacks: None,
            is_exhausted: false,
        })
    }
}

/// That an evaluation takes too long.
fn exhausted(span: Span) -> Box<Failure> {
    Box::new(Failure {
        message: format!("it takes more than {MAX_STEPS} steps"),
        span,
        lacks: None,
        is_exhausted: true,
    })
}

struct Evaluation<'e, 'a> {
    host: &'e dyn Host<'a>,
    /// The slot of the outermost loop's variable: after those of the scope, and of loops that led here through a variable.
    base: usize,
}

impl<'a> Evaluation<'_, 'a> {
    fn op(&self, op: &'a Op, slots: &mut Slots<'a>) -> Evaluated<Value<'a>> {
        match &op.kind {
            OpKind::Const(value) => Ok(value.view()),
            OpKind::Slot(slot) => match slots.get(*slot) {
                Slot::Ready(value) => Ok(value.clone()),
                Slot::Pending(expr) => self.memoize(*slot, expr, slots).map_err(|error| {
                    let message = error.to_string();
                    Box::new(Failure {
                        message,
                        span: op.span,
                        lacks: error.lacks,
                        is_exhausted: error.is_exhausted,
                    })
                }),
            },
            OpKind::Local(depth) => Ok(self.local(*depth, slots).clone()),
            OpKind::Global(id) => self.found(self.host.global(*id), Read::Global(*id), op.span),
            OpKind::Path(base, fields) => self.look(base, slots, |base| base.path(fields)),
            OpKind::Conditional(parts) => {
                let [condition, yes, no] = &**parts;
                let branch = if self.condition(condition, slots)? { yes } else { no };
                self.op(branch, slots)
            }
            OpKind::Or(parts) => {
                let [value, other] = &**parts;
                match self.op(value, slots)? {
                    Value::Unset(_) => self.op(other, slots),
                    value => Ok(value),
                }
            }
            OpKind::Index(parts) => {
                let [base, key] = self.pair(parts, slots)?;
                operators::index(&base, &key).map_err(at(op.span))
            }
            OpKind::Negate(inner) => operators::negate(&self.op(inner, slots)?).map_err(at(op.span)),
            OpKind::Calculate(arithmetic, parts) => {
                let [left, right] = self.pair(parts, slots)?;
                if !slots.spend(left.length() + right.length()) {
                    return Err(exhausted(op.span));
                }
                operators::calculate(*arithmetic, &left, &right).map_err(at(op.span))
            }
            OpKind::Call(function, arguments) => self.call(op.span, function, arguments, slots),
            OpKind::Prepared(function, prepared, arguments) => self
                .with(arguments, slots, &mut |values| prepared.call(values))?
                .map_err(|what| at(op.span)(format!("{}: {what}", function.name))),
            OpKind::List(_) | OpKind::Map(_) | OpKind::Related(..) | OpKind::All(_) | OpKind::Get(..) => {
                self.collection(op, slots)
            }
            OpKind::Loop(each) => self.each(each, op.span, slots),
            OpKind::Has(..)
            | OpKind::Empty(_)
            | OpKind::Every(_)
            | OpKind::Any(_)
            | OpKind::Not(_)
            | OpKind::Compare(..)
            | OpKind::In(_)
            | OpKind::OneOf(..) => self.condition(op, slots).map(Value::Bool),
        }
    }

    /// Whether something holds; unset does not.
    fn condition(&self, op: &'a Op, slots: &mut Slots<'a>) -> Evaluated<bool> {
        match &op.kind {
            OpKind::Every(parts) => self.decide(parts, false, slots),
            OpKind::Any(parts) => self.decide(parts, true, slots),
            OpKind::Not(inner) => Ok(!self.condition(inner, slots)?),
            OpKind::Has(base, field) => {
                self.look(base, slots, |base| !base.path(std::slice::from_ref(field)).is_unset())
            }
            OpKind::Empty(inner) => match self.range(inner, slots)? {
                Some(range) if range.len() > 0 => Ok(false),
                Some(range) => self.complete(Read::Kind(range.kind), op.span).map(|()| true),
                None => self.look(inner, slots, Value::is_empty),
            },
            OpKind::OneOf(value, literals) => self.look(value, slots, |value| {
                literals.iter().any(|literal| literal.equals(value))
            }),
            OpKind::In(parts) => {
                let [item, range] = &**parts;
                let item = self.op(item, slots)?;
                let (length, found) = self.look(range, slots, |range| {
                    (range.length(), operators::contains(&item, range))
                })?;
                if !slots.spend(length) {
                    return Err(exhausted(op.span));
                }
                found.map_err(at(op.span))
            }
            OpKind::Compare(comparison, parts) => {
                let [left, right] = self.pair(parts, slots)?;
                match comparison {
                    Comparison::Equal => Ok(left.equals(&right)),
                    Comparison::NotEqual => Ok(!left.equals(&right)),
                    _ => operators::ordered(*comparison, &left, &right).map_err(at(op.span)),
                }
            }
            _ => self.op(op, slots)?.truth().map_err(at(op.span)),
        }
    }

    /// `&&` and `||` as CEL has them: a part that decides wins over one that fails.
    fn decide(&self, parts: &'a [Op], decisive: bool, slots: &mut Slots<'a>) -> Evaluated<bool> {
        let mut result = Ok(!decisive);
        for part in parts {
            match self.condition(part, slots) {
                Ok(holds) if holds == decisive => return Ok(decisive),
                Ok(_) => {}
                Err(failure) => result = Err(failure),
            }
        }
        result
    }

    fn pair(&self, parts: &'a [Op; 2], slots: &mut Slots<'a>) -> Evaluated<[Value<'a>; 2]> {
        let [first, second] = parts;
        Ok([self.op(first, slots)?, self.op(second, slots)?])
    }

    fn local<'s>(&self, depth: usize, slots: &'s Slots<'a>) -> &'s Value<'a> {
        match slots.get(self.base + depth) {
            Slot::Ready(value) => value,
            Slot::Pending(_) => &Value::UNSET,
        }
    }

    /// Evaluates a variable that was not read before, with those that it needs in turn, for all who read it.
    fn memoize(&self, slot: usize, expr: &'a Expr, slots: &mut Slots<'a>) -> Result<Value<'a>, EvalError> {
        let outer = slots.begin_shared(slot);
        let value = expr.eval(self.host, slots);
        slots.resume(outer);
        let value = value?;
        slots.set(slot, value.clone());
        Ok(value)
    }

    /// Looks at a value. Variables are not copied for that.
    fn look<R>(&self, op: &'a Op, slots: &mut Slots<'a>, look: impl FnOnce(&Value<'a>) -> R) -> Evaluated<R> {
        let known = match &op.kind {
            OpKind::Slot(slot) => match slots.get(*slot) {
                Slot::Ready(value) => Some(value),
                Slot::Pending(_) => None,
            },
            OpKind::Local(depth) => Some(self.local(*depth, slots)),
            _ => None,
        };
        match known {
            Some(value) => Ok(look(value)),
            None => self.op(op, slots).map(|value| look(&value)),
        }
    }

    /// A value that was looked up; unset means that there is none only where nothing is missing.
    fn found(&self, value: Value<'a>, read: Read<'_>, span: Span) -> Evaluated<Value<'a>> {
        match &value {
            Value::Unset(_) => self.complete(read, span).map(|()| value),
            _ => Ok(value),
        }
    }

    /// Whether all that an expression reads is there.
    fn complete(&self, read: Read<'_>, span: Span) -> Evaluated<()> {
        let Some(kind) = self.host.lacks(read) else {
            return Ok(());
        };
        Err(Box::new(Failure {
            message: "objects that decide are not in the bundle".to_owned(),
            span,
            lacks: Some(kind),
            is_exhausted: false,
        }))
    }

    fn call(
        &self,
        span: Span,
        function: &'static Function,
        arguments: &'a [Op],
        slots: &mut Slots<'a>,
    ) -> Evaluated<Value<'a>> {
        let mut length = 0;
        let result = self.with(arguments, slots, &mut |values| {
            length = values.iter().map(Value::length).sum();
            match function.body {
                Body::Call(call) => call(values),
                Body::Host => self.host.call(function, values),
                Body::Literal | Body::Form(_) => Err("its last argument must be a literal".to_owned()),
            }
        });
        if !slots.spend(length) {
            return Err(exhausted(span));
        }
        let value = result?.map_err(|what| at(span)(format!("{}: {what}", function.name)))?;
        match function.body {
            Body::Host => self.found(value, Read::Function(function), span),
            _ => Ok(value),
        }
    }

    /// Gives the values of arguments to a function.
    fn with(
        &self,
        arguments: &'a [Op],
        slots: &mut Slots<'a>,
        call: &mut dyn FnMut(&[Value<'a>]) -> Result<Value<'a>, String>,
    ) -> Evaluated<Result<Value<'a>, String>> {
        match arguments {
            [argument] => self.look(argument, slots, |value| call(std::slice::from_ref(value))),
            [first, second] => Ok(call(&[self.op(first, slots)?, self.op(second, slots)?])),
            _ => {
                let values = arguments.iter().map(|argument| self.op(argument, slots));
                Ok(call(&values.collect::<Evaluated<Vec<_>>>()?))
            }
        }
    }

    fn collection(&self, op: &'a Op, slots: &mut Slots<'a>) -> Evaluated<Value<'a>> {
        match &op.kind {
            OpKind::List(items) => {
                if !slots.spend(items.len()) {
                    return Err(exhausted(op.span));
                }
                let items = items.iter().map(|item| self.op(item, slots));
                items.collect::<Evaluated<Vec<_>>>().map(Value::list)
            }
            OpKind::Map(entries) => {
                let mut map = BTreeMap::new();
                for entry in entries {
                    let [key, value] = self.pair(entry, slots)?;
                    map.insert(key.to_string(), value);
                }
                Ok(Value::Map(Arc::new(map)))
            }
            OpKind::Related(relation, from) if !relation.many => {
                let found = self.related(*relation, from, slots)?.first();
                let value = found.map_or(Value::UNSET, |position| {
                    Value::Object(self.host.object(relation.to, *position))
                });
                self.found(value, Read::Kind(relation.to), op.span)
            }
            OpKind::Get(kind, names) => {
                let [namespace, name] = self.pair(names, slots)?;
                let (namespace, name) = (namespace.as_str().unwrap_or(""), name.as_str().unwrap_or(""));
                let object = self.host.get(*kind, namespace, name);
                self.found(object.map_or(Value::UNSET, Value::Object), Read::Kind(*kind), op.span)
            }
            _ => {
                let range = self.range(op, slots)?;
                if let Some(range) = &range {
                    self.complete(Read::Kind(range.kind), op.span)?;
                }
                Ok(match range.filter(|range| range.len() > 0) {
                    Some(range) => Value::List(range.collect()),
                    None => Value::NoElements,
                })
            }
        }
    }

    /// The places of the objects that a relation leads to.
    fn related(&self, relation: Relation, from: &'a Op, slots: &mut Slots<'a>) -> Evaluated<&'a [u32]> {
        match self.look(from, slots, Value::clone)? {
            Value::Object(object) => Ok(self.host.related(relation.id, object)),
            Value::Unset(_) => Ok(&[]),
            other => Err(at(from.span)(format!("expected an object, got {}", other.type_of()))),
        }
    }

    /// Lists of objects that are there already: all of a kind, and those that a relation leads to.
    fn range(&self, op: &'a Op, slots: &mut Slots<'a>) -> Evaluated<Option<Range<'_, 'a>>> {
        let (kind, positions) = match &op.kind {
            OpKind::Related(relation, from) if relation.many => {
                let related = self.related(*relation, from, slots)?;
                (relation.to, Positions::Listed(related.iter()))
            }
            OpKind::All(kind) => (*kind, Positions::All(0..self.host.count(*kind))),
            _ => return Ok(None),
        };
        let host = self.host;
        Ok(Some(Range { host, kind, positions }))
    }

    fn each(&self, each: &'a Loop, span: Span, slots: &mut Slots<'a>) -> Evaluated<Value<'a>> {
        let result = match self.range(&each.range, slots)? {
            Some(range) => {
                let complete = self.complete(Read::Kind(range.kind), span);
                let result = self.run(each, span, range, slots);
                match (each.kind, &result) {
                    // What one element has decided, no other would change.
                    (LoopKind::Exists, Ok(Value::Bool(true))) | (LoopKind::All, Ok(Value::Bool(false))) => result,
                    _ => complete.and(result),
                }
            }
            None => {
                let range = self.op(&each.range, slots)?;
                let elements = range
                    .elements()
                    .ok_or_else(|| at(span)(format!("cannot loop over {}", range.type_of())))?;
                self.run(each, span, elements, slots)
            }
        };
        slots.truncate(self.base + each.depth);
        result
    }

    fn run(
        &self,
        each: &'a Loop,
        span: Span,
        elements: impl Iterator<Item = Value<'a>>,
        slots: &mut Slots<'a>,
    ) -> Evaluated<Value<'a>> {
        let (mut kept, mut failure, mut hits) = (Vec::new(), None, 0_usize);
        let element = |slots: &Slots<'a>| self.local(each.depth, slots).clone();
        for value in elements {
            if !slots.spend(1) {
                return Err(exhausted(span));
            }
            slots.truncate(self.base + each.depth);
            slots.push(value);
            let wanted = each.wanted.as_ref();
            if !wanted.map_or(Ok(true), |wanted| self.condition(wanted, slots))? {
                continue;
            }
            let Some(body) = &each.body else {
                kept.push(element(slots));
                continue;
            };
            match each.kind {
                LoopKind::Map => kept.push(self.op(body, slots)?),
                LoopKind::ExistsOne => hits += usize::from(self.condition(body, slots)?),
                LoopKind::Exists | LoopKind::All => match self.condition(body, slots) {
                    Ok(holds) if holds == (each.kind == LoopKind::Exists) => return Ok(Value::Bool(holds)),
                    Ok(_) => {}
                    // As with `||` and `&&`, another element may decide.
                    Err(error) => failure = Some(error),
                },
            }
        }
        match (each.kind, failure) {
            (_, Some(failure)) => Err(failure),
            (LoopKind::Exists, None) => Ok(Value::Bool(false)),
            (LoopKind::All, None) => Ok(Value::Bool(true)),
            (LoopKind::ExistsOne, None) => Ok(Value::Bool(hits == 1)),
            (LoopKind::Map, None) => Ok(Value::list(kept)),
        }
    }
}

/// Objects of one kind, one after the other and without a list of them.
struct Range<'e, 'a> {
    host: &'e dyn Host<'a>,
    kind: KindId,
    positions: Positions<'a>,
}

enum Positions<'a> {
    All(std::ops::Range<u32>),
    Listed(std::slice::Iter<'a, u32>),
}

impl<'a> Iterator for Range<'_, 'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let position = match &mut self.positions {
            Positions::All(positions) => positions.next(),
            Positions::Listed(positions) => positions.next().copied(),
        };
        let object: Object<'a> = self.host.object(self.kind, position?);
        Some(Value::Object(object))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.positions {
            Positions::All(positions) => positions.size_hint(),
            Positions::Listed(positions) => positions.size_hint(),
        }
    }
}

impl ExactSizeIterator for Range<'_, '_> {}
