//! The alerts in `prometheus-alerts.json` as objects, so that rules and reports read them like any other.
//!
//! The collector asks the one Prometheus pod of rancher-monitoring for `/api/v1/alerts` and marshals the client library's struct, which
//! tags `activeAt` alone: the other keys are `Labels`, `Annotations`, `State` and `Value`, where the API itself has them in lower case
//! (rancher/support-bundle-kit v0.0.40, `pkg/manager/manager.go`; prometheus/client_golang v1.14.0, `api/prometheus/v1/api.go`). The case
//! is ignored here. Harvester collects them from v1.4.0 on. There is no file without Prometheus, with several of its pods, and where it
//! did not answer.

use crate::cluster::{NO_FILE, Object};
use crate::kind::Kinds;
use crate::layout;
use crate::sources::Sources;
use gleaner_report::{Problem, ProblemKind};
use gleaner_yaml::Node;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What is read of an alert.
const FIELDS: [&str; 5] = ["labels", "annotations", "state", "activeAt", "value"];

/// The alerts, and what of the file could not be read.
pub(crate) fn parse<'t>(sources: &'t Sources, kinds: &Kinds) -> (Vec<Object<'t>>, Vec<Problem>) {
    let place = sources
        .files
        .binary_search_by(|file| file.path.as_str().cmp(layout::ALERTS));
    let (Some(kind), Ok(index)) = (kinds.by_name("Alert.gleaner.io"), place) else {
        return (Vec::new(), Vec::new());
    };
    let list = gleaner_yaml::read_json_array(&sources.files[index].text);
    let mut bad: Vec<Problem> = list
        .errors
        .iter()
        .map(|bad| problem(&format!("line {}: {}", bad.line, bad.what)))
        .collect();
    let file = u32::try_from(index).unwrap_or(NO_FILE);
    let (mut objects, mut seen, mut nameless) = (Vec::new(), BTreeMap::new(), 0_usize);
    let mut taken = BTreeSet::new();
    for item in list.items {
        let Some(name) = alert_name(&item.root) else {
            nameless += 1;
            continue;
        };
        // Alerts of a rule differ in labels only, and objects need a name of their own.
        let times = seen.entry(name.clone()).or_insert(1_usize);
        let mut own = name.clone();
        while !taken.insert(own.clone()) {
            *times += 1;
            own = format!("{name}-{times}");
        }
        objects.push(Object::new(kind, file, root(&item.root, own)));
    }
    if nameless > 0 {
        bad.push(problem(&format!("{nameless} without a label alertname")));
    }
    (objects, bad)
}

fn problem(what: &str) -> Problem {
    Problem {
        path: layout::ALERTS.to_owned(),
        kind: ProblemKind::BadItem,
        what: what.to_owned(),
    }
}

/// A field of an alert, whatever the case of its key.
fn field<'n, 't>(alert: &'n Node<'t>, name: &str) -> Option<&'n Node<'t>> {
    let mut entries = alert.entries();
    entries
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn alert_name(alert: &Node<'_>) -> Option<String> {
    let name = field(alert, "labels")?.text(&["alertname"]);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The alert as an object of Kubernetes would be written.
fn root<'t>(alert: &Node<'t>, name: String) -> Node<'t> {
    let metadata = Node::from_entries(vec![(Cow::Borrowed("name"), Node::from_text(name))]);
    let head = [
        ("apiVersion", Node::from_text("gleaner.io/v1")),
        ("kind", Node::from_text("Alert")),
        ("metadata", metadata),
    ];
    let fields = FIELDS
        .iter()
        .filter_map(|name| Some((*name, field(alert, name)?.clone())));
    let entries = head.into_iter().chain(fields);
    Node::from_entries(entries.map(|(key, value)| (Cow::Borrowed(key), value)).collect())
}
