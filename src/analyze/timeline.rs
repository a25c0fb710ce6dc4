//! What happened when: Warning events, transitions of conditions, restarts, failed replicas, upgrade steps and log hits in one order.
//!
//! The same thing told twice (an event in both event groups, a condition and its event) stays once. Times are those of the bundle.

use crate::engine::World;
use crate::finding::ObjectRef;
use crate::model::cluster::Object;
use crate::model::path::display;
use crate::model::time;
use crate::model::value::Node;
use crate::model::yaml;
use crate::report::{Moment, MomentSource};
use std::collections::BTreeSet;

/// How many moments a report keeps, the newest.
const MOST: usize = 1_000;
/// Seconds before the bundle in which the first thing that went wrong is looked for.
const DAY: i64 = 86_400;
/// Characters of a message.
const QUOTED: usize = 300;

/// The timeline of a bundle.
pub(super) struct Timeline {
    /// What happened, oldest first.
    pub(super) moments: Vec<Moment>,
    /// How many older ones were left out.
    pub(super) cut: usize,
}

/// Puts the timeline together; all of it, or the newest moments.
pub(super) fn read(world: &World<'_>, whole: bool) -> Timeline {
    let mut found = Collector {
        world,
        moments: Vec::new(),
    };
    world.cluster.of("Event").iter().for_each(|event| found.event(event));
    world.cluster.of("Node").iter().for_each(|node| found.node(node));
    world.cluster.of("Pod").iter().for_each(|pod| found.restarts(pod));
    world
        .cluster
        .of("Replica.longhorn.io")
        .iter()
        .for_each(|replica| found.replica(replica));
    world
        .cluster
        .of("Volume.longhorn.io")
        .iter()
        .for_each(|volume| found.volume(volume));
    world
        .cluster
        .of("Upgrade.harvesterhci.io")
        .iter()
        .for_each(|upgrade| found.upgrade(upgrade));
    found.logs();
    let mut moments = found.moments;
    moments.sort();
    let mut seen = BTreeSet::new();
    moments.retain(|moment| seen.insert((moment.time.clone(), moment.object.clone(), moment.text.clone())));
    let cut = if whole { 0 } else { moments.len().saturating_sub(MOST) };
    moments.drain(..cut);
    mark_first_bad(&mut moments, world.facts.now);
    Timeline { moments, cut }
}

fn mark_first_bad(moments: &mut [Moment], now: Option<i64>) {
    let since = now.map_or(i64::MIN, |now| now - DAY);
    let recent = |moment: &&mut Moment| moment.bad && time::parse_time(&moment.time).is_some_and(|time| time >= since);
    if let Some(first) = moments.iter_mut().find(recent) {
        first.first_bad = true;
    }
}

struct Collector<'c, 'w> {
    world: &'c World<'w>,
    moments: Vec<Moment>,
}

/// What is said of a moment.
struct Said<'s> {
    source: MomentSource,
    bad: bool,
    text: String,
    count: u64,
    /// The time stamp in the bundle.
    stamp: Option<&'s Node<'s>>,
}

impl Collector<'_, '_> {
    fn add(&mut self, holder: &Object<'_>, object: ObjectRef, said: Said<'_>) {
        let Some(stamp) = said.stamp else { return };
        let Some(seconds) = stamp.as_str().and_then(time::parse_time) else {
            return;
        };
        let Some(file) = self.world.cluster.file(holder) else {
            return;
        };
        self.moments.push(Moment {
            time: time::format_time(seconds),
            source: said.source,
            bad: said.bad,
            first_bad: false,
            object,
            text: said.text.chars().take(QUOTED).collect(),
            count: said.count,
            path: file.path.clone(),
            line: yaml::line_of(&file.text, stamp.offset),
        });
    }

    /// Both shapes of events: of the core group and of events.k8s.io.
    fn event(&mut self, event: &Object<'_>) {
        let root = &event.root;
        if root.text(&["type"]) != "Warning" {
            return;
        }
        let involved = root.get("involvedObject").or_else(|| root.get("regarding"));
        let text = |key: &str| involved.map_or("", |object| object.text(&[key])).to_owned();
        let object = ObjectRef {
            api_version: text("apiVersion"),
            kind: text("kind"),
            namespace: text("namespace"),
            name: text("name"),
        };
        let message = root
            .get("message")
            .or_else(|| root.get("note"))
            .map(display)
            .unwrap_or_default();
        let times = [
            root.get("lastTimestamp"),
            root.get("deprecatedLastTimestamp"),
            root.at(&["series", "lastObservedTime"]),
            root.get("eventTime"),
            root.at(&["metadata", "creationTimestamp"]),
        ];
        let count = root
            .get("count")
            .or_else(|| root.get("deprecatedCount"))
            .or_else(|| root.at(&["series", "count"]));
        let count = count
            .and_then(Node::as_int)
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or(1);
        let text = format!("{}: {message}", root.text(&["reason"]));
        let stamp = times.into_iter().flatten().next();
        self.add(
            event,
            object,
            Said {
                source: MomentSource::Event,
                bad: true,
                text,
                count,
                stamp,
            },
        );
    }

