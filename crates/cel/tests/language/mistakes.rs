//! Mistakes that are found before anything is evaluated.

use crate::world::scope;
use gleaner_cel::{MAX_STEPS, Slots, Value, Variable, compile};

#[test]
fn mistakes_say_what_is_wrong_where_and_what_to_do() {
    for (source, at, message, help) in [
        ("pdo.spec", "pdo", "unknown variable `pdo`", "did you mean `pod`?"),
        (
            "pod.status.phas == 'a'",
            "phas",
            "Pod has no field `status.phas`",
            "did you mean `phase`?",
        ),
        (
            "has(pod.status.phas)",
            "phas",
            "Pod has no field `status.phas`",
            "did you mean `phase`?",
        ),
        ("pod['metadta']", "'metadta'", "Pod has no field `metadta`", ""),
        ("[1].a", "a", "a list has no field `a`", ""),
        ("size(pod).a", "a", "an int has no field `a`", ""),
        (
            "pod.status.phase == 1",
            "pod.status.phase == 1",
            "compares a string with an int: they are never equal",
            "convert one side with `int(…)` or `string(…)`",
        ),
        (
            "1 < 'a'",
            "1 < 'a'",
            "compares an int with a string: they have no order",
            "convert one side with `int(…)` or `string(…)`",
        ),
        (
            "true - 1",
            "true - 1",
            "cannot calculate with a bool and an int",
            "convert one side with `int(…)` or `string(…)`",
        ),
        (
            "lowr('a')",
            "lowr('a')",
            "unknown function `lowr`",
            "did you mean `lower`?",
        ),
        (
            "pod.noed()",
            "pod.noed()",
            "unknown function `noed`",
            "did you mean `node`?",
        ),
        (
            "pods(pod)",
            "pods(pod)",
            "Pod has no relation `pods`",
            "relations of Pod: node",
        ),
        (
            "node(x)",
            "x",
            "`node` needs an object whose kind is known",
            "the argument must be the object of `for_each`, or what a relation or `get` gave",
        ),
        ("node(pod, 1)", "node(pod, 1)", "`node` takes one object", ""),
        (
            "lower('a', 'b')",
            "lower('a', 'b')",
            "`lower` takes 1 argument, not 2",
            "a text in lower case",
        ),
        (
            "join('a')",
            "join('a')",
            "`join` takes 2 arguments, not 1",
            "the elements of a list as one text",
        ),
        (
            "all(pod)",
            "pod",
            "expected a kind as a string",
            "write it as `\"Volume.longhorn.io\"`",
        ),
        ("all('Pdo')", "'Pdo'", "unknown kind `Pdo`", "did you mean `Pod`?"),
        (
            "get('Pod', 'a')",
            "get('Pod', 'a')",
            "`get` takes a kind, a namespace and a name",
            "the namespace is \"\" for cluster-scoped kinds",
        ),
        (
            "'a'.matches(version)",
            "version",
            "the last argument of `matches` must be a literal string",
            "whether a text matches a pattern, written as a literal: text.matches('^a+$')",
        ),
        (
            "duration('soon')",
            "'soon'",
            "`soon` is not a duration such as `1h30m`",
            "a text such as \"1h30m\" as a duration",
        ),
    ] {
        let errors = compile(source, &scope()).unwrap_err();
        assert_eq!(errors.len(), 1, "{source}: {errors:?}");
        let error = &errors[0];
        let found = (&source[error.span.clone()], error.message.as_str(), error.help.as_str());
        assert_eq!(found, (at, message, help), "{source}");
    }
    let bad = compile("'a'.matches('(')", &scope()).unwrap_err();
    assert!(bad[0].message.starts_with("bad pattern: "), "{bad:?}");
    assert_eq!(compile("pdo + pod.spc + lowr()", &scope()).unwrap_err().len(), 3);
}

#[test]
fn all_is_only_for_what_runs_once() {
    let mut scope = scope();
    scope.may_list = false;
    assert_eq!(compile("size(all('Pod'))", &scope).unwrap_err().len(), 1);
    assert!(compile("[1].all(n, n == 1)", &scope).is_ok());
}

/// What rests on other values needs their room on the stack as well.
#[test]
fn values_that_rest_on_too_many_others_are_refused() {
    let mut scope = scope();
    let mut expressions = Vec::new();
    let mut refused = None;
    for number in 0..100 {
        let last = if number == 0 {
            "x".to_owned()
        } else {
            format!("v{number}")
        };
        let source = "(1 + ".repeat(80) + &last + &")".repeat(80);
        match compile(&source, &scope) {
            Ok(expr) => {
                scope
                    .variables
                    .push(Variable::memoized(format!("v{}", number + 1), &expr));
                expressions.push(expr);
            }
            Err(errors) => {
                refused = Some(errors);
                break;
            }
        }
    }
    let refused = refused.unwrap();
    assert!(
        refused[0].message.contains("depends on too many other values"),
        "{refused:?}"
    );
    // What is not refused can be evaluated.
    let mut slots = Slots::new();
    slots.push(Value::UNSET);
    slots.push(Value::UNSET);
    slots.memoize(&expressions);
    let world = crate::world::world();
    let last = expressions.last().unwrap();
    assert!(last.eval(&world, &mut slots).unwrap().is_unset());
}

#[test]
fn an_evaluation_ends_after_so_many_steps() {
    for doublings in [6, 7, 8, 9] {
        let mut scope = scope();
        let list = format!("[{}]", vec!["1"; 40].join(", "));
        let mut expressions = Vec::new();
        for number in 0..doublings {
            let source = match number {
                0 => list.clone(),
                _ => format!("l{0} + l{0}", number - 1),
            };
            let expr = compile(&source, &scope).unwrap();
            scope.variables.push(Variable::memoized(format!("l{number}"), &expr));
            expressions.push(expr);
        }
        let last = format!("l{}", doublings - 1);
        let expr = compile(&format!("{last}.all(a, !(0 in {last}))"), &scope).unwrap();
        let world = crate::world::world();
        let mut slots = Slots::new();
        slots.push(Value::UNSET);
        slots.push(Value::UNSET);
        slots.memoize(&expressions);
        let found = expr.eval(&world, &mut slots);
        let elements = 40_u64 << (doublings - 1);
        let is_short = elements * elements < MAX_STEPS;
        assert_eq!(found.is_ok(), is_short, "{elements}");
        if let Err(error) = found {
            assert!(error.is_exhausted, "{error}");
            assert!(error.message.starts_with("it takes more than"), "{error}");
        }
        slots.begin();
        assert_eq!(slots.steps(), 0);
    }
}
