//! Versions of Harvester, Longhorn and Kubernetes, and ranges of them that rules are gated by.
//!
//! Takes the text of a version, which may be a development build without an order, and of ranges such as `>=1.5.0 <1.6.0`,
//! `1.4.x` or `1.3.2 || >=1.7`. Whether a development build is in a range is not known, and never guessed.

use std::fmt;

use semver::Version as Semver;

/// How Longhorn marks a hotfix on top of a release, such as `v1.10.2-hotfix-1` (`longhorn.image.longhorn.manager.tag` in
/// deploy/charts/harvester/values.yaml of Harvester v1.7.1), and the same as a build number, which does not count in the order.
const HOTFIX: &str = "-hotfix-";
const HOTFIX_BUILD: &str = "+hotfix-";

/// What is running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// A release or one of its candidates.
    Release(Semver),
    /// A build from a branch, such as `master-abc1234` or `v1.8-head`: it has no place in the order of releases.
    Dev(String),
}

impl Version {
    /// Reads a version with or without its `v`. Whatever is no release or release candidate is a development build.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let number = text.strip_prefix(['v', 'V']).unwrap_or(text);
        match Semver::parse(&number.replacen(HOTFIX, HOTFIX_BUILD, 1)) {
            Ok(version) if is_release(&version) => Self::Release(version),
            _ => Self::Dev(text.to_owned()),
        }
    }

    /// The release, if it is one.
    pub fn release(&self) -> Option<&Semver> {
        match self {
            Self::Release(version) => Some(version),
            Self::Dev(_) => None,
        }
    }
}

/// Releases are in their order, candidates before their release; build numbers such as `+rke2r1` do not count.
/// Development builds are in none.
impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Release(left), Self::Release(right)) => Some(left.cmp_precedence(right)),
            _ => (self == other).then_some(std::cmp::Ordering::Equal),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release(version) => out.write_str(&format!("v{version}").replacen(HOTFIX_BUILD, HOTFIX, 1)),
            Self::Dev(text) => out.write_str(text),
        }
    }
}

/// Candidates and previews are on the way to their release; `-head`, `-dev` and commits are not.
fn is_release(version: &Semver) -> bool {
    let words = version.pre.as_str();
    words.is_empty()
        || ["rc", "alpha", "beta"].iter().any(|kind| {
            words
                .strip_prefix(kind)
                .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
        })
}

/// A set of versions: alternatives between `||`, each a list of bounds that all hold, between spaces or commas.
///
/// A release candidate is compared by the release it leads to: `v1.5.0-rc1` has the features and the faults of 1.5.0, not
/// those of 1.4, so it is in `>=1.5.0` and not in `<1.5.0`. A bound that names a candidate itself, such as `>=1.5.0-rc2`,
/// is compared exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange {
    alternatives: Vec<Vec<Bound>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Bound {
    relation: Relation,
    version: Semver,
    /// How many of the three numbers are given: `1.4.x` and `1.4` give two.
    given: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Less,
    AtMost,
    Equal,
    AtLeast,
    Greater,
}

impl VersionRange {
    /// Reads a range; fails with a lower-case fragment that says which part is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let alternatives = text
            .split("||")
            .map(|alternative| parse_bounds(alternative, text))
            .collect::<Result<_, _>>()?;
        Ok(Self { alternatives })
    }

    /// Whether the version is in the range; `None` for development builds, which have no order.
    pub fn matches(&self, version: &Version) -> Option<bool> {
        let version = version.release()?;
        let matches = |bounds: &Vec<Bound>| bounds.iter().all(|bound| bound.holds(version));
        Some(self.alternatives.iter().any(matches))
    }
}

fn parse_bounds(alternative: &str, range: &str) -> Result<Vec<Bound>, String> {
    // An operator may be separated from its version: join them before splitting at blanks.
    let mut joined = String::new();
    for word in alternative.split([' ', '\t', ',']).filter(|word| !word.is_empty()) {
        joined.push_str(word);
        if !word.ends_with(['<', '>', '=']) {
            joined.push(' ');
        }
    }
    let bounds: Vec<Bound> = joined
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(parse_bound)
        .collect::<Result<_, _>>()?;
    if bounds.is_empty() {
        return Err(format!("the version range `{range}` has an empty part"));
    }
    Ok(bounds)
}

fn parse_bound(word: &str) -> Result<Bound, String> {
    let (relation, version) = [
        ("<=", Relation::AtMost),
        (">=", Relation::AtLeast),
        ("<", Relation::Less),
        (">", Relation::Greater),
        ("=", Relation::Equal),
    ]
    .into_iter()
    .find_map(|(sign, relation)| Some((relation, word.strip_prefix(sign)?)))
    .unwrap_or((Relation::Equal, word));
    let number = version.strip_prefix('v').unwrap_or(version);
    let wrong = || format!("`{word}` is not a version bound: write `>=1.5.0`, `1.4.x` or `1.3.2`");
    if let Ok(version) = Semver::parse(number) {
        let given = 3;
        return Ok(Bound {
            relation,
            version,
            given,
        });
    }
    let numbers: Vec<&str> = number
        .split('.')
        .take_while(|part| !matches!(*part, "x" | "X" | "*"))
        .collect();
    let rest = number.split('.').skip(numbers.len());
    if numbers.is_empty() || number.split('.').count() > 3 || rest.clone().any(|part| !matches!(part, "x" | "X" | "*"))
    {
        return Err(wrong());
    }
    let mut filled = numbers.join(".");
    filled.push_str(&".0".repeat(3_usize.saturating_sub(numbers.len())));
    let version = Semver::parse(&filled).map_err(|_| wrong())?;
    Ok(Bound {
        relation,
        version,
        given: numbers.len(),
    })
}

