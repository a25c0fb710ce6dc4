//! Cancelling and the memory budget, over whole runs.

use crate::bundle_fixture::{Place, file, zip};
use crate::samples::root;
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Cancel, Limits, ReadError};
use gleaner_cluster::ingest;
use gleaner_report::Report;
use gleaner_rules::{Catalog, Context, evaluate};
use gleaner_yaml::Mode;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// A bundle of many volumes, whose parsing and evaluation take a while.
fn volumes(count: usize) -> Vec<u8> {
    let mut text = String::from("apiVersion: v1\nitems:\n");
    for number in 0..count {
        let _ = write!(
            text,
            "- apiVersion: longhorn.io/v1beta2\n  kind: Volume\n  metadata:\n    name: pvc-{number}\n    namespace: longhorn-system\n  spec:\n    numberOfReplicas: 3\n    size: \"1\"\n  status:\n    robustness: healthy\n    state: attached\n"
        );
    }
    text.push_str("kind: List\n");
    zip(&[
        file("x/metadata.yaml", "bundlename: x\n"),
        file(
            "x/yamls/namespaced/longhorn-system/longhorn.io/v1beta2/volumes.yaml",
            text,
        ),
    ])
}

/// The length of each of the logs of [`logs`], and how many they are.
const LOG: (usize, usize) = (1 << 20, 64);

/// A bundle of logs that are looked through.
fn logs() -> Vec<u8> {
    let text = "2025-06-12T08:00:00Z all is well\n".repeat(LOG.0 / 33);
    let path = |number| format!("x/logs/longhorn-system/longhorn-manager-{number}/longhorn-manager.log");
    let mut files = vec![file("x/metadata.yaml", "bundlename: x\n")];
    files.extend((0..LOG.1).map(|number| file(path(number), &text)));
    zip(&files)
}

/// Raises the flag once a share of the bytes has been read, in percent. Says what came of the run, and how many bytes had been read when
/// the flag was raised, and at the end.
fn cancelled_at(path: &Path, catalog: &Catalog, percent: u64) -> (Result<Report, ReadError>, u64, u64) {
    let cancel = Cancel::new();
    let limits = Limits {
        cancel: cancel.clone(),
        ..Limits::default()
    };
    let bundle = Bundle::open(&[path.to_owned()], limits).unwrap();
    let (raised, last) = (AtomicU64::new(0), AtomicU64::new(0));
    let outcome = analyze(&bundle, catalog, &Options::default(), &|done, total| {
        last.fetch_max(done, Ordering::Relaxed);
        if done >= total * percent / 100 && !cancel.raise() {
            raised.store(done, Ordering::Relaxed);
        }
    });
    (outcome, raised.into_inner(), last.into_inner())
}

#[test]
fn a_run_that_is_cancelled_while_it_reads_stops_reading_and_says_so() {
    let place = Place::new();
    let path = place.write("logs.zip", logs());
    let catalog = Catalog::load(None).unwrap();
    let whole = (LOG.0 * LOG.1) as u64;
    // Each thread may end the file it is at.
    let most = (LOG.0 * (rayon::current_num_threads() + 1)) as u64;
    for percent in [0, 10, 50, 90, 100] {
        let (outcome, raised, last) = cancelled_at(&path, &catalog, percent);
        assert!(
            matches!(outcome, Err(ReadError::Cancelled)),
            "cancelled at {percent} %: {:?}",
            outcome.map(|report| report.coverage)
        );
        assert!(raised >= whole * percent / 110, "{raised} of {whole} at {percent} %");
        assert!(
            last - raised <= most,
            "{last} bytes were read, {raised} before it was cancelled"
        );
    }
}

#[test]
fn a_run_that_is_cancelled_once_all_is_read_parses_and_evaluates_nothing() {
    let catalog = Catalog::load(None).unwrap();
    let bundle = Bundle::open(&[root("sample-bundles/several-problems/bundle")], Limits::default()).unwrap();
    let (kinds, wanted) = (&catalog.kinds, catalog.wanted());
    let mut sources = ingest(&bundle, kinds, wanted, catalog.signatures(), &|_, _| {}).unwrap();
    let cancel = Cancel::new();
    sources.cancel = cancel.clone();
    let snapshot = catalog.snapshot(&sources, "x", Mode::Dialect);
    assert!(snapshot.cluster.len() > 100);
    let context = Context::new(&catalog, &snapshot, None);
    let fired_on_objects = || -> BTreeSet<String> {
        let findings = evaluate(&context, None).findings.into_iter();
        findings
            .map(|finding| finding.rule)
            .filter(|id| catalog.rule(id).is_some_and(|rule| rule.for_each.is_some()))
            .collect()
    };
    assert_ne!(fired_on_objects(), BTreeSet::new());
    cancel.raise();
    assert_eq!(fired_on_objects(), BTreeSet::new());
    assert_eq!(catalog.snapshot(&sources, "x", Mode::Dialect).parsed.yaml.items, 0);
}

#[test]
fn files_beyond_the_memory_budget_are_left_out_and_named() {
    let place = Place::new();
    let path = place.write("volumes.zip", volumes(10_000));
    let catalog = Catalog::load(None).unwrap();
    let run = |max_memory| {
        let limits = Limits {
            max_memory,
            ..Limits::default()
        };
        let bundle = Bundle::open(std::slice::from_ref(&path), limits).unwrap();
        analyze(&bundle, &catalog, &Options::default(), &|_, _| {}).unwrap()
    };
    let small = run(1 << 20);
    let problem = small.coverage.problems.first().unwrap();
    assert!(problem.path.ends_with("volumes.yaml"), "{problem:?}");
    assert!(problem.what.contains("memory"), "{problem:?}");
    assert_eq!(small.coverage.objects, 0);
    assert_eq!(run(64 << 20).coverage.objects, 10_000);
}
