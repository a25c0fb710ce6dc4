//! Label selectors and node affinity, with the semantics of Kubernetes.

use super::Result;
use gleaner_cel::Value;

/// A label selector (`matchLabels`, `matchExpressions`, or a plain map of labels) against an object or a map of labels.
pub(super) fn selects<'a>(args: &[Value<'a>]) -> Result<'a> {
    Ok(Value::Bool(selected(&args[0], &args[1])))
}

/// Whether a label selector selects an object or a map of labels. An empty selector selects everything.
pub(crate) fn selected(selector: &Value<'_>, object: &Value<'_>) -> bool {
    let labels = labels_of(object);
    let (equal, expressions) = (selector.field("matchLabels"), selector.field("matchExpressions"));
    let plain = equal.is_empty() && expressions.is_empty();
    let equal = if plain { selector.clone() } else { equal };
    let all_equal = each(&equal, &|key| {
        let key = key.as_str().unwrap_or_default();
        labels.field(key).equals(&equal.field(key)) && !labels.field(key).is_unset()
    });
    let met = each(&expressions, &|expression| requirement(expression, &labels));
    all_equal && met
}

/// The labels of an object, or the map itself.
fn labels_of<'a>(value: &Value<'a>) -> Value<'a> {
    match value {
        Value::Object(object) => Value::maybe(object.root.at(&["metadata", "labels"])),
        other => other.clone(),
    }
}

/// One requirement of a selector on labels.
fn requirement(expression: &Value<'_>, labels: &Value<'_>) -> bool {
    let key = expression.field("key");
    let key = key.as_str().unwrap_or_default();
    met(expression, labels.has_key(key), &labels.field(key))
}

/// Whether a value meets an operator: In, NotIn, Exists, DoesNotExist, Gt, Lt. Nothing meets an unknown operator.
fn met(expression: &Value<'_>, present: bool, value: &Value<'_>) -> bool {
    let values = expression.field("values");
    let mut values = values.elements().into_iter().flatten().peekable();
    let first = values.peek().cloned();
    let listed = values.any(|wanted| wanted.equals(value));
    let number = |value: &Value<'_>| value.as_str().and_then(|text| text.parse::<i64>().ok());
    let sides = number(value).zip(first.as_ref().and_then(number));
    match expression.field("operator").as_str().unwrap_or_default() {
        "In" => present && listed,
        "NotIn" => !present || !listed,
        "Exists" => present,
        "DoesNotExist" => !present,
        "Gt" => present && sides.is_some_and(|(value, bound)| value > bound),
        "Lt" => present && sides.is_some_and(|(value, bound)| value < bound),
        _ => false,
    }
}

/// A required node affinity (`nodeSelectorTerms`) against a Node: some term must match, and an empty term matches nothing.
pub(super) fn node_affinity<'a>(args: &[Value<'a>]) -> Result<'a> {
    let (affinity, node) = (&args[0], &args[1]);
    let labels = labels_of(node);
    let name = node.field("metadata").field("name");
    let terms = affinity.field("nodeSelectorTerms");
    let matched = terms.elements().into_iter().flatten().any(|term| {
        let (expressions, fields) = (term.field("matchExpressions"), term.field("matchFields"));
        let by_field = |field: &Value<'_>| {
            let known = field.field("key").as_str() == Some("metadata.name");
            known && met(field, true, &name)
        };
        !(expressions.is_empty() && fields.is_empty())
            && each(&expressions, &|expression| requirement(expression, &labels))
            && each(&fields, &by_field)
    });
    Ok(Value::Bool(matched))
}

/// Whether all elements of a list, if it is one, meet a condition.
fn each<'a>(list: &Value<'a>, holds: &dyn Fn(&Value<'a>) -> bool) -> bool {
    list.elements().into_iter().flatten().all(|element| holds(&element))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn map<'a>(entries: &[(&str, Value<'a>)]) -> Value<'a> {
        let entries: BTreeMap<String, Value<'a>> = entries
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect();
        Value::Map(Arc::new(entries))
    }

    fn expression<'a>(key: &'a str, operator: &'a str, values: &[&'a str]) -> Value<'a> {
        let values = Value::list(values.iter().map(|value| Value::borrowed(value)).collect());
        map(&[
            ("key", Value::borrowed(key)),
            ("operator", Value::borrowed(operator)),
            ("values", values),
        ])
    }

    #[test]
    fn operators_have_the_semantics_of_kubernetes() {
        let labels = map(&[("zone", Value::borrowed("a")), ("cores", Value::borrowed("8"))]);
        for (key, operator, values, expected) in [
            ("zone", "In", vec!["a", "b"], true),
            ("zone", "In", vec!["b"], false),
            ("none", "In", vec!["a"], false),
            ("zone", "NotIn", vec!["a"], false),
            ("none", "NotIn", vec!["a"], true),
            ("zone", "Exists", vec![], true),
            ("none", "Exists", vec![], false),
            ("none", "DoesNotExist", vec![], true),
            ("cores", "Gt", vec!["4"], true),
            ("cores", "Gt", vec!["8"], false),
            ("cores", "Lt", vec!["16"], true),
            ("zone", "Gt", vec!["1"], false),
            ("zone", "Near", vec!["a"], false),
        ] {
            assert_eq!(
                requirement(&expression(key, operator, &values), &labels),
                expected,
                "{key} {operator} {values:?}"
            );
        }
    }
}
