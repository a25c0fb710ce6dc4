//! The one definition of what is unset: every way to be it, against everything that can be done with it.

use crate::world::eval;

/// Absent fields and elements, nulls, empty texts, and what functions and operators make of them.
const UNSET: [&str; 16] = [
    "null",
    "''",
    "pod.status.reason",
    "pod.spec.args[9]",
    "{'k': ''}.k",
    "{'k': null}['k']",
    "{'k': 1}.other",
    "first([])",
    "lower('')",
    "'' + ''",
    "1 + null",
    "-x",
    "join([], ', ')",
    "node(get('Pod', 'default', 'none'))",
    "get('Node', '', 'n-1').metadata.labels.rack",
    "true ? '' : 'a'",
];

#[test]
fn what_is_unset_is_unset_in_every_respect() {
    for unset in UNSET {
        for (template, expected) in [
            ("U", ""),
            // It equals what is unset, and nothing else.
            ("(U) == null", "true"),
            ("(U) == ''", "true"),
            ("(U) != pod.status.reason", "false"),
            ("(U) == 'a'", "false"),
            ("(U) == 0", "false"),
            ("(U) == false", "false"),
            ("(U) == []", "false"),
            ("(U) in ['a', null]", "true"),
            ("(U) in ['a', x, '']", "true"),
            ("(U) in ['a']", "false"),
            ("[1, U] == [1, null]", "true"),
            // It is no condition, and orders before and after nothing.
            ("(U) ? 1 : 2", "2"),
            ("!(U)", "true"),
            ("(U) || true", "true"),
            ("(U) && true", "false"),
            ("(U) < 'a'", "false"),
            ("(U) >= 'a'", "false"),
            ("'a' > (U)", "false"),
            ("1 <= (U)", "false"),
            ("(U) <= (U)", "false"),
            // It has neither fields nor elements.
            ("has({'k': U}.k)", "false"),
            ("has_key({'k': U}, 'k')", "true"),
            ("keys({'k': U, 'l': 1})", "l"),
            ("{'k': U}.k.more", ""),
            ("[U].map(u, u.more)", ""),
            ("[U][0][1]", ""),
            ("['a'][U]", ""),
            ("size(U)", "0"),
            ("size([U])", "1"),
            ("empty(U)", "true"),
            ("empty({'k': U})", "true"),
            ("[U].exists(u, u.exists(v, true))", "false"),
            ("[U].all(u, u.all(v, false))", "true"),
            ("[U].map(u, 'a' in u)", "false"),
            ("flatten([[1], U])", "1"),
            ("or(U, 'a')", "a"),
            // Nothing can be calculated with it.
            ("1 + (U)", ""),
            ("(U) * 2", ""),
            ("-(U)", ""),
            ("now - (U)", ""),
            ("['a'] + (U)", ""),
            ("sum([1, U, 2])", "3"),
            ("min(['b', U, 'a'])", "a"),
            ("max([U])", ""),
            ("sort(['b', U, 'a'])", ", a, b"),
            ("size(distinct([U, null, '', 'a']))", "2"),
            // Functions of texts take it for an empty one.
            ("startsWith(U, 'a')", "false"),
            ("contains('a', U)", "true"),
            ("split(U, ',') == []", "true"),
            ("(U).matches('.*')", "false"),
            ("string(U) == null", "true"),
            ("bool(U)", "false"),
            ("time(U)", ""),
            ("json(U)", ""),
            ("shout(U)", ""),
        ] {
            // As an element of a list it has no type that is known beforehand.
            let source = template.replace('U', &format!("[{unset}][0]"));
            assert_eq!(eval(&source), expected, "{source}");
        }
    }
}

/// The one difference: what the rule writes as `''` is an end to a text, what is missing is not.
#[test]
fn a_text_stays_as_it_is_with_what_is_written_as_empty() {
    for empty in [
        "''",
        "(true ? '' : 'b')",
        "or(x, '')",
        "('' + '')",
        "[''][0]",
        "{'k': ''}.k",
        "string('')",
    ] {
        assert_eq!(eval(&format!("'a' + {empty}")), "a", "{empty}");
        assert_eq!(eval(&format!("{empty} + 'a'")), "a", "{empty}");
        assert_eq!(eval(&format!("{empty} + {empty} + 'a'")), "a", "{empty}");
        assert_eq!(eval(&format!("'a' + ({empty} + x)")), "", "{empty}");
    }
    for missing in ["x", "null", "pod.status.reason", "lower('')", "first([])", "trim(' ')"] {
        assert_eq!(eval(&format!("'a' + {missing}")), "", "{missing}");
        assert_eq!(eval(&format!("{missing} + 'a'")), "", "{missing}");
        assert_eq!(eval(&format!("{missing} + '' + 'a'")), "", "{missing}");
    }
}
