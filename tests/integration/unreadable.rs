//! Files that are there and do not say what they should: no list, an object twice, a log without its end.

use crate::samples::root;
use gleaner::analyze::{Options, report, snapshot};
use gleaner_bundle::{Bundle, Limits};
use gleaner_cluster::{Sources, ingest, layout};
use gleaner_logs::Scanner;
use gleaner_report::{CheckVerdict, Outcome, Problem, ProblemKind, Report, RuleOutcome, Verdict};
use gleaner_rules::Catalog;
use std::collections::BTreeSet;

const IMAGES: &str = "yamls/namespaced/longhorn-system/longhorn.io/v1beta2/backingimages.yaml";
const VOLUMES: &str = "yamls/namespaced/longhorn-system/longhorn.io/v1beta2/volumes.yaml";
const LOG: &str = "logs/longhorn-system/longhorn-manager-qxlwx/longhorn-manager.log";

fn healthy(catalog: &Catalog) -> Sources {
    let bundle = Bundle::open(&[root("sample-bundles/healthy/bundle")], Limits::default()).unwrap();
    let (wanted, signatures) = (catalog.wanted(), catalog.signatures());
    ingest(&bundle, &catalog.kinds, wanted, signatures, &|_, _| {}).unwrap()
}

/// The healthy bundle with another text in one file.
fn with(catalog: &Catalog, path: &str, text: &str) -> Sources {
    let mut sources = healthy(catalog);
    let file = sources.files.iter_mut().find(|file| file.path == path);
    text.clone_into(&mut file.unwrap().text);
    sources
}

/// The healthy bundle with another text in one log.
fn with_log(catalog: &Catalog, text: &str) -> Sources {
    let mut sources = healthy(catalog);
    let log = sources.matches.iter_mut().find(|log| log.path == LOG).unwrap();
    let origin = layout::log_origin(LOG).unwrap();
    *log = Scanner::new(catalog.signatures()).scan(LOG, origin, &mut text.as_bytes());
    sources
}

fn evaluate(sources: &Sources, catalog: &Catalog) -> Report {
    let options = Options {
        target: Some("v1.5.1".to_owned()),
        ..Options::default()
    };
    report(&snapshot(sources, "healthy", catalog, &options), &[], catalog, &options)
}

fn rules(report: &Report, outcome: Outcome) -> BTreeSet<&str> {
    let rules = report.rules.iter().filter(|rule| rule.outcome == outcome);
    rules.map(|rule| rule.id.as_str()).collect()
}

fn failed(report: &Report) -> BTreeSet<&str> {
    let failed = report.official_checks.iter();
    let failed = failed.filter(|check| matches!(check.verdict, CheckVerdict::Fail | CheckVerdict::Warning));
    failed.map(|check| check.check.as_str()).collect()
}

#[test]
fn a_file_that_is_no_list_leaves_its_kind_unknown() {
    let catalog = Catalog::load(None).unwrap();
    let whole = evaluate(&healthy(&catalog), &catalog);
    for (path, kind) in [(IMAGES, "BackingImage.longhorn.io"), (VOLUMES, "Volume.longhorn.io")] {
        let id = catalog.kinds.by_name(kind).unwrap();
        for text in [
            "",
            " \n",
            "# no objects\n",
            "<html><body>504 Gateway Time-out</body></html>\n",
            r#"{"kind":"Status","apiVersion":"v1","code":403}"#,
            "apiVersion: v1\ncode: 503\nkind: Status\n",
            "connection refused\n",
            "apiVersion: v1\nitems: null\nkind: List\n",
            "apiVersion: v1\nitems: {}\nkind: List\n",
            "apiVersion: v1\nitems: none\nkind: List\n",
            "apiVersion: v1\nitems: []\nkind: Lost\n",
            "apiVersion: v1\nitemz: []\nkind: List\n",
            "apiVersion: v1\nitems: []\nkind: List\n---\napiVersion: v1\nitems: []\nkind: List\n",
        ] {
            let report = evaluate(&with(&catalog, path, text), &catalog);
            let problems: Vec<_> = report.coverage.problems.iter().filter(|p| p.path == path).collect();
            let [problem] = problems.as_slice() else {
                panic!("{text:?}: {problems:?}")
            };
            assert_eq!(problem.kind, ProblemKind::Unreadable, "{text:?}");
            assert!(problem.what.starts_with("line "), "{text:?}: {}", problem.what);
            assert_eq!(
                rules(&report, Outcome::Fired),
                rules(&whole, Outcome::Fired),
                "{text:?}"
            );
            assert_eq!(rules(&report, Outcome::Failed), BTreeSet::new(), "{text:?}");
            assert!(failed(&report).is_subset(&failed(&whole)), "{text:?}");
            assert_ne!(report.upgrade.verdict, Verdict::Blocked, "{text:?}");
            let quiet = rules(&report, Outcome::Quiet);
            for rule in catalog.rules.iter().filter(|rule| quiet.contains(rule.id())) {
                let reads = rule.required_kinds().unwrap();
                let needs = reads.requires.contains(&id) || reads.partial.contains(&id);
                assert!(!needs, "{} is quiet without {kind}: {text:?}", rule.id());
            }
            let told = format!("{kind}: {path}: {}", problem.what);
            let missing = report.rules.iter().flat_map(|rule| &rule.missing);
            assert!(missing.into_iter().any(|reason| *reason == told), "{text:?}: {told}");
        }
    }
}

