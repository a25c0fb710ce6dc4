//! The Markdown report and the texts for tickets: budgets, prose, and that nothing of a bundle becomes markup.

use crate::report_fixture::{PAYLOADS, empty, hostile, hostile_from, large, plain, with_causes};
use gleaner_render::{Audience, Flavor, Format, RenderOptions, render};
use gleaner_report::{AffectedVm, Harm, ObjectRef, Report, Severity};

const FLAVORS: [Flavor; 4] = [Flavor::Github, Flavor::Plain, Flavor::Jira, Flavor::Text];

fn markdown(report: &Report, flavor: Flavor, full: bool) -> String {
    let options = RenderOptions {
        flavor,
        full,
        ..RenderOptions::default()
    };
    render(report, Format::Markdown, &options).unwrap()
}

fn ticket(report: &Report, reader: Audience) -> String {
    render(report, Format::Ticket(reader), &RenderOptions::default()).unwrap()
}

fn vms(names: std::ops::Range<usize>, why: &str) -> Vec<AffectedVm> {
    let vm = |name: usize| AffectedVm {
        vm: ObjectRef {
            api_version: "kubevirt.io/v1".to_owned(),
            kind: "VirtualMachine".to_owned(),
            namespace: "prod".to_owned(),
            name: format!("vm-{name:04}"),
        },
        why: why.to_owned(),
        finding: None,
    };
    names.map(vm).collect()
}

/// A report with many VMs that are down or at risk.
fn outage() -> Report {
    let mut report = plain();
    report.diagnosis.down = vms(0..1, "paused");
    report
        .diagnosis
        .down
        .extend(vms(1..400, "on node harv8, which is not Ready"));
    report.diagnosis.at_risk = vms(400..700, "the loss of the remaining replicas");
    report
}

#[test]
fn every_flavor_keeps_its_budget_at_any_input() {
    let mut reports: Vec<Report> = (0..PAYLOADS.len()).map(hostile_from).collect();
    reports.extend([plain(), empty(), outage(), large(200, 5_000)]);
    for report in &reports {
        for flavor in FLAVORS {
            let most = if flavor == Flavor::Text { 3_800 } else { 6_000 };
            let out = markdown(report, flavor, false);
            assert!(out.len() <= most, "{flavor:?} {}", out.len());
            let full = markdown(report, flavor, true);
            assert!(full.len() <= flavor.full_budget(), "{flavor:?} {}", full.len());
            if matches!(flavor, Flavor::Github | Flavor::Plain) {
                for out in [out, full] {
                    let outside = without_code(&out);
                    assert_eq!(
                        outside.matches("<details").count(),
                        outside.matches("</details>").count()
                    );
                }
            }
        }
        let small = RenderOptions {
            max_chars: Some(2_000),
            ..RenderOptions::default()
        };
        assert!(render(report, Format::Markdown, &small).unwrap().len() <= 2_000);
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let report = large(200, 5_000);
    for full in [false, true] {
        let out = markdown(&report, Flavor::Github, full);
        let shown = out.matches(if full { "<summary>" } else { "\n- " }).count();
        let (_, left) = out.split_once("## More\n\n").unwrap();
        let left: usize = left.split_once(" causes left out").unwrap().0.parse().unwrap();
        assert!(left > 0 && (shown + left == 200 || !full), "{shown} {left}");
    }
    assert!(!markdown(&plain(), Flavor::Github, false).contains("left out here"));
}

#[test]
fn it_begins_with_the_diagnosis_and_has_three_causes_in_detail() {
    let mut report = outage();
    report.diagnosis.sentence = "Node harv8 is down.".to_owned();
    report.diagnosis.first_bad = Some("2026-08-14T02:11:00Z".to_owned());
    let out = markdown(&report, Flavor::Github, false);
    let places = [
        "Node harv8 is down. The worst of it first shows at 2026-08-14 02:11:00 UTC.",
        "- **Do first**: ",
        "## Affected",
        "The bundle is not complete",
        "## Environment",
        "## Causes",
        "### ",
        "## In detail",
        "## More",
        "SHA-256 of report.json",
    ];
    let places = places.map(|text| out.find(text).unwrap_or_else(|| panic!("{text}\n{out}")));
    assert!(places.is_sorted(), "{out}");
    let (_, details) = out.split_once("## In detail").unwrap();
    assert!((1..=3).contains(&details.matches("\n### ").count()), "{out}");
}

#[test]
fn what_is_down_is_apart_from_what_is_at_risk() {
    let report = outage();
    for flavor in FLAVORS {
        let out = markdown(&report, flavor, false);
        assert!(out.contains("Down now: prod/vm-0000 (paused)"), "{out}");
        assert!(
            out.contains("Down now: 399 VMs (on node harv8, which is not Ready): prod/vm-0001, "),
            "{out}"
        );
        assert!(
            out.contains("At risk: 300 VMs (by the loss of the remaining replicas): "),
            "{out}"
        );
    }
    let out = markdown(&report, Flavor::Plain, false);
    let row = out.lines().find(|line| line.starts_with("- Impacted VM: ")).unwrap();
    assert!(
        row.contains("down now: prod/vm-0000, prod/vm-0001, prod/vm-0002, 397 more"),
        "{row}"
    );
    assert!(
        row.contains("at risk: prod/vm-0400, prod/vm-0401, prod/vm-0402, 297 more"),
        "{row}"
    );
    assert!(row.len() < 500, "{row}");
    for reader in [Audience::Customer, Audience::Engineering] {
        let out = ticket(&report, reader);
        let (down, risk) = (
            out.find("400 VMs down now:\n- 399 VMs (on node harv8"),
            out.find("300 VMs at risk:\n"),
        );
        assert!(down.is_some() && down < risk, "{out}");
        assert!(out.len() < 12_000, "{}", out.len());
    }
}

#[test]
fn prose_has_no_code_but_what_is_marked() {
    let mut report = plain();
    let prose = "VM a/b is in state (phase 4) since 2026-08-14T02:11:00Z, at 05:12:44 on v1.32.3+rke2r1: 50% = half";
    report.findings[0].message = format!("{prose}, see `spec.x`");
    for flavor in [Flavor::Github, Flavor::Plain] {
        let out = markdown(&report, flavor, true);
        assert!(out.contains(&format!("{prose}, see `spec.x`")), "{out}");
    }
}

#[test]
fn commands_are_intact_in_every_flavor() {
    let mut report = plain();
    let command = "kubectl -n longhorn-system get x -o jsonpath='{.items[*].a}{\"\\n\"}' | grep -v 'b'";
    for finding in &mut report.findings {
        for step in &mut finding.remediation {
            step.command = Some(command.to_owned());
        }
    }
    for flavor in FLAVORS {
        let out = markdown(&report, flavor, false);
        let line = out.lines().find(|line| line.trim_start() == command);
        assert!(line.is_some(), "{flavor:?}\n{out}");
    }
    let jira = markdown(&report, Flavor::Jira, false);
    assert!(
        jira.contains(&format!("{{noformat}}\n{command}\n{{noformat}}\n")),
        "{jira}"
    );
}

/// A text without its fenced blocks and code spans.
fn without_code(markdown: &str) -> String {
    let mut fence = String::new();
    let mut out = String::new();
    for line in markdown.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        if fence.is_empty() && ticks.len() >= 3 && !line[ticks.len()..].contains('`') {
            fence = ticks;
        } else if !fence.is_empty() {
            if line == fence {
                fence.clear();
            }
        } else {
            out.push_str(&without_spans(line));
            out.push('\n');
        }
    }
    assert!(fence.is_empty(), "a fence stays open");
    out
}

