//! Functions on versions, and the checks of upgrade paths by Harvester's version guard.

use super::super::RuleHost;
use super::Result;
use gleaner_cel::{Prepared, Value};
use gleaner_cluster::{Version, VersionRange};

pub(super) fn version_in<'a>(args: &[Value<'a>]) -> Result<'a> {
    in_range(&args[0], &VersionRange::parse(args[1].text_or_empty()?)?)
}

pub(super) fn in_known_range(range: &str) -> std::result::Result<Prepared, String> {
    let range = VersionRange::parse(range)?;
    Ok(Prepared::call(move |args| in_range(&args[0], &range)))
}

/// Whether a version is in a range; unset for a missing version or a development build.
fn in_range<'a>(version: &Value<'a>, range: &VersionRange) -> Result<'a> {
    let version = version.text_or_empty()?;
    if version.is_empty() {
        return Ok(Value::UNSET);
    }
    let matches = range.matches(&Version::parse(version));
    Ok(matches.map_or(Value::UNSET, Value::Bool))
}

pub(super) fn version_less<'a>(args: &[Value<'a>]) -> Result<'a> {
    match (
        Version::parse(args[0].text_or_empty()?),
        Version::parse(args[1].text_or_empty()?),
    ) {
        (Version::Release(a), Version::Release(b)) => Ok(Value::Bool(a < b)),
        _ => Ok(Value::UNSET),
    }
}

pub(super) fn version_dev<'a>(args: &[Value<'a>]) -> Result<'a> {
    let text = args[0].text_or_empty()?;
    Ok(Value::Bool(
        !text.is_empty() && matches!(Version::parse(text), Version::Dev(_)),
    ))
}

pub(super) fn min_upgradable<'a>(args: &[Value<'a>], host: &RuleHost<'a>) -> Result<'a> {
    let to = args[0].text_or_empty()?;
    let least = host.facts.matrix.get(to.trim_start_matches('v'));
    Ok(least.map_or(Value::UNSET, |least| Value::text(format!("v{least}"))))
}

/// What pkg/upgradehelper/versionguard of Harvester refuses, and an upgrade over more than one minor release.
pub(super) fn path_problem<'a>(args: &[Value<'a>]) -> Result<'a> {
    let (from, to, least) = (
        args[0].text_or_empty()?,
        args[1].text_or_empty()?,
        args[2].text_or_empty()?,
    );
    Ok(problem(from, to, least).map_or(Value::UNSET, Value::text))
}

fn problem(from: &str, to: &str, least: &str) -> Option<String> {
    match (Version::parse(from), Version::parse(to)) {
        _ if from.is_empty() || to.is_empty() => None,
        (_, Version::Dev(_)) => None,
        (Version::Dev(_), _) => Some("a development build cannot be upgraded to a release".to_owned()),
        (Version::Release(old), Version::Release(new)) => {
            let base = |version: &semver::Version| (version.major, version.minor, version.patch);
            let least = Version::parse(least).release().cloned();
            if old == new {
                None
            } else if new < old {
                Some("a downgrade is not supported".to_owned())
            } else if let Some(least) = least.filter(|least| old < *least) {
                Some(format!("{to} can be reached from v{least} on"))
            } else if !old.pre.is_empty() && base(&old) != base(&new) {
                Some("a pre-release can only be upgraded to its own release".to_owned())
            } else if new.major == old.major && new.minor > old.minor.saturating_add(1) {
                Some("an upgrade takes one minor release at a time".to_owned())
            } else {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_with_huge_numbers_are_compared_like_others() {
        let problem = |from: &str, to: &str| problem(from, to, "").unwrap_or_default();
        let huge = format!("v1.{}.0", u64::MAX);
        assert_eq!(problem(&huge, "v1.5.0"), "a downgrade is not supported");
        assert_eq!(problem("v1.5.0", &huge), "an upgrade takes one minor release at a time");
        assert_eq!(problem(&huge, &huge), "");
    }
}
