//! Cancelling and the memory budget, over whole runs.

use crate::bundle_fixture::{Place, file, zip};
use gleaner::analyze::{Options, analyze};
use gleaner::rule::catalog::Catalog;
use gleaner_bundle::{Bundle, Cancel, Limits, ReadError};
use std::fmt::Write;
use std::time::Duration;

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

#[test]
fn a_cancelled_run_says_so_wherever_it_is() {
    let place = Place::new();
    let path = place.write("volumes.zip", volumes(60_000));
    let catalog = Catalog::load(None).unwrap();
    for delay in [0, 50, 200, 400, 800, 1600, 3200] {
        let cancel = Cancel::new();
        let limits = Limits {
            cancel: cancel.clone(),
            ..Limits::default()
        };
        let raised = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(delay));
            cancel.raise();
        });
        let outcome = Bundle::open(std::slice::from_ref(&path), limits)
            .map(|bundle| analyze(&bundle, &catalog, &Options::default(), &|_, _| {}).err());
        raised.join().unwrap();
        if let Ok(Some(error)) = outcome {
            assert!(matches!(error, ReadError::Cancelled), "{error}");
        }
    }
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
