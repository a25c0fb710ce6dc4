//! Archives that other programs made are read as they were meant; `tests/fixtures/archives/README.md` says how each was made.

#![expect(clippy::disallowed_methods, reason = "tests make and look at files")]

use crate::bundle_fixture::{Outcome, Place, read};
use std::io::Read;
use std::path::PathBuf;

const LOG: &str = "logs/harvester-system/pod-ü/c.log";
const PATHS: [&str; 3] = [LOG, "metadata.yaml", "yamls/cluster/v1/nodes.yaml"];

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/archives")
        .join(name)
}

/// Every fixture is made of the same three files.
fn assert_contents(outcome: &Outcome, what: &str) {
    let log: String = (1..=40).map(|i| format!("2026-01-01T00:00:{i} line {i}\n")).collect();
    let nodes: String = (1..=8).map(|i| format!("- metadata: {{name: node-{i}}}\n")).collect();
    assert_eq!(outcome.name, "supportbundle_x", "{what}");
    assert_eq!(outcome.text(LOG), log, "{what}");
    assert_eq!(outcome.text("metadata.yaml"), "projectName: harvester\n", "{what}");
    assert_eq!(
        outcome.text("yamls/cluster/v1/nodes.yaml"),
        format!("items:\n{nodes}"),
        "{what}"
    );
}

#[test]
fn zips_of_other_programs_are_read() {
    for name in [
        "7zip.zip",
        "go.zip",
        "infozip.zip",
        "infozip-descriptors.zip",
        "infozip-streamed.zip",
        "infozip-zip64.zip",
        "python-streamed.zip",
        "python-zip64.zip",
    ] {
        let outcome = read(&[fixture(name)]);
        assert_eq!(outcome.problems(), [""; 0], "{name}");
        assert_eq!(outcome.visited.paths, PATHS, "{name}");
        assert_contents(&outcome, name);
    }
}

#[test]
fn volumes_of_7zip_are_read_as_one() {
    let volumes: Vec<PathBuf> = (1..=5)
        .rev()
        .map(|number| fixture(&format!("7zip-stored-volumes.zip.00{number}")))
        .collect();
    let outcome = read(&volumes);
    assert_eq!(outcome.problems(), [""; 0]);
    assert_contents(&outcome, "volumes");
}

#[test]
fn a_split_zip_of_info_zip_is_read_across_its_disks() {
    let place = Place::new();
    let paths = ["infozip-split.zip", "infozip-split.z01"].map(|name| {
        let packed = std::fs::File::open(fixture(&format!("{name}.gz"))).unwrap();
        let mut data = Vec::new();
        flate2::read::GzDecoder::new(packed).read_to_end(&mut data).unwrap();
        place.write(name, data)
    });
    let outcome = read(&paths);
    assert_eq!(outcome.problems(), [""; 0]);
    assert_contents(&outcome, "split");
    assert_eq!(
        outcome.text("logs/harvester-system/pod-ü/zeros.log"),
        "\0".repeat(70_000)
    );
}

#[test]
fn a_compression_that_is_not_supported_is_named() {
    let outcome = read(&[fixture("7zip-lzma.zip")]);
    let problem = |path: &str| format!("{path}: unreadable: its compression method 14 is not supported");
    assert_eq!(outcome.problems(), [PATHS[0], PATHS[2]].map(problem));
    assert_eq!(outcome.visited.paths, PATHS);
    // 7-Zip stores what LZMA makes no smaller.
    assert_eq!(outcome.text("metadata.yaml"), "projectName: harvester\n");
}
