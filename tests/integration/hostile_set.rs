//! A set of hostile bundles: each is analyzed whole, without a panic, with bounded work, and what was refused is named.
//!
//! `archives` attacks what unpacks, `documents` what reads texts. Each case says what must be named, in the coverage or as the
//! reason why the bundle cannot be opened.

mod archives;
mod documents;

use crate::bundle_fixture::{File, Keeper, Place, file, gzip, tar, tree, zip};
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Limits};
use gleaner_render::{Format, RenderOptions, render};
use gleaner_rules::Catalog;
use std::sync::atomic::{AtomicU64, Ordering};

/// A hostile bundle.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    /// What the coverage or the refusal must say; nothing where all must be read, or left alone, without a word.
    says: &'static str,
}

fn case(name: &'static str, bytes: Vec<u8>, says: &'static str) -> Case {
    Case { name, bytes, says }
}

/// A good bundle with one more file.
fn with(path: &str, data: impl AsRef<[u8]>) -> Vec<u8> {
    zip(&with_files([file(format!("x/{path}"), data)]))
}

/// A good bundle.
fn good() -> Vec<File> {
    let mut files = tree("x/");
    files[1].data =
        b"apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Node\n  metadata:\n    name: host-1\nkind: List\n".to_vec();
    files
}

fn with_files(files: impl IntoIterator<Item = File>) -> Vec<File> {
    let mut all = good();
    all.extend(files);
    all
}

/// Tighter budgets than the default ones, so that small archives reach them.
fn limits() -> Limits {
    Limits {
        max_entries: 5_000,
        total_bytes: 1 << 30,
        entry_bytes: 64 << 20,
        ratio: 200,
        ratio_floor: 1 << 20,
        max_memory: 512 << 20,
        ..Limits::default()
    }
}

/// The most bytes that may be read of one of these bundles, unpacked: what memory there is for texts.
const MOST_READ: u64 = 128 << 20;
/// The longest that a report on one may be.
const MOST_WRITTEN: usize = 2 << 20;

/// What is said about a bundle: the refusal, or the problems and counts of its coverage.
#[expect(clippy::disallowed_methods, reason = "what a run leaves behind shows in its folder")]
fn judge(case: &Case, catalog: &Catalog) -> String {
    let place = Place::new();
    let path = place.write("bundle.zip", &case.bytes);
    let before = std::fs::read_dir(place.0.path()).unwrap().count();
    let bundle = match Bundle::open(&[path], limits()) {
        Ok(bundle) => bundle,
        Err(error) => return error.to_string(),
    };
    let read = AtomicU64::new(0);
    let progress = |done, _| {
        read.fetch_max(done, Ordering::Relaxed);
    };
    let report = analyze(&bundle, catalog, &Options::default(), &progress).unwrap();
    let read = read.into_inner();
    assert!(read <= MOST_READ, "{}: {read} bytes were read", case.name);
    for format in [Format::Html, Format::Json] {
        let written = render(&report, format, &RenderOptions::default()).unwrap().len();
        assert!(written <= MOST_WRITTEN, "{}: {format:?} of {written} bytes", case.name);
    }
    assert_eq!(std::fs::read_dir(place.0.path()).unwrap().count(), before);
    let problems = &report.coverage.problems;
    problems
        .iter()
        .map(|problem| format!("{}: {}\n", problem.path, problem.what))
        .collect()
}

#[test]
fn hostile_bundles_are_read_within_bounds_and_every_refusal_is_named() {
    let catalog = Catalog::load(None).unwrap();
    let cases: Vec<Case> = archives::cases().into_iter().chain(documents::cases()).collect();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let said = judge(case, &catalog);
        if !said.contains(case.says) || (case.says.is_empty() && !said.is_empty()) {
            wrong.push(format!("{}: not {:?} but {said}", case.name, case.says));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_bundle_cut_at_every_percent_is_read_as_far_as_it_goes_or_refused() {
    let place = Place::new();
    let whole = sample();
    let zipped = zip(&whole);
    let plain = tar(&whole);
    let tarred = gzip(&plain);
    for percent in 1..100 {
        let cut = |bytes: &[u8]| bytes[..bytes.len() * percent / 100].to_vec();
        for (name, bytes) in [("cut.zip", cut(&zipped)), ("cut.tar", cut(&plain))] {
            let path = place.write(name, bytes);
            let bundle = Bundle::open(&[path], limits()).unwrap();
            let visited = bundle.visit(&Keeper::default()).unwrap();
            assert!(!visited.problems.is_empty(), "{name} at {percent} %");
        }
        let path = place.write("cut.tgz", cut(&tarred));
        let Ok(bundle) = Bundle::open(&[path], limits()) else {
            continue;
        };
        let visited = bundle.visit(&Keeper::default()).unwrap();
        assert!(!visited.problems.is_empty(), "tgz at {percent} %");
    }
}

/// The sample bundle, as files to be packed.
fn sample() -> Vec<File> {
    let root = crate::samples::root("sample-bundles/healthy/bundle");
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let path = entry
                .path()
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            files.push(file(format!("x/{path}"), crate::shared::read(entry.path())));
        }
    }
    files
}
