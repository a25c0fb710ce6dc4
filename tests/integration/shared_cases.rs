//! Documented real failures: the expected diagnosis is among the findings, by the right rule and on the right object, and the
//! negative cases stay quiet.

use crate::shared::shared;
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Limits};
use gleaner_report::Severity;
use gleaner_report::{Cause, Harm, Report};
use gleaner_rules::Catalog;
use std::path::{Path, PathBuf};

/// The case's number, the rule that must fire, an object it must name.
const DIAGNOSES: [(&str, &str, &str); 26] = [
    ("01", "managed-chart-not-ready", "harvester"),
    ("02", "deleted-volume-still-mounted", "pvc-"),
    ("03", "backing-image-stale-disk", "default-image-kzndn"),
    ("05", "single-replica-volume-active", "pvc-d1f19bab"),
    ("06", "instance-manager-pdb-wrong-node", "instance-manager-r-466e3c7f"),
    ("07", "two-active-engines", "pvc-7b120d60"),
    ("09", "provisioning-cluster-waiting", "local"),
    ("12", "mcc-harvester-secret-delete-denied", "mcc-harvester"),
    ("14", "instance-manager-pdb-orphan-engine", "instance-manager-d80e13f5"),
    ("15", "default-storageclass-not-harvester-longhorn", "my-default"),
    ("18", "dependency-crds-not-applied", "mcc-harvester"),
    ("19", "image-preload-plan-stuck", "hvst-upgrade-9gmg2-prepare"),
    ("20", "kubevirt-not-available", "kubevirt"),
    ("21", "rwx-endpoint-network-cleared", "endpoint-network-for-rwx-volume"),
    ("22", "managed-chart-not-ready", "rancher-monitoring-crd"),
    ("23", "managed-chart-not-ready", "harvester"),
    ("29", "storage-network-no-route", ""),
    ("30", "two-node-worker-lost", "harvester-jkqhq"),
    ("31", "kubeconfig-label-stuck", "local"),
    ("32", "post-drain-job-already-exists", "harvester-899b4df79-mzgkx"),
    ("33", "volume-migration-node-stuck", "pvc-840804d8"),
    ("34", "volume-migration-stuck", "pvc-abcdefg"),
    ("35", "longhorn-disk-uuid-prefix-collision", ""),
    ("36", "backing-image-lost", "default-image-klmt7"),
    ("37", "longhorn-eviction-requested", "node1"),
    ("12", "mcc-harvester-secret-delete-denied", "mcc-harvester"),
];

/// Cases that are prose or quoted commands without a bundle: their rules have cases of their own that rebuild them.
const WITHOUT_BUNDLE: [&str; 12] = ["08", "10", "11", "13", "16", "17", "25", "26", "27", "28", "38", "39"];

fn folder(number: &str) -> PathBuf {
    let found = walkdir::WalkDir::new(shared("cases"))
        .max_depth(1)
        .into_iter()
        .map(|entry| entry.unwrap().into_path());
    found
        .filter(|path| path.is_dir())
        .find(|path| path.file_name().unwrap().to_string_lossy().starts_with(number))
        .unwrap_or_else(|| panic!("there is no case {number}"))
}

fn report(catalog: &Catalog, path: &Path) -> Report {
    let bundle = Bundle::open(&[path.join("bundle")], Limits::default()).unwrap();
    analyze(&bundle, catalog, &Options::default(), &|_, _| {}).unwrap()
}

#[test]
#[cfg_attr(not(shared_material), ignore = "needs the shared reference material")]
fn every_documented_case_has_its_diagnosis_among_the_findings() {
    let catalog = Catalog::load(None).unwrap();
    for (number, rule, object) in DIAGNOSES {
        let path = folder(number);
        let report = report(&catalog, &path);
        let named = report
            .findings
            .iter()
            .any(|finding| finding.rule == rule && finding.objects.iter().any(|found| found.name.starts_with(object)));
        let found: Vec<&str> = report.findings.iter().map(|finding| finding.rule.as_str()).collect();
        assert!(named, "case {number}: `{rule}` on `{object}` is not among {found:?}");
    }
}

#[test]
#[cfg_attr(not(shared_material), ignore = "needs the shared reference material")]
fn the_cases_without_a_bundle_are_those_that_are_listed() {
    for number in WITHOUT_BUNDLE {
        let path = folder(number);
        assert!(
            !path.join("bundle").exists(),
            "case {number} has a bundle: give its diagnosis"
        );
    }
}

#[test]
#[cfg_attr(not(shared_material), ignore = "needs the shared reference material")]
fn the_negative_cases_stay_quiet() {
    let catalog = Catalog::load(None).unwrap();
    for number in ["04", "24"] {
        let path = folder(number);
        let report = report(&catalog, &path);
        let loud: Vec<&str> = report
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Info)
            .map(|finding| finding.rule.as_str())
            .collect();
        assert_eq!(loud, Vec::<&str>::new(), "case {number}");
    }
}

#[test]
#[cfg_attr(not(shared_material), ignore = "needs the shared reference material")]
fn the_real_bundle_shows_its_true_faults() {
    let path = shared("bundles/supportbundle_9b6b22de-6e5d-4905-aec8-1f226e413986_2022-03-22T23-49-32Z.zip");
    let bundle = Bundle::open(&[path], Limits::default()).unwrap();
    let report = analyze(&bundle, &Catalog::load(None).unwrap(), &Options::default(), &|_, _| {}).unwrap();
    let chart = report.findings.iter().find(|finding| {
        finding.rule == "managed-chart-not-ready" && finding.objects.iter().any(|object| object.name == "harvester")
    });
    let proof = &chart.unwrap().evidence;
    assert!(
        proof.iter().any(|fact| fact.value.contains("longhorn-storageclass")),
        "{proof:#?}"
    );
    for rule in [
        "backing-image-stale-disk",
        "deleted-volume-still-mounted",
        "claim-stuck-terminating",
    ] {
        assert!(report.findings.iter().any(|finding| finding.rule == rule), "{rule}");
    }
    let lost = &report.causes[0];
    let rule = |cause: &Cause| {
        let finding = report
            .findings
            .iter()
            .find(|finding| finding.id == cause.finding)
            .unwrap();
        finding.rule.clone()
    };
    assert_eq!(
        (rule(lost).as_str(), lost.harm),
        ("deleted-volume-still-mounted", Harm::DataLoss)
    );
    let mut below: Vec<&Cause> = lost.symptoms.iter().collect();
    let mut symptoms = Vec::new();
    while let Some(cause) = below.pop() {
        symptoms.push(rule(cause));
        below.extend(&cause.symptoms);
    }
    for symptom in [
        "node-file-system-errors",
        "claim-stuck-terminating",
        "managed-chart-not-ready",
        "fleet-bundle-not-ready",
    ] {
        assert!(
            symptoms.iter().any(|rule| rule == symptom),
            "{symptom} is not among {symptoms:?}"
        );
    }
    assert_eq!(report.diagnosis.first_bad.as_deref(), Some("2022-03-17T17:56:22Z"));
    for rule in &report.rules {
        let reason = !rule.missing.is_empty() || !rule.error.is_empty();
        assert!(
            rule.outcome != gleaner_report::Outcome::NotEvaluated || reason,
            "{} does not say what is missing",
            rule.id
        );
    }
}
