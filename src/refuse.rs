//! Input that gets no answer rather than a wrong one: targets that are no upgrade, objects that are not in the bundle.

use gleaner_cluster::{ObjectPattern, Snapshot, Version};
use gleaner_insight::Asked;
use gleaner_rules::Catalog;
use gleaner_text::did_you_mean;

/// Why an analysis is refused. The user's to correct.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The target is not written as a release.
    #[error("`{target}` is not a release of Harvester: write it as v1.5.1{help}")]
    NotARelease {
        /// What was asked for.
        target: String,
        /// A similar release.
        help: String,
    },
    /// No known release has this version.
    #[error("{target} is not a release that Gleaner knows: it knows {first} to {last}{help}")]
    UnknownRelease {
        /// What was asked for.
        target: String,
        /// The oldest known release.
        first: String,
        /// The newest known release.
        last: String,
        /// A similar release.
        help: String,
    },
    /// The target is not newer than what runs.
    #[error("the cluster runs {running}, and {target} is {relation}: the target of an upgrade is a newer release")]
    NotNewer {
        /// What was asked for.
        target: String,
        /// What runs.
        running: String,
        /// `the same` or `older`.
        relation: &'static str,
    },
    /// The bundle has no such object.
    #[error("the bundle has no object {asked}{help}")]
    UnknownObject {
        /// What was asked for.
        asked: String,
        /// Similar names.
        help: String,
    },
}

/// Refuses a target that is not a known release, before a bundle is read.
///
/// # Errors
/// [`Refusal::NotARelease`] and [`Refusal::UnknownRelease`].
pub fn target(catalog: &Catalog, target: &str) -> Result<(), Refusal> {
    let mut known: Vec<Version> = catalog.matrix.keys().map(|release| Version::parse(release)).collect();
    known.sort_by(|a, b| a.release().cmp(&b.release()));
    let names: Vec<String> = known.iter().map(Version::to_string).collect();
    let help = || match did_you_mean(target, names.iter().map(String::as_str)) {
        help if help.is_empty() => help,
        help => format!("; {help}"),
    };
    let parsed = Version::parse(target);
    // A candidate is known if the release is that it leads to.
    let numbers = |version: &Version| {
        version
            .release()
            .map(|release| (release.major, release.minor, release.patch))
    };
    if parsed.release().is_none() {
        let target = target.to_owned();
        return Err(Refusal::NotARelease { target, help: help() });
    }
    if known.iter().any(|known| numbers(known) == numbers(&parsed)) {
        return Ok(());
    }
    Err(Refusal::UnknownRelease {
        target: parsed.to_string(),
        first: names.first().cloned().unwrap_or_default(),
        last: names.last().cloned().unwrap_or_default(),
        help: help(),
    })
}

/// Refuses a target that is not newer than what the cluster runs.
///
/// # Errors
/// [`Refusal::NotNewer`].
pub fn not_newer(snapshot: &Snapshot<'_>, target: &str) -> Result<(), Refusal> {
    let (running, target) = (Version::parse(&snapshot.facts.running), Version::parse(target));
    let relation = match target.partial_cmp(&running) {
        Some(std::cmp::Ordering::Equal) => "the same",
        Some(std::cmp::Ordering::Less) => "older",
        Some(std::cmp::Ordering::Greater) | None => return Ok(()),
    };
    Err(Refusal::NotNewer {
        target: target.to_string(),
        running: running.to_string(),
        relation,
    })
}

/// Refuses an object that is not in the bundle, and names similar ones.
///
/// # Errors
/// [`Refusal::UnknownObject`].
pub fn object(snapshot: &Snapshot<'_>, pattern: &ObjectPattern) -> Result<(), Refusal> {
    if Asked::ask(snapshot, pattern).is_known() {
        return Ok(());
    }
    let near = Asked::near(snapshot, pattern);
    let help = match near.as_slice() {
        [] => String::new(),
        near => format!("; similar: {}", near.join(", ")),
    };
    Err(Refusal::UnknownObject {
        asked: pattern.as_str().to_owned(),
        help,
    })
}
