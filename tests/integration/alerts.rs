//! Alerts of Prometheus: in the report, in the timeline, and as what rules read.

use crate::bundle_fixture::Place;
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Limits};
use gleaner_render::{Format, RenderOptions, render};
use gleaner_report::{Alert, MomentSource, Outcome, Report};
use gleaner_rules::Catalog;

const NODES: &str = "items:
- {apiVersion: v1, kind: Node, metadata: {name: host-1}, status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}}
kind: List
";

/// The report on a bundle with this file of alerts, or with none.
fn report(alerts: Option<&str>) -> Report {
    let place = Place::new();
    place.write(
        "metadata.yaml",
        "bundlename: x\nbundlecreatedat: 2025-06-12T09:00:00Z\n",
    );
    place.write("yamls/cluster/v1/nodes.yaml", NODES);
    if let Some(alerts) = alerts {
        place.write("prometheus-alerts.json", alerts);
    }
    let bundle = Bundle::open(&[place.0.path().to_path_buf()], Limits::default()).unwrap();
    let catalog = Catalog::load(None).unwrap();
    analyze(&bundle, &catalog, &Options::default(), &|_, _| {}).unwrap()
}

/// An alert as the collector writes it, on a node.
fn alert(name: &str, severity: &str, state: &str, since: &str, instance: &str) -> String {
    format!(
        "{{\"activeAt\": {since:?}, \"Annotations\": {{\"summary\": \"{name} of {instance}\"}}, \"Labels\": {{\"alertname\": {name:?}, \
         \"severity\": {severity:?}, \"instance\": {instance:?}}}, \"State\": {state:?}, \"Value\": \"1e+00\"}}"
    )
}

fn line(alert: &Alert) -> String {
    let objects: Vec<&str> = alert.objects.iter().map(|object| object.name.as_str()).collect();
    format!(
        "{} {} {} {} x{} {objects:?}",
        alert.severity, alert.name, alert.state, alert.since, alert.count
    )
}

fn lines(report: &Report) -> Vec<String> {
    report.alerts.list.iter().map(line).collect()
}

fn problems(report: &Report) -> Vec<String> {
    let problems = report.coverage.problems.iter();
    problems
        .map(|problem| format!("{}: {}", problem.path, problem.what))
        .collect()
}

fn html(report: &Report) -> String {
    let page = render(report, Format::Html, &RenderOptions::default()).unwrap();
    let (_, section) = page.split_once("<section id=\"alerts\"").unwrap();
    section.split_once("<section id=\"affected\"").unwrap().0.to_owned()
}

#[test]
fn equal_alerts_are_one_and_the_worst_comes_first() {
    let all = [
        alert(
            "NodeClock",
            "warning",
            "firing",
            "2025-06-12T08:00:00Z",
            "10.0.0.1:9796",
        ),
        alert("Watchdog", "none", "firing", "2025-06-01T08:00:00Z", ""),
        alert("Disk", "critical", "pending", "2025-06-12T07:00:00Z", "10.0.0.9:9796"),
        alert(
            "NodeClock",
            "warning",
            "firing",
            "2025-06-12T07:30:00.5Z",
            "10.0.0.2:9796",
        ),
    ];
    let report = report(Some(&format!("[{}]", all.join(","))));
    assert_eq!(
        lines(&report),
        [
            "critical Disk pending 2025-06-12T07:00:00Z x1 []",
            "warning NodeClock firing 2025-06-12T07:30:00Z x2 [\"host-1\"]",
        ]
    );
    let alerts = &report.alerts;
    assert!(alerts.collected && alerts.watchdog && alerts.cut == 0);
    assert_eq!(alerts.list[0].labels["instance"], "10.0.0.9:9796");
    assert!(
        alerts.list[1].labels.is_empty(),
        "labels that differ are those of one alert"
    );
    assert_eq!(problems(&report), [""; 0]);
    let section = html(&report);
    assert_eq!(section.matches("<tr><th scope=\"row\"").count(), 2);
    assert!(section.contains("Watchdog</code> fires"));
}

