use super::*;
use gleaner_report::{Outcome, from_json};

fn catalog() -> Catalog {
    Catalog::load(None).unwrap()
}

/// The report of the renderers' tests, with one of its findings said to be of a rule in the catalogue.
fn report(rule: &str) -> Report {
    let mut report = from_json(include_str!("../../tests/fixtures/report-plain.json")).unwrap();
    let finding = report
        .findings
        .iter_mut()
        .find(|finding| finding.objects.len() > 2)
        .unwrap();
    let before = std::mem::replace(&mut finding.rule, rule.to_owned());
    for outcome in report.rules.iter_mut().filter(|outcome| outcome.id == before) {
        outcome.id = rule.to_owned();
        outcome.outcome = Outcome::Fired;
    }
    report
}

fn tables(text: &str) -> Result<Vec<Suppression>, SuppressError> {
    let table: toml::Table = text.parse().unwrap();
    parse_tables(table.get("suppress").unwrap(), "gleaner.toml")
}

fn of_rule<'r>(report: &'r Report, rule: &str) -> &'r Finding {
    report.findings.iter().find(|finding| finding.rule == rule).unwrap()
}

#[test]
fn a_covered_finding_moves_and_the_rule_stays_fired() {
    let catalog = catalog();
    let rule = catalog.rules.first().unwrap().id();
    let mut report = report(rule);
    let (before, coverage) = (report.findings.len(), report.coverage.clone());
    let list = tables(&format!(
        "[[suppress]]\nrule='{rule}'\nreason='known'\nuntil=2999-12-31\ncase='#7'"
    ));
    let notes = apply(&mut report, &list.unwrap(), &catalog);
    assert_eq!(notes, []);
    assert_eq!((report.findings.len(), report.suppressed.len()), (before - 1, 1));
    let suppressed = report.suppressed.first().unwrap();
    assert_eq!(
        (
            suppressed.reason.as_str(),
            suppressed.until.as_str(),
            suppressed.case.as_str()
        ),
        ("known", "2999-12-31", "#7")
    );
    let outcome = report.rules.iter().find(|outcome| outcome.id == rule).unwrap();
    assert_eq!(outcome.outcome, Outcome::Fired);
    assert_eq!(report.coverage, coverage);
}

#[test]
fn a_pattern_takes_only_its_objects_out_of_a_finding() {
    let catalog = catalog();
    let rule = catalog.rules.first().unwrap().id();
    let mut report = report(rule);
    let before = of_rule(&report, rule).clone();
    let object = before.objects.first().unwrap().clone();
    let argument = format!("{rule}={}/{}", object.kind, object.name);
    let notes = apply(&mut report, &[parse_argument(&argument).unwrap()], &catalog);
    assert_eq!(notes, []);
    let left = of_rule(&report, rule);
    assert_eq!(left.objects.len(), before.objects.len() - 1);
    assert_eq!(left.id, before.id);
    assert!(left.message.contains("the others suppressed"), "{}", left.message);
    assert!(!left.objects.contains(&object));
    let suppressed = &report.suppressed.first().unwrap().finding;
    assert_eq!(suppressed.objects, [object]);
    assert_ne!(suppressed.id, before.id);
}

#[test]
fn time_is_the_bundles_and_an_expired_suppression_gives_the_finding_back() {
    let catalog = catalog();
    let rule = catalog.rules.first().unwrap().id();
    let one = |until: &str| tables(&format!("[[suppress]]\nrule='{rule}'\nreason='known'\nuntil='{until}'")).unwrap();
    let mut fresh = report(rule);
    fresh.bundle.created_at = "2026-08-14T23:59:59Z".to_owned();
    assert_eq!(apply(&mut fresh, &one("2026-08-14"), &catalog), []);
    assert_eq!(fresh.suppressed.len(), 1);
    let mut late = report(rule);
    late.bundle.created_at = "2026-08-15T00:00:00Z".to_owned();
    let notes = apply(&mut late, &one("2026-08-14"), &catalog);
    assert!(notes.first().unwrap().text.contains("ended on 2026-08-14"), "{notes:?}");
    assert_eq!((late.suppressed.len(), notes.len()), (0, 1));
    let mut timeless = report(rule);
    timeless.bundle.created_at.clear();
    let notes = apply(&mut timeless, &one("2999-01-01"), &catalog);
    assert!(notes.first().unwrap().text.contains("does not tell when"), "{notes:?}");
    assert_eq!(timeless.suppressed.len(), 0);
}

#[test]
fn blockers_need_an_end_and_the_verdict_tells_of_suppressed_ones() {
    let catalog = catalog();
    let rule = catalog.rules.first().unwrap().id();
    let blocker = || {
        let mut report = report(rule);
        let id = {
            let finding = report.findings.iter_mut().find(|finding| finding.rule == rule).unwrap();
            finding.severity = Severity::Blocker;
            finding.id.clone()
        };
        report.upgrade.blocked_by = vec![id];
        report.upgrade.reason = "1 finding speaks against it".to_owned();
        report
    };
    let mut report = blocker();
    let notes = apply(
        &mut report,
        &tables(&format!("[[suppress]]\nrule='{rule}'\nreason='known'")).unwrap(),
        &catalog,
    );
    assert!(notes.first().unwrap().text.contains("`until`"), "{notes:?}");
    assert_eq!(report.suppressed.len(), 0);
    let mut report = blocker();
    let verdict = report.upgrade.verdict;
    apply(&mut report, &[parse_argument(rule).unwrap()], &catalog);
    assert_eq!((report.suppressed.len(), report.upgrade.verdict), (1, verdict));
    assert_eq!(
        report.upgrade.reason,
        "1 finding speaks against it; 1 of 1 is suppressed here, but not for the cluster"
    );
}

#[test]
fn unknown_rules_are_warnings_and_unused_suppressions_are_notes() {
    let catalog = catalog();
    let rule = catalog.rules.first().unwrap().id();
    let mut report = report(rule);
    let list = [
        parse_argument(&format!("{rule}x")).unwrap(),
        parse_argument(&format!("{rule}=vm/none/nobody")).unwrap(),
    ];
    let notes = apply(&mut report, &list, &catalog);
    let told: Vec<(bool, bool)> = notes
        .iter()
        .map(|note| (note.warning, note.text.contains("did you mean")))
        .collect();
    assert_eq!(told, [(true, true), (false, false)], "{notes:?}");
    assert!(
        notes.last().unwrap().text.contains("covers nothing in this bundle"),
        "{notes:?}"
    );
}

#[test]
fn tables_say_what_is_wrong_with_them() {
    let cases = [
        (
            "[[suppress]]\nrule='x'\nreson='y'",
            "unknown key `reson`; did you mean `reason`?",
        ),
        ("[[suppress]]\nrule='x'", "`reason` is missing"),
        ("[[suppress]]\nrule='x'\nreason=' '", "`reason` is missing"),
        ("[[suppress]]\nreason='x'", "`rule` is missing"),
        (
            "[[suppress]]\nrule='x'\nreason='y'\nuntil='soon'",
            "`until` must be a day",
        ),
        (
            "[[suppress]]\nrule='x'\nreason='y'\nuntil=2026-01-01T00:00:00Z",
            "`until` must be a day",
        ),
        ("[[suppress]]\nrule='x'\nreason='y'\nobject='pvc-1'", "is no object"),
        ("suppress='x'", "`[[suppress]]` tables"),
    ];
    for (text, part) in cases {
        let error = tables(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert!(parse_argument("=vm/x").is_err());
}
