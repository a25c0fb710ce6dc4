//! The alerts in the document.

use crate::alerts::{Alert, Alerts};
use crate::wire::common::{Broken, read_list, record};
use crate::wire::objects::{Numbers, ObjectNumber, Objects};
use std::collections::BTreeMap;

record! {
    /// The alerts of `prometheus-alerts.json`.
    AlertsRecord {
        always {
            /// Whether the file is in the bundle; without it nothing is known of alerts.
            collected: bool,
        }
        unless_empty {
            /// Whether alert `Watchdog` fires, as it always does while alerting works.
            watchdog: bool,
            /// The alerts, those of one rule, severity and state as one: worst severity first, then the oldest, then by name. Without
            /// `Watchdog` and `InfoInhibitor`, which fire by design.
            list: Vec<AlertRecord>,
            /// How many were left out of `list`, the last ones.
            cut: usize,
        }
    }
}

record! {
    /// Alerts of one rule, severity and state.
    AlertRecord {
        always {
            /// The name of the alerting rule.
            name: String,
            /// `firing`, or `pending` while the condition has not held for long enough.
            state: String,
            /// How many alerts.
            count: usize,
        }
        unless_empty {
            /// `critical`, `warning`, `info`, `none`, or another word of the rule.
            severity: String,
            /// Since when the condition holds, RFC 3339, UTC: of the oldest one. Absent if it is not known.
            since: String,
            /// The labels that all of them have alike and that say where it is: namespace, pod, node, instance, device and so on.
            labels: BTreeMap<String, String>,
            /// What the rule says is wrong, with the first one's values.
            summary: String,
            /// The objects they are about, as far as their labels name some that are in the bundle; the first ones of very many.
            objects: Vec<ObjectNumber>,
        }
    }
}

impl AlertsRecord {
    pub(crate) fn new<'r>(alerts: &'r Alerts, numbers: &mut Numbers<'r>) -> AlertsRecord {
        let list = alerts.list.iter();
        AlertsRecord {
            collected: alerts.collected,
            watchdog: alerts.watchdog,
            list: list.map(|alert| AlertRecord::new(alert, numbers)).collect(),
            cut: alerts.cut,
        }
    }

    pub(crate) fn read(self, objects: &Objects) -> Result<Alerts, Broken> {
        Ok(Alerts {
            collected: self.collected,
            watchdog: self.watchdog,
            list: read_list("list", self.list, |alert| alert.read(objects))?,
            cut: self.cut,
        })
    }
}

impl AlertRecord {
    fn new<'r>(alert: &'r Alert, numbers: &mut Numbers<'r>) -> AlertRecord {
        AlertRecord {
            name: alert.name.clone(),
            severity: alert.severity.clone(),
            state: alert.state.clone(),
            since: alert.since.clone(),
            labels: alert.labels.clone(),
            summary: alert.summary.clone(),
            objects: numbers.of_all(&alert.objects),
            count: alert.count,
        }
    }

    fn read(self, objects: &Objects) -> Result<Alert, Broken> {
        Ok(Alert {
            name: self.name,
            severity: self.severity,
            state: self.state,
            since: self.since,
            labels: self.labels,
            summary: self.summary,
            objects: objects.get_all("objects", self.objects)?,
            count: self.count,
        })
    }
}
