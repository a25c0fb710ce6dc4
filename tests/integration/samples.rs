//! The sample bundles, what is found in them, and their golden reports.

mod golden;

use crate::shared::read;
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Limits};
use gleaner_report::{Outcome, Report, Severity, Verdict};
use gleaner_rules::Catalog;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The samples, and the version each is asked about.
pub(crate) const SAMPLES: [(&str, Option<&str>); 8] = [
    ("backing-images", Some("v1.4.0")),
    ("backing-images-lost", None),
    ("healthy", Some("v1.5.1")),
    ("machine-mismatch", None),
    ("paused-charts", None),
    ("several-problems", Some("v1.5.1")),
    ("single-replica", None),
    ("third-party-csi", None),
];

pub(crate) fn root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) fn sample(catalog: &Catalog, name: &str, target: Option<&str>) -> Report {
    let bundle = Bundle::open(&[root(&format!("sample-bundles/{name}/bundle"))], Limits::default()).unwrap();
    let options = Options {
        target: target.map(str::to_owned),
        ..Options::default()
    };
    analyze(&bundle, catalog, &options, &|_, _| {}).unwrap()
}

fn fired(report: &Report) -> BTreeSet<&str> {
    report.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn the_healthy_sample_has_no_finding_and_every_rule_says_why() {
    let catalog = Catalog::load(None).unwrap();
    let report = sample(&catalog, "healthy", Some("v1.5.1"));
    assert_eq!(fired(&report), BTreeSet::new());
    for rule in &report.rules {
        assert_ne!(rule.outcome, Outcome::Failed, "{}: {}", rule.id, rule.error);
        if rule.outcome == Outcome::NotEvaluated {
            assert!(!rule.missing.is_empty(), "{} does not say what is missing", rule.id);
        }
    }
    assert_ne!(report.upgrade.verdict, Verdict::Blocked, "{}", report.upgrade.reason);
}

#[test]
fn a_sample_shows_what_its_page_names_and_nothing_else_above_info() {
    let catalog = Catalog::load(None).unwrap();
    for (name, target) in SAMPLES {
        let page = read(&root(&format!("sample-bundles/{name}/README.md")));
        let report = sample(&catalog, name, target);
        let severe = report
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Info);
        for finding in severe {
            assert!(
                page.contains(&finding.rule),
                "{name}: {}: {}",
                finding.rule,
                finding.message
            );
        }
    }
}

#[test]
fn the_sample_with_several_problems_is_blocked_worst_first() {
    let catalog = Catalog::load(None).unwrap();
    let report = sample(&catalog, "several-problems", Some("v1.5.1"));
    assert_eq!(report.upgrade.verdict, Verdict::Blocked);
    assert!(report.findings.is_sorted_by(|a, b| a.harm <= b.harm));
    let blockers = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Blocker);
    let blockers: BTreeSet<&String> = blockers.map(|finding| &finding.id).collect();
    let blocked: BTreeSet<&String> = report.upgrade.blocked_by.iter().collect();
    assert_eq!(blockers, blocked);
}
