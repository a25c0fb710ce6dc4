//! The timeline of small bundles, and of a noisy one.

use super::{Timeline, merge, timeline as read};
use gleaner_cluster::{Sources, TextFile};
use gleaner_report::MomentSource;
use gleaner_rules::{Catalog, Context};
use gleaner_yaml::Mode;
use std::fmt::Write;

fn timeline(files: &[(&str, String)], whole: bool) -> Timeline {
    let metadata = (
        "metadata.yaml",
        "bundlename: b\nbundlecreatedat: \"2025-06-12T08:30:00Z\"\n".to_owned(),
    );
    let mut files: Vec<TextFile> = files
        .iter()
        .chain([&metadata])
        .map(|(path, text)| TextFile {
            path: (*path).to_owned(),
            text: text.clone(),
        })
        .collect();
    files.sort();
    let sources = Sources {
        paths: files.iter().map(|file| file.path.clone()).collect(),
        files,
        ..Sources::default()
    };
    let catalog = Catalog::load(None).unwrap();
    let snapshot = catalog.snapshot(&sources, "b", Mode::Dialect);
    read(&Context::new(&catalog, &snapshot, None), None, whole)
}

const CORE: &str = "yamls/namespaced/default/v1/events.yaml";
const EVENTS: &str = "yamls/namespaced/default/events.k8s.io/v1/events.yaml";
const NODES: &str = "yamls/cluster/v1/nodes.yaml";

fn core_event(name: &str, rest: &str) -> String {
    format!(
        "- apiVersion: v1\n  involvedObject:\n    apiVersion: v1\n    kind: Pod\n    name: p\n    namespace: default\n  \
         kind: Event\n  message: refused\n  metadata:\n    name: {name}\n    namespace: default\n  reason: Unhealthy\n  type: Warning\n{rest}"
    )
}

fn listed(items: &str) -> String {
    format!("apiVersion: v1\nitems:\n{items}kind: List\n")
}

fn node(ready: &str, since: &str) -> String {
    listed(&format!(
        "- apiVersion: v1\n  kind: Node\n  metadata:\n    name: host-1\n  status:\n    conditions:\n    - lastTransitionTime: \"{since}\"\n      \
         message: kubelet stopped\n      status: \"{ready}\"\n      type: Ready\n"
    ))
}

#[test]
fn an_event_in_both_api_groups_is_one_moment() {
    let core = listed(&core_event(
        "a",
        "  lastTimestamp: \"2025-06-12T08:00:00Z\"\n  count: 3\n",
    ));
    let other = listed(
        "- apiVersion: events.k8s.io/v1\n  deprecatedCount: 2\n  deprecatedLastTimestamp: \"2025-06-12T08:00:00Z\"\n  kind: Event\n  \
         metadata:\n    name: another\n    namespace: default\n  note: refused\n  reason: Unhealthy\n  regarding:\n    apiVersion: v2\n    \
         kind: Pod\n    name: p\n    namespace: default\n  type: Warning\n",
    );
    let found = timeline(&[(CORE, core), (EVENTS, other)], false);
    assert_eq!(found.moments.len(), 1);
    assert_eq!(found.moments[0].text, "Unhealthy: refused");
    assert_eq!(found.moments[0].count, 3);
    assert!(found.moments[0].first_bad);
}

#[test]
fn a_repeated_event_is_one_moment_with_its_span() {
    let times = "  count: 40\n  firstTimestamp: \"2025-06-12T05:00:00Z\"\n  lastTimestamp: \"2025-06-12T08:20:00Z\"\n";
    let found = timeline(&[(CORE, listed(&core_event("a", times)))], false);
    let [moment] = found.moments.as_slice() else {
        panic!("{} moments", found.moments.len());
    };
    let span = (moment.time.as_str(), moment.until.as_deref());
    assert_eq!(span, ("2025-06-12T05:00:00Z", Some("2025-06-12T08:20:00Z")));
    assert_eq!((moment.count, moment.first_bad), (40, true));
}

#[test]
fn a_zero_time_stamp_is_ignored() {
    let times = "  eventTime: \"2025-06-12T07:00:00.000000Z\"\n  lastTimestamp: \"0001-01-01T00:00:00Z\"\n";
    let found = timeline(&[(CORE, listed(&core_event("a", times)))], false);
    assert_eq!(found.moments[0].time, "2025-06-12T07:00:00Z");
    let none = timeline(&[(CORE, listed(&core_event("a", "  lastTimestamp: soon\n")))], false);
    assert!(none.moments.is_empty());
}

