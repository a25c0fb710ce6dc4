//! Missing data never reads as fine: what is taken out of a healthy bundle keeps the rules that need it from being quiet.

use crate::samples::root;
use gleaner::analyze::{Options, report, snapshot};
use gleaner_bundle::{Bundle, Limits};
use gleaner_cluster::layout::{ResourcePath, namespace_of};
use gleaner_cluster::{KindId, KindScope};
use gleaner_cluster::{Sources, ingest};
use gleaner_report::{Outcome, Problem, ProblemKind, Report};
use gleaner_rules::Catalog;
use gleaner_rules::Rule;
use std::collections::BTreeSet;

fn healthy(catalog: &Catalog) -> Sources {
    let bundle = Bundle::open(&[root("sample-bundles/healthy/bundle")], Limits::default()).unwrap();
    ingest(
        &bundle,
        &catalog.kinds,
        catalog.wanted(),
        catalog.signatures(),
        &|_, _| {},
    )
    .unwrap()
}

/// The sources without the files that a condition names.
fn without(sources: &Sources, gone: impl Fn(&str) -> bool) -> Sources {
    Sources {
        files: sources.files.iter().filter(|file| !gone(&file.path)).cloned().collect(),
        paths: sources.paths.iter().filter(|path| !gone(path)).cloned().collect(),
        bytes: sources.bytes,
        problems: sources.problems.clone(),
        matches: sources.matches.clone(),
        ..Sources::default()
    }
}

fn evaluate(sources: &Sources, catalog: &Catalog) -> Report {
    let options = Options {
        target: Some("v1.5.1".to_owned()),
        ..Options::default()
    };
    let snapshot = snapshot(sources, "healthy", catalog, &options);
    report(&snapshot, &[], catalog, &options)
}

/// Rules that read the kind and do not only adorn their messages with it.
fn needs(rule: &Rule, kind: KindId) -> bool {
    let logic = rule.program().unwrap();
    logic.reads.requires.contains(&kind) || logic.reads.partial.contains(&kind)
}

fn quiet<'c>(catalog: &'c Catalog, report: &Report, needing: impl Fn(&Rule) -> bool) -> Vec<&'c str> {
    let quiet: BTreeSet<&str> = report
        .rules
        .iter()
        .filter(|rule| rule.outcome == Outcome::Quiet)
        .map(|rule| rule.id.as_str())
        .collect();
    catalog
        .rules
        .iter()
        .filter(|rule| needing(rule) && quiet.contains(rule.id()))
        .map(Rule::id)
        .collect()
}

fn holds(catalog: &Catalog, kind: KindId, path: &str) -> bool {
    let info = catalog.kinds.info(kind);
    ResourcePath::parse(path).is_some_and(|resource| {
        resource.plural == info.plural
            && resource
                .group
                .is_some_and(|group| info.groups.iter().any(|known| known == group))
    })
}

#[test]
fn no_rule_is_quiet_without_a_kind_that_every_cluster_has() {
    let catalog = Catalog::load(None).unwrap();
    let sources = healthy(&catalog);
    for (kind, info) in catalog.kinds.all().filter(|(_, info)| info.always) {
        let report = evaluate(&without(&sources, |path| holds(&catalog, kind, path)), &catalog);
        assert_eq!(
            quiet(&catalog, &report, |rule| needs(rule, kind)),
            Vec::<&str>::new(),
            "without {}",
            info.name
        );
        assert!(
            report.coverage.missing.contains(&info.name) || !catalog.wanted().contains(&kind),
            "{}",
            info.name
        );
    }
}

#[test]
fn no_rule_is_quiet_without_the_namespace_of_its_objects() {
    let catalog = Catalog::load(None).unwrap();
    let sources = healthy(&catalog);
    let namespaces: BTreeSet<&str> = sources.paths.iter().filter_map(|path| namespace_of(path)).collect();
    for namespace in namespaces {
        let report = evaluate(
            &without(&sources, |path| namespace_of(path) == Some(namespace)),
            &catalog,
        );
        let system = catalog.kinds.system_namespaces.iter().any(|known| known == namespace);
        let affected = |rule: &Rule| {
            catalog.kinds.all().any(|(kind, info)| {
                // A rule about the objects of one namespace does not mind the others.
                let only = rule.file.namespace.as_deref().filter(|_| rule.for_each == Some(kind));
                needs(rule, kind)
                    && only.is_none_or(|only| only == namespace)
                    && match &info.scope {
                        KindScope::Cluster => false,
                        KindScope::Home(home) => home == namespace,
                        KindScope::Everywhere => system || namespace == "prod",
                        KindScope::Workload => matches!(namespace, "prod" | "default"),
                    }
            })
        };
        assert_eq!(
            quiet(&catalog, &report, affected),
            Vec::<&str>::new(),
            "without namespace {namespace}"
        );
    }
}

