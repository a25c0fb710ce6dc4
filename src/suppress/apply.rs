//! Applies suppressions to a report.

use super::Suppression;
use super::split::{Claims, PartialClaim, split};
use gleaner_cluster::ObjectPattern;
use gleaner_report::{Finding, Outcome, Report, Severity};
use gleaner_rules::Catalog;
use gleaner_rules::Rule;
use gleaner_text::did_you_mean;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};

/// Something about a suppression that its author should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Whether it is a mistake (an unknown rule), not just news (expired, unused).
    pub warning: bool,
    /// What it is, as a sentence without a full stop.
    pub text: String,
}

/// A suppression whose rule exists.
struct Known<'s> {
    /// Its place in the list.
    index: usize,
    suppression: &'s Suppression,
    /// The rule's id of today: the suppression may name a former one.
    rule: &'s str,
}

/// Why a suppression does not apply to a finding that it covers.
enum Refusal {
    Expired,
    NoBundleTime,
    NoEnd,
}

/// Moves what is covered from the findings of a report to its suppressed ones.
pub fn apply(report: &mut Report, suppressions: &[Suppression], catalog: &Catalog) -> Vec<Note> {
    let today = report.bundle.created_at.parse::<Timestamp>();
    let today = today.ok().map(|time| time.to_zoned(TimeZone::UTC).date());
    let mut notes = Vec::new();
    let mut known = Vec::new();
    for (index, suppression) in suppressions.iter().enumerate() {
        match catalog.rule(&suppression.rule).map(Rule::id) {
            Some(rule) => known.push(Known {
                index,
                suppression,
                rule,
            }),
            None => notes.push(unknown_rule(suppression, catalog)),
        }
    }
    let (mut used, mut refusals) = (BTreeSet::new(), BTreeMap::new());
    let mut kept = Vec::new();
    for finding in std::mem::take(&mut report.findings) {
        let mut claims = Claims::default();
        for Known { index, suppression, .. } in known.iter().filter(|known| known.rule == finding.rule) {
            let objects = covered(suppression, &finding);
            if objects.as_ref().is_some_and(BTreeSet::is_empty) {
                continue;
            }
            used.insert(*index);
            match (refuse(suppression, &finding, today), objects) {
                (Some(refusal), _) => {
                    let text = || refusal.text(suppression, &finding);
                    refusals.entry(*index).or_insert_with(text);
                }
                (None, None) => {
                    claims.whole.get_or_insert(*suppression);
                }
                (None, Some(objects)) => claims.parts.push(PartialClaim { suppression, objects }),
            }
        }
        let split = split(finding, &claims);
        kept.extend(split.kept);
        report.suppressed.extend(split.suppressed);
    }
    report.findings = kept;
    report.causes = gleaner_insight::cause_tree(&report.findings);
    notes.extend(refusals.into_values().map(|text| Note { warning: false, text }));
    let unused_ones = known.iter().filter(|known| !used.contains(&known.index));
    notes.extend(unused_ones.filter_map(|known| unused(known, report)));
    explain_verdict(report);
    notes
}

/// The objects of a finding that a suppression covers, by index; `None` for the whole finding.
fn covered(suppression: &Suppression, finding: &Finding) -> Option<BTreeSet<usize>> {
    let pattern = suppression.object.as_ref()?;
    let objects = finding.objects.iter().enumerate();
    Some(
        objects
            .filter(|(_, object)| pattern.matches(object))
            .map(|(index, _)| index)
            .collect(),
    )
}

fn refuse(suppression: &Suppression, finding: &Finding, today: Option<Date>) -> Option<Refusal> {
    match (suppression.until, today) {
        (Some(_), None) => Some(Refusal::NoBundleTime),
        (Some(until), Some(today)) if today > until => Some(Refusal::Expired),
        (None, _) if finding.severity == Severity::Blocker && !suppression.once => Some(Refusal::NoEnd),
        _ => None,
    }
}

