//! The moments of each kind of object and of each log match, in no order.
//!
//! A missing or invalid time stamp makes no moment.

use super::Draft;
use gleaner_cluster::Object;
use gleaner_cluster::harvester::{Alert, Replica, Volume};
use gleaner_cluster::layout;
use gleaner_report::{Moment, MomentSource};
use gleaner_report::{ObjectRef, Severity};
use gleaner_rules::Context;
use gleaner_rules::schema::CasesOf;
use gleaner_yaml::Node;
use gleaner_yaml::display;

/// How many characters of a message are kept.
const QUOTED: usize = 300;
/// How many characters of a name in a reference are kept.
const NAME: usize = 260;

pub(super) fn all(context: &Context<'_>) -> Vec<Draft> {
    let mut found = Collector {
        context,
        drafts: Vec::new(),
    };
    let cluster = &context.snapshot.cluster;
    cluster.of("Event").iter().for_each(|event| found.event(event));
    cluster.of("Node").iter().for_each(|node| found.node(node));
    cluster.of("Pod").iter().for_each(|pod| found.restarts(pod));
    let replicas = cluster.of("Replica.longhorn.io");
    replicas.iter().for_each(|replica| found.replica(replica));
    let volumes = cluster.of("Volume.longhorn.io");
    volumes.iter().for_each(|volume| found.volume(volume));
    let upgrades = cluster.of("Upgrade.harvesterhci.io");
    upgrades.iter().for_each(|upgrade| found.upgrade(upgrade));
    let alerts = cluster.of("Alert.gleaner.io");
    alerts.iter().for_each(|alert| found.alert(alert));
    found.logs();
    found.drafts
}

struct Collector<'c, 'w> {
    context: &'c Context<'w>,
    drafts: Vec<Draft>,
}

/// What a moment is about, without its object and time.
struct Occurrence {
    source: MomentSource,
    bad: bool,
    text: String,
    count: u64,
}

impl Occurrence {
    fn once(source: MomentSource, bad: bool, text: String) -> Occurrence {
        Occurrence {
            source,
            bad,
            text,
            count: 1,
        }
    }
}

/// The seconds of a valid stamp, and its node.
fn stamped<'n, 't>(stamp: Option<&'n Node<'t>>) -> Option<(i64, &'n Node<'t>)> {
    let stamp = stamp?;
    Some((gleaner_text::parse_time(stamp.as_str()?)?, stamp))
}

/// The reference with names truncated to what Kubernetes allows.
fn bounded(object: &ObjectRef) -> ObjectRef {
    ObjectRef {
        api_version: short(&object.api_version, NAME),
        kind: short(&object.kind, NAME),
        namespace: short(&object.namespace, NAME),
        name: short(&object.name, NAME),
    }
}

fn short(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

fn list<'n, 't>(root: &'n Node<'t>, path: &[&str]) -> &'n [Node<'t>] {
    root.at(path).map(|list| list.items()).unwrap_or_default()
}

/// `TYPE is STATUS: MESSAGE`, without the colon where there is no message.
fn condition_text(condition: &Node<'_>) -> String {
    let (kind, status) = (condition.text(&["type"]), condition.text(&["status"]));
    match condition.text(&["message"]) {
        "" => format!("{kind} is {status}"),
        message => format!("{kind} is {status}: {message}"),
    }
}

/// How often an event occurred; 1 where it has no count.
fn count_of(event: &Node<'_>) -> u64 {
    let counts = [
        event.get("count"),
        event.get("deprecatedCount"),
        event.at(&["series", "count"]),
    ];
    let most = counts.into_iter().flatten().filter_map(Node::as_int).max();
    most.and_then(|count| u64::try_from(count).ok()).unwrap_or(1).max(1)
}

