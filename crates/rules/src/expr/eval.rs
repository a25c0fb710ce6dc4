//! Evaluation of compiled expressions over one cluster. It always ends: there are no loops but over existing lists.

use super::val::Val;
use super::{Binary, Expr, Loop, LoopKind, Op, OpKind, functions, operators};
use gleaner_cluster::Facts;
use gleaner_cluster::{Cluster, Object};
use gleaner_cluster::{EdgeId, Graph, GraphIndex};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What every evaluation over one cluster shares.
#[derive(Debug, Clone, Copy)]
pub struct Env<'a> {
    /// The objects.
    pub cluster: &'a Cluster<'a>,
    /// The edges between them.
    pub graph: &'a Graph,
    /// The built indexes of the edges.
    pub index: &'a GraphIndex,
    /// Versions, time and the upgrade under way.
    pub facts: &'a Facts,
    /// The target version this evaluation is for, where there is one.
    pub target: Option<&'a str>,
}

/// An evaluation that broke: a wrong type in the bundle or a mistake in the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} in `{part}`")]
pub struct EvalError {
    /// What is wrong, as a lowercase fragment.
    pub what: String,
    /// The part of the expression it happened in.
    pub part: String,
}

/// What is wrong, and the id of the node where. Boxed, so that what nearly always is a value stays as small as one.
type Broken = Box<(String, u64)>;

type Result<'a> = std::result::Result<Val<'a>, Broken>;

type Test = std::result::Result<bool, Broken>;

impl Expr {
    /// Evaluates the expression with the given values of its variables, by slot.
    ///
    /// # Errors
    /// An [`EvalError`] naming the part of the expression, for example when a text is added to a number.
    pub fn eval<'a>(&'a self, env: &Env<'a>, slots: &mut Vec<Val<'a>>) -> std::result::Result<Val<'a>, EvalError> {
        let length = slots.len();
        let eval = Eval { env, base: length };
        let result = eval.op(&self.root, slots).map_err(|broken| EvalError {
            part: self.part(broken.1),
            what: broken.0,
        });
        slots.truncate(length);
        result
    }

    /// The part of the source that a node stands for, on one line.
    fn part(&self, at: u64) -> String {
        let place = super::parse::Places::of(&self.source).place(at);
        let part = place
            .and_then(|(start, end)| self.source.get(start..end))
            .unwrap_or(&self.source);
        part.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Evaluates the expression as a condition: unset is false.
    ///
    /// # Errors
    /// As [`Expr::eval`], and when the value is neither a bool nor unset.
    pub fn holds<'a>(&'a self, env: &Env<'a>, slots: &mut Vec<Val<'a>>) -> std::result::Result<bool, EvalError> {
        let value = self.eval(env, slots)?;
        truth(&value).map_err(|what| EvalError {
            what,
            part: self.source.clone(),
        })
    }
}

impl<'a> Env<'a> {
    /// Works out all variables that nobody has read yet. One that breaks stays as it is, and breaks whoever reads it.
    pub fn settle(&self, slots: &mut Vec<Val<'a>>) {
        let eval = Eval {
            env: self,
            base: slots.len(),
        };
        for slot in 0..slots.len() {
            if let Some(Val::Later(expr)) = slots.get(slot) {
                let _ = eval.work_out(slot, expr, slots);
            }
        }
    }
}

fn truth(value: &Val<'_>) -> std::result::Result<bool, String> {
    match value {
        Val::Bool(flag) => Ok(*flag),
        other if other.is_unset() => Ok(false),
        other => Err(format!("expected a bool, got a {}", other.type_name())),
    }
}

struct Eval<'e, 'a> {
    env: &'e Env<'a>,
    /// The slot of the outermost loop's variable: after those of the rule, and of loops that led here through a variable.
    base: usize,
}

