//! Clusters exactly as shipped are quiet: no blocker, no warning, and few notes, of which each is named here.

use crate::samples::root;
use crate::shared::folder;
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Limits};
use gleaner_report::{Finding, Outcome, Report, Severity};
use gleaner_rules::Catalog;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

/// What an administrator of a healthy cluster may want to know, by rule: what happened within a day (a leader elected, a replica
/// rebuilt, a webhook out of reach while its node rebooted), what an upgrade will meet, and what is set up so on purpose.
const NOTES: [&str; 17] = [
    "backing-image-crd-outdated",
    "cdi-importer-memory-low",
    "default-storageclass-not-harvester-longhorn",
    "dns-upstream-silent",
    "etcd-leader-lost",
    "ingress-nginx-webhook-vulnerable",
    "longhorn-node-drain-policy-unsafe",
    "mass-live-migration",
    "migration-moves-mac-address",
    "replica-marked-failed",
    "rwx-migratable-restart",
    "rwx-volume-without-migration-attached",
    "share-manager-nonroot",
    "storage-class-replicas-exceed-nodes",
    "untagged-secondary-nad",
    "vm-guest-agent-missing",
    "webhook-unreachable",
];

static REPORTS: LazyLock<BTreeMap<String, Report>> = LazyLock::new(reports);

#[expect(clippy::disallowed_methods, reason = "tests unpack their fixtures")]
fn unpack(into: &Path) {
    let packed = std::fs::File::open(root("tests/fixtures/defaults/defaults.tar.xz")).unwrap();
    tar::Archive::new(liblzma::read::XzDecoder::new(packed))
        .unpack(into)
        .unwrap();
}

fn reports() -> BTreeMap<String, Report> {
    let folder = folder();
    unpack(folder.path());
    let catalog = Catalog::load(None).unwrap();
    let clusters = walkdir::WalkDir::new(folder.path()).min_depth(1).max_depth(1);
    let clusters: Vec<_> = clusters.into_iter().map(Result::unwrap).collect();
    let reports = clusters.par_iter().map(|cluster| {
        let bundle = Bundle::open(&[cluster.path().to_owned()], Limits::default()).unwrap();
        let report = analyze(&bundle, &catalog, &Options::default(), &|_, _| {}).unwrap();
        (cluster.file_name().to_str().unwrap().to_owned(), report)
    });
    reports.collect()
}

fn findings(wanted: impl Fn(&Finding) -> bool) -> Vec<String> {
    let all = REPORTS
        .iter()
        .flat_map(|(cluster, report)| report.findings.iter().map(move |finding| (cluster, finding)));
    let wanted = all.filter(|(_, finding)| wanted(finding));
    wanted
        .map(|(cluster, finding)| format!("{cluster}: {}: {}", finding.rule, finding.message))
        .collect()
}

#[test]
fn a_cluster_as_shipped_has_no_blocker_and_no_warning() {
    assert_eq!(REPORTS.len(), 15);
    assert_eq!(
        findings(|finding| finding.severity > Severity::Info),
        Vec::<String>::new()
    );
}

#[test]
fn its_notes_are_those_that_are_listed() {
    let unlisted = findings(|finding| !NOTES.contains(&finding.rule.as_str()));
    assert_eq!(unlisted, Vec::<String>::new());
}

#[test]
fn no_rule_fails_on_it() {
    let failed = REPORTS
        .iter()
        .flat_map(|(cluster, report)| report.rules.iter().map(move |rule| (cluster, rule)));
    let failed = failed.filter(|(_, rule)| rule.outcome == Outcome::Failed);
    let failed: Vec<String> = failed
        .map(|(cluster, rule)| format!("{cluster}: {}: {}", rule.id, rule.error))
        .collect();
    assert_eq!(failed, Vec::<String>::new());
}
