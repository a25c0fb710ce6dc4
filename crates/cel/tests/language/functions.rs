//! The functions that come with the language.

use crate::world::eval;
use gleaner_cel::functions;

#[test]
fn functions_do_what_their_help_says() {
    for (source, expected) in [
        ("size('äö') + size([1, 2]) + size({'a': 1})", "5"),
        ("keys({'b': 1, 'a': null})", "b"),
        ("all_keys({'b': 1, 'a': null})", "a, b"),
        ("values({'b': 1, 'a': 2})", "2, 1"),
        ("distinct(['b', 'a', 'b'])", "b, a"),
        ("sort([2, 'a', 1, true])", "true, 1, 2, a"),
        ("flatten([[1], [2, 3], 4])", "1, 2, 3, 4"),
        ("sum([1, 2]) + sum([0.5])", "3.5"),
        ("min([3, 1, 2]) + max([3, 1, 2])", "4"),
        ("string(1) + string(true) + string(0.5)", "1true0.5"),
        ("bool('True') && !bool('0')", "true"),
        (
            "bool('maybe')",
            "bool: `maybe` is neither true nor false in `bool('maybe')`",
        ),
        ("time('1970-01-12T13:46:40Z') == now && time('soon') == null", "true"),
        ("duration(string(90) + 's') == duration('1m30s')", "true"),
        ("json('{\"a\": [1, \"\"]}').a", "1, "),
        ("yaml('a: {b: c}').a.b + string(json('{') == null)", "ctrue"),
        ("decoded('aGFsbG8=')", "hallo"),
        ("decoded('!')", ""),
        (
            "'abc'.contains('b') && 'abc'.startsWith('a') && 'abc'.endsWith('c')",
            "true",
        ),
        ("'a1'.matches('^[a-z][0-9]$') && !(1).matches('1')", "true"),
        ("'v1.2'.extract('v([0-9]+)') + extract('x', 'y' + '(z)')", ""),
        ("'v1.2'.extract('v([0-9]+)') + extract('xz', 'x' + '(z)')", "1z"),
        (
            "split('a,b', ',').join('-') + 'aXa'.replace('a', 'b') + ' c '.trim() + lower('D')",
            "a-bbXbcd",
        ),
        ("shout('a')", "A"),
        ("shout(1)", "shout: expected a string, got an int in `shout(1)`"),
        ("cidr_usable('10.0.0.0/24', ['10.0.0.0/28'])", "239"),
        (
            "cidr_contains('10.0.0.0/8', '10.1.2.3') && cidr_overlaps('10.0.0.0/8', '10.1.0.0/16')",
            "true",
        ),
        ("cidr_network('10.1.2.3/8')", "10.0.0.0/8"),
    ] {
        assert_eq!(eval(source), expected, "{source}");
    }
}

#[test]
fn every_function_has_help_and_a_name_of_its_own() {
    let mut names: Vec<_> = functions().iter().map(|function| function.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    assert!(
        functions()
            .iter()
            .all(|function| !function.help.is_empty() && !function.help.ends_with('.'))
    );
}
