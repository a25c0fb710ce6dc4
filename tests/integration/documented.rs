//! The documented failures, and the cases that prove that rules name them.

use crate::samples::root;
use crate::shared::{read, write};
use gleaner_rules::schema::CaseFile;
use gleaner_rules::{Catalog, built_in, documented};
use std::collections::BTreeMap;
use std::process::Command;

/// The names of a rule's cases in which it fires.
fn fired(rule: &gleaner_rules::Rule) -> Vec<String> {
    let files = built_in();
    let cases = &files[&format!("{}/{}/cases.yaml", rule.area, rule.id())];
    let cases: CaseFile = serde_yaml::from_str(cases.as_str()).unwrap();
    let fired = cases.cases.into_iter().filter(|case| !case.findings.is_empty());
    fired.map(|case| case.name).collect()
}

#[test]
fn every_documented_failure_is_named_in_a_case_or_has_a_reason() {
    let catalog = Catalog::load(None).unwrap();
    let (mut wrong, mut known) = (Vec::new(), BTreeMap::new());
    let failures = documented().unwrap();
    assert!(failures.is_sorted_by(|a, b| a.number < b.number));
    for failure in &failures {
        let number = failure.number;
        let reasons = [&failure.told, &failure.unseen, &failure.unnamed];
        let answers = reasons.iter().filter(|reason| !reason.is_empty()).count();
        if answers + usize::from(!failure.named_by.is_empty()) != 1 {
            wrong.push(format!("{number}: it needs rules, or one reason"));
        }
        for (id, case) in &failure.named_by {
            let Some(rule) = catalog.rule(id) else {
                wrong.push(format!("{number}: no rule {id}"));
                continue;
            };
            let cases = known.entry(id.clone()).or_insert_with(|| fired(rule));
            if !cases.contains(case) {
                wrong.push(format!("{number}: {id} has no case “{case}” in which it fires"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the wish to write the page comes from whoever runs the tests"
)]
fn the_coverage_page_is_what_is_printed() {
    let command = [env!("CARGO_BIN_EXE_gleaner"), "rules", "coverage", "--format", "md"];
    let printed = Command::new(command[0]).args(&command[1..]).output().unwrap();
    let page = String::from_utf8(printed.stdout).unwrap();
    let path = root("docs/coverage.md");
    if std::env::var("BLESS").is_ok() {
        write(&path, &page);
    }
    assert!(
        path.exists() && read(&path) == page,
        "docs/coverage.md is not what is printed: write it with `BLESS=1 cargo test coverage_page`"
    );
}