impl Refusal {
    fn text(&self, suppression: &Suppression, finding: &Finding) -> String {
        let Suppression { rule, origin, .. } = suppression;
        let until = suppression.until.map(|date| date.to_string()).unwrap_or_default();
        match self {
            Refusal::Expired => format!("{origin}: the suppression of `{rule}` ended on {until}: the finding is back"),
            Refusal::NoBundleTime => format!(
                "{origin}: the suppression of `{rule}` ends on {until}, but the time of the bundle is not known: the finding stays"
            ),
            Refusal::NoEnd => format!(
                "{origin}: `{}` is a blocker here and can only be suppressed with `until`: the finding stays",
                finding.rule
            ),
        }
    }
}

fn unknown_rule(suppression: &Suppression, catalog: &Catalog) -> Note {
    let help = did_you_mean(&suppression.rule, catalog.rules.iter().map(Rule::id));
    Note {
        warning: true,
        text: format!(
            "{}: no rule has the id `{}` to be suppressed; {}",
            suppression.origin,
            suppression.rule,
            if help.is_empty() {
                "see `gleaner rules list`"
            } else {
                &help
            }
        ),
    }
}

/// A note on a suppression that covered nothing, where its rule looked at all its data: it can be removed.
fn unused(known: &Known<'_>, report: &Report) -> Option<Note> {
    let Known { suppression, rule, .. } = known;
    let outcome = report.rules.iter().find(|outcome| outcome.id == *rule)?.outcome;
    let evaluated = matches!(outcome, Outcome::Fired | Outcome::Quiet);
    let object = suppression.object.as_ref().map_or("*", ObjectPattern::as_str);
    evaluated.then(|| Note {
        warning: false,
        text: format!(
            "{}: the suppression of `{rule}` on `{object}` covers nothing in this bundle",
            suppression.origin
        ),
    })
}

/// The verdict stays what it is; its reason says how many of the findings behind it are suppressed.
fn explain_verdict(report: &mut Report) {
    let hidden: BTreeSet<&str> = report.suppressed.iter().map(|one| one.finding.id.as_str()).collect();
    let count = report
        .upgrade
        .blocked_by
        .iter()
        .filter(|id| hidden.contains(id.as_str()))
        .count();
    if count > 0 {
        let (all, verb) = (report.upgrade.blocked_by.len(), if count == 1 { "is" } else { "are" });
        report.upgrade.reason.push_str(&format!(
            "; {count} of {all} {verb} suppressed here, but not for the cluster"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suppress::{parse_argument, parse_tables};
    use gleaner_report::from_json;

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

    fn tables(text: &str) -> Vec<Suppression> {
        let table: toml::Table = text.parse().unwrap();
        parse_tables(table.get("suppress").unwrap(), "gleaner.toml").unwrap()
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
        let notes = apply(&mut report, &list, &catalog);
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
        let one = |until: &str| tables(&format!("[[suppress]]\nrule='{rule}'\nreason='known'\nuntil='{until}'"));
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
        assert!(
            notes.first().unwrap().text.contains("time of the bundle is not known"),
            "{notes:?}"
        );
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
            report.upgrade.reason = "1 finding blocks it".to_owned();
            report
        };
        let mut report = blocker();
        let notes = apply(
            &mut report,
            &tables(&format!("[[suppress]]\nrule='{rule}'\nreason='known'")),
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
            "1 finding blocks it; 1 of 1 is suppressed here, but not for the cluster"
        );
    }

    #[test]
    fn unknown_rules_are_warnings_and_unused_suppressions_are_notes() {
        let catalog = catalog();
        let rule = catalog.rules.first().unwrap().id();
        let mut report = report(rule);
        let list = [
            parse_argument(&format!("{rule}x")).unwrap(),
            parse_argument(&format!("{rule}=vm/none/absent")).unwrap(),
        ];
        let notes = apply(&mut report, &list, &catalog);
        let seen: Vec<(bool, bool)> = notes
            .iter()
            .map(|note| (note.warning, note.text.contains("did you mean")))
            .collect();
        assert_eq!(seen, [(true, true), (false, false)], "{notes:?}");
        assert!(
            notes.last().unwrap().text.contains("covers nothing in this bundle"),
            "{notes:?}"
        );
    }
}
