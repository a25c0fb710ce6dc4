//! What operators and functions give, and whether their operands go together.

use crate::function::Gives;
use crate::host::Schema;
use crate::syntax::{Arithmetic, Comparison, Operator};
use crate::types::Type;

/// What is wrong with two operands, and what to do about it. Only scalars that are surely of different types are wrong.
pub(super) fn operands(schema: &dyn Schema, operator: Operator, left: &Type, right: &Type) -> Option<(String, String)> {
    let (left, right) = (scalar(schema, left)?, scalar(schema, right)?);
    let message = match operator {
        _ if left == right => return None,
        Operator::In | Operator::Calculate(Arithmetic::Add) => return None,
        Operator::Calculate(_) => format!("cannot calculate with {left} and {right}"),
        Operator::Compare(Comparison::Equal | Comparison::NotEqual) => {
            format!("compares {left} with {right}: they are never equal")
        }
        Operator::Compare(_) => format!("compares {left} with {right}: they have no order"),
    };
    Some((message, "convert one side with `int(…)` or `string(…)`".to_owned()))
}

fn scalar(schema: &dyn Schema, ty: &Type) -> Option<Type> {
    let ty = match ty {
        Type::Field(kind, path) => schema.field(*kind, path).ok()?,
        other => other.clone(),
    };
    matches!(ty, Type::Bool | Type::Int | Type::String).then_some(ty)
}

/// The type that an operator gives.
pub(super) fn result(operator: Operator, left: &Type, right: &Type) -> Type {
    match operator {
        Operator::Compare(_) | Operator::In => Type::Bool,
        Operator::Calculate(_) if *left == Type::Int && *right == Type::Int => Type::Int,
        Operator::Calculate(Arithmetic::Add) if matches!(left, Type::List(_)) && left == right => left.clone(),
        Operator::Calculate(_) => Type::Any,
    }
}

/// The type that a function gives, where it follows from its arguments.
pub(super) fn gives(gives: Gives, first: Option<&Type>) -> Type {
    match (gives, first) {
        (Gives::Int, _) => Type::Int,
        (Gives::String, _) => Type::String,
        (Gives::Bool, _) => Type::Bool,
        (Gives::Element, Some(Type::List(item))) => (**item).clone(),
        (Gives::Same, Some(first)) => first.clone(),
        (Gives::Any | Gives::Element | Gives::Same, _) => Type::Any,
    }
}
