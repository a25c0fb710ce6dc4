//! Calls: functions, relations, objects by name, and lists of a kind.

use super::{Compiler, Typed, check, unset};
use crate::error::Span;
use crate::expr::{Op, OpKind};
use crate::function::{Body, Form, Function, Prepare, Prepared};
use crate::ids::KindId;
use crate::library;
use crate::syntax::{Ast, Call, Syntax};
use crate::types::Type;

impl<'s> Compiler<'_, 's> {
    pub(super) fn call(&mut self, span: Span, call: &Call<'s>) -> (OpKind, Type) {
        match (call.name, call.is_method) {
            ("all", false) => self.all(span, &call.arguments),
            ("get", false) => self.get(span, &call.arguments),
            (name, _) => match self.function(name) {
                Some(function) => self.apply(span, function, &call.arguments),
                None => self.follow(span, call),
            },
        }
    }

    fn function(&self, name: &str) -> Option<&'static Function> {
        let mut functions = self.scope.schema.functions().iter().chain(library::FUNCTIONS);
        functions.find(|function| function.name == name)
    }

    fn apply(&mut self, span: Span, function: &'static Function, arguments: &[Ast<'s>]) -> (OpKind, Type) {
        let mut compiled: Vec<Typed> = arguments.iter().map(|argument| self.expr(argument)).collect();
        let ty = check::gives(function.gives, compiled.first().map(|first| &first.ty));
        for kind in function.reads {
            self.uses.kinds.extend(self.scope.schema.kind(kind));
        }
        if arguments.len() != function.arity {
            let plural = if function.arity == 1 { "" } else { "s" };
            let (name, arity, given) = (function.name, function.arity, arguments.len());
            let message = format!("`{name}` takes {arity} argument{plural}, not {given}");
            self.report(span, message, function.help);
            return (unset().0, ty);
        }
        let prepared = match (function.prepare, arguments.last()) {
            (Some(prepare), Some(last)) => self.prepare(function, prepare, last),
            _ => None,
        };
        if prepared.is_some() {
            compiled.pop();
        }
        let ops: Vec<Op> = compiled.into_iter().map(|argument| argument.op).collect();
        let kind = match prepared {
            Some(Prepared::Value(value)) => OpKind::Const(value),
            Some(Prepared::Call(call)) => OpKind::Prepared(function, call, ops),
            None => plain(function, ops),
        };
        (kind, ty)
    }

    /// What a function makes of its last argument, if that is a literal text.
    fn prepare(&mut self, function: &Function, prepare: Prepare, last: &Ast<'s>) -> Option<Prepared> {
        let Syntax::String(text) = &last.syntax else {
            if matches!(function.body, Body::Literal) {
                let message = format!("the last argument of `{}` must be a literal string", function.name);
                self.report(last.span, message, function.help);
            }
            return None;
        };
        match prepare(text) {
            Ok(prepared) => Some(prepared),
            Err(message) => {
                self.report(last.span, message, function.help);
                None
            }
        }
    }

    fn kind_argument(&mut self, span: Span, arguments: &[Ast<'s>]) -> Option<KindId> {
        let Some(Ast {
            span,
            syntax: Syntax::String(name),
            ..
        }) = arguments.first()
        else {
            let span = arguments.first().map_or(span, |first| first.span);
            let help = "write it as `\"Volume.longhorn.io\"`";
            self.report(span, "expected a kind as a string", help);
            return None;
        };
        let kind = self.scope.schema.kind(name);
        if kind.is_none() {
            let help = gleaner_text::did_you_mean(name, self.scope.schema.kind_names().into_iter());
            self.report(*span, format!("unknown kind `{name}`"), help);
        }
        self.uses.kinds.extend(kind);
        kind
    }

    fn all(&mut self, span: Span, arguments: &[Ast<'s>]) -> (OpKind, Type) {
        if !self.scope.may_list {
            let message = "`all` may not be used for every object: it would compare each with each";
            let help = "use a relation of rules/graph.yaml, or list it once under `once`";
            self.report(span, message, help);
        }
        if let Some(more) = arguments.get(1) {
            self.report(more.span, "`all` takes a kind alone", "use `filter` on its result");
        }
        match self.kind_argument(span, arguments) {
            Some(kind) => (OpKind::All(kind), Type::List(Box::new(Type::Object(kind)))),
            None => unset(),
        }
    }

    fn get(&mut self, span: Span, arguments: &[Ast<'s>]) -> (OpKind, Type) {
        let Some(kind) = self.kind_argument(span, arguments) else {
            return unset();
        };
        let [_, namespace, name] = arguments else {
            let help = "the namespace is \"\" for cluster-scoped kinds";
            self.report(span, "`get` takes a kind, a namespace and a name", help);
            return unset();
        };
        let names = Box::new([self.op(namespace), self.op(name)]);
        (OpKind::Get(kind, names), Type::Object(kind))
    }

    fn follow(&mut self, span: Span, call: &Call<'s>) -> (OpKind, Type) {
        let (name, schema) = (call.name, self.scope.schema);
        let relations = schema.relation_names(None);
        if !relations.contains(&name) {
            let functions = schema.functions().iter().chain(library::FUNCTIONS);
            let known = relations.into_iter().chain(functions.map(|function| function.name));
            let help = gleaner_text::did_you_mean(name, known.chain(["all", "get", "has"]));
            self.report(span, format!("unknown function `{name}`"), help);
            return unset();
        }
        let [argument] = call.arguments.as_slice() else {
            self.report(span, format!("`{name}` takes one object"), "");
            return unset();
        };
        let Typed { op, ty } = self.expr(argument);
        let Type::Object(kind) = ty else {
            let help = "the argument must be the object of `for_each`, or what a relation or `get` gave";
            let message = format!("`{name}` needs an object whose kind is known");
            self.report(argument.span, message, help);
            return unset();
        };
        let Some(relation) = schema.relation(name, kind) else {
            let kind_name = schema.kind_name(kind);
            let help = format!(
                "relations of {kind_name}: {}",
                schema.relation_names(Some(kind)).join(", ")
            );
            self.report(span, format!("{kind_name} has no relation `{name}`"), help);
            return unset();
        };
        self.uses.relations.insert(relation.id);
        self.uses.kinds.insert(relation.to);
        let object = Type::Object(relation.to);
        let ty = if relation.many {
            Type::List(Box::new(object))
        } else {
            object
        };
        (OpKind::Related(relation, Box::new(op)), ty)
    }
}

/// A call of which nothing is prepared.
fn plain(function: &'static Function, arguments: Vec<Op>) -> OpKind {
    let mut arguments = arguments.into_iter();
    match (function.body, arguments.next(), arguments.next()) {
        (Body::Form(Form::Empty), Some(value), None) => OpKind::Empty(Box::new(value)),
        (Body::Form(Form::Or), Some(value), Some(other)) => OpKind::Or(Box::new([value, other])),
        (_, first, second) => {
            let arguments = first.into_iter().chain(second).chain(arguments);
            OpKind::Call(function, arguments.collect())
        }
    }
}
