//! Causes and their symptoms in the reports: none is lost, each is below its cause, and all are counted.

use crate::report_fixture::{plain, with_causes};
use gleaner_render::{Format, RenderOptions, render};
use gleaner_report::Report;
use gleaner_report::{Finding, Harm, Severity};

/// Findings named by their ids, with the ids that each explains.
fn report(findings: &[(&str, Severity, &[&str])]) -> Report {
    let mut report = plain();
    let template = report.findings[0].clone();
    report.findings = findings
        .iter()
        .map(|(id, severity, explains)| Finding {
            id: (*id).to_owned(),
            title: format!("Title {id}"),
            severity: *severity,
            harm: match severity {
                Severity::Blocker => Harm::Redundancy,
                Severity::Warning => Harm::Degraded,
                Severity::Info => Harm::Hygiene,
            },
            explains: explains.iter().map(|id| (*id).to_owned()).collect(),
            explained_by: findings
                .iter()
                .filter(|(_, _, below)| below.contains(id))
                .map(|(cause, _, _)| (*cause).to_owned())
                .collect(),
            ..template.clone()
        })
        .collect();
    with_causes(report)
}

fn written(report: &Report, format: Format) -> String {
    render(report, format, &RenderOptions::default()).unwrap()
}

/// The anchors of the findings, in the order of the page.
fn anchors(page: &str) -> Vec<&str> {
    let opened = page.split("<section class=\"f ").skip(1);
    opened
        .filter_map(|rest| rest.split_once(" id=\"f-")?.1.split('"').next())
        .collect()
}

const B: Severity = Severity::Blocker;
const W: Severity = Severity::Warning;
const I: Severity = Severity::Info;

#[test]
fn symptoms_stand_below_their_cause_and_link_both_ways() {
    let page = written(
        &report(&[
            ("b1", B, &[]),
            ("b2", B, &["c1", "d1"]),
            ("c1", W, &[]),
            ("c2", W, &[]),
            ("d1", I, &[]),
        ]),
        Format::Html,
    );
    assert_eq!(anchors(&page), ["b1", "b2", "c1", "d1", "c2"]);
    assert_eq!(page.matches("<span class=\"pill dim\">symptom</span>").count(), 2);
    assert_eq!(page.matches("A symptom of: <a href=\"#f-b2\">").count(), 2);
    assert!(page.contains("Explains 2 of the findings here: <a href=\"#f-c1\">"));
    assert!(page.contains("Explains 2 other findings (1 warning and 1 info)."));
}

#[test]
fn a_small_cause_of_a_blocker_comes_before_a_warning_and_is_where_to_start() {
    let report = report(&[("b1", B, &[]), ("c1", W, &[]), ("d1", I, &["b1"])]);
    let page = written(&report, Format::Html);
    assert_eq!(anchors(&page), ["d1", "b1", "c1"]);
    let (_, start) = page.split_once("id=\"start\"").unwrap();
    assert!(start.find("#f-d1").unwrap() < start.find("#f-c1").unwrap());
    let text = written(&report, Format::Text);
    assert!(text.contains("= explains: 1 other finding (1 blocker)"), "{text}");
    assert!(text.contains("= follows: blocker["), "{text}");
}

#[test]
fn rings_chains_and_missing_causes_lose_no_finding() {
    let mut report = report(&[
        ("b1", B, &["b2"]),
        ("b2", B, &["b1"]),
        ("c1", W, &["c2"]),
        ("c2", W, &["c3"]),
        ("c3", W, &["c3"]),
        ("d1", I, &[]),
    ]);
    report.findings[5].explained_by = vec!["0000".to_owned()];
    let report = with_causes(report);
    let page = written(&report, Format::Html);
    let mut all = anchors(&page);
    assert_eq!(all, ["b1", "b2", "c1", "c2", "c3", "d1"]);
    all.sort_unstable();
    assert_eq!(all.len(), 6);
    assert!(page.contains("Explains 2 other findings (2 warnings)."));
    let start = page.split_once("id=\"start\"").unwrap().1;
    assert!(start.find("#f-b1").unwrap() < start.find("id=\"summary\"").unwrap());
}

#[test]
fn markdown_counts_symptoms_and_names_their_cause() {
    let report = report(&[("b2", B, &["c1", "d1"]), ("c1", W, &[]), ("d1", I, &[])]);
    let md = written(&report, Format::Markdown);
    assert!(md.contains("Explains 2 other findings (1 warning and 1 info)."), "{md}");
    assert!(md.contains("| warning (symptom) | Title c1"));
    assert_eq!(md.matches("**A symptom of:** Title b2").count(), 2);
}

#[test]
fn machines_that_may_be_hit_unseen_are_said_even_where_none_is_known() {
    let mut report = report(&[("b1", B, &[])]);
    report.findings[0].impact.virtual_machines.clear();
    report.findings[0].impact.incomplete = true;
    for format in [Format::Html, Format::Markdown] {
        let out = written(&report, format);
        let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            out.contains("namespaces that were not collected may be affected too"),
            "{format:?}"
        );
    }
}
