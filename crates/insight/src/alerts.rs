//! The alerts of Prometheus, those of one rule as one.

use gleaner_cluster::harvester::Alert as View;
use gleaner_cluster::{Snapshot, layout};
use gleaner_report::{Alert, Alerts, ObjectRef};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many alerts a report lists, and how many objects of one.
const MOST: usize = 500;
const MOST_OBJECTS: usize = 20;
/// How many characters of a name, a label and a summary are kept.
const NAME: usize = 260;
const SUMMARY: usize = 1_000;

/// The labels that say where an alert is.
const PLACES: [&str; 19] = [
    "namespace",
    "pod",
    "container",
    "node",
    "instance",
    "deployment",
    "statefulset",
    "daemonset",
    "job",
    "job_name",
    "persistentvolumeclaim",
    "volume",
    "disk",
    "device",
    "fstype",
    "mountpoint",
    "instance_manager",
    "resource",
    "issue",
];

/// The severities of kube-prometheus, worst first.
const SEVERITIES: [&str; 4] = ["critical", "warning", "info", "none"];

/// The alerts of the bundle.
pub fn alerts(snapshot: &Snapshot<'_>) -> Alerts {
    let all = snapshot.cluster.of("Alert.gleaner.io").iter().map(View::of);
    let is_watchdog = |alert: View<'_>| alert.name() == "Watchdog" && alert.state() == "firing";
    let mut folded: BTreeMap<[&str; 3], Vec<View<'_>>> = BTreeMap::new();
    for alert in all.clone().filter(|alert| !alert.is_by_design()) {
        let key = [alert.name(), alert.severity(), alert.state()];
        folded.entry(key).or_default().push(alert);
    }
    let mut list: Vec<Alert> = folded
        .values()
        .filter_map(|equal| Some(one(*equal.first()?, equal, snapshot)))
        .collect();
    list.sort_by(|a, b| order(a).cmp(&order(b)));
    let cut = list.split_off(list.len().min(MOST)).len();
    Alerts {
        collected: snapshot.sources.text(layout::ALERTS).is_some(),
        watchdog: all.into_iter().any(is_watchdog),
        list,
        cut,
    }
}

/// Worst severity first, those that fire before those that do not yet, the oldest first and unknown times last, by name.
fn order(alert: &Alert) -> impl Ord + '_ {
    let rank = SEVERITIES.iter().position(|severity| *severity == alert.severity);
    // A word of the user's own is no less than a warning.
    let rank = rank.unwrap_or(1);
    (
        rank,
        Reverse(alert.state == "firing"),
        alert.since.is_empty(),
        &alert.since,
        &alert.name,
        &alert.severity,
        &alert.state,
    )
}

/// Alerts of one rule, severity and state as one; `first` is the first of them.
fn one(first: View<'_>, equal: &[View<'_>], snapshot: &Snapshot<'_>) -> Alert {
    let since = equal
        .iter()
        .filter_map(|alert| gleaner_text::parse_time(alert.since()?.as_str()?));
    let is_common = |label: &str| equal.iter().all(|alert| alert.label(label) == first.label(label));
    let labels = PLACES
        .into_iter()
        .filter(|label| is_common(label))
        .map(|label| (label, first.label(label)));
    let objects = equal.iter().filter_map(|alert| alert.subject(&snapshot.cluster));
    let mut objects: Vec<ObjectRef> = objects.take(MOST_OBJECTS).collect();
    objects.sort();
    objects.dedup();
    Alert {
        name: short(first.name(), NAME),
        severity: short(first.severity(), NAME),
        state: short(first.state(), NAME),
        since: since.min().map(gleaner_text::format_time).unwrap_or_default(),
        labels: labels
            .filter(|(_, value)| !value.is_empty())
            .map(|(label, value)| (label.to_owned(), short(value, NAME)))
            .collect(),
        summary: short(first.summary(), SUMMARY),
        objects,
        count: equal.len(),
    }
}

fn short(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
