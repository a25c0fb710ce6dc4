//! The title of the page, which browsers show in a tab.

use crate::{narrowed, wording};
use gleaner_report::Report;

/// The page's title, at most 70 characters.
pub(super) fn title(report: &Report) -> String {
    let verdict = match report.worst() {
        None if narrowed::hidden(report) > 0 => "nothing left to show".to_owned(),
        None => "no known problem found".to_owned(),
        Some(_) => wording::headline(report),
    };
    let most = 66_usize.saturating_sub(verdict.chars().count());
    // Only a plain name may be in a browser's tab, where marks would be cut off and right-to-left text could mislead.
    let plain = report
        .bundle
        .name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b));
    let name: String = if plain {
        report.bundle.name.chars().take(most).collect()
    } else {
        String::new()
    };
    if name.is_empty() {
        format!("Gleaner: {verdict}")
    } else {
        format!("{verdict} · {name}")
    }
}
