//! What rules cost as clusters grow: in steps, which do not depend on the machine.

use crate::samples::root;
use crate::shared::write;
use gleaner_bundle::{Bundle, Limits};
use gleaner_cluster::{Sources, TextFile, ingest};
use gleaner_report::{Outcome, RuleOutcome};
use gleaner_rules::{Catalog, Context, evaluate_rule, steps};
use gleaner_yaml::Mode;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// What a cluster of twice the size may cost, in percent: n log n of these sizes, and no more.
const MOST: u64 = 230;
/// Below so many steps nothing is noticed.
const FEW: u64 = 20_000;

fn sources(path: &Path, catalog: &Catalog) -> Sources {
    let bundle = Bundle::open(&[path.to_owned()], Limits::default()).unwrap();
    let found = ingest(
        &bundle,
        &catalog.kinds,
        catalog.wanted(),
        catalog.signatures(),
        &|_, _| {},
    );
    found.unwrap()
}

/// The file with each of its items so many times, under other names.
fn repeated(text: &str, times: usize) -> Option<String> {
    let start = text.find("items:\n")? + "items:\n".len();
    let end = text.rfind("\nkind: ").map_or(text.len(), |end| end + 1);
    let (head, body, tail) = (&text[..start], text.get(start..end)?, &text[end..]);
    let items = body
        .split_inclusive('\n')
        .fold(Vec::new(), |mut items: Vec<String>, line| {
            if line.starts_with("- ") || items.is_empty() {
                items.push(String::new());
            }
            items.last_mut().unwrap().push_str(line);
            items
        });
    let mut grown = head.to_owned();
    for number in 0..times {
        for item in &items {
            grown.push_str(&item.replacen("\n    name: ", &format!("\n    name: c{number}-"), 1));
        }
    }
    Some(grown + tail)
}

/// Rules about pairs of objects, and why these are few in a cluster; in a bundle that was made to have many, the rule fails by its bound
/// on steps.
const PAIRS: [(&str, &str); 7] = [
    ("machine-provider-id-mismatch", "Machines of one providerID"),
    ("longhorn-disk-uuid-prefix-collision", "disks of one prefix"),
    ("node-not-ready", "nodes that became NotReady together"),
    ("replica-failed", "replicas of one volume, of which Longhorn allows 20"),
    ("mac-address-duplicate", "VMs of one MAC address"),
    ("volume-attachment-problem", "attachments of one volume"),
    ("vm-schedules-too-dense", "schedules of backups"),
];

/// The steps of each rule where the files of one kind have their items so many times.
fn costs(catalog: &Catalog, of: &Sources, plural: &str, times: usize) -> Vec<u64> {
    let mut grown = Sources {
        files: of.files.clone(),
        paths: of.paths.clone(),
        ..Sources::default()
    };
    for file in &mut grown.files {
        if file.path.starts_with("yamls/")
            && file.path.ends_with(plural)
            && let Some(text) = repeated(&file.text, times)
        {
            file.text = text;
        }
    }
    let snapshot = catalog.snapshot(&grown, "", Mode::Dialect);
    let context = Context::new(catalog, &snapshot, None);
    let rules = catalog.rules.iter().filter(|rule| rule.log.is_none());
    rules.map(|rule| steps(&context, rule)).collect()
}

#[test]
fn twice_the_objects_cost_twice_the_steps() {
    let catalog = Catalog::load(None).unwrap();
    let bundles: [PathBuf; 2] = [
        root("sample-bundles/several-problems/bundle"),
        root("tests/fixtures/oracle/c1.zip"),
    ];
    let mut wrong: Vec<String> = bundles
        .par_iter()
        .flat_map(|bundle| {
            let of = sources(bundle, &catalog);
            let files = of.files.iter().filter(|file| file.path.starts_with("yamls/"));
            let plurals = files.filter_map(|file| file.path.rsplit_once('/').map(|(_, name)| format!("/{name}")));
            let mut plurals: Vec<String> = plurals.collect();
            plurals.sort();
            plurals.dedup();
            let grown = plurals.into_par_iter().flat_map_iter(|plural| {
                let (once, twice) = (costs(&catalog, &of, &plural, 100), costs(&catalog, &of, &plural, 200));
                let rules = catalog.rules.iter().filter(|rule| rule.log.is_none());
                let wrong = rules
                    .zip(once.into_iter().zip(twice))
                    .filter_map(|(rule, (once, twice))| {
                        let is_pairs = PAIRS.iter().any(|(known, _)| *known == rule.id());
                        let is_wrong =
                            !is_pairs && twice > FEW && twice.saturating_mul(100) > once.saturating_mul(MOST);
                        is_wrong.then(|| format!("{plural} {}: {once}, then {twice} steps", rule.id()))
                    });
                wrong.collect::<Vec<_>>()
            });
            grown.collect::<Vec<_>>()
        })
        .collect();
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A bundle of so many pods.
fn pods(count: usize) -> Sources {
    let mut text = "apiVersion: v1\nitems:\n".to_owned();
    for number in 0..count {
        text.push_str(&format!(
            "- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: pod-{number}\n    namespace: default\n"
        ));
    }
    text.push_str("kind: List\n");
    let path = "yamls/namespaced/default/v1/pods.yaml".to_owned();
    Sources {
        paths: vec![path.clone()],
        files: vec![TextFile { path, text }],
        ..Sources::default()
    }
}

/// What becomes of a user's rule about pods on so many of them.
fn outcome(lines: &str, count: usize) -> RuleOutcome {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "id: probe\ntitle: Probe\nseverity: info\nfor_each: Pod\nwhen: 'true'\ncause: A probe.\n\
         remediation: [{{text: Look at it., command: kubectl get pods -A, effect: read-only}}]\n\
         references: [{{title: Probe, url: 'https://example.com/'}}]\n{lines}\n"
    );
    write(&folder.path().join("node/probe/rule.yaml"), &text);
    let catalog = Catalog::load_only(folder.path()).unwrap();
    let sources = pods(count);
    let snapshot = catalog.snapshot(&sources, "", Mode::Dialect);
    let context = Context::new(&catalog, &snapshot, None);
    let (outcome, findings) = evaluate_rule(&context, catalog.rule("probe").unwrap());
    assert_eq!(findings.is_empty(), outcome.outcome != Outcome::Fired);
    outcome
}

#[test]
fn what_a_rule_says_of_its_matches_has_a_bound() {
    let rule =
        "once: {pods: all('Pod')}\nmessage: 'one of {{ size(pods.filter(other, other.metadata.name != pod.kind)) }}'";
    let few = outcome(rule, 20);
    assert_eq!((few.outcome, few.error.as_str()), (Outcome::Fired, ""));
    let many = outcome(rule, 8_000);
    assert_eq!(many.outcome, Outcome::Failed);
    assert_eq!(many.error, "its messages take more than 60000000 steps on this bundle");
}

#[test]
fn a_value_that_takes_too_long_is_not_tried_for_each_match() {
    let slow = "once: {slow: \"all('Pod').filter(a, all('Pod').exists(b, b.metadata.name == a.kind))\"}";
    let many = outcome(&format!("{slow}\nmessage: '{{{{ size(slow) }}}}'"), 5_000);
    assert_eq!(many.outcome, Outcome::Failed);
    assert_eq!(many.error, "it takes more than 60000000 steps on this bundle");
}
