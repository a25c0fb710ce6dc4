//! A cluster state to ask the official checks about: the healthy sample with some objects replaced.

use crate::samples::root;
use gleaner::analyze::{Options, report, snapshot};
use gleaner_bundle::{Bundle, Limits};
use gleaner_cluster::TextFile;
use gleaner_cluster::layout::ResourcePath;
use gleaner_cluster::{Sources, ingest};
use gleaner_report::{CheckVerdict, OfficialCheck, Problem, ProblemKind, Report};
use gleaner_rules::Catalog;
use serde_json::{Value, json};
use std::sync::LazyLock;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::load(None).unwrap());

/// The healthy sample, with the objects of some kinds replaced.
pub(crate) struct State(Sources);

impl State {
    pub(crate) fn healthy() -> State {
        let bundle = Bundle::open(&[root("sample-bundles/healthy/bundle")], Limits::default()).unwrap();
        let (kinds, wanted, signatures) = (&CATALOG.kinds, CATALOG.wanted(), CATALOG.signatures());
        State(ingest(&bundle, kinds, wanted, signatures, &|_, _| {}).unwrap())
    }

    pub(crate) fn without(mut self, gone: impl Fn(&str) -> bool) -> State {
        self.0.files.retain(|file| !gone(&file.path));
        self.0.paths.retain(|path| !gone(path));
        self
    }

    /// Puts exactly these objects in the place of all of their kind, which is that of the path below `yamls`.
    pub(crate) fn with(self, path: &str, items: Vec<Value>) -> State {
        let path = format!("yamls/{path}.yaml");
        let wanted = ResourcePath::parse(&path).unwrap();
        let mut state = self.without(|other| {
            ResourcePath::parse(other).is_some_and(|other| (other.group, other.plural) == (wanted.group, wanted.plural))
        });
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        let text = list.to_string();
        state.0.paths.push(path.clone());
        state.0.paths.sort();
        state.0.files.push(TextFile { path, text });
        state.0.files.sort();
        state
    }

    /// Changes the value of a Harvester setting, or takes it away.
    pub(crate) fn setting(self, name: &str, change: Option<Value>) -> State {
        let path = "yamls/cluster/harvesterhci.io/v1beta1/settings.yaml";
        let file = self.0.files.iter().find(|file| file.path == path).unwrap();
        let list: Value = serde_yaml::from_str(&file.text).unwrap();
        let mut items = list["items"].as_array().unwrap().clone();
        items.retain(|item| item["metadata"]["name"] != name);
        if let Some(mut setting) = change {
            setting["apiVersion"] = json!("harvesterhci.io/v1beta1");
            setting["kind"] = json!("Setting");
            setting["metadata"] = json!({"name": name});
            items.push(setting);
        }
        self.with("cluster/harvesterhci.io/v1beta1/settings", items)
    }

    pub(crate) fn value(self, name: &str, value: &str) -> State {
        self.setting(name, Some(json!({"value": value})))
    }

    pub(crate) fn problem(mut self, path: &str, kind: ProblemKind) -> State {
        let (path, what) = (path.to_owned(), "cut off".to_owned());
        self.0.problems.push(Problem { path, kind, what });
        self
    }

    pub(crate) fn report(&self, webhook: &str) -> Report {
        let options = Options {
            webhook_version: Some(webhook.to_owned()),
            ..Options::default()
        };
        let snapshot = snapshot(&self.0, "edges", &CATALOG, &options);
        report(&snapshot, &[], &CATALOG, &options)
    }

    pub(crate) fn verdict(&self, webhook: &str, check: &str) -> CheckVerdict {
        find(&self.report(webhook), check).verdict
    }
}

pub(crate) fn find(report: &Report, check: &str) -> OfficialCheck {
    let found = report.official_checks.iter().find(|found| found.check == check);
    found.unwrap_or_else(|| panic!("no check {check}")).clone()
}

pub(crate) fn object(api_version: &str, kind: &str, namespace: &str, name: &str, rest: Value) -> Value {
    let mut object = rest;
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(kind);
    object["metadata"]["name"] = json!(name);
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = json!(namespace);
    }
    object
}