#[test]
fn firing_alerts_are_moments_on_what_they_are_about() {
    let all = [
        alert(
            "NodeClock",
            "warning",
            "firing",
            "2025-06-12T08:00:00Z",
            "10.0.0.1:9796",
        ),
        alert("Note", "info", "firing", "2025-06-12T08:10:00Z", ""),
        alert("Disk", "critical", "pending", "2025-06-12T07:00:00Z", ""),
        alert("Watchdog", "none", "firing", "2025-06-12T07:00:00Z", ""),
    ];
    let report = report(Some(&format!("[{}]", all.join(","))));
    let moments = report
        .timeline
        .iter()
        .filter(|moment| moment.source == MomentSource::Alert);
    let moments: Vec<String> = moments
        .map(|moment| format!("{} {} {} {}", moment.time, moment.bad, moment.object.name, moment.text))
        .collect();
    assert_eq!(
        moments,
        [
            "2025-06-12T08:00:00Z true host-1 NodeClock: NodeClock of 10.0.0.1:9796",
            "2025-06-12T08:10:00Z false Note Note: Note of ",
        ]
    );
}

#[test]
fn no_file_is_told_apart_from_no_alert() {
    let absent = report(None);
    assert!(!absent.alerts.collected);
    assert!(html(&absent).contains("Alerts of Prometheus are not in the bundle."));
    for text in ["[]", "null"] {
        let none = report(Some(text));
        assert!(none.alerts.collected && none.alerts.list.is_empty(), "{text}");
        assert!(html(&none).contains("No alert fired when the bundle was made."));
        assert_eq!(problems(&none), [""; 0], "{text}");
    }
}

#[test]
fn what_is_no_alert_is_named_and_costs_itself_alone() {
    let good = alert("NodeClock", "warning", "firing", "2025-06-12T08:00:00Z", "");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let rows = [
        format!("[{good}, 3, {{\"labels\": [1]}}, {{\"Labels\": {{\"alertname\": \"\"}}}}]"),
        format!("[{good},\n{deep}]"),
        format!("[{good},\n{{\"labels\":"),
        "{\"status\": \"error\"}".to_owned(),
        String::new(),
    ];
    let says = [
        "prometheus-alerts.json: 3 without a label alertname",
        "prometheus-alerts.json: line 2: recursion limit exceeded",
        "prometheus-alerts.json: line 2: EOF while parsing a value",
        "prometheus-alerts.json: line 1: not a JSON array: expected `[`",
        "prometheus-alerts.json: line 1: cut off: expected `[`",
    ];
    for (text, says) in rows.iter().zip(says) {
        let report = report(Some(text));
        assert_eq!(problems(&report), [says]);
        assert_eq!(report.alerts.list.len(), usize::from(text.contains("NodeClock")));
        let outcome = report.rules.iter().find(|rule| rule.id == "node-raid-degraded");
        assert_eq!(outcome.map(|rule| rule.outcome), Some(Outcome::NotEvaluated), "{says}");
    }
}

#[test]
fn fields_of_other_types_are_passed_over() {
    let report = report(Some(
        "[{\"Labels\": {\"alertname\": \"A\", \"severity\": 3, \"node\": [\"host-1\"]}, \"State\": {}, \"activeAt\": 7, \
         \"Annotations\": \"none\"}]",
    ));
    assert_eq!(lines(&report), [" A   x1 []"]);
}

#[test]
fn very_many_alerts_are_counted_and_cut() {
    let all: Vec<String> = (0..700)
        .map(|n| alert(&format!("A{n}"), "info", "firing", "2025-06-12T08:00:00Z", ""))
        .collect();
    let report = report(Some(&format!("[{}]", all.join(","))));
    assert_eq!((report.alerts.list.len(), report.alerts.cut), (500, 200));
    assert!(html(&report).contains("and 500 more in the bundle"));
}