impl<'a> Eval<'_, 'a> {
    fn op(&self, op: &'a Op, slots: &mut Vec<Val<'a>>) -> Result<'a> {
        let here = |what: String| Box::new((what, op.at));
        match &op.what {
            // A view of a literal text: to count who holds it would make threads wait for each other.
            OpKind::Const(Val::Text(text)) => Ok(Val::Str(text)),
            OpKind::Const(value) => Ok(value.clone()),
            OpKind::Slot(slot) => match slots.get(*slot) {
                Some(Val::Later(expr)) => self.work_out(*slot, expr, slots).map_err(here),
                value => Ok(value.cloned().unwrap_or(Val::Unset)),
            },
            OpKind::Local(depth) => Ok(slots.get(self.base + depth).cloned().unwrap_or(Val::Unset)),
            OpKind::Global(name) => Ok(self.global(name)),
            OpKind::Path(base, fields) => self.look(base, slots, |base| base.path(fields)),
            OpKind::Index(base, key) => {
                let (base, key) = (self.op(base, slots)?, self.op(key, slots)?);
                operators::index(&base, &key).map_err(here)
            }
            OpKind::Has(..)
            | OpKind::Empty(_)
            | OpKind::OneOf(..)
            | OpKind::And(..)
            | OpKind::Or(..)
            | OpKind::Not(_)
            | OpKind::Binary(Binary::Equal | Binary::NotEqual | Binary::In, ..) => {
                self.condition(op, slots).map(Val::Bool)
            }
            OpKind::Neg(inner) => match self.op(inner, slots)? {
                Val::Int(number) => Ok(Val::Int(number.saturating_neg())),
                Val::Float(number) => Ok(Val::Float(-number)),
                Val::Duration(seconds) => Ok(Val::Duration(seconds.saturating_neg())),
                Val::Unset => Ok(Val::Unset),
                other => Err(here(format!("cannot negate a {}", other.type_name()))),
            },
            OpKind::If(condition, yes, no) => {
                let branch = if self.condition(condition, slots)? { yes } else { no };
                self.op(branch, slots)
            }
            OpKind::Binary(binary, left, right) => {
                let (left, right) = (self.op(left, slots)?, self.op(right, slots)?);
                operators::apply(*binary, &left, &right).map_err(here)
            }
            OpKind::List(items) => items
                .iter()
                .map(|item| self.op(item, slots))
                .collect::<std::result::Result<Vec<_>, _>>()
                .map(Val::list),
            OpKind::Map(entries) => {
                let mut map = BTreeMap::new();
                for (key, value) in entries {
                    map.insert(self.op(key, slots)?.to_string(), self.op(value, slots)?);
                }
                Ok(Val::Map(Arc::new(map)))
            }
            OpKind::Loop(body) => self.comprehension(body, op.at, slots),
            OpKind::Call(function, args) => {
                let mut values = [const { Val::Unset }; functions::MOST_ARGUMENTS];
                for (value, arg) in values.iter_mut().zip(args) {
                    *value = self.op(arg, slots)?;
                }
                let values = values.get(..args.len()).unwrap_or_default();
                functions::call(*function, values, self.env).map_err(here)
            }
            OpKind::Follow(edge, object) => {
                let mut found = self.follow(*edge, object, slots)?;
                Ok(if !self.env.graph.edge(*edge).many {
                    found.next().map_or(Val::Unset, Val::Object)
                } else if found.len() == 0 {
                    Val::NoElements
                } else {
                    Val::List(found.map(Val::Object).collect())
                })
            }
            OpKind::All(kind) => Ok(Val::list(self.env.cluster.all(*kind).iter().map(Val::Object).collect())),
            OpKind::Get(kind, names) => {
                let (namespace, name) = (self.op(&names.0, slots)?, self.op(&names.1, slots)?);
                let (namespace, name) = (namespace.as_str().unwrap_or(""), name.as_str().unwrap_or(""));
                let object: Option<&Object<'a>> = self.env.cluster.get(*kind, namespace, name);
                Ok(object.map_or(Val::Unset, Val::Object))
            }
            OpKind::VersionIn(version, range) => {
                let version = self.op(version, slots)?;
                functions::version_in(&version, range).map_err(here)
            }
            OpKind::Default(value, default) => match self.op(value, slots)? {
                value if value.is_unset() => self.op(default, slots),
                value => Ok(value),
            },
            OpKind::Condition(object, kind, conditions) => self.look(object, slots, |object| {
                let found = object.as_node().and_then(|node| conditions.find(node, kind));
                Val::maybe(found)
            }),
            OpKind::Extract(text, pattern) => {
                let text = self.op(text, slots)?;
                functions::first_group(pattern, &text).map_err(here)
            }
            OpKind::Matches(text, pattern) => {
                let text = self.op(text, slots)?;
                let regex = pattern.regex().map_err(|what| here(what.to_owned()))?;
                Ok(Val::Bool(
                    text.as_str().is_some_and(|text| regex.is_match(text.as_bytes())),
                ))
            }
        }
    }

    /// Looks at a value. Variables are not copied for that.
    fn look<R>(
        &self,
        op: &'a Op,
        slots: &mut Vec<Val<'a>>,
        look: impl FnOnce(&Val<'a>) -> R,
    ) -> std::result::Result<R, Broken> {
        let known = match &op.what {
            OpKind::Slot(slot) => slots.get(*slot).filter(|value| !matches!(value, Val::Later(_))),
            OpKind::Local(depth) => slots.get(self.base + depth),
            _ => None,
        };
        match known {
            Some(value) => Ok(look(value)),
            None => self.op(op, slots).map(|value| look(&value)),
        }
    }

    /// Works out a variable that nobody has read before, and keeps its value, with those it needed in turn.
    fn work_out(&self, slot: usize, expr: &'a Expr, slots: &mut Vec<Val<'a>>) -> std::result::Result<Val<'a>, String> {
        let own = Eval {
            env: self.env,
            base: slots.len(),
        };
        let result = own.op(&expr.root, slots);
        slots.truncate(own.base);
        let value = result.map_err(|broken| format!("{} in `{}`", broken.0, expr.part(broken.1)))?;
        if let Some(place) = slots.get_mut(slot) {
            *place = value.clone();
        }
        Ok(value)
    }

    fn global(&self, name: &str) -> Val<'a> {
        let facts = self.env.facts;
        match name {
            "now" => facts.now.map_or(Val::Unset, Val::Time),
            "running" => Val::borrowed(&facts.running),
            "target" => self.env.target.map_or(Val::Unset, Val::Str),
            "longhorn" => Val::borrowed(&facts.longhorn),
            "node_count" => facts.node_count.map_or(Val::Unset, Val::Int),
            "upgrade" => {
                let upgrade = facts.upgrade.as_deref();
                upgrade
                    .and_then(|name| {
                        self.env
                            .cluster
                            .named("Upgrade.harvesterhci.io", "harvester-system", name)
                    })
                    .map_or(Val::Unset, Val::Object)
            }
            _ => Val::Unset,
        }
    }

    /// A condition; unset is false.
    fn condition(&self, op: &'a Op, slots: &mut Vec<Val<'a>>) -> Test {
        match &op.what {
            OpKind::And(left, right) => self.logic(left, right, false, slots),
            OpKind::Or(left, right) => self.logic(left, right, true, slots),
            OpKind::Not(inner) => Ok(!self.condition(inner, slots)?),
            OpKind::Empty(inner) => self.look(inner, slots, Val::is_empty),
            OpKind::Has(base, field) => self.look(base, slots, |base| {
                let field = base.path(std::slice::from_ref(field));
                !matches!(field, Val::Unset)
            }),
            OpKind::OneOf(value, literals) => self.look(value, slots, |value| {
                literals.iter().any(|literal| literal.equals(value))
            }),
            OpKind::Binary(Binary::In, item, range) => {
                let item = self.op(item, slots)?;
                let found = self.look(range, slots, |range| operators::contains(&item, range))?;
                found.map_err(|what| Box::new((what, op.at)))
            }
            OpKind::Binary(binary @ (Binary::Equal | Binary::NotEqual), left, right) => {
                let (left, right) = (self.op(left, slots)?, self.op(right, slots)?);
                Ok(left.equals(&right) == (*binary == Binary::Equal))
            }
            _ => truth(&self.op(op, slots)?).map_err(|what| Box::new((what, op.at))),
        }
    }

    /// `&&` and `||` as CEL has them: a side that decides wins over a side that breaks.
    fn logic(&self, left: &'a Op, right: &'a Op, decisive: bool, slots: &mut Vec<Val<'a>>) -> Test {
        match self.condition(left, slots) {
            Ok(first) if first == decisive => Ok(decisive),
            Ok(_) => self.condition(right, slots),
            Err(broken) if self.condition(right, slots)? != decisive => Err(broken),
            Err(_) => Ok(decisive),
        }
    }

    /// The objects an edge leads to.
    fn follow(
        &self,
        edge: EdgeId,
        from: &'a Op,
        slots: &mut Vec<Val<'a>>,
    ) -> std::result::Result<impl ExactSizeIterator<Item = &'a Object<'a>> + use<'a>, Broken> {
        let Env {
            cluster, graph, index, ..
        } = *self.env;
        let from = match self.op(from, slots)? {
            Val::Object(object) => Some(object),
            Val::Unset => None,
            other => {
                let what = format!("expected an object, got a {}", other.type_name());
                return Err(Box::new((what, from.at)));
            }
        };
        let positions = from.map_or(&[][..], |from| index.positions(graph, cluster, edge, from));
        let all = cluster.all(graph.edge(edge).to);
        Ok(positions.iter().map(|position| &all[*position as usize]))
    }

    /// A loop. Lists that are there already, as objects of a kind or ends of an edge, are gone through without a copy.
    fn comprehension(&self, body: &'a Loop, at: u64, slots: &mut Vec<Val<'a>>) -> Result<'a> {
        let result = match &body.range.what {
            OpKind::Follow(edge, object) if self.env.graph.edge(*edge).many => {
                let found = self.follow(*edge, object, slots)?;
                self.run_loop(body, found.map(Val::Object), slots)
            }
            OpKind::All(kind) => {
                let objects = self.env.cluster.all(*kind).iter();
                self.run_loop(body, objects.map(Val::Object), slots)
            }
            _ => {
                let range = self.op(&body.range, slots)?;
                let elements = range
                    .elements()
                    .ok_or_else(|| Box::new((format!("cannot loop over a {}", range.type_name()), at)))?;
                self.run_loop(body, elements, slots)
            }
        };
        slots.truncate(self.base + body.depth);
        result
    }

    fn run_loop(
        &self,
        body: &'a Loop,
        elements: impl Iterator<Item = Val<'a>>,
        slots: &mut Vec<Val<'a>>,
    ) -> Result<'a> {
        let mut kept = Vec::new();
        let mut broken = None;
        let mut hits = 0_usize;
        for element in elements {
            slots.truncate(self.base + body.depth);
            slots.push(element);
            match body.kind {
                LoopKind::Map => {
                    let wanted = body
                        .filter
                        .as_ref()
                        .map_or(Ok(true), |filter| self.condition(filter, slots))?;
                    if wanted {
                        kept.push(self.op(&body.body, slots)?);
                    }
                }
                LoopKind::Exists | LoopKind::All => match self.condition(&body.body, slots) {
                    Ok(holds) if holds == (body.kind == LoopKind::Exists) => return Ok(Val::Bool(holds)),
                    Ok(_) => {}
                    Err(error) => broken = Some(error),
                },
                LoopKind::ExistsOne => hits += usize::from(self.condition(&body.body, slots)?),
            }
        }
        match (body.kind, broken) {
            (_, Some(error)) => Err(error),
            (LoopKind::Exists, None) => Ok(Val::Bool(false)),
            (LoopKind::All, None) => Ok(Val::Bool(true)),
            (LoopKind::ExistsOne, None) => Ok(Val::Bool(hits == 1)),
            (LoopKind::Map, None) => Ok(Val::list(kept)),
        }
    }
}