#[test]
fn no_rule_is_quiet_about_a_kind_that_the_collector_could_not_read() {
    let catalog = Catalog::load(None).unwrap();
    let sources = healthy(&catalog);
    for kind in catalog.wanted() {
        let info = catalog.kinds.info(kind);
        let group = info.groups.first().map_or("", String::as_str);
        let api = if group.is_empty() {
            "/api/v1".to_owned()
        } else {
            format!("/apis/{group}/v1")
        };
        let scope = if info.scope == KindScope::Cluster {
            String::new()
        } else {
            "/namespaces/default".to_owned()
        };
        let line = format!(
            "Failed to get {api}{scope}/{}: context deadline exceeded\n",
            info.plural
        );
        let mut damaged = without(&sources, |_| false);
        for file in damaged
            .files
            .iter_mut()
            .filter(|file| file.path == "bundleGenerationError.log")
        {
            file.text.push_str(&line);
        }
        let report = evaluate(&damaged, &catalog);
        assert_eq!(
            quiet(&catalog, &report, |rule| needs(rule, kind)),
            Vec::<&str>::new(),
            "{line}"
        );
        assert!(
            report
                .coverage
                .collection_errors
                .iter()
                .any(|error| line.starts_with(error.as_str())),
            "{line}"
        );
    }
}

#[test]
fn an_old_collectors_missing_file_is_missing_data() {
    let catalog = Catalog::load(None).unwrap();
    let mut sources = healthy(&catalog);
    let upgrades = |path: &str| path.ends_with("/upgrades.yaml");
    sources = without(&sources, upgrades);
    let kind = catalog.kinds.by_name("Upgrade.harvesterhci.io").unwrap();
    let new = evaluate(&sources, &catalog);
    let marker = "yamls/cluster/longhorn.io/v1beta1/empty.yaml";
    sources.files.push(gleaner_cluster::TextFile {
        path: marker.to_owned(),
        text: "apiVersion: v1\nitems: []\nkind: List\n".to_owned(),
    });
    sources.files.sort();
    sources.paths.push(marker.to_owned());
    let old = evaluate(&sources, &catalog);
    let needing = |rule: &Rule| rule.program().unwrap().reads.requires.contains(&kind);
    assert_eq!(quiet(&catalog, &old, needing), Vec::<&str>::new());
    assert_eq!(new.coverage.missing, old.coverage.missing);
}

#[test]
fn no_rule_is_quiet_about_logs_that_are_damaged() {
    let catalog = Catalog::load(None).unwrap();
    let mut sources = healthy(&catalog);
    let logs = sources.paths.iter().filter(|path| path.starts_with("logs/"));
    sources.problems = logs
        .map(|path| Problem {
            path: path.clone(),
            kind: ProblemKind::Unreadable,
            what: "the data is damaged".to_owned(),
        })
        .collect();
    assert!(!sources.problems.is_empty());
    let report = evaluate(&sources, &catalog);
    let reads_pods = |rule: &Rule| rule.log.as_ref().is_some_and(|log| log.units.is_empty());
    assert_eq!(quiet(&catalog, &report, reads_pods), Vec::<&str>::new());
}

#[test]
fn no_rule_about_workloads_is_quiet_where_nobody_knows_their_namespaces() {
    let catalog = Catalog::load(None).unwrap();
    let sources = healthy(&catalog);
    let kind = |name: &str| catalog.kinds.by_name(name).unwrap();
    let (claims, volumes) = (kind("PersistentVolume"), kind("Volume.longhorn.io"));
    let mut blind = without(&sources, |path| {
        holds(&catalog, claims, path) || holds(&catalog, volumes, path) || namespace_of(path) == Some("prod")
    });
    let log = blind
        .files
        .iter_mut()
        .find(|file| file.path == "bundleGenerationError.log")
        .unwrap();
    log.text.push_str("Failed to get /api/v1/persistentvolumes: timeout\n");
    log.text
        .push_str("Failed to get /apis/longhorn.io/v1beta2/namespaces/longhorn-system/volumes: timeout\n");
    let report = evaluate(&blind, &catalog);
    let machines = kind("VirtualMachineInstance.kubevirt.io");
    assert_eq!(
        quiet(&catalog, &report, |rule| needs(rule, machines)),
        Vec::<&str>::new()
    );
}

#[test]
fn a_collector_that_failed_a_thousand_times_does_not_swell_every_rule() {
    let catalog = Catalog::load(None).unwrap();
    let mut sources = healthy(&catalog);
    let log = sources
        .files
        .iter_mut()
        .find(|file| file.path == "bundleGenerationError.log")
        .unwrap();
    for namespace in 0..1000 {
        log.text.push_str(&format!(
            "Failed to get /api/v1/namespaces/ns-{namespace}/pods: timeout\n"
        ));
    }
    let report = evaluate(&sources, &catalog);
    assert!(report.rules.iter().all(|rule| rule.missing.len() <= 21));
    assert!(
        report
            .rules
            .iter()
            .any(|rule| rule.missing.iter().any(|reason| reason.ends_with(" more")))
    );
}