#[test]
fn of_many_items_that_cannot_be_read_the_first_are_named() {
    let catalog = Catalog::load(None).unwrap();
    let items: String = (0..5_000)
        .map(|number| format!("- kind: Odd\n  metadata: {{name: x{number}}}\n"))
        .collect();
    let text = format!("apiVersion: v1\nitems:\n{items}kind: List\n");
    let report = evaluate(&with(&catalog, VOLUMES, &text), &catalog);
    let problems = report
        .coverage
        .problems
        .iter()
        .filter(|problem| problem.path == VOLUMES);
    let told: Vec<&str> = problems.map(|problem| problem.what.as_str()).collect();
    assert_eq!(told.len(), 21, "{told:?}");
    assert!(told.contains(&"4,980 more items could not be read"), "{told:?}");
    assert_eq!(report.coverage.yaml.bad_items, 5_000);
}

#[test]
fn objects_that_name_others_without_a_file_show_that_it_is_missing() {
    let catalog = Catalog::load(None).unwrap();
    let volumes = catalog.kinds.by_name("Volume.longhorn.io").unwrap();
    let mut sources = healthy(&catalog);
    sources.files.retain(|file| file.path != VOLUMES);
    sources.paths.retain(|path| path != VOLUMES);
    let gone = evaluate(&sources, &catalog);
    assert_eq!(rules(&gone, Outcome::Fired), BTreeSet::new());
    let reasons: BTreeSet<&String> = gone.rules.iter().flat_map(|rule| &rule.missing).collect();
    let told =
        |reason: &&&String| reason.starts_with("Volume.longhorn.io: the file is missing: Replica.longhorn.io names");
    assert!(reasons.iter().any(|reason| told(&reason)), "{reasons:?}");
    // An empty list is an answer: the volumes are gone.
    let empty = evaluate(
        &with(&catalog, VOLUMES, "apiVersion: v1\nitems: []\nkind: List\n"),
        &catalog,
    );
    assert!(rules(&empty, Outcome::Fired).contains("longhorn-volume-missing"));
    let needs = |id: &str| {
        catalog
            .rule(id)
            .unwrap()
            .required_kinds()
            .unwrap()
            .requires
            .contains(&volumes)
    };
    assert!(!rules(&gone, Outcome::Quiet).into_iter().any(needs));
}

#[test]
fn an_empty_list_is_a_kind_without_objects() {
    let catalog = Catalog::load(None).unwrap();
    let path = "yamls/namespaced/harvester-system/harvesterhci.io/v1beta1/upgrades.yaml";
    for text in [
        "apiVersion: v1\nkind: List\nmetadata: {}\n",
        "items: []\nkind: UpgradeList\n",
    ] {
        let mut sources = healthy(&catalog);
        sources.files.retain(|file| file.path != path);
        sources.files.push(gleaner_cluster::TextFile {
            path: path.to_owned(),
            text: text.to_owned(),
        });
        sources.files.sort();
        sources.paths.push(path.to_owned());
        sources.paths.sort();
        sources.paths.dedup();
        let report = evaluate(&sources, &catalog);
        assert_eq!(report.coverage.problems, [], "{text}");
    }
}

