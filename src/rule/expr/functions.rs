//! The functions of rule expressions: one table of names, arities and results, and the files that hold them by topic.

mod collections;
mod convert;
mod kubernetes;
mod network;
mod scheduling;
mod text;
mod versions;

use super::eval::Env;
use super::val::Val;
use crate::rule::pattern::Pattern;
pub(crate) use scheduling::selected;
use std::ops::RangeInclusive;

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

const fn row(
    name: &'static str,
    arity: RangeInclusive<usize>,
    gives: &'static str,
    help: &'static str,
    body: Body,
) -> Info {
    Info {
        name,
        arity,
        gives,
        kinds: &[],
        help,
        body,
    }
}

const fn reads(kinds: &'static [&'static str], info: Info) -> Info {
    Info { kinds, ..info }
}

/// Harvester's and Longhorn's Settings, which `setting` and `longhorn_setting` read.
const HARVESTER_SETTING: &[&str] = &["Setting.harvesterhci.io"];
const LONGHORN_SETTING: &[&str] = &["Setting.longhorn.io"];

static TABLE: &[Info] = &[
    row(
        "empty",
        1..=1,
        "bool",
        "true for unset values and for lists and maps without elements",
        collections::empty,
    ),
    row(
        "size",
        1..=1,
        "int",
        "elements of a list or map, characters of a text, 0 for unset",
        collections::size,
    ),
    row(
        "or",
        2..=2,
        "same",
        "the first value, or the second where the first is unset",
        collections::or,
    ),
    row("keys", 1..=1, "any", "the keys of a map", collections::keys),
    row(
        "all_keys",
        1..=1,
        "any",
        "the keys of a map, those of unset values among them",
        collections::all_keys,
    ),
    row("values", 1..=1, "any", "the values of a map", collections::values),
    row(
        "first",
        1..=1,
        "element",
        "the first element of a list",
        collections::first,
    ),
    row(
        "distinct",
        1..=1,
        "same",
        "the elements of a list, each once, in order",
        collections::distinct,
    ),
    row(
        "sort",
        1..=1,
        "same",
        "the elements of a list in order",
        collections::sort,
    ),
    row(
        "flatten",
        1..=1,
        "any",
        "one list of the elements of the lists in a list",
        collections::flatten,
    ),
    row("sum", 1..=1, "any", "the sum of a list of numbers", collections::sum),
    row("min", 1..=1, "element", "the least element of a list", collections::min),
    row(
        "max",
        1..=1,
        "element",
        "the greatest element of a list",
        collections::max,
    ),
    row(
        "int",
        1..=1,
        "int",
        "a number, a text of digits or a quantity as a whole number",
        convert::int,
    ),
    row("string", 1..=1, "string", "any scalar as text", convert::string),
    row(
        "bool",
        1..=1,
        "bool",
        "a bool, or the text \"true\" or \"false\"",
        convert::boolean,
    ),
    row(
        "time",
        1..=1,
        "any",
        "an RFC 3339 text as a point in time",
        convert::time,
    ),
    row(
        "age",
        1..=1,
        "any",
        "how long before the bundle was made a time stamp lies",
        convert::age,
    ),
    row(
        "duration",
        1..=1,
        "any",
        "a text such as \"1h30m\" as a span of time",
        convert::duration,
    ),
    row(
        "quantity",
        1..=1,
        "any",
        "a Kubernetes quantity such as \"10Gi\" as a number",
        convert::quantity,
    ),
    row(
        "json",
        1..=1,
        "any",
        "the value of JSON inside a text; unset if it does not parse",
        convert::json,
    ),
    row(
        "yaml",
        1..=1,
        "any",
        "the value of YAML inside a text; unset if it does not parse",
        convert::yaml,
    ),
    row(
        "version_in",
        2..=2,
        "bool",
        "whether a version is in a range such as \">=1.5.0 <1.6.0\"",
        versions::version_in,
    ),
    row(
        "version_less",
        2..=2,
        "bool",
        "whether the first version is older than the second",
        versions::version_less,
    ),
    row(
        "version_dev",
        1..=1,
        "bool",
        "whether a version is a development build",
        versions::version_dev,
    ),
    row(
        "contains",
        2..=2,
        "bool",
        "whether a text holds another",
        text::contains,
    ),
    row(
        "startsWith",
        2..=2,
        "bool",
        "whether a text starts with another",
        text::starts_with,
    ),
    row(
        "endsWith",
        2..=2,
        "bool",
        "whether a text ends with another",
        text::ends_with,
    ),
    row("lower", 1..=1, "string", "a text in lower case", text::lower),
    row(
        "split",
        2..=2,
        "any",
        "the parts of a text between separators",
        text::split,
    ),
    row(
        "join",
        2..=2,
        "string",
        "the elements of a list as one text",
        text::join,
    ),
    row(
        "replace",
        3..=3,
        "string",
        "a text with one part replaced by another",
        text::replace,
    ),
    row("trim", 1..=1, "string", "a text without blanks at its ends", text::trim),
    row(
        "extract",
        2..=2,
        "string",
        "what the first group of a pattern matches in a text",
        text::extract,
    ),
    row(
        "condition",
        2..=2,
        "any",
        "the condition of this type, whatever the case of its letters",
        kubernetes::condition,
    ),
    reads(
        HARVESTER_SETTING,
        row(
            "setting",
            1..=1,
            "string",
            "the effective value of a Harvester setting",
            kubernetes::setting,
        ),
    ),
    reads(
        LONGHORN_SETTING,
        row(
            "longhorn_setting",
            1..=1,
            "string",
            "the value of a Longhorn setting",
            kubernetes::longhorn_setting,
        ),
    ),
    row(
        "collected",
        1..=1,
        "bool",
        "whether the objects of a namespace are in the bundle",
        kubernetes::collected,
    ),
    row(
        "archived",
        1..=1,
        "bool",
        "whether the archive of a node is in the bundle",
        kubernetes::archived,
    ),
    row(
        "selects",
        2..=2,
        "bool",
        "whether a label selector selects an object",
        scheduling::selects,
    ),
    row(
        "node_affinity",
        2..=2,
        "bool",
        "whether a required node affinity lets a pod run on a node",
        scheduling::node_affinity,
    ),
    row(
        "cidr_usable",
        2..=2,
        "int",
        "addresses of an IPv4 range for use, less a list of excluded ranges",
        network::cidr_usable,
    ),
    row(
        "cidr_contains",
        2..=2,
        "bool",
        "whether a range holds an address or another range",
        network::cidr_contains,
    ),
    row(
        "cidr_overlaps",
        2..=2,
        "bool",
        "whether two ranges share addresses",
        network::cidr_overlaps,
    ),
    row(
        "cidr_network",
        1..=1,
        "string",
        "a range with its host bits cleared: 192.168.1.0/24",
        network::cidr_network,
    ),
    row(
        "decoded",
        1..=1,
        "string",
        "the text behind base64, unpacked where it is gzip, as machine-plan Secrets hold it",
        convert::decoded,
    ),
    row(
        "has_key",
        2..=2,
        "bool",
        "whether a map has a key, even one whose value is unset",
        collections::has_key,
    ),
    row(
        "min_upgradable",
        1..=1,
        "string",
        "the oldest release from which a release may be reached, by the upgrade matrix",
        versions::min_upgradable,
    ),
    row(
        "path_problem",
        3..=3,
        "string",
        "why an upgrade from one version to another, with this oldest release, is refused; unset if it is not",
        versions::path_problem,
    ),
];

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

/// All names, for suggestions and for the documentation.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|info| info.name)
}

/// Name and help of all functions, for the documentation.
pub fn documentation() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.iter().map(|info| (info.name, info.help))
}

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
        .ok_or_else(|| format!("expected a list, got a {}", value.type_name()))
}
