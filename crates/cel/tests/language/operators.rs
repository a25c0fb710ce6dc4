//! What operators and macros give.

use crate::world::{eval, scope, world};
use gleaner_cel::{GlobalId, KindId, RelationId, Slots, Type, Value, Variable, compile};

#[test]
fn operators_give_what_cel_says() {
    for (source, expected) in [
        ("1 + 2 * 3 - 4 / 2 % 3", "5"),
        ("7 / 2", "3"),
        ("-7 % 3", "-1"),
        ("1 + 0.5", "1.5"),
        ("pod.status.ratio * 4", "2"),
        ("1 / 0", "the number is too large, or a division by zero in `1 / 0`"),
        (
            "9223372036854775807 + 1",
            "the number is too large, or a division by zero in `9223372036854775807 + 1`",
        ),
        ("'a' + 'b' + 'c'", "abc"),
        ("['a'] + [] + ['b']", "a, b"),
        ("'a' + 1", "cannot calculate with a string and an int in `'a' + 1`"),
        ("[1] + 'a'", "cannot calculate with a list and a string in `[1] + 'a'`"),
        ("1 == 1.0 && 1 != '1' && 1 < 1.5", "does not compile: "),
        ("1 == 1.0 && [1] == [1.0] && {'a': 1} == {'a': 1.0}", "true"),
        ("{'a': 1} == {'a': 1, 'b': ''}", "true"),
        ("[1, 2] == [2, 1] || {'a': 1} == {'b': 1} || [] == {}", "false"),
        ("'a' < 'b' && 'B' < 'a' && false < true", "true"),
        ("[1] < [2]", "cannot compare a list with a list in `[1] < [2]`"),
        (
            "now - duration('1h') < now && now - (now - duration('90s')) == duration('1m30s')",
            "true",
        ),
        ("-duration('1s') + duration('1s') == duration('0s')", "true"),
        ("['a', 'b'][1] + {'k': 'v'}['k'] + {'k': 'v'}.k", "bvv"),
        ("pod.spec['args'][0] + pod.metadata.`name`", "ap-1"),
        ("[1][true]", "a bool cannot be a key in `[1][true]`"),
        ("(1)[0]", "an int has no elements in `(1)[0]`"),
        (
            "'a' in pod.spec.args && 'zone' in {'zone': 1} && !('c' in pod.spec.args)",
            "true",
        ),
        ("1 in 2", "cannot look into an int in `1 in 2`"),
        ("!1", "expected a bool, got an int in `1`"),
        ("!'a' || true", "true"),
        ("true && 1", "expected a bool, got an int in `1`"),
        ("1 && false", "false"),
        ("1 || 'b'", "expected a bool, got a string in `'b'`"),
        ("-'a'", "cannot negate a string in `-'a'`"),
        ("true ? 'a' : 1 / 0", "a"),
        ("or('a', 1 / 0)", "a"),
    ] {
        let found = eval(source);
        let wanted = if expected.starts_with("does not compile") {
            found.starts_with(expected)
        } else {
            found == expected
        };
        assert!(wanted, "{source}: {found}");
    }
}

#[test]
fn macros_look_at_each_element() {
    for (source, expected) in [
        ("pod.spec.args.filter(a, a != 'b')", "a, a"),
        ("pod.spec.args.map(a, a + a)", "aa, bb, aa"),
        ("pod.spec.args.map(a, a == 'a', a + 'x')", "ax, ax"),
        (
            "[1, 2, 3].exists_one(n, n > 2) && ![1, 2, 3].exists_one(n, n > 1)",
            "true",
        ),
        (
            "[1, 2].all(n, n > 0) && [].all(n, false) && ![].exists(n, true)",
            "true",
        ),
        ("{'b': 1, 'a': 2}.map(k, k)", "a, b"),
        ("[[1, 2], [3]].map(l, l.map(n, n + size(l)))", "3, 4, 4"),
        ("[1, 2].map(a, [a, 3].filter(b, b > a).map(b, a * b))", "3, 6"),
        ("[1].map(a, [2].map(a, a))", "2"),
        ("[0, 1].exists(n, 1 / n == 1)", "true"),
        ("[1, 0].all(n, 1 / n == 2)", "false"),
        (
            "[0].exists(n, 1 / n == 1)",
            "the number is too large, or a division by zero in `1 / n`",
        ),
        ("(1).map(a, a)", "cannot loop over an int in `(1).map(a, a)`"),
        (
            "has(pod.spec.args) && has(pod.status) && !has(pod.status.reason)",
            "true",
        ),
    ] {
        assert_eq!(eval(source), expected, "{source}");
    }
}

