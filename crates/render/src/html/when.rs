//! A time on the page.

use crate::{safe, units};
use gleaner_report::Report;
use serde::Serialize;

/// What to show of a time, the machine-readable form if it is one, and its age at collection.
#[derive(Serialize)]
pub(super) struct When {
    datetime: String,
    shown: String,
    age: String,
}

impl When {
    /// As [`When::of`], to the minute.
    pub(super) fn short(text: &str, report: &Report) -> When {
        When {
            shown: units::minute(text).unwrap_or_else(|| safe::line_within(text, 60)),
            ..When::of(text, report)
        }
    }

    /// Of a text that should be an RFC 3339 time.
    pub(super) fn of(text: &str, report: &Report) -> When {
        let shown = units::utc(text);
        When {
            datetime: if shown.is_some() {
                text.to_owned()
            } else {
                String::new()
            },
            shown: shown.unwrap_or_else(|| safe::line_within(text, 60)),
            age: units::age(text, &report.bundle.created_at).unwrap_or_default(),
        }
    }
}
