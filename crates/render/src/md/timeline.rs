//! The newest moments of the timeline as a table, for the flavors whose limit allows one.

use super::markup::Markup;
use crate::format::Flavor;
use crate::{units, wording};
use gleaner_report::{Moment, Report};

/// How many moments are shown.
const SHOWN: usize = 20;

/// The section; empty in the flavor for mail.
pub(super) fn section(report: &Report, m: Markup) -> String {
    if m.flavor == Flavor::Text {
        return String::new();
    }
    let mut out = m.heading(2, "Timeline");
    if report.timeline.is_empty() {
        out.push_str("The bundle has no events with a known time.\n\n");
        return out;
    }
    let from = report.timeline.len().saturating_sub(SHOWN);
    let earlier = report.timeline.iter().take(from).find(|moment| moment.first_bad);
    if let Some(first) = earlier {
        let (time, object) = (m.name(&time(first), 60), m.name(&wording::object(&first.object), 200));
        let text = m.name(&first.text, 200);
        out.push_str(&format!("The worst of it first shows at {time}, {object}: {text}\n\n"));
    }
    out.push_str(&m.table_head(&["Time", "Source", "Object", "What", "Where"]));
    for moment in report.timeline.iter().skip(from) {
        out.push_str(&row(moment, m));
    }
    out.push('\n');
    let left = from.saturating_add(report.timeline_cut);
    if left > 0 {
        out.push_str(&format!(
            "The newest {SHOWN} of {}.\n\n",
            units::count(report.timeline.len().saturating_add(report.timeline_cut), "moment")
        ));
    }
    out
}

fn row(moment: &Moment, m: Markup) -> String {
    let mark = if moment.first_bad { " first bad moment" } else { "" };
    let place = if moment.line > 0 {
        format!("{}:{}", moment.path, moment.line)
    } else {
        moment.path.clone()
    };
    let times = match wording::often(moment) {
        once if once.is_empty() => once,
        often => format!(" ({often})"),
    };
    m.table_row(&[
        format!("{}{mark}", m.cell(&time(moment), 60)),
        moment.source.as_str().to_owned(),
        m.cell(&wording::object(&moment.object), 200),
        format!("{}{times}", m.cell(&moment.text, 200)),
        m.cell(&place, 300),
    ])
}

fn time(moment: &Moment) -> String {
    units::utc(&moment.time).unwrap_or_else(|| moment.time.clone())
}
