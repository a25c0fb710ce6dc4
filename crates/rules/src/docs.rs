//! Pages of the documentation: references name them without a release, and get the address for the release of the bundle.

use gleaner_cluster::{Facts, Version};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The table of pages, among the files of rules.
pub(super) const FILE: &str = "docs.yaml";

const HARVESTER: &str = "https://docs.harvesterhci.io/";
const LONGHORN: &str = "https://longhorn.io/docs/";

/// Known pages, and the first and the last release that is known to have each.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocPages {
    /// By the page's slug; releases such as `v1.5`.
    harvester: BTreeMap<String, [String; 2]>,
    longhorn: LonghornPages,
}

/// Releases are as `1.8.1`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LonghornPages {
    current: Vec<String>,
    archived: Vec<String>,
    pages: BTreeMap<String, [String; 2]>,
}

impl DocPages {
    /// The address of a reference for the releases that run in the cluster.
    pub(super) fn resolve(&self, url: &str, facts: &Facts) -> String {
        if let Some((page, rest)) = placed(url, HARVESTER, "{version}")
            && let Some(known) = self.harvester.get(page)
        {
            let release = nearest_minor(&facts.running, known);
            return format!("{HARVESTER}{release}/{rest}");
        }
        if let Some((page, rest)) = placed(url, LONGHORN, "{longhorn}")
            && let Some(known) = self.longhorn.pages.get(page)
        {
            let release = self.longhorn.nearest(&facts.longhorn, known);
            return format!("{LONGHORN}{release}/{rest}");
        }
        url.to_owned()
    }

    /// Checks that the page of a reference is known.
    ///
    /// # Errors
    /// What is wrong with the address, and what to write instead.
    pub(super) fn check(&self, url: &str) -> Result<(), (String, String)> {
        if let Some((release, page)) = parts(url, HARVESTER) {
            let Some([first, last]) = self.harvester.get(page) else {
                return Err(unknown(page, self.harvester.keys()));
            };
            let known = release == "{version}" || is_between(release, first, last);
            return if known { Ok(()) } else { Err(never_seen(page, release)) };
        }
        if let Some((release, page)) = parts(url, LONGHORN) {
            let Some([first, last]) = self.longhorn.pages.get(page) else {
                return Err(unknown(page, self.longhorn.pages.keys()));
            };
            let listed = self.longhorn.current.iter().any(|current| current == release);
            let known = release == "{longhorn}" || (listed && is_between(release, first, last));
            return if known { Ok(()) } else { Err(never_seen(page, release)) };
        }
        Ok(())
    }
}

impl LonghornPages {
    /// The folder of the newest release that is not newer than the running one and has the page; else of the oldest that has it.
    fn nearest(&self, running: &str, [first, last]: &[String; 2]) -> String {
        let all = self.archived.iter().map(|release| (release, true));
        let all = all.chain(self.current.iter().map(|release| (release, false)));
        let mut having: Vec<_> = all.filter(|(release, _)| is_between(release, first, last)).collect();
        having.sort_by_key(|(release, _)| Version::parse(release).release().cloned());
        let running = Version::parse(running);
        let fits = |release: &str| running.release().is_none() || Version::parse(release) <= running;
        let fitting = having.iter().rev().find(|(release, _)| fits(release));
        match fitting.or(having.first()) {
            Some((release, true)) => format!("archives/{release}"),
            Some((release, false)) => (*release).clone(),
            None => last.clone(),
        }
    }
}

/// Release and page of an address, without its anchor.
fn parts<'u>(url: &'u str, site: &str) -> Option<(&'u str, &'u str)> {
    let (release, rest) = url.strip_prefix(site)?.split_once('/')?;
    let page = rest.split('#').next().unwrap_or(rest);
    Some((release, page.trim_end_matches('/')))
}

/// Page, and page with anchor, of an address whose release is left open.
fn placed<'u>(url: &'u str, site: &str, open: &str) -> Option<(&'u str, &'u str)> {
    let (release, page) = parts(url, site)?;
    let rest = url.strip_prefix(site)?.split_once('/')?.1;
    (release == open).then_some((page, rest))
}

/// `v1.5` for `v1.5.1`, or the known release that is nearest; the last one where the running release is not known.
fn nearest_minor(running: &str, [first, last]: &[String; 2]) -> String {
    let running = Version::parse(running);
    let Some(release) = running.release() else {
        return last.clone();
    };
    let minor = (release.major, release.minor);
    let of = |text: &str| {
        Version::parse(&format!("{text}.0"))
            .release()
            .map(|known| (known.major, known.minor))
    };
    if of(first).is_some_and(|first| minor < first) {
        first.clone()
    } else if of(last).is_some_and(|last| minor > last) {
        last.clone()
    } else {
        format!("v{}.{}", minor.0, minor.1)
    }
}

