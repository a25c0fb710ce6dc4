//! The official checks, offline: the same verdicts as the webhook and check.sh gave on recorded cluster states.

use crate::samples::root;
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Limits};
use gleaner_report::{CheckVerdict, OfficialCheck, Report};
use gleaner_rules::Catalog;
use std::collections::BTreeSet;
use std::path::Path;

fn report(catalog: &Catalog, path: &Path) -> Report {
    let bundle = Bundle::open(&[path.to_owned()], Limits::default()).unwrap();
    let options = Options {
        webhook_version: Some("newest".to_owned()),
        ..Options::default()
    };
    analyze(&bundle, catalog, &options, &|_, _| {}).unwrap()
}

fn find<'r>(report: &'r Report, source: &str, check: &str) -> Option<&'r OfficialCheck> {
    report
        .official_checks
        .iter()
        .find(|found| found.source == source && found.check == check)
}

#[derive(Default)]
struct Count {
    equal: usize,
    unknown: Vec<String>,
    different: Vec<String>,
}

impl Count {
    fn add(&mut self, state: &str, check: &str, expected: CheckVerdict, found: Option<&OfficialCheck>) {
        match found.map(|found| found.verdict) {
            Some(verdict) if verdict == expected => self.equal += 1,
            Some(CheckVerdict::Unknown) => self.unknown.push(format!("{state} {check}")),
            other => self
                .different
                .push(format!("{state} {check}: recorded {expected:?}, ours {other:?}")),
        }
    }
}

fn webhook(state: &str, recorded: &serde_json::Value, report: &Report, count: &mut Count) {
    for (check, verdict) in recorded["checks"].as_object().unwrap() {
        let Some(verdict) = verdict.as_str() else { continue };
        let expected = if verdict == "pass" {
            CheckVerdict::Pass
        } else {
            CheckVerdict::Fail
        };
        let found = find(report, "webhook", check);
        count.add(state, check, expected, found);
        let Some(objects) = recorded["perObject"][check].as_object() else {
            continue;
        };
        let recorded: BTreeSet<String> = objects.keys().cloned().collect();
        let named = found.into_iter().flat_map(|found| &found.objects);
        let named: BTreeSet<String> = named
            .map(|object| {
                format!("{}/{}", object.namespace, object.name)
                    .trim_start_matches('/')
                    .to_owned()
            })
            .collect();
        assert_eq!(named, recorded, "{state} {check} names other objects");
    }
}

fn check_sh(state: &str, recorded: &serde_json::Value, report: &Report, count: &mut Count) {
    for (check, result) in recorded.as_object().into_iter().flatten() {
        let expected = match result["verdict"].as_str() {
            Some("Pass") => CheckVerdict::Pass,
            Some("Failed") => CheckVerdict::Fail,
            Some("Skipped") => CheckVerdict::Skipped,
            Some("WARNING") => CheckVerdict::Warning,
            _ => continue,
        };
        count.add(state, check, expected, find(report, "check.sh", check));
    }
}

#[test]
fn every_recorded_verdict_of_the_official_checks_is_ours_too() {
    let folder = root("tests/fixtures/oracle");
    let catalog = Catalog::load(None).unwrap();
    let mut count = Count::default();
    let mut states = 0;
    for entry in walkdir::WalkDir::new(&folder)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(state) = name.strip_suffix(".verdict.json") else {
            continue;
        };
        let text = crate::shared::read(entry.path());
        let recorded: serde_json::Value = serde_json::from_str(&text).unwrap();
        let report = report(&catalog, &folder.join(format!("{state}.zip")));
        webhook(state, &recorded["webhook"], &report, &mut count);
        check_sh(state, &recorded["checksh"], &report, &mut count);
        states += 1;
    }
    println!(
        "{states} states: {} verdicts equal, {} different, {} unknown",
        count.equal,
        count.different.len(),
        count.unknown.len()
    );
    assert_eq!(states, 54);
    assert!(count.different.is_empty(), "{:#?}", count.different);
    let allowed = count
        .unknown
        .iter()
        .filter(|unknown| !unknown.ends_with("Kubeconfig-Secret"));
    assert_eq!(allowed.count(), 0, "{:#?}", count.unknown);
}