impl Collector<'_, '_> {
    fn add(&mut self, holder: &Object<'_>, object: ObjectRef, occurrence: Occurrence, stamp: Option<&Node<'_>>) {
        let (Some((seconds, stamp)), Some(file)) = (stamped(stamp), self.context.snapshot.cluster.file(holder)) else {
            return;
        };
        self.drafts.push(Draft {
            seconds,
            moment: Moment {
                time: gleaner_text::format_time(seconds),
                until: None,
                source: occurrence.source,
                bad: occurrence.bad,
                first_bad: false,
                object: bounded(&object),
                objects: 1,
                text: short(&occurrence.text, QUOTED),
                count: occurrence.count,
                path: file.path.clone(),
                line: 0,
            },
            until: seconds,
            holds: occurrence.bad && matches!(occurrence.source, MomentSource::Host | MomentSource::Volume),
            place: Some((holder.file, stamp.offset())),
        });
    }

    /// An event of the core group or of events.k8s.io: when it occurred last and, if it was repeated, first.
    fn event(&mut self, event: &Object<'_>) {
        let root = &event.root;
        if root.text(&["type"]) != "Warning" {
            return;
        }
        let involved = root.get("involvedObject").or_else(|| root.get("regarding"));
        let name = |key: &str| involved.map_or("", |object| object.text(&[key])).to_owned();
        let object = ObjectRef {
            api_version: name("apiVersion"),
            kind: name("kind"),
            namespace: name("namespace"),
            name: name("name"),
        };
        let message = root.get("message").or_else(|| root.get("note"));
        let reason = short(root.text(&["reason"]), NAME);
        let text = format!("{reason}: {}", message.map(display).unwrap_or_default());
        let single = [root.get("eventTime"), root.at(&["metadata", "creationTimestamp"])];
        let last = [
            root.get("lastTimestamp"),
            root.get("deprecatedLastTimestamp"),
            root.at(&["series", "lastObservedTime"]),
        ];
        let latest = last.into_iter().filter_map(stamped).max_by_key(|(seconds, _)| *seconds);
        let earliest = [root.get("firstTimestamp"), root.get("deprecatedFirstTimestamp")]
            .into_iter()
            .chain(single)
            .find_map(stamped);
        let occurrence = |count| Occurrence {
            source: MomentSource::Event,
            bad: true,
            text,
            count,
        };
        let at = earliest.into_iter().chain(latest).min_by_key(|(seconds, _)| *seconds);
        self.add(event, object, occurrence(count_of(root)), at.map(|(_, stamp)| stamp));
        if let (Some(draft), Some((last, _))) = (self.drafts.last_mut().filter(|_| at.is_some()), latest) {
            draft.until = last;
        }
    }

    fn node(&mut self, node: &Object<'_>) {
        for condition in list(&node.root, &["status", "conditions"]) {
            let status = condition.text(&["status"]);
            let bad = match condition.text(&["type"]) {
                "Ready" => status != "True",
                "MemoryPressure" | "DiskPressure" | "PIDPressure" | "NetworkUnavailable" if status == "True" => true,
                _ => continue,
            };
            let occurrence = Occurrence::once(MomentSource::Host, bad, condition_text(condition));
            self.add(node, node.reference(), occurrence, condition.get("lastTransitionTime"));
        }
    }

    /// Terminated containers: the previous run, and the current one if it was not restarted.
    fn restarts(&mut self, pod: &Object<'_>) {
        let statuses = ["initContainerStatuses", "containerStatuses"];
        for container in statuses.iter().flat_map(|key| list(&pod.root, &["status", key])) {
            let restarts = container.get("restartCount").and_then(Node::as_int);
            for state in ["lastState", "state"] {
                let Some(ended) = container.at(&[state, "terminated"]) else {
                    continue;
                };
                let code = ended.get("exitCode").and_then(Node::as_int);
                // Init containers and jobs regularly exit with 0.
                if state == "state" && code == Some(0) {
                    continue;
                }
                let code_text = code.map_or_else(|| "exit code unknown".to_owned(), |code| format!("exit code {code}"));
                let reason = match ended.text(&["reason"]) {
                    "" => String::new(),
                    reason => format!(": {reason}"),
                };
                let text = format!("container {} ended{reason} ({code_text})", container.text(&["name"]));
                let mut occurrence = Occurrence::once(MomentSource::Restart, code != Some(0), text);
                if state == "lastState" {
                    occurrence.count = restarts.and_then(|count| u64::try_from(count).ok()).unwrap_or(1).max(1);
                }
                self.add(pod, pod.reference(), occurrence, ended.get("finishedAt"));
            }
        }
    }

