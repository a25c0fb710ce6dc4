//! Checks of expressions at load time: field paths and types against the table of known fields, and suggestions for typos.

use super::functions::{self, Function};
use super::{Binary, Type};
use gleaner_cluster::{KindId, Kinds};

/// Checks that a kind has a field at this path.
///
/// # Errors
/// What is wrong and a suggestion.
pub(super) fn known_field(kinds: &Kinds, kind: KindId, path: &[String]) -> Result<(), (String, String)> {
    let info = kinds.info(kind);
    match info.fields.look_up(path) {
        Ok(_) => Ok(()),
        Err(siblings) => {
            let name = path.last().map_or("", String::as_str);
            let what = format!("{} has no field `{}`", info.name, path.join("."));
            Err((
                what,
                gleaner_text::did_you_mean(name, siblings.iter().map(String::as_str)),
            ))
        }
    }
}

/// Checks that two sides of a comparison can be equal at all.
pub(super) fn comparison(kinds: &Kinds, binary: Binary, left: &Type, right: &Type) -> Option<(String, String)> {
    if matches!(binary, Binary::In | Binary::Add) {
        return None;
    }
    let (a, b) = (scalar(kinds, left)?, scalar(kinds, right)?);
    (a != b).then(|| {
        (
            format!("compares a {a} with a {b}: they are never equal"),
            "convert one side with `int(…)` or `string(…)`".to_owned(),
        )
    })
}

fn scalar(kinds: &Kinds, ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Int => Some("int"),
        Type::Str => Some("string"),
        Type::Bool => Some("bool"),
        Type::Field(kind, path) => kinds.info(*kind).fields.look_up(path).ok().flatten(),
        _ => None,
    }
}

pub(super) fn binary_type(binary: Binary, left: &Type, right: &Type) -> Type {
    match binary {
        Binary::Equal
        | Binary::NotEqual
        | Binary::Less
        | Binary::LessEqual
        | Binary::Greater
        | Binary::GreaterEqual
        | Binary::In => Type::Bool,
        _ if left == right && *left == Type::Int => Type::Int,
        Binary::Add => match (left, right) {
            (Type::List(a), Type::List(b)) if a == b => left.clone(),
            _ => Type::Any,
        },
        _ => Type::Any,
    }
}

/// The type a function gives, where it follows from its arguments.
pub(super) fn function_type<'t>(function: Function, mut args: impl Iterator<Item = &'t Type>) -> Type {
    let first = args.next();
    match functions::info(function).gives {
        "int" => Type::Int,
        "string" => Type::Str,
        "bool" => Type::Bool,
        "element" => match first {
            Some(Type::List(item)) => (**item).clone(),
            _ => Type::Any,
        },
        "same" => first.cloned().unwrap_or(Type::Any),
        _ => Type::Any,
    }
}

pub(super) fn type_word(ty: &Type) -> &'static str {
    match ty {
        Type::Any => "value",
        Type::Object(_) => "object",
        Type::Field(..) => "field",
        Type::List(_) => "list",
        Type::Int => "int",
        Type::Str => "string",
        Type::Bool => "bool",
    }
}
