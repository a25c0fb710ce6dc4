//! What a function is: how expressions call it, what is known of it when they are compiled, and what it does.

use crate::value::Value;
use std::fmt;

/// A function that expressions may call, as `f(a, b)` or `a.f(b)`.
#[derive(Debug)]
pub struct Function {
    /// How expressions call it.
    pub name: &'static str,
    /// How many arguments it takes, the receiver among them.
    pub arity: usize,
    /// The type of its result.
    pub gives: Gives,
    /// What it is for, in a sentence without a full stop.
    pub help: &'static str,
    /// The kinds that it reads beyond its arguments, by name.
    pub reads: &'static [&'static str],
    pub(crate) body: Body,
    pub(crate) prepare: Option<Prepare>,
}

/// The type of what a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// Anything.
    Any,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// Text.
    String,
    /// An element of its first argument.
    Element,
    /// The same as its first argument.
    Same,
}

/// What a function makes of its arguments, of which there are as many as it takes. The error is a lowercase fragment.
pub type Call = for<'a> fn(&[Value<'a>]) -> Result<Value<'a>, String>;

/// What a function makes of its last argument where that is a literal text, once when an expression is compiled. The error says what
/// is wrong with the text.
pub type Prepare = fn(&str) -> Result<Prepared, String>;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Body {
    Call(Call),
    /// The host knows.
    Host,
    /// Only what it prepares: the last argument must be a literal.
    Literal,
    /// The evaluator knows: not all arguments need be evaluated, or copied.
    Form(Form),
}

/// Functions that are forms of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `empty(a)`
    Empty,
    /// `or(a, b)`
    Or,
}

/// A function whose last argument is known.
#[derive(Debug)]
pub enum Prepared {
    /// The result: nothing else matters.
    Value(Value<'static>),
    /// What is left to do with the other arguments.
    Call(PreparedCall),
}

/// What is left of a function whose last argument is known.
pub struct PreparedCall(Box<Rest>);

type Rest = dyn for<'a> Fn(&[Value<'a>]) -> Result<Value<'a>, String> + Send + Sync;

impl Prepared {
    /// What is left to do with the arguments but for the last.
    pub fn call(call: impl for<'a> Fn(&[Value<'a>]) -> Result<Value<'a>, String> + Send + Sync + 'static) -> Prepared {
        Prepared::Call(PreparedCall(Box::new(call)))
    }
}

impl PreparedCall {
    pub(crate) fn call<'a>(&self, arguments: &[Value<'a>]) -> Result<Value<'a>, String> {
        (self.0)(arguments)
    }
}

impl fmt::Debug for PreparedCall {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PreparedCall")
    }
}

impl Function {
    const fn of(name: &'static str, arity: usize, gives: Gives, help: &'static str, body: Body) -> Function {
        Function {
            name,
            arity,
            gives,
            help,
            reads: &[],
            body,
            prepare: None,
        }
    }

    /// A function of its arguments alone.
    pub const fn new(name: &'static str, arity: usize, gives: Gives, help: &'static str, call: Call) -> Function {
        Function::of(name, arity, gives, help, Body::Call(call))
    }

    /// A function that [`Host::call`](crate::Host::call) answers.
    pub const fn of_host(name: &'static str, arity: usize, gives: Gives, help: &'static str) -> Function {
        Function::of(name, arity, gives, help, Body::Host)
    }

    /// A function whose last argument must be a literal text.
    pub const fn of_literal(
        name: &'static str,
        arity: usize,
        gives: Gives,
        help: &'static str,
        prepare: Prepare,
    ) -> Function {
        Function::of(name, arity, gives, help, Body::Literal).preparing(prepare)
    }

    pub(crate) const fn form(
        name: &'static str,
        arity: usize,
        gives: Gives,
        help: &'static str,
        form: Form,
    ) -> Function {
        Function::of(name, arity, gives, help, Body::Form(form))
    }

    /// The same function, which does part of its work when an expression is compiled, where its last argument is a literal text.
    #[must_use]
    pub const fn preparing(self, prepare: Prepare) -> Function {
        Function {
            prepare: Some(prepare),
            ..self
        }
    }

    /// The same function, which reads objects of these kinds beyond its arguments.
    #[must_use]
    pub const fn reading(self, kinds: &'static [&'static str]) -> Function {
        Function { reads: kinds, ..self }
    }
}
