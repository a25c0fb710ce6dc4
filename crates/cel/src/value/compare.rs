//! When values are equal, and which comes first.

use super::Value;
use crate::types::ValueType;
use std::cmp::Ordering;

impl Value<'_> {
    /// Equality as CEL has it: numbers by value, objects by identity, values of different types never. What is unset equals what is
    /// unset, and nothing else.
    pub fn equals(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => a.as_str() == b.as_str(),
            (Value::Unset(_), Value::Unset(_)) => true,
            (Value::Unset(_), _) | (_, Value::Unset(_)) => false,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b))
            | (Value::Time(a), Value::Time(b))
            | (Value::Duration(a), Value::Duration(b)) => a == b,
            (Value::Object(a), Value::Object(b)) => (a.kind, a.position) == (b.kind, b.position),
            _ => self.equal_numbers(other) || self.equal_collections(other),
        }
    }

    fn equal_numbers(&self, other: &Value<'_>) -> bool {
        let numbers = self.number().zip(other.number());
        numbers.is_some_and(|(a, b)| a.partial_cmp(&b) == Some(Ordering::Equal))
    }

    fn equal_collections(&self, other: &Value<'_>) -> bool {
        let (Some(mut mine), Some(theirs)) = (self.elements(), other.elements()) else {
            return false;
        };
        if self.type_of() != other.type_of() || self.size() != other.size() {
            return false;
        }
        match self.type_of() {
            ValueType::Map => mine.all(|key| {
                // The empty key reads as unset.
                let key = key.as_str().unwrap_or("");
                self.field(key).equals(&other.field(key))
            }),
            _ => mine.zip(theirs).all(|(a, b)| a.equals(&b)),
        }
    }

    /// The order of two values of one type; `None` where there is none.
    pub fn order(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Value::Int(a), Value::Int(b))
            | (Value::Time(a), Value::Time(b))
            | (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
            (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
            (Value::Text(a), Value::Text(b)) => Some(a.as_str().cmp(b.as_str())),
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }

    /// A total order, as sorting demands: unset values first, then bools, numbers, times, spans and texts, each by value, then
    /// objects by kind and place; anything else by what a message shows.
    pub fn total_order(&self, other: &Value<'_>) -> Ordering {
        let ranks = self.rank().cmp(&other.rank());
        ranks.then_with(|| match (self, other) {
            (Value::Object(a), Value::Object(b)) => (a.kind, a.position).cmp(&(b.kind, b.position)),
            _ => match self.number().zip(other.number()) {
                Some((a, b)) => a.total_cmp(&b).then_with(|| self.whole().cmp(&other.whole())),
                None => {
                    let shown = || self.to_string().cmp(&other.to_string());
                    self.order(other).unwrap_or_else(shown)
                }
            },
        })
    }

    /// Values of different ranks never compare by value: what is left within a rank has an order.
    fn rank(&self) -> u8 {
        match self {
            Value::Unset(_) => 0,
            Value::Bool(_) => 1,
            Value::Int(_) | Value::Double(_) => 2,
            Value::Time(_) => 3,
            Value::Duration(_) => 4,
            Value::Text(_) => 5,
            Value::Object(_) => 6,
            Value::Node(_) | Value::NoElements | Value::List(_) | Value::Map(_) => 7,
        }
    }

    /// Orders whole numbers that are equal as doubles.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only breaks ties between numbers beyond 2^53"
    )]
    fn whole(&self) -> i64 {
        match self {
            Value::Int(number) => *number,
            Value::Double(number) => *number as i64,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_mixed_values_is_total() {
        let mut values: Vec<Value<'_>> = vec![
            Value::UNSET,
            Value::Bool(true),
            Value::Double(f64::NAN),
            Value::Double(-0.0),
        ];
        values.extend((0..40).map(Value::Int));
        values.extend(["5", "10", "1x", "NaN", "true"].map(Value::borrowed));
        values.extend([
            Value::Int(i64::MAX),
            Value::Int(i64::MAX - 1),
            Value::Double(9.223_372_036_854_776e18),
        ]);
        for a in &values {
            for b in &values {
                assert_eq!(a.total_order(b), b.total_order(a).reverse(), "{a:?} {b:?}");
                for c in &values {
                    let cycle = a.total_order(b).is_lt() && b.total_order(c).is_lt() && !a.total_order(c).is_lt();
                    assert!(!cycle, "{a:?} {b:?} {c:?}");
                }
            }
        }
    }
}
