//! What a reader asks to see of a report: areas, rules, severities, an object.
//!
//! Takes a finished report and narrows it; the report says what was left out. The upgrade verdict, the official checks and the
//! coverage stay those of all rules, so that a narrow view never looks better than the bundle is.

use crate::analyze;
use crate::rule::Rule;
use crate::rule::catalog::Catalog;
use gleaner_report::{ObjectRef, Severity};
use gleaner_report::{Report, Selection};
use gleaner_text::did_you_mean;
use globset::{GlobBuilder, GlobMatcher};
use std::collections::BTreeSet;

/// What to show; everything by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only these areas.
    pub areas: Vec<String>,
    /// Only these rules.
    pub rules: Vec<String>,
    /// Not these rules.
    pub skipped: Vec<String>,
    /// Only findings at least this bad.
    pub min_severity: Option<Severity>,
}

/// Why a choice or an object pattern makes no sense. The user's to mend.
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
    /// An object is not written as it must be.
    #[error("`{0}` is no object: write KIND/NAMESPACE/NAME or KIND/NAME, for example vm/prod/db-1")]
    Object(String),
}

impl Choice {
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
            *id = find(catalog, id)?.id().to_owned();
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

    /// Narrows a report. Does nothing if everything is chosen.
    pub fn apply(&self, report: &mut Report) {
        if *self == Choice::default() {
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
        report.coverage.outcomes = analyze::outcomes(&report.rules);
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
/// If there is none; the error names a similar one.
pub fn find<'c>(catalog: &'c Catalog, id: &str) -> Result<&'c Rule, SelectError> {
    catalog.rule(id).ok_or_else(|| {
        let help = did_you_mean(id, catalog.rules.iter().map(Rule::id));
        SelectError::Rule {
            id: id.to_owned(),
            help: if help.is_empty() {
                "see `gleaner rules list`".to_owned()
            } else {
                help
            },
        }
    })
}

/// Objects by `KIND/NAMESPACE/NAME`, or `KIND/NAME` in any namespace; each part may hold `*` and `?`.
#[derive(Debug, Clone)]
pub struct ObjectPattern {
    text: String,
    kind: GlobMatcher,
    namespace: Option<GlobMatcher>,
    name: GlobMatcher,
}

/// Short words for kinds, as kubectl and Harvester's pages use them.
const SHORT: [(&str, &str); 10] = [
    ("vm", "virtualmachine"),
    ("vmi", "virtualmachineinstance"),
    ("pvc", "persistentvolumeclaim"),
    ("pv", "persistentvolume"),
    ("lhv", "volume"),
    ("host", "node"),
    ("no", "node"),
    ("po", "pod"),
    ("svc", "service"),
    ("img", "virtualmachineimage"),
];

impl ObjectPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If it does not have two or three parts, or one is no pattern.
    pub fn parse(text: &str) -> Result<ObjectPattern, SelectError> {
        let parts: Vec<&str> = text.split('/').collect();
        let (kind, namespace, name) = match parts.as_slice() {
            ["*"] => ("*", None, "*"),
            [kind, name] => (*kind, None, *name),
            [kind, namespace, name] => (*kind, Some(*namespace), *name),
            _ => return Err(SelectError::Object(text.to_owned())),
        };
        if kind.is_empty() || name.is_empty() {
            return Err(SelectError::Object(text.to_owned()));
        }
        let lower = kind.to_lowercase();
        let long = SHORT.iter().find(|(short, _)| *short == lower);
        let glob = |part: &str| {
            let glob = GlobBuilder::new(part).backslash_escape(false).build();
            glob.map(|glob| glob.compile_matcher())
                .map_err(|_| SelectError::Object(text.to_owned()))
        };
        Ok(ObjectPattern {
            text: text.to_owned(),
            kind: glob(long.map_or(lower.as_str(), |(_, long)| long))?,
            namespace: namespace.map(glob).transpose()?,
            name: glob(name)?,
        })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Namespace and name, if the pattern names one virtual machine and holds no `*` or `?`.
    pub(crate) fn machine(&self) -> Option<(&str, &str)> {
        let (kind, rest) = self.text.split_once('/')?;
        let (namespace, name) = rest.split_once('/')?;
        let vm = ["vm", "vmi", "virtualmachine", "virtualmachineinstance"];
        let plain = !rest.contains(['*', '?', '[', '{']) && vm.contains(&kind.to_lowercase().as_str());
        plain.then_some((namespace, name))
    }

    /// Whether an object is meant.
    pub fn matches(&self, object: &ObjectRef) -> bool {
        let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
        self.means(&object.kind, group, &object.namespace, &object.name)
    }

    /// Whether the object of this kind, group, namespace and name is meant. The kind may be written in lower case, in the plural
    /// with `s`, and with its group.
    pub(crate) fn means(&self, kind: &str, group: &str, namespace: &str, name: &str) -> bool {
        let kind = kind.to_lowercase();
        let kinds = [kind.clone(), format!("{kind}s"), format!("{kind}.{group}")];
        kinds.iter().any(|kind| self.kind.is_match(kind))
            && self.namespace.as_ref().is_none_or(|wanted| wanted.is_match(namespace))
            && self.name.is_match(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(api_version: &str, kind: &str, namespace: &str, name: &str) -> ObjectRef {
        ObjectRef {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn objects_are_named_as_people_name_them() {
        let volume = object("longhorn.io/v1beta2", "Volume", "longhorn-system", "pvc-1");
        let cases = [
            ("volume/longhorn-system/pvc-1", true),
            ("Volume/longhorn-system/pvc-*", true),
            ("volumes.longhorn.io/pvc-1", false),
            ("volume.longhorn.io/pvc-1", true),
            ("volumes/pvc-?", true),
            ("lhv/pvc-1", true),
            ("*", true),
            ("volume/default/pvc-1", false),
            ("vm/longhorn-system/pvc-1", false),
        ];
        for (text, expected) in cases {
            assert_eq!(ObjectPattern::parse(text).unwrap().matches(&volume), expected, "{text}");
        }
        for bad in ["", "volume", "a/b/c/d", "/x", "volume//", "volume/[/x"] {
            assert!(ObjectPattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn unknown_rules_and_areas_are_errors_that_help() {
        let catalog = Catalog::load(None).unwrap();
        let known = catalog.rules.first().unwrap().id().to_owned();
        let mut choice = Choice {
            skipped: vec![format!("{known}x")],
            ..Choice::default()
        };
        let error = choice.resolve(&catalog).unwrap_err().to_string();
        assert!(error.contains(&format!("did you mean `{known}`?")), "{error}");
        choice = Choice {
            areas: vec!["storge".to_owned()],
            ..Choice::default()
        };
        let error = choice.resolve(&catalog).unwrap_err().to_string();
        assert!(error.contains("did you mean `storage`?"), "{error}");
    }
}
