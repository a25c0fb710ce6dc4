//! The alerts of Prometheus.

use super::tone::Tone;
use super::when::When;
use crate::{safe, units, wording};
use gleaner_report::{Alert, ObjectRef, Report};
use serde::Serialize;

/// Most alerts that are shown, and most objects of one.
const ALERTS: usize = 200;
const OBJECTS: usize = 6;

/// The section.
#[derive(Serialize)]
pub(super) struct Alerts {
    collected: bool,
    watchdog: bool,
    rows: Vec<Row>,
    more: usize,
}

/// Alerts of one rule.
#[derive(Serialize)]
struct Row {
    name: String,
    severity: String,
    tone: Tone,
    state: String,
    since: When,
    count: String,
    /// Where they are: objects of the bundle, or else the labels.
    place: String,
    summary: String,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Alerts {
    let alerts = &report.alerts;
    Alerts {
        collected: alerts.collected,
        watchdog: alerts.watchdog,
        rows: alerts
            .list
            .iter()
            .take(ALERTS)
            .map(|alert| row(alert, report))
            .collect(),
        more: alerts.cut.saturating_add(alerts.list.len().saturating_sub(ALERTS)),
    }
}

fn row(alert: &Alert, report: &Report) -> Row {
    let labels = alert
        .labels
        .iter()
        .map(|(name, value)| format!("{name}={}", safe::line_within(value, 120)));
    Row {
        name: safe::line_within(&alert.name, 120),
        severity: wording::state(&alert.severity),
        tone: match (alert.state.as_str(), alert.severity.as_str()) {
            ("firing", "critical") => Tone::Bad,
            ("firing", "warning") => Tone::Warn,
            _ => Tone::Dim,
        },
        state: wording::state(&alert.state),
        since: When::of(&alert.since, report),
        count: units::grouped(alert.count),
        place: if alert.objects.is_empty() {
            safe::line_within(&labels.collect::<Vec<_>>().join(", "), 400)
        } else {
            names(&alert.objects)
        },
        summary: safe::line_within(&alert.summary, 400),
    }
}

/// The first objects, and how many more.
fn names(objects: &[ObjectRef]) -> String {
    let mut names: Vec<String> = objects.iter().take(OBJECTS).map(wording::object).collect();
    if objects.len() > OBJECTS {
        names.push(format!("{} more", objects.len() - OBJECTS));
    }
    names.join(", ")
}