/// Whether a release, with or without its patch number, is one of a range.
fn is_between(release: &str, first: &str, last: &str) -> bool {
    let full = |text: &str| {
        let dots = text.matches('.').count();
        Version::parse(&format!("{text}{}", if dots < 2 { ".0" } else { "" }))
    };
    full(first) <= full(release) && full(release) <= full(last)
}

fn unknown<'k>(page: &str, known: impl Iterator<Item = &'k String>) -> (String, String) {
    let help = gleaner_text::did_you_mean(page, known.map(String::as_str));
    (format!("the documentation has no page `{page}`"), help)
}

fn never_seen(page: &str, release: &str) -> (String, String) {
    let what = format!("the page `{page}` is not known in the documentation of {release}");
    (
        what,
        "write `{version}` (Harvester) or `{longhorn}` for the release of the bundle".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages() -> DocPages {
        let range = |first: &str, last: &str| [first.to_owned(), last.to_owned()];
        DocPages {
            harvester: BTreeMap::from([("upgrade/index".to_owned(), range("v1.4", "v1.8"))]),
            longhorn: LonghornPages {
                current: vec!["1.11.2".to_owned()],
                archived: vec!["1.7.2".to_owned(), "1.8.1".to_owned(), "1.10.0".to_owned()],
                pages: BTreeMap::from([("references/settings".to_owned(), range("1.7.0", "1.11.2"))]),
            },
        }
    }

    fn resolved(url: &str, running: &str, longhorn: &str) -> String {
        let facts = Facts {
            running: running.to_owned(),
            longhorn: longhorn.to_owned(),
            ..Facts::default()
        };
        pages().resolve(url, &facts)
    }

    #[test]
    fn a_page_of_harvester_is_that_of_the_running_release() {
        let page = |running| resolved("https://docs.harvesterhci.io/{version}/upgrade/index#a", running, "");
        assert_eq!(page("v1.5.1"), "https://docs.harvesterhci.io/v1.5/upgrade/index#a");
        assert_eq!(page("v1.2.2"), "https://docs.harvesterhci.io/v1.4/upgrade/index#a");
        assert_eq!(page("v1.10.0"), "https://docs.harvesterhci.io/v1.8/upgrade/index#a");
        assert_eq!(page("master-head"), "https://docs.harvesterhci.io/v1.8/upgrade/index#a");
    }

    #[test]
    fn a_page_of_longhorn_is_archived_for_older_releases() {
        let page = |running| resolved("https://longhorn.io/docs/{longhorn}/references/settings/", "", running);
        assert_eq!(
            page("v1.8.1"),
            "https://longhorn.io/docs/archives/1.8.1/references/settings/"
        );
        assert_eq!(
            page("v1.9.2"),
            "https://longhorn.io/docs/archives/1.8.1/references/settings/"
        );
        assert_eq!(
            page("v1.2.6"),
            "https://longhorn.io/docs/archives/1.7.2/references/settings/"
        );
        assert_eq!(page("v1.11.2"), "https://longhorn.io/docs/1.11.2/references/settings/");
        assert_eq!(page(""), "https://longhorn.io/docs/1.11.2/references/settings/");
    }

    #[test]
    fn unknown_pages_and_releases_are_refused() {
        let problem = |url: &str| pages().check(url).err().map(|(what, _)| what);
        for right in [
            "https://docs.harvesterhci.io/{version}/upgrade/index",
            "https://docs.harvesterhci.io/v1.5/upgrade/index/",
            "https://longhorn.io/docs/{longhorn}/references/settings/#x",
            "https://longhorn.io/docs/1.11.2/references/settings/",
            "https://longhorn.io/kb/anything/",
            "https://github.com/harvester/harvester/issues/1",
        ] {
            assert_eq!(problem(right), None, "{right}");
        }
        for wrong in [
            "https://docs.harvesterhci.io/v1.5/upgrade/automatic",
            "https://docs.harvesterhci.io/v1.2/upgrade/index",
            "https://longhorn.io/docs/1.8.1/references/settings/",
            "https://longhorn.io/docs/latest/references/settings/",
        ] {
            assert!(problem(wrong).is_some(), "{wrong}");
        }
    }
}