impl Bound {
    /// Compares as many numbers as the bound gives: `<=1.4` holds for all of 1.4, `>1.4` from 1.5 on.
    fn holds(&self, version: &Semver) -> bool {
        let order = if self.version.pre.is_empty() {
            let numbers = |version: &Semver| [version.major, version.minor, version.patch];
            let (left, right) = (numbers(version), numbers(&self.version));
            left.iter().take(self.given).cmp(right.iter().take(self.given))
        } else {
            version.cmp_precedence(&self.version)
        };
        match self.relation {
            Relation::Less => order.is_lt(),
            Relation::AtMost => order.is_le(),
            Relation::Equal => order.is_eq(),
            Relation::AtLeast => order.is_ge(),
            Relation::Greater => order.is_gt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(range: &str, version: &str) -> Option<bool> {
        VersionRange::parse(range).unwrap().matches(&Version::parse(version))
    }

    #[test]
    fn releases_and_candidates_are_in_order_and_builds_from_branches_in_none() {
        assert!(Version::parse("v1.5.0-rc1") < Version::parse("1.5.0"));
        assert!(Version::parse("v1.5.0-rc2") < Version::parse("v1.5.0-rc3"));
        assert!(Version::parse("v1.28.12+rke2r1") < Version::parse("v1.29.0"));
        for dev in ["master-abc1234", "v1.8-head", "v1.0.0-20220322-dev", "master", ""] {
            assert_eq!(Version::parse(dev), Version::Dev(dev.to_owned()));
            assert_eq!(Version::parse(dev).partial_cmp(&Version::parse("v1.5.0")), None);
            assert_eq!(matches(">=1.0.0", dev), None);
        }
        assert_eq!(Version::parse("1.5.0").to_string(), "v1.5.0");
    }

    #[test]
    fn a_hotfix_counts_as_the_release_that_it_is_for() {
        let hotfix = Version::parse("v1.10.2-hotfix-1");
        assert!(hotfix > Version::parse("v1.10.1") && hotfix < Version::parse("v1.11.0"));
        assert_eq!(hotfix.to_string(), "v1.10.2-hotfix-1");
        assert_eq!(matches(">=1.10.2", "v1.10.2-hotfix-1"), Some(true));
        assert_eq!(matches("<1.10.2", "v1.10.2-hotfix-1"), Some(false));
        assert_eq!(matches("1.10.1", "v1.10.1-hotfix-2"), Some(true));
        assert_eq!(matches(">=1.10.0", "v1.10.2-hotfix"), None);
    }

    #[test]
    fn ranges_hold_all_their_bounds_or_one_of_their_alternatives() {
        assert_eq!(matches(">=1.5.0 <1.6.0", "v1.5.9"), Some(true));
        assert_eq!(matches(">=1.5.0, <1.6.0", "v1.6.0"), Some(false));
        assert_eq!(matches(">= 1.5.0 < 1.6.0", "1.5.0"), Some(true));
        assert_eq!(matches("1.3.2", "v1.3.2"), Some(true));
        assert_eq!(matches("1.3.2 || >=1.7", "v1.7.1"), Some(true));
        assert_eq!(matches("1.3.2 || >=1.7", "v1.4.0"), Some(false));
        assert_eq!(matches("1.4.x", "v1.4.3"), Some(true));
        assert_eq!(matches("1.4", "v1.5.0"), Some(false));
        assert_eq!(matches("<=1.4", "v1.4.3"), Some(true));
        assert_eq!(matches(">1.4", "v1.4.3"), Some(false));
    }

    #[test]
    fn a_candidate_counts_as_the_release_it_leads_to_unless_the_bound_names_one() {
        assert_eq!(matches(">=1.5.0", "v1.5.0-rc1"), Some(true));
        assert_eq!(matches("<1.5.0", "v1.5.0-rc1"), Some(false));
        assert_eq!(matches("1.5.x", "v1.5.0-rc1"), Some(true));
        assert_eq!(matches(">=1.5.0-rc2", "v1.5.0-rc1"), Some(false));
        assert_eq!(matches("1.5.0-rc1", "v1.5.0-rc1"), Some(true));
        assert_eq!(matches("1.5.0-rc1", "v1.5.0"), Some(false));
    }

    #[test]
    fn wrong_ranges_say_what_is_wrong() {
        for range in ["", "1.2 ||", ">=", "abc", "1.x.2", "1.2.3.4", "=>1.2", "^1.2"] {
            let error = VersionRange::parse(range).unwrap_err();
            assert!(error.contains('`'), "{range}: {error}");
        }
    }
}
