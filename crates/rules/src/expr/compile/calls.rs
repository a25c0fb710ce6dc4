//! Calls of an expression: functions, relations of the graph, objects by name and lists of a kind.

use super::Compiler;
use crate::expr::functions::{self, Function};
use crate::expr::{Op, OpKind, Type, Val, check};
use cel::common::ast::{CallExpr, Expr as Ast, IdedExpr, LiteralValue};
use gleaner_cluster::KindId;
use gleaner_cluster::VersionRange;
use gleaner_text::Pattern;
use gleaner_text::parse_duration;
use gleaner_yaml::Conditions;

/// The first argument and the text of the second, of a call with two whose second is a literal.
pub(super) fn literal_second(call: &CallExpr) -> Option<(&IdedExpr, &str)> {
    let mut args = call.target.iter().map(AsRef::as_ref).chain(&call.args);
    let (text, pattern) = (args.next()?, args.next()?);
    match (&pattern.expr, args.next()) {
        (Ast::Literal(LiteralValue::String(pattern)), None) => Some((text, pattern.inner())),
        _ => None,
    }
}

/// A call, in a quicker form where there is one.
fn call_of(name: &str, function: Function, args: Vec<Op>) -> OpKind {
    let literal = |op: &Op| match &op.what {
        OpKind::Const(Val::Text(text)) => Some(text.to_string()),
        _ => None,
    };
    let text = args.last().and_then(literal);
    if name == "duration"
        && let Some(seconds) = text.as_deref().and_then(parse_duration)
    {
        return OpKind::Const(Val::Duration(seconds));
    }
    let mut args = args.into_iter();
    match (name, args.next(), args.next(), text) {
        ("empty", Some(value), None, _) => OpKind::Empty(Box::new(value)),
        ("or", Some(value), Some(default), _) => OpKind::Default(Box::new(value), Box::new(default)),
        ("condition", Some(object), Some(_), Some(kind)) => {
            OpKind::Condition(Box::new(object), kind, Conditions::default())
        }
        (_, first, second, _) => OpKind::Call(function, first.into_iter().chain(second).chain(args).collect()),
    }
}