#[test]
fn an_object_that_is_there_twice_with_other_content_is_named() {
    let catalog = Catalog::load(None).unwrap();
    let sources = healthy(&catalog);
    let text = sources.text(VOLUMES).unwrap();
    let second = text.match_indices("\n- ").nth(1).unwrap().0 + 1;
    let first = text.find("\n- ").unwrap() + 1;
    let item = &text[first..second];
    for (copy, differs) in [
        (item.to_owned(), false),
        (item.replacen("spec:", "spec:\n    added: 17", 1), true),
    ] {
        let twice = format!("{}{copy}{}", &text[..second], &text[second..]);
        let report = evaluate(&with(&catalog, VOLUMES, &twice), &catalog);
        let told: Vec<&str> = report.coverage.problems.iter().map(|p| p.what.as_str()).collect();
        let line = |at: usize| twice[..at].matches('\n').count() + 1;
        if differs {
            let [told] = told.as_slice() else { panic!("{told:?}") };
            assert!(
                told.starts_with(&format!("line {}: Volume longhorn-system/", line(second))),
                "{told}"
            );
            let kept = format!("in {VOLUMES}, line {}, which is used", line(first));
            assert!(told.ends_with(&kept), "{told}");
        } else {
            assert!(told.is_empty(), "{told:?}");
        }
    }
}

/// A line of a log that names a replica.
fn line(replica: usize) -> String {
    format!(
        "2025-06-12T08:00:00Z level=warning msg=\"Replica pvc-1-r-{replica:08x} is marked as failed, current state running, mode ERR\"\n"
    )
}

#[test]
fn lines_beyond_those_that_are_kept_are_counted() {
    let catalog = Catalog::load(None).unwrap();
    for count in [200, 201, 350] {
        let text: String = (0..count).map(line).collect();
        let report = evaluate(&with_log(&catalog, &text.repeat(2)), &catalog);
        let told: Vec<&str> = report.coverage.problems.iter().map(|p| p.what.as_str()).collect();
        match (count - 200) * 2 {
            0 => assert!(told.is_empty(), "{told:?}"),
            beyond => {
                let [told] = told.as_slice() else { panic!("{told:?}") };
                assert!(
                    told.starts_with(&format!("{beyond} lines for replica-marked-failed left out")),
                    "{told}"
                );
            }
        }
    }
}

#[test]
fn no_rule_is_quiet_about_a_log_without_its_end() {
    let catalog = Catalog::load(None).unwrap();
    let whole = evaluate(&with_log(&catalog, "time=\"x\" level=info msg=a\n"), &catalog);
    for (text, why) in [
        ("", "it is empty"),
        ("time=\"x\" level=info msg=a\ntime=\"x\" lev", "it ends within a line"),
        ("a\nb\n\0\0\0\0", "line 3: it holds zero bytes"),
        ("\0\0\n", "line 1: it holds zero bytes"),
    ] {
        let report = evaluate(&with_log(&catalog, text), &catalog);
        let quiet = rules(&report, Outcome::Quiet);
        let before = rules(&whole, Outcome::Quiet);
        let lost = before
            .difference(&quiet)
            .next()
            .unwrap_or_else(|| panic!("all are quiet: {text:?}"));
        let outcome = report.rules.iter().find(|rule| rule.id == *lost).unwrap();
        assert!(
            outcome.missing.iter().any(|reason| reason.contains(why)),
            "{text:?}: {:?}",
            outcome.missing
        );
    }
}

/// The healthy bundle where a folder cannot be listed.
fn without(catalog: &Catalog, folder: &str) -> Sources {
    let mut sources = healthy(catalog);
    let is_below = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    sources.files.retain(|file| !is_below(&file.path));
    sources.paths.retain(|path| !is_below(path));
    sources.matches.retain(|log| !is_below(&log.path));
    sources.problems.push(Problem {
        path: folder.to_owned(),
        kind: ProblemKind::Unreadable,
        what: "Permission denied (os error 13)".to_owned(),
    });
    sources
}

/// Whether a reason names the folder.
fn names(outcome: &RuleOutcome, folder: &str) -> bool {
    let told = format!("{folder}: Permission denied");
    outcome.missing.iter().any(|reason| reason.contains(&told))
}

