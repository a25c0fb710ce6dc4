//! The functions of rule expressions: how they are found and called. One table has their names, arities and results; their bodies
//! stand in files by topic.

mod collections;
mod convert;
mod kubernetes;
mod network;
mod scheduling;
mod table;
mod text;
mod versions;
mod words;

use super::eval::Env;
use super::val::Val;
use gleaner_cluster::VersionRange;
use gleaner_text::Pattern;
pub(crate) use scheduling::selected;
use std::ops::RangeInclusive;
use table::TABLE;

/// A function's place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Function(usize);

/// The body of a function: its arguments, checked for their number, and the cluster.
type Body = for<'a> fn(&[Val<'a>], &Env<'a>) -> Result<Val<'a>, String>;

/// What is known about a function at load time.
pub(super) struct Info {
    /// How rules call it, as `f(x, …)` or `x.f(…)`.
    pub(super) name: &'static str,
    /// How many arguments it takes, the receiver among them.
    pub(super) arity: RangeInclusive<usize>,
    /// `int`, `string`, `bool`, `element` (of its first argument), `same` (as its first argument) or `any`.
    pub(super) gives: &'static str,
    /// Kinds it reads, beyond its arguments.
    pub(super) kinds: &'static [&'static str],
    /// How to use it.
    pub(super) help: &'static str,
    body: Body,
}

impl Info {
    pub(super) fn arity_word(&self) -> String {
        let (least, most) = (self.arity.start(), self.arity.end());
        if least == most {
            least.to_string()
        } else {
            format!("{least} to {most}")
        }
    }
}

/// The function of this name.
pub(super) fn find(name: &str) -> Option<Function> {
    TABLE.iter().position(|info| info.name == name).map(Function)
}

/// What is known about a function.
pub(super) fn info(function: Function) -> &'static Info {
    &TABLE[function.0]
}

/// Calls a function.
pub(super) fn call<'a>(function: Function, args: &[Val<'a>], env: &Env<'a>) -> Result<Val<'a>, String> {
    (info(function).body)(args, env).map_err(|what| format!("{}: {what}", info(function).name))
}

/// What the first group of a compiled pattern matches, as `extract` gives it.
pub(super) fn first_group<'a>(pattern: &Pattern, text: &Val<'a>) -> Result<Val<'a>, String> {
    text::first_group(pattern, std::slice::from_ref(text)).map_err(|what| format!("extract: {what}"))
}

/// Whether a version is in a range that was read before, as `version_in` tells it.
pub(super) fn version_in<'a>(version: &Val<'a>, range: &VersionRange) -> Result<Val<'a>, String> {
    versions::in_range(version, range).map_err(|what| format!("version_in: {what}"))
}

/// All names, for suggestions and for the documentation.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|info| info.name)
}

/// Name and help of all functions, for the documentation.
pub fn documentation() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.iter().map(|info| (info.name, info.help))
}

/// More arguments than any function takes.
pub(super) const MOST_ARGUMENTS: usize = 3;

fn argument<'v, 'a>(args: &'v [Val<'a>], index: usize) -> &'v Val<'a> {
    args.get(index).unwrap_or(&Val::Unset)
}

fn text_argument<'v>(args: &'v [Val<'_>], index: usize) -> Result<&'v str, String> {
    let value = argument(args, index);
    match value {
        Val::Unset => Ok(""),
        _ => value
            .as_str()
            .ok_or_else(|| format!("expected a string, got a {}", value.type_name())),
    }
}

fn list_argument<'a>(args: &[Val<'a>], index: usize) -> Result<Vec<Val<'a>>, String> {
    let value = argument(args, index);
    value
        .elements()
        .map(Iterator::collect)
        .ok_or_else(|| format!("expected a list, got a {}", value.type_name()))
}