/// A line without its code spans and what is escaped.
fn without_spans(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        if c == '\\' {
            rest = rest.get(2..).unwrap_or_default();
        } else if ticks > 0 {
            let run = "`".repeat(ticks);
            let body = &rest[ticks..];
            let mut end = None;
            let mut from = 0;
            while let Some(at) = body[from..].find(&run).map(|at| from + at) {
                let length = body[at..].len() - body[at..].trim_start_matches('`').len();
                if length == ticks {
                    end = Some(at + ticks);
                    break;
                }
                from = at + length;
            }
            rest = &body[end.unwrap_or_else(|| panic!("a span stays open: {line}"))..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// A text without its elements for code.
fn without_elements(text: &str) -> String {
    let after = |part: &str| part.split_once("</code>").unwrap().1.to_owned();
    let mut parts = text.split("<code>");
    let first = parts.next().unwrap_or_default().to_owned();
    first + &parts.map(after).collect::<String>()
}

#[test]
fn nothing_of_a_bundle_becomes_markup() {
    let ours = ["<details>", "<details open>", "</details>", "<summary>", "</summary>"];
    for first in 0..PAYLOADS.len() {
        let report = hostile_from(first);
        for (flavor, full) in [(Flavor::Github, false), (Flavor::Github, true), (Flavor::Plain, true)] {
            let text = without_code(&markdown(&report, flavor, full)).replace("&#", "&");
            let mut text = without_elements(&text);
            for tag in ours {
                text = text.replace(tag, "");
            }
            let text: String = text
                .lines()
                .map(|line| line.trim_start_matches("#").to_owned() + "\n")
                .collect();
            for bad in [
                "<",
                "[",
                "]",
                "@",
                "$",
                "~",
                "://",
                "www.",
                ":tada:",
                "GH-1",
                "deadbeef1",
                "#1",
                "*bold",
                "__",
            ] {
                let at = text
                    .find(bad)
                    .map(|at| text[at.saturating_sub(60)..].chars().take(120).collect::<String>());
                assert_eq!(at, None, "{bad}, {first}, {flavor:?}");
            }
        }
        let jira = markdown(&report, Flavor::Jira, false);
        let marks = jira.matches("{noformat}").count();
        assert_eq!(marks % 2, 0, "{first}");
        assert_eq!(
            jira.lines().filter(|line| *line == "{noformat}").count(),
            marks,
            "{first}"
        );
    }
    assert!(!markdown(&hostile(), Flavor::Text, false).contains("[code]"));
}

#[test]
fn the_claim_of_a_lost_volume_is_not_at_risk_besides() {
    let mut report = plain();
    report.findings.truncate(2);
    let object = |kind: &str, namespace: &str, name: &str| ObjectRef {
        api_version: "v1".to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    };
    let [lost, claim] = report.findings.as_mut_slice() else {
        panic!("two findings");
    };
    (lost.harm, claim.harm) = (Harm::DataLoss, Harm::Redundancy);
    (lost.severity, claim.severity) = (Severity::Blocker, Severity::Warning);
    lost.objects = vec![object("PersistentVolume", "", "pvc-1")];
    claim.objects = vec![object("PersistentVolumeClaim", "prod", "data-of-it")];
    (lost.explains, claim.explained_by) = (vec![claim.id.clone()], vec![lost.id.clone()]);
    let apart = markdown(&with_causes(report.clone()), Flavor::Github, false);
    assert!(apart.contains("Volumes down or lost: pvc-1"), "{apart}");
    assert!(!apart.contains("prod/data-of-it"), "{apart}");
    report.findings[0].explains.clear();
    report.findings[1].explained_by.clear();
    let alone = markdown(&with_causes(report), Flavor::Github, false);
    assert!(alone.contains("Volumes at risk: prod/data-of-it"), "{alone}");
}