#[test]
fn a_folder_that_cannot_be_listed_leaves_the_kinds_below_it_unknown() {
    let catalog = Catalog::load(None).unwrap();
    let whole = evaluate(&healthy(&catalog), &catalog);
    let longhorn = "yamls/namespaced/longhorn-system/longhorn.io";
    for (folder, below, elsewhere) in [
        ("yamls/cluster", "Node", "Volume.longhorn.io"),
        (
            "yamls/cluster/v1",
            "Node",
            "CustomResourceDefinition.apiextensions.k8s.io",
        ),
        ("yamls/namespaced", "Pod", "PersistentVolume"),
        (
            "yamls/namespaced/longhorn-system",
            "Volume.longhorn.io",
            "PersistentVolume",
        ),
        (longhorn, "Volume.longhorn.io", "Addon.harvesterhci.io"),
    ] {
        let sources = without(&catalog, folder);
        let report = evaluate(&sources, &catalog);
        assert!(
            rules(&report, Outcome::Fired).is_subset(&rules(&whole, Outcome::Fired)),
            "{folder}"
        );
        let options = Options::default();
        let snapshot = snapshot(&sources, "healthy", &catalog, &options);
        let is_told = |kind: &str| {
            let gaps = snapshot.availability.gaps(catalog.kinds.by_name(kind).unwrap());
            gaps.into_iter()
                .any(|gap| gap.to_string().starts_with(&format!("{folder}: ")))
        };
        assert!(is_told(below) && !is_told(elsewhere), "{folder}");
        let id = catalog.kinds.by_name(below).unwrap();
        for outcome in report.rules.iter().filter(|outcome| outcome.outcome == Outcome::Quiet) {
            let reads = catalog.rule(&outcome.id).unwrap().required_kinds().unwrap();
            assert!(
                !reads.requires.contains(&id),
                "{} is quiet without {folder}",
                outcome.id
            );
        }
        assert!(report.rules.iter().any(|outcome| names(outcome, folder)), "{folder}");
    }
}

#[test]
fn a_folder_that_cannot_be_listed_costs_nothing_elsewhere() {
    let catalog = Catalog::load(None).unwrap();
    let whole = evaluate(&healthy(&catalog), &catalog);
    for folder in [
        "lost+found/",
        ".Trash/",
        "logs",
        "nodes",
        "logs/longhorn-system",
        "nodes/host-1",
    ] {
        let report = evaluate(&without(&catalog, folder), &catalog);
        for (before, now) in whole.rules.iter().zip(&report.rules) {
            let rule = catalog.rule(&now.id).unwrap();
            let archive = catalog.kinds.by_name("NodeArchive.gleaner.io").unwrap();
            let reads = rule.required_kinds().unwrap();
            let reads_archive = reads.requires.contains(&archive) || reads.partial.contains(&archive);
            let may_depend = rule.log.is_some() || reads_archive || before.outcome == Outcome::NotEvaluated;
            assert!(may_depend || before.outcome == now.outcome, "{}: {folder}", now.id);
            let is_log_of_pods = rule.log.as_ref().is_some_and(|log| !log.pods.is_empty());
            let is_quiet = now.outcome == Outcome::Quiet;
            assert!(
                !(folder == "logs" && is_log_of_pods && is_quiet),
                "{}: {folder}",
                now.id
            );
        }
    }
}

#[test]
fn no_rule_is_quiet_about_logs_in_a_folder_that_cannot_be_listed() {
    let catalog = Catalog::load(None).unwrap();
    for folder in ["logs/longhorn-system", "logs/longhorn-system/longhorn-manager-qxlwx"] {
        let mut sources = without(&catalog, folder);
        let other = "logs/longhorn-system/longhorn-manager-other/longhorn-manager.log";
        let origin = layout::log_origin(other).unwrap();
        let scanner = Scanner::new(catalog.signatures());
        sources
            .matches
            .push(scanner.scan(other, origin, &mut "level=info msg=a\n".as_bytes()));
        sources.paths.push(other.to_owned());
        sources.paths.sort();
        let report = evaluate(&sources, &catalog);
        let of_manager = report.rules.iter().filter(|outcome| names(outcome, folder));
        assert!(of_manager.count() > 3, "{folder}");
    }
}
