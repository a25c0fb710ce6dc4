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

/// The section of a root cause, its symptoms with it.
fn section<'a>(page: &'a str, id: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!(" id=\"f-{id}\"")).unwrap();
    let end = rest.find("<section class=\"f root").unwrap_or(rest.len());
    rest[..end].split("<section id=").next().unwrap()
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
    // Each symptom is inside the section of its cause, and the line of the cause counts them.
    let of_cause = section(&page, "b2");
    assert!(of_cause.contains("id=\"f-c1\"") && of_cause.contains("id=\"f-d1\""));
    assert!(of_cause.contains("2 symptoms"));
    assert!(!section(&page, "b1").contains("symptom"));
}

#[test]
fn a_small_cause_of_a_blocker_comes_before_a_warning_and_is_where_to_start() {
    let report = report(&[("b1", B, &[]), ("c1", W, &[]), ("d1", I, &["b1"])]);
    let page = written(&report, Format::Html);
    assert_eq!(anchors(&page), ["d1", "b1", "c1"]);
    // The line of the cause says what is worse below it.
    let (_, group) = page.split_once("id=\"f-d1\"").unwrap();
    assert!(group.split_once("</summary>").unwrap().0.contains("Brings about"));
    let text = written(&report, Format::Text);
    assert!(text.contains("- blocker["), "{text}");
    assert!(text.contains("\n1. info[") && text.contains("\n2. warning["), "{text}");
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
    assert!(section(&page, "c1").contains("2 symptoms"));
}

#[test]
fn markdown_counts_symptoms_and_names_their_cause() {
    let report = report(&[("b2", B, &["c1", "d1"]), ("c1", W, &[]), ("d1", I, &[])]);
    let md = written(&report, Format::Markdown);
    assert!(md.contains("2 symptoms") && md.contains("\n**Symptoms:** `"), "{md}");
    let full = RenderOptions {
        full: true,
        ..RenderOptions::default()
    };
    let md = render(&report, Format::Markdown, &full).unwrap();
    assert_eq!(md.matches("warning, symptom,").count(), 1, "{md}");
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