#[test]
fn every_moment_names_the_line_of_its_stamp() {
    let mut items = String::new();
    for n in 0..50 {
        items.push_str(&core_event(
            &format!("e{n}"),
            &format!("  lastTimestamp: \"2025-06-12T08:00:{n:02}Z\"\n"),
        ));
    }
    let text = listed(&items);
    let nodes = node("False", "2025-06-12T07:00:00Z");
    let found = timeline(&[(CORE, text.clone()), (NODES, nodes.clone())], true);
    assert_eq!(found.moments.len(), 51);
    for moment in &found.moments {
        let file = if moment.path == CORE { &text } else { &nodes };
        let line = file.lines().nth(usize::try_from(moment.line).unwrap() - 1).unwrap();
        assert!(line.contains(&moment.time), "{}: {line}", moment.time);
    }
}

#[test]
fn a_noisy_hour_is_one_moment_and_does_not_hide_earlier_problems() {
    let mut items = String::new();
    for n in 0..6_000 {
        let (pod, minute, second) = (n % 3_000, n / 60 % 60, n % 60);
        write!(
            items,
            "- apiVersion: v1\n  involvedObject:\n    kind: Pod\n    name: p{pod}\n    namespace: default\n  kind: Event\n  \
             lastTimestamp: \"2025-06-12T08:{minute:02}:{second:02}Z\"\n  message: refused by port {n}\n  metadata:\n    name: e{n}\n    \
             namespace: default\n  reason: Unhealthy\n  type: Warning\n"
        )
        .unwrap();
    }
    let files = [(CORE, listed(&items)), (NODES, node("Unknown", "2025-06-12T03:00:00Z"))];
    let found = timeline(&files, false);
    let [first, events] = found.moments.as_slice() else {
        panic!("{} moments", found.moments.len());
    };
    assert!(first.first_bad && first.source == MomentSource::Host, "{first:?}");
    assert_eq!((events.count, events.objects, found.cut), (6_000, 3_000, 0));
    assert_eq!(events.until.as_deref(), Some("2025-06-12T08:59:59Z"));
    assert_eq!(timeline(&files, true).moments.len(), 6_001);
}

#[test]
fn a_moment_of_a_wrong_clock_is_never_the_first_bad_one() {
    let items = core_event("a", "  lastTimestamp: \"2031-01-01T00:00:00Z\"\n")
        + &core_event("b", "  lastTimestamp: \"2025-06-10T00:00:00Z\"\n");
    let found = timeline(
        &[(CORE, listed(&items)), (NODES, node("True", "2025-06-12T08:00:00Z"))],
        false,
    );
    let first: Vec<&str> = found
        .moments
        .iter()
        .filter(|moment| moment.first_bad)
        .map(|moment| moment.time.as_str())
        .collect();
    assert_eq!(
        (found.moments.len(), first.as_slice()),
        (3, &["2025-06-10T00:00:00Z"][..])
    );
}

#[test]
fn texts_and_names_of_hostile_events_are_truncated() {
    let long = "x".repeat(50_000);
    let event = core_event("a", "  lastTimestamp: \"2025-06-12T08:00:00Z\"\n")
        .replace("name: p\n", &format!("name: {long}\n"))
        .replace("refused", &format!("{long} \u{202e}"));
    let found = timeline(&[(CORE, listed(&event))], false);
    let moment = &found.moments[0];
    assert!(moment.object.name.len() <= 260 && moment.text.chars().count() <= 300);
}

#[test]
fn a_terminated_container_is_bad_unless_it_exited_with_zero_and_a_completed_one_is_ignored() {
    let pods = listed(
        "- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: p\n    namespace: default\n  status:\n    containerStatuses:\n    - \
         lastState:\n        terminated:\n          exitCode: 137\n          finishedAt: \"2025-06-12T08:00:00Z\"\n          reason: OOMKilled\n      \
         name: a\n      restartCount: 7\n    - lastState:\n        terminated:\n          finishedAt: \"2025-06-12T08:01:00Z\"\n      name: b\n    \
         initContainerStatuses:\n    - name: c\n      state:\n        terminated:\n          exitCode: 0\n          \
         finishedAt: \"2025-06-12T07:00:00Z\"\n          reason: Completed\n",
    );
    let found = timeline(&[("yamls/namespaced/default/v1/pods.yaml", pods)], false);
    let moments: Vec<(&str, bool, u64)> = found
        .moments
        .iter()
        .map(|moment| (moment.text.as_str(), moment.bad, moment.count))
        .collect();
    assert_eq!(
        moments,
        [
            ("container a ended: OOMKilled (exit code 137)", true, 7),
            ("container b ended (exit code unknown)", true, 1),
        ]
    );
}

#[test]
fn no_drafts_make_an_empty_timeline() {
    let found = merge(Vec::new(), None, None, 10);
    assert!(found.moments.is_empty() && found.cut == 0);
}
