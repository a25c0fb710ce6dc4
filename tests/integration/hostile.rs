//! A bundle with hostile entries costs those entries: the report names them, nothing is written, time and memory stay bounded.

use crate::bundle_fixture::{File, Place, file, zip};
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Limits};
use gleaner_render::{Format, RenderOptions, render};
use gleaner_report::Report;
use gleaner_rules::Catalog;
use std::path::PathBuf;

fn list(items: &str) -> String {
    format!("apiVersion: v1\nitems:\n{items}kind: List\nmetadata: {{}}\n")
}

fn nested(depth: usize) -> Vec<u8> {
    let mut inner = zip(&[file("x/logs/deep.log", "deep")]);
    for level in 0..depth {
        inner = zip(&[file(format!("level-{level}.zip"), inner)]);
    }
    inner
}

/// `a: &a [x, …]`, `b: &b [*a, …]` and so on: a million values when expanded.
fn aliases() -> String {
    let mut text = String::from(
        "- apiVersion: v1\n  kind: Node\n  metadata: {name: bomb}\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n",
    );
    for level in 1..8 {
        let previous = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("  a{level}: &a{level} [{previous}]\n"));
    }
    text
}

fn hostile() -> Vec<File> {
    let mut files = vec![
        file(
            "b/metadata.yaml",
            "bundlename: hostile\nbundlecreatedat: \"2025-06-12T08:30:00Z\"\n",
        ),
        file("b/../../escape.yaml", "x"),
        file("/absolute.yaml", "x"),
        file("b/yamls/../../up.yaml", "x"),
        file("b\\windows\\path.yaml", "x"),
        file(
            "b/yamls/cluster/v1/nodes.yaml",
            list("- apiVersion: v1\n  kind: Node\n  metadata:\n    name: <script>alert(1)</script>\n"),
        ),
        file("b/yamls/cluster/v1/nodes.yaml", "the second of one name"),
        file(
            "b/yamls/cluster/v1/persistentvolumes.yaml",
            list(
                "- apiVersion: v1\n  kind: [broken\n- apiVersion: v1\n  kind: PersistentVolume\n  metadata:\n    name: good\n",
            ),
        ),
        file(
            "b/yamls/cluster/harvesterhci.io/v1beta1/settings.yaml",
            list(&aliases()),
        ),
        file("b/nodes/host-1.zip", nested(30)),
        file("b/nodes/host-2.zip", b"this is no zip"),
        file("b/logs/zeros.log", vec![0; 64 << 20]),
        file("b/logs/x\u{202e}y.log", "x"),
        file("b/logs/a\nb.log", "x"),
        file("b/logs/a\u{0}b.log", "x"),
        file(
            "b/yamls/namespaced/$(rm -rf ~)/v1/pods.yaml",
            list("- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: '`id`'\n"),
        ),
    ];
    files.push(file("b/yamls/namespaced/default/v1/pods.yaml", b"\xff\xfe not utf-8"));
    files
}

fn analyzed(files: &[File]) -> Report {
    let place = Place::new();
    let path = place.write("hostile.zip", zip(files));
    let bundle = Bundle::open(&[path], Limits::default()).unwrap();
    analyze(&bundle, &Catalog::load(None).unwrap(), &Options::default(), &|_, _| {}).unwrap()
}

#[test]
fn hostile_entries_are_named_in_the_report_and_the_rest_is_read() {
    let report = analyzed(&hostile());
    let named = |part: &str| {
        report
            .coverage
            .problems
            .iter()
            .any(|problem| problem.path.contains(part) || problem.what.contains(part))
    };
    for part in [
        "escape.yaml",
        "absolute.yaml",
        "up.yaml",
        "nodes.yaml",
        "persistentvolumes.yaml",
        "settings.yaml",
        "host-2.zip",
        "pods.yaml",
    ] {
        assert!(named(part), "{part} is not among {:#?}", report.coverage.problems);
    }
    assert_eq!(report.cluster.node_count, 1);
    assert!(report.coverage.yaml.bad_items >= 2, "{:?}", report.coverage.yaml);
}

#[test]
fn no_format_shows_markup_or_control_characters_of_a_hostile_bundle() {
    let report = analyzed(&hostile());
    for format in [
        Format::Html,
        Format::Markdown,
        Format::Text,
        Format::Sarif,
        Format::Junit,
        Format::Gitlab,
    ] {
        let text = render(&report, format, &RenderOptions::default()).unwrap();
        // Elsewhere the name is in code spans or is plain text.
        let markup = matches!(format, Format::Html | Format::Junit);
        assert!(!markup || !text.contains("<script>alert"), "{format:?}");
        assert!(
            !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'),
            "{format:?}"
        );
        assert!(!text.contains('\u{202e}'), "{format:?}");
    }
}

#[test]
fn a_zip_and_its_extracted_folder_give_the_same_report() {
    let files = [
        file(
            "supportbundle_x/metadata.yaml",
            "bundlename: x\nbundlecreatedat: \"2025-06-12T08:30:00Z\"\n",
        ),
        file(
            "supportbundle_x/yamls/cluster/v1/nodes.yaml",
            list("- apiVersion: v1\n  kind: Node\n  metadata:\n    name: host-1\n"),
        ),
        file("supportbundle_x/logs/default/pod/c.log", "line\n"),
    ];
    let place = Place::new();
    let zipped = place.write("supportbundle_x.zip", zip(&files));
    for entry in &files {
        let path = place.0.path().join(String::from_utf8(entry.name.clone()).unwrap());
        crate::shared::write(&path, &String::from_utf8(entry.data.clone()).unwrap());
    }
    let catalog = Catalog::load(None).unwrap();
    let report = |path: PathBuf| {
        let bundle = Bundle::open(&[path], Limits::default()).unwrap();
        let mut report = analyze(&bundle, &catalog, &Options::default(), &|_, _| {}).unwrap();
        report.bundle.inputs.clear();
        render(&report, Format::Json, &RenderOptions::default()).unwrap()
    };
    let folder = place.0.path().join("supportbundle_x");
    assert_eq!(report(zipped.clone()), report(folder));
    assert_eq!(report(zipped.clone()), report(zipped));
}
