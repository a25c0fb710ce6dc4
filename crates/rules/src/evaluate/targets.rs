//! The versions that an upgrade may go to.

use gleaner_cluster::{Facts, Version};

/// The source of versions that nothing in the bundle names.
const MATRIX: &str = "upgrade matrix";

/// The versions an upgrade may go to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Targets {
    /// The versions, oldest first; empty where nothing is known.
    pub versions: Vec<String>,
    /// Where they come from: `--target`, `Upgrade <name>`, `upgrade matrix` or empty.
    pub source: String,
}

impl Targets {
    /// Whether the user or an Upgrade names the version.
    pub(super) fn is_named(&self) -> bool {
        !self.source.is_empty() && self.source != MATRIX
    }

    /// The requested version, that of the running upgrade, or all that the matrix allows from the running version.
    pub(super) fn of(facts: &Facts, requested: Option<&str>) -> Targets {
        if let Some(version) = requested {
            return Targets {
                versions: vec![with_v(version)],
                source: "--target".to_owned(),
            };
        }
        if let (Some(upgrade), false) = (&facts.upgrade, facts.upgrade_target.is_empty()) {
            return Targets {
                versions: vec![with_v(&facts.upgrade_target)],
                source: format!("Upgrade {upgrade}"),
            };
        }
        let Version::Release(running) = Version::parse(&facts.running) else {
            return Targets::default();
        };
        let mut versions: Vec<_> = facts
            .matrix
            .iter()
            .filter_map(|(to, least)| {
                Some((
                    Version::parse(to).release()?.clone(),
                    Version::parse(least).release()?.clone(),
                ))
            })
            .filter(|(to, least)| {
                *to > running
                    && *least <= running
                    && to.major == running.major
                    && to.minor <= running.minor.saturating_add(1)
            })
            .map(|(to, _)| to)
            .collect();
        versions.sort();
        let source = if versions.is_empty() { "" } else { MATRIX };
        Targets {
            versions: versions.iter().map(|version| format!("v{version}")).collect(),
            source: source.to_owned(),
        }
    }
}

fn with_v(version: &str) -> String {
    if version.starts_with(|first: char| first.is_ascii_digit()) {
        format!("v{version}")
    } else {
        version.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_with_huge_numbers_has_no_targets() {
        let facts = Facts {
            running: format!("v1.{}.0", u64::MAX),
            matrix: [("1.9.0".to_owned(), "1.8.0".to_owned())].into(),
            ..Facts::default()
        };
        assert_eq!(Targets::of(&facts, None), Targets::default());
    }

    #[test]
    fn targets_are_all_releases_at_most_one_minor_ahead_that_allow_the_running_one() {
        let matrix = [
            ("1.4.2", "1.4.1"),
            ("1.5.0", "1.4.2"),
            ("1.10.0", "1.9.0"),
            ("2.5.0", "1.0.0"),
            ("head", "1.0.0"),
        ];
        let facts = Facts {
            running: "v1.4.2".to_owned(),
            matrix: matrix.map(|(to, least)| (to.to_owned(), least.to_owned())).into(),
            ..Facts::default()
        };
        assert_eq!(Targets::of(&facts, None).versions, ["v1.5.0"]);
        assert_eq!(Targets::of(&facts, Some("1.4.9")).versions, ["v1.4.9"]);
    }
}