    fn replica(&mut self, replica: &Object<'_>) {
        let view = Replica::of(replica);
        let volume = view.volume();
        let text = match view.node() {
            "" => format!("replica of volume {volume} failed"),
            node => format!("replica of volume {volume} on {node} failed"),
        };
        let occurrence = Occurrence::once(MomentSource::Volume, true, text);
        self.add(
            replica,
            replica.reference(),
            occurrence,
            replica.root.at(&["spec", "failedAt"]),
        );
    }

    fn volume(&mut self, volume: &Object<'_>) {
        let text = match Volume::of(volume).robustness() {
            "degraded" => "volume lost redundancy and is degraded",
            "faulted" => "volume lost redundancy, and is faulted by now",
            _ => return,
        };
        let occurrence = Occurrence::once(MomentSource::Volume, true, text.to_owned());
        let stamp = volume.root.at(&["status", "lastDegradedAt"]);
        self.add(volume, volume.reference(), occurrence, stamp);
    }

    fn upgrade(&mut self, upgrade: &Object<'_>) {
        let text = match upgrade.root.text(&["spec", "version"]) {
            "" => "an upgrade was created".to_owned(),
            version => format!("an upgrade to {version} was created"),
        };
        let occurrence = Occurrence::once(MomentSource::Upgrade, false, text);
        let created = upgrade.root.at(&["metadata", "creationTimestamp"]);
        self.add(upgrade, upgrade.reference(), occurrence, created);
        for condition in list(&upgrade.root, &["status", "conditions"]) {
            let stamps = [condition.get("lastUpdateTime"), condition.get("lastTransitionTime")];
            let stamp = stamps.into_iter().find_map(stamped).map(|(_, stamp)| stamp);
            let bad = condition.text(&["status"]) == "False";
            let occurrence = Occurrence::once(MomentSource::Upgrade, bad, condition_text(condition));
            self.add(upgrade, upgrade.reference(), occurrence, stamp);
        }
    }

    /// An alert that fires: since when its condition holds, on the object it is about.
    fn alert(&mut self, alert: &Object<'_>) {
        let view = Alert::of(alert);
        if view.state() != "firing" || view.is_by_design() {
            return;
        }
        let text = match view.summary() {
            "" => view.name().to_owned(),
            summary => format!("{}: {summary}", view.name()),
        };
        let object = view.subject(&self.context.snapshot.cluster);
        let occurrence = Occurrence::once(MomentSource::Alert, view.is_trouble(), text);
        self.add(
            alert,
            object.unwrap_or_else(|| alert.reference()),
            occurrence,
            view.since(),
        );
    }

    /// The first and the newest run of every log match, each on the pod or node that wrote it.
    fn logs(&mut self) {
        for (rule, matched) in self.context.log_matches() {
            let severity = self.context.catalog.rule(rule).map(|rule| &rule.file.severity);
            let bad = !matches!(severity, Some(CasesOf::Always(Severity::Info)));
            let newest = matched.runs.last().filter(|_| matched.runs.len() > 1);
            let runs = matched.runs.first().into_iter().zip(matched.samples.first());
            for (run, sample) in runs.chain(newest.into_iter().zip(matched.samples.last())) {
                let Some(origin) = layout::log_origin(&sample.path) else {
                    continue;
                };
                let text = short(&sample.text, QUOTED);
                self.drafts.push(Draft {
                    seconds: run.first,
                    moment: Moment {
                        time: gleaner_text::format_time(run.first),
                        until: None,
                        source: MomentSource::Log,
                        bad,
                        first_bad: false,
                        object: bounded(&self.context.snapshot.cluster.writer(&origin)),
                        objects: 1,
                        text,
                        count: run.count,
                        path: sample.path.clone(),
                        line: sample.line,
                    },
                    until: run.last,
                    holds: false,
                    place: None,
                });
            }
        }
    }
}