#[test]
fn relations_lead_from_object_to_object() {
    for (source, expected) in [
        ("node(pod)", "n-1"),
        ("pod.node().metadata.name", "n-1"),
        ("pods(node(pod))", "p-1, p-2"),
        ("node(pod).pods().filter(p, p != pod)", "p-2"),
        (
            "pods(get('Node', '', 'n-2')) == [] && empty(pods(get('Node', '', 'n-2')))",
            "true",
        ),
        ("pods(node(get('Pod', 'system', 'p-3')))", ""),
        ("pods(node(pod)).exists(p, p.status.phase == 'Failed')", "true"),
        ("all('Pod').map(p, node(p).metadata.name)", "n-1, n-1, "),
        (
            "pod in pods(node(pod)) && !empty(all('Pod')) && size(all('Node')) == 2",
            "true",
        ),
        ("sort(all('Pod') + all('Node'))", "n-1, n-2, p-1, p-2, p-3"),
    ] {
        assert_eq!(eval(source), expected, "{source}");
    }
}

#[test]
fn an_expression_knows_what_it_reads_and_gives() {
    let expr = compile("pods(node(pod)).filter(p, reads_node(now) == version)", &scope()).unwrap();
    assert_eq!(expr.uses.kinds, [0, 1].map(KindId::new).into());
    assert_eq!(expr.uses.relations, [0, 1].map(RelationId::new).into());
    assert_eq!(expr.uses.globals, [0, 1].map(GlobalId::new).into());
    assert_eq!(expr.ty, Type::List(Box::new(Type::Object(KindId::new(1)))));
    for (source, ty) in [
        ("pod.metadata.name == 'a'", Type::Bool),
        ("1 + size(pod.spec.args)", Type::Int),
        ("true ? 'a' : version", Type::String),
        ("first(all('Pod'))", Type::Object(KindId::new(1))),
        ("'a' + 'b'", Type::Any),
    ] {
        assert_eq!(compile(source, &scope()).unwrap().ty, ty, "{source}");
    }
}

#[test]
fn a_memoized_variable_is_evaluated_when_it_is_first_read() {
    let mut scope = scope();
    let expressions: Vec<_> = ["1 / 0", "size(all('Pod'))", "b + 1"]
        .into_iter()
        .zip(["a", "b", "c"])
        .map(|(source, name)| {
            let expr = compile(source, &scope).unwrap();
            scope.variables.push(Variable::memoized(name, &expr));
            expr
        })
        .collect();
    let host = world();
    let mut slots = Slots::new();
    slots.push(Value::UNSET);
    slots.push(Value::UNSET);
    slots.memoize(&expressions);
    let eval = |source: &str| {
        let expr = compile(source, &scope).unwrap();
        let mut slots = slots.clone();
        let first = expr.eval(&host, &mut slots).map(|value| value.to_string());
        slots.settle(&host).unwrap();
        assert_eq!(slots.len(), 5);
        assert_eq!(expr.eval(&host, &mut slots).map(|value| value.to_string()), first);
        first.map_err(|error| error.to_string())
    };
    assert_eq!(eval("[1, 2].map(n, n + c)"), Ok("5, 6".to_owned()));
    assert_eq!(eval("true || a == 1"), Ok("true".to_owned()));
    let broken = "the number is too large, or a division by zero in `1 / 0` in `a`";
    assert_eq!(eval("a == 1"), Err(broken.to_owned()));
}