    fn node(&mut self, node: &Object<'_>) {
        for condition in node
            .root
            .at(&["status", "conditions"])
            .map(|list| list.items())
            .unwrap_or_default()
        {
            let (kind, status) = (condition.text(&["type"]), condition.text(&["status"]));
            let bad = match kind {
                "Ready" => status != "True",
                "MemoryPressure" | "DiskPressure" | "PIDPressure" | "NetworkUnavailable" => status == "True",
                _ => continue,
            };
            if !bad && kind != "Ready" {
                continue;
            }
            let text = format!("{kind} is {status}: {}", condition.text(&["message"]));
            let said = Said {
                source: MomentSource::Host,
                bad,
                text,
                count: 1,
                stamp: condition.get("lastTransitionTime"),
            };
            self.add(node, node.reference(), said);
        }
    }

    fn restarts(&mut self, pod: &Object<'_>) {
        for container in pod
            .root
            .at(&["status", "containerStatuses"])
            .map(|list| list.items())
            .unwrap_or_default()
        {
            let Some(ended) = container.at(&["lastState", "terminated"]) else {
                continue;
            };
            let code = ended.get("exitCode").and_then(Node::as_int).unwrap_or(0);
            let restarts = container
                .get("restartCount")
                .and_then(Node::as_int)
                .and_then(|count| u64::try_from(count).ok());
            let text = format!(
                "container {} ended: {} (exit code {code})",
                container.text(&["name"]),
                ended.text(&["reason"])
            );
            let said = Said {
                source: MomentSource::Restart,
                bad: code != 0,
                text,
                count: restarts.unwrap_or(1),
                stamp: ended.get("finishedAt"),
            };
            self.add(pod, pod.reference(), said);
        }
    }

    fn replica(&mut self, replica: &Object<'_>) {
        let volume = replica.root.text(&["spec", "volumeName"]);
        let node = replica.root.text(&["spec", "nodeID"]);
        let text = format!("replica of volume {volume} on {node} failed");
        let stamp = replica.root.at(&["spec", "failedAt"]);
        self.add(
            replica,
            replica.reference(),
            Said {
                source: MomentSource::Volume,
                bad: true,
                text,
                count: 1,
                stamp,
            },
        );
    }

    fn volume(&mut self, volume: &Object<'_>) {
        let robustness = volume.root.text(&["status", "robustness"]);
        if matches!(robustness, "degraded" | "faulted") {
            let text = format!("volume is {robustness}");
            let stamp = volume.root.at(&["status", "lastDegradedAt"]);
            self.add(
                volume,
                volume.reference(),
                Said {
                    source: MomentSource::Volume,
                    bad: true,
                    text,
                    count: 1,
                    stamp,
                },
            );
        }
    }

    fn upgrade(&mut self, upgrade: &Object<'_>) {
        let created = upgrade.root.at(&["metadata", "creationTimestamp"]);
        let text = format!("upgrade to {} was asked for", upgrade.root.text(&["spec", "version"]));
        self.add(
            upgrade,
            upgrade.reference(),
            Said {
                source: MomentSource::Upgrade,
                bad: false,
                text,
                count: 1,
                stamp: created,
            },
        );
        for condition in upgrade
            .root
            .at(&["status", "conditions"])
            .map(|list| list.items())
            .unwrap_or_default()
        {
            let status = condition.text(&["status"]);
            let text = format!(
                "{} is {status}: {}",
                condition.text(&["type"]),
                condition.text(&["message"])
            );
            let stamp = condition
                .get("lastUpdateTime")
                .or_else(|| condition.get("lastTransitionTime"));
            let said = Said {
                source: MomentSource::Upgrade,
                bad: status == "False",
                text,
                count: 1,
                stamp,
            };
            self.add(upgrade, upgrade.reference(), said);
        }
    }

    /// The first and the last line of every hit.
    fn logs(&mut self) {
        for (rule, hit) in self.world.log_hits() {
            let object = hit.origins.first().map(|origin| origin.object(&self.world.cluster));
            let (Some(object), Some(first)) = (object, hit.samples.first()) else {
                continue;
            };
            for sample in [Some(first), hit.samples.last().filter(|last| *last != first)]
                .into_iter()
                .flatten()
            {
                let Some(seconds) = sample.stamp.and_then(|stamp| stamp.resolve(self.world.facts.now)) else {
                    continue;
                };
                self.moments.push(Moment {
                    time: time::format_time(seconds),
                    source: MomentSource::Log,
                    bad: true,
                    first_bad: false,
                    object: object.clone(),
                    text: format!("{rule}: {}", sample.text).chars().take(QUOTED).collect(),
                    count: hit.count,
                    path: sample.path.clone(),
                    line: sample.line,
                });
            }
        }
    }
}
