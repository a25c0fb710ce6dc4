//! Values of a rule are worked out when they are first read, each once.

use gleaner_rules::case;
use gleaner_rules::{Catalog, RuleFiles, built_in};
use std::fmt::Write as _;

const RULE: &str = "title: A pod is odd
severity: warning
for_each: Pod
LET
when: WHEN
message: 'pod {{ pod.metadata.name }} is odd'
cause: It is.
remediation: [{text: Look at it., command: kubectl get pods -A, effect: read-only}]
references: [{title: Nothing, url: 'https://example.com/'}]
";

const CASES: &str = "cases:
- name: the pod is looked at
  objects:
  - {apiVersion: v1, kind: Pod, metadata: {name: p-1, namespace: default}, spec: {nodeName: n-1}, status: {phase: Running}}
  - {apiVersion: v1, kind: Node, metadata: {name: n-1}}
  expect: EXPECT
";

/// A rule with these values and this condition, and its case.
fn files(values: &str, when: &str, expect: &str) -> RuleFiles {
    let mut files = built_in();
    files.retain(|path, _| !path.contains('/'));
    let rule = format!("id: pod-odd\n{}", RULE.replace("LET", values).replace("WHEN", when));
    files.insert("node/pod-odd/rule.yaml".to_owned(), rule.into());
    let cases = CASES.replace("EXPECT", expect);
    files.insert("node/pod-odd/cases.yaml".to_owned(), cases.into());
    files
}

/// What goes wrong with the case of such a rule.
fn wrong(values: &str, when: &str, expect: &str) -> Vec<String> {
    let catalog = Catalog::from_files(files(values, when, expect)).unwrap();
    let wrong = case::test(&catalog).wrong;
    wrong.into_iter().flat_map(|wrong| wrong.what).collect()
}

#[test]
fn a_value_that_breaks_breaks_only_who_reads_it() {
    let values = "let:\n  broken: or(null, pod.status) - 1";
    let quiet = wrong(values, "pod.status.phase == 'Failed' && broken == 1", "quiet");
    assert_eq!(quiet, Vec::<String>::new());
    let failed = wrong(values, "pod.status.phase == 'Running' && broken == 1", "failed");
    assert_eq!(failed, Vec::<String>::new());
}

#[test]
fn values_that_rest_on_each_other_cost_no_more_than_there_are() {
    let mut values = "once:\n  v0: size(all('Pod'))\n  v1: v0\nlet:\n".to_owned();
    for number in 2..60 {
        let _ = writeln!(
            values,
            "  v{number}: v{} + v{} - v{}",
            number - 1,
            number - 2,
            number - 2
        );
    }
    // Without keeping what was worked out, this would take longer than anybody waits.
    assert_eq!(wrong(values.trim_end(), "v59 == 2", "quiet"), Vec::<String>::new());
}

#[test]
fn more_values_than_the_stack_can_bear_are_refused() {
    let values: String = (0..101).map(|number| format!("\n  v{number}: '1'")).collect();
    let refused = Catalog::from_files(files(&format!("let:{values}"), "v100 == 1", "fired")).err();
    assert!(format!("{refused:?}").contains("at most 100 values"), "{refused:?}");
}

/// Quicker forms of an expression say what the slower ones say: both sides of each pair are worked out in different ways.
#[test]
fn quicker_forms_say_the_same() {
    let values = "let:
  none: pod.status.reason
  few: \"['b', 'a', 'b', pod.status.phase, 'Running', 'a']\"
  many: few + few + ['c']
  word: \"'Running'\"
  words: \"['Failed', word]\"
  nothing: few.filter(x, x == 'z')";
    let conditions = [
        "distinct(few) == ['b', 'a', 'Running'] && distinct(many) == ['b', 'a', 'Running', 'c']",
        "distinct([1, 1.0, '1', none, '', true, none]) == [1, '1', none, true]",
        "nothing == [] && empty(nothing) && size(nothing) == 0 && nothing + few == few && [] + [] == []",
        "empty(nothing.map(x, x)) && !nothing.exists(x, true) && nothing.all(x, false) && !('z' in nothing)",
        "pod.status.phase in ['Failed', 'Running'] && pod.status.phase in words && !(pod.status.phase in ['Failed'])",
        "none in ['', 'x'] && none in [none] && !(none in ['x']) && !('x' in [])",
        "empty(none) && !empty(word) && !empty(pod) && empty(node(get('Pod', 'x', 'y'))) && empty(pods(get('Node', '', 'x')))",
        "pods(node(pod)).exists(p, p == pod) && pods(node(pod)) == [pod] && !pods(get('Node', '', 'x')).exists(p, true)",
        "duration('1h') == duration('60' + 'm') && !(pod.status.phase == 'Failed' || nothing.exists(x, x == 1))",
    ];
    for condition in conditions {
        let condition = format!("\"!({condition})\"");
        assert_eq!(wrong(values, &condition, "quiet"), Vec::<String>::new(), "{condition}");
    }
}
