//! Functions over versions, and the rules of Harvester's version guard about upgrade paths.

use super::{argument, text_argument};
use crate::expr::eval::Env;
use crate::expr::val::Val;
use gleaner_cluster::{Version, VersionRange};

type Result<'a> = std::result::Result<Val<'a>, String>;

pub(super) fn version_in<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    in_range(argument(args, 0), &VersionRange::parse(text_argument(args, 1)?)?)
}

/// Whether a version is in a range; unset where nobody knows.
pub(super) fn in_range<'a>(version: &Val<'a>, range: &VersionRange) -> Result<'a> {
    let version = text_argument(std::slice::from_ref(version), 0)?;
    if version.is_empty() {
        return Ok(Val::Unset);
    }
    let matches = range.matches(&Version::parse(version));
    Ok(matches.map_or(Val::Unset, Val::Bool))
}

pub(super) fn version_less<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    match (
        Version::parse(text_argument(args, 0)?),
        Version::parse(text_argument(args, 1)?),
    ) {
        (Version::Release(a), Version::Release(b)) => Ok(Val::Bool(a < b)),
        _ => Ok(Val::Unset),
    }
}

pub(super) fn version_dev<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let text = text_argument(args, 0)?;
    Ok(Val::Bool(
        !text.is_empty() && matches!(Version::parse(text), Version::Dev(_)),
    ))
}

pub(super) fn min_upgradable<'a>(args: &[Val<'a>], env: &Env<'a>) -> Result<'a> {
    let to = text_argument(args, 0)?;
    let least = env.facts.matrix.get(to.trim_start_matches('v'));
    Ok(least.map_or(Val::Unset, |least| Val::text(format!("v{least}"))))
}

/// What pkg/upgradehelper/versionguard of Harvester refuses, and a step over more than one minor release.
pub(super) fn path_problem<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let (from, to, least) = (
        text_argument(args, 0)?,
        text_argument(args, 1)?,
        text_argument(args, 2)?,
    );
    Ok(problem(from, to, least).map_or(Val::Unset, Val::text))
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
    fn absurd_versions_are_judged_like_others() {
        let problem = |from: &str, to: &str| problem(from, to, "").unwrap_or_default();
        let huge = format!("v1.{}.0", u64::MAX);
        assert_eq!(problem(&huge, "v1.5.0"), "a downgrade is not supported");
        assert_eq!(problem("v1.5.0", &huge), "an upgrade takes one minor release at a time");
        assert_eq!(problem(&huge, &huge), "");
    }
}