impl<'s> Compiler<'s, '_> {
    fn kind_argument(&mut self, id: u64, args: &'s [IdedExpr]) -> Option<KindId> {
        let Some(Ast::Literal(LiteralValue::String(name))) = args.first().map(|arg| &arg.expr) else {
            self.mistake(
                id,
                "expected a kind as a string",
                "write it as `\"Volume.longhorn.io\"`",
            );
            return None;
        };
        match self.scope.kinds.by_name(name.inner()) {
            Some(kind) => {
                self.uses.kinds.insert(kind);
                Some(kind)
            }
            None => {
                let help = gleaner_text::did_you_mean(
                    name.inner(),
                    self.scope.kinds.all().map(|(_, info)| info.name.as_str()),
                );
                self.mistake(id, format!("unknown kind `{}`", name.inner()), help);
                None
            }
        }
    }

    pub(super) fn all(&mut self, id: u64, args: &'s [IdedExpr]) -> (Op, Type) {
        if !self.scope.may_list {
            let help = "use a relation of rules/graph.yaml, or list it once under `once`";
            self.mistake(
                id,
                "`all` may not be used for every object: it would compare each with each",
                help,
            );
        }
        match self.kind_argument(id, args) {
            Some(kind) => (self.op(id, OpKind::All(kind)), Type::List(Box::new(Type::Object(kind)))),
            None => self.unset(id),
        }
    }

    pub(super) fn get(&mut self, id: u64, args: &'s [IdedExpr]) -> (Op, Type) {
        let Some(kind) = self.kind_argument(id, args) else {
            return self.unset(id);
        };
        let [_, namespace, name] = args else {
            self.mistake(
                id,
                "`get` takes a kind, a namespace and a name",
                "the namespace is \"\" for cluster-scoped kinds",
            );
            return self.unset(id);
        };
        let names = Box::new((self.expr(namespace).0, self.expr(name).0));
        (self.op(id, OpKind::Get(kind, names)), Type::Object(kind))
    }

    /// `extract` with a literal pattern, which is then compiled once and not for every object.
    pub(super) fn extract(&mut self, id: u64, call: &'s CallExpr) -> (Op, Type) {
        let Some((text, pattern)) = literal_second(call) else {
            return self.unset(id);
        };
        let text = Box::new(self.expr(text).0);
        match Pattern::new(pattern) {
            Ok(pattern) => (self.op(id, OpKind::Extract(text, pattern)), Type::Str),
            Err(error) => {
                self.mistake(id, format!("bad pattern: {error}"), "");
                self.unset(id)
            }
        }
    }

    /// `version_in` with a literal range, which is then read once.
    pub(super) fn version_in(&mut self, id: u64, call: &'s CallExpr) -> (Op, Type) {
        let Some((version, range)) = literal_second(call) else {
            return self.unset(id);
        };
        let version = Box::new(self.expr(version).0);
        match VersionRange::parse(range) {
            Ok(range) => (self.op(id, OpKind::VersionIn(version, range)), Type::Bool),
            Err(error) => {
                self.mistake(id, error, "write a range such as '>=1.5.0 <1.6.0'");
                self.unset(id)
            }
        }
    }

    pub(super) fn matches(&mut self, id: u64, call: &'s CallExpr) -> (Op, Type) {
        let args: Vec<&IdedExpr> = call.target.iter().map(AsRef::as_ref).chain(&call.args).collect();
        let (text, pattern) = match args.as_slice() {
            [
                text,
                IdedExpr {
                    expr: Ast::Literal(LiteralValue::String(pattern)),
                    ..
                },
            ] => (*text, pattern.inner().to_owned()),
            _ => {
                self.mistake(
                    id,
                    "`matches` takes a text and a literal pattern",
                    "write `text.matches('^a+$')`",
                );
                return self.unset(id);
            }
        };
        let text = Box::new(self.expr(text).0);
        match Pattern::new(&pattern) {
            Ok(pattern) => (self.op(id, OpKind::Matches(text, pattern)), Type::Bool),
            Err(error) => {
                self.mistake(id, format!("bad pattern: {error}"), "");
                self.unset(id)
            }
        }
    }

    pub(super) fn function(&mut self, id: u64, function: Function, call: &'s CallExpr) -> (Op, Type) {
        let args: Vec<&IdedExpr> = call.target.iter().map(AsRef::as_ref).chain(&call.args).collect();
        let info = functions::info(function);
        if !info.arity.contains(&args.len()) {
            let what = format!(
                "`{}` takes {} arguments, not {}",
                call.func_name,
                info.arity_word(),
                args.len()
            );
            self.mistake(id, what, info.help);
        }
        let compiled: Vec<(Op, Type)> = args.iter().map(|arg| self.expr(arg)).collect();
        for kind in info.kinds {
            self.uses.kinds.extend(self.scope.kinds.by_name(kind));
        }
        let ty = check::function_type(function, compiled.iter().map(|(_, ty)| ty));
        let args: Vec<Op> = compiled.into_iter().map(|(op, _)| op).collect();
        (self.op(id, call_of(info.name, function, args)), ty)
    }

    pub(super) fn follow(&mut self, id: u64, call: &'s CallExpr) -> (Op, Type) {
        let name = &call.func_name;
        let args: Vec<&IdedExpr> = call.target.iter().map(AsRef::as_ref).chain(&call.args).collect();
        if !self.scope.graph.knows(name) {
            let help = gleaner_text::did_you_mean(
                name,
                self.scope
                    .graph
                    .names()
                    .chain(functions::names().map(|name: &str| name)),
            );
            self.mistake(id, format!("unknown function `{name}`"), help);
            return self.unset(id);
        }
        let [arg] = args.as_slice() else {
            self.mistake(id, format!("`{name}` takes one object"), "");
            return self.unset(id);
        };
        let (op, ty) = self.expr(arg);
        let Type::Object(kind) = ty else {
            let help = "the argument must be the object of `for_each`, or what a relation or `get` gave";
            self.mistake(arg.id, format!("`{name}` needs an object whose kind is known"), help);
            return self.unset(id);
        };
        let Some(edge) = self.scope.graph.find(name, kind) else {
            let names: Vec<&str> = self
                .scope
                .graph
                .from(kind)
                .map(|(_, edge)| edge.name.as_str())
                .collect();
            let info = self.scope.kinds.info(kind);
            let help = format!("relations of {info}: {}", names.join(", "));
            self.mistake(id, format!("`{name}` is no relation of {info}"), help);
            return self.unset(id);
        };
        self.uses.edges.insert(edge);
        let target = self.scope.graph.edge(edge);
        self.uses.kinds.insert(target.to);
        let object = Type::Object(target.to);
        let ty = if target.many {
            Type::List(Box::new(object))
        } else {
            object
        };
        (self.op(id, OpKind::Follow(edge, Box::new(op))), ty)
    }
}
