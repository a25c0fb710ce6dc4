//! Which part of a report to show: areas, rules, severities.
//!
//! Takes a finished report and narrows it; the report says what was left out. The upgrade verdict, the official checks and the
//! coverage stay those of all rules, so that a narrow view never looks better than the bundle is.

use gleaner_insight::cause_tree;
use gleaner_report::{Report, Selection, Severity};
use gleaner_rules::Catalog;
use gleaner_rules::Rule;
use gleaner_rules::count_outcomes;
use gleaner_text::did_you_mean;
use std::collections::BTreeSet;

/// Which findings and rules to show; all by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these areas.
    pub areas: Vec<String>,
    /// Only these rules.
    pub rules: Vec<String>,
    /// Not these rules.
    pub skipped: Vec<String>,
    /// Only findings at least this bad.
    pub min_severity: Option<Severity>,
}

/// A filter names what does not exist. The user's to correct.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// No rule has this id.
    #[error("no rule has the id `{id}`; {help}")]
    Rule {
        /// What was asked for.
        id: String,
        /// A similar id, or where to look.
        help: String,
    },
    /// No rule is in this area.
    #[error("no rule is in the area `{area}`; {help}")]
    Area {
        /// What was asked for.
        area: String,
        /// A similar area, or all of them.
        help: String,
    },
}

impl Filter {
    /// Replaces former ids by those of today.
    ///
    /// # Errors
    /// An area or a rule that the catalogue does not have.
    pub fn resolve(&mut self, catalog: &Catalog) -> Result<(), SelectError> {
        let areas: BTreeSet<&str> = catalog.rules.iter().map(|rule| rule.area.as_str()).collect();
        if let Some(area) = self.areas.iter().find(|area| !areas.contains(area.as_str())) {
            let all = format!("areas are {}", areas.iter().copied().collect::<Vec<_>>().join(", "));
            let help = Some(did_you_mean(area, areas.iter().copied())).filter(|help| !help.is_empty());
            return Err(SelectError::Area {
                area: area.clone(),
                help: help.unwrap_or(all),
            });
        }
        for id in self.rules.iter_mut().chain(&mut self.skipped) {
            *id = find_rule(catalog, id)?.id().to_owned();
        }
        for list in [&mut self.areas, &mut self.rules, &mut self.skipped] {
            list.sort();
            list.dedup();
        }
        Ok(())
    }

    fn has_rule(&self, area: &str, id: &str) -> bool {
        let among = |list: &[String], wanted: &str| list.iter().any(|item| item == wanted);
        (self.areas.is_empty() || among(&self.areas, area))
            && (self.rules.is_empty() || among(&self.rules, id))
            && !among(&self.skipped, id)
    }

    /// Narrows a report. Does nothing if all are to be shown.
    pub fn apply(&self, report: &mut Report) {
        if *self == Filter::default() {
            return;
        }
        let (findings, rules) = (report.findings.len(), report.rules.len());
        report.findings.retain(|finding| {
            self.has_rule(&finding.area, &finding.rule) && Some(finding.severity) >= self.min_severity
        });
        report.suppressed.retain(|suppressed| {
            let finding = &suppressed.finding;
            self.has_rule(&finding.area, &finding.rule) && Some(finding.severity) >= self.min_severity
        });
        report.rules.retain(|rule| self.has_rule(&rule.area, &rule.id));
        report.causes = cause_tree(&report.findings);
        report.coverage.outcomes = count_outcomes(&report.rules);
        report.selection = Some(Selection {
            areas: self.areas.clone(),
            rules: self.rules.clone(),
            skipped: self.skipped.clone(),
            min_severity: self.min_severity,
            hidden_findings: findings - report.findings.len(),
            hidden_rules: rules - report.rules.len(),
        });
    }
}

/// The rule with this id.
///
/// # Errors
/// If there is none; the error names those of the official check of that name, a similar one, or those with it in their ids.
pub fn find_rule<'c>(catalog: &'c Catalog, id: &str) -> Result<&'c Rule, SelectError> {
    catalog.rule(id).ok_or_else(|| SelectError::Rule {
        id: id.to_owned(),
        help: rule_help(catalog, id),
    })
}

/// The most rules that a message names.
const NAMED: usize = 8;

fn rule_help(catalog: &Catalog, id: &str) -> String {
    let lower = id.to_lowercase();
    let name = |check: &String| {
        check
            .rsplit('/')
            .next()
            .is_some_and(|name| name.to_lowercase() == lower)
    };
    let of_check = named(catalog, |rule| {
        rule.file
            .mirrors
            .iter()
            .any(|check| check.to_lowercase() == lower || name(check))
    });
    if let Some(rules) = of_check {
        return format!("rules for the official check of that name: {rules}");
    }
    let similar = did_you_mean(id, catalog.rules.iter().map(Rule::id));
    if !similar.is_empty() {
        return similar;
    }
    match named(catalog, |rule| !lower.is_empty() && rule.id().contains(&lower)) {
        Some(rules) => format!("rules with that in their ids: {rules}"),
        None => "see `gleaner rules list`".to_owned(),
    }
}

/// The ids of rules, `None` without any.
fn named(catalog: &Catalog, wanted: impl Fn(&Rule) -> bool) -> Option<String> {
    let ids: Vec<&str> = catalog.rules.iter().filter(|rule| wanted(rule)).map(Rule::id).collect();
    let shown = ids
        .iter()
        .take(NAMED)
        .map(|id| format!("`{id}`"))
        .collect::<Vec<_>>()
        .join(", ");
    match ids.len() {
        0 => None,
        1..=NAMED => Some(shown),
        all => Some(format!("{shown} and {} more", all - NAMED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_rules_and_areas_are_errors_that_help() {
        let catalog = Catalog::load(None).unwrap();
        let known = catalog.rules.first().unwrap().id().to_owned();
        let mut filter = Filter {
            skipped: vec![format!("{known}x")],
            ..Filter::default()
        };
        let error = filter.resolve(&catalog).unwrap_err().to_string();
        assert!(error.contains(&format!("did you mean `{known}`?")), "{error}");
        filter = Filter {
            areas: vec!["storge".to_owned()],
            ..Filter::default()
        };
        let error = filter.resolve(&catalog).unwrap_err().to_string();
        assert!(error.contains("did you mean `storage`?"), "{error}");
        filter = Filter {
            areas: vec!["foo".to_owned()],
            ..Filter::default()
        };
        let error = filter.resolve(&catalog).unwrap_err().to_string();
        assert!(error.contains("areas are addon, backup"), "{error}");
    }

    #[test]
    fn a_part_of_an_id_and_the_name_of_an_official_check_lead_to_rules() {
        let catalog = Catalog::load(None).unwrap();
        let help = |id: &str| find_rule(&catalog, id).unwrap_err().to_string();
        assert!(
            help("single-replica").contains("`single-replica-volume-active`"),
            "{}",
            help("single-replica")
        );
        for check in ["Pod-Status", "check.sh/Pod-Status"] {
            assert!(
                help(check).contains("check of that name: `pod-not-ready`"),
                "{}",
                help(check)
            );
        }
        assert!(help("zebra").contains("see `gleaner rules list`"), "{}", help("zebra"));
    }
}
