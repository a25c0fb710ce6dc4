//! What rules cost as clusters grow: in steps, which do not depend on the machine.

use crate::samples::root;
use gleaner_bundle::{Bundle, Limits};
use gleaner_cluster::{Sources, ingest};
use gleaner_rules::{Catalog, Context, steps};
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
const PAIRS: [(&str, &str); 6] = [
    ("machine-provider-id-mismatch", "Machines of one providerID"),
    ("longhorn-disk-uuid-prefix-collision", "disks of one prefix"),
    ("node-not-ready", "nodes that became NotReady together"),
    ("replica-failed", "replicas of one volume, of which Longhorn allows 20"),
    ("mac-address-duplicate", "VMs of one MAC address"),
    ("volume-attachment-problem", "attachments of one volume"),
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
