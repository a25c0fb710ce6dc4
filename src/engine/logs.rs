//! Log hits in the terms of rules and findings: values, objects and evidence.

use crate::finding::{Evidence, ObjectRef, SnippetLine};
use crate::log::LogHit;
use crate::model::cluster::Cluster;
use crate::rule::expr::val::Val;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many pods or nodes of one hit are named.
const MOST_ORIGINS: usize = 20;

/// The hit as a rule sees it.
pub(super) fn value<'a>(hit: &'a LogHit) -> Val<'a> {
    let time = |seconds: Option<i64>| seconds.map_or(Val::Unset, Val::Time);
    let text = |text: &'a str| if text.is_empty() { Val::Unset } else { Val::Str(text) };
    let mut fields: BTreeMap<String, Val<'a>> = hit
        .captures
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect();
    let origin = hit.origins.first();
    let mut add = |name: &str, value: Val<'a>| fields.insert(name.to_owned(), value);
    add("count", Val::Int(i64::try_from(hit.count).unwrap_or(i64::MAX)));
    add("first", time(hit.first));
    add("last", time(hit.last));
    add("cleared", time(hit.cleared));
    let last = hit.samples.last();
    add("text", last.map_or(Val::Unset, |sample| text(&sample.text)));
    add("path", last.map_or(Val::Unset, |sample| text(&sample.path)));
    add("namespace", origin.map_or(Val::Unset, |origin| text(&origin.namespace)));
    add("pod", origin.map_or(Val::Unset, |origin| text(&origin.pod)));
    add(
        "container",
        origin
            .filter(|origin| origin.node.is_empty())
            .map_or(Val::Unset, |origin| text(&origin.name)),
    );
    add("node", origin.map_or(Val::Unset, |origin| text(&origin.node)));
    Val::Map(Arc::new(fields))
}

/// The pods and nodes whose logs hold the hit.
pub(super) fn objects(hit: &LogHit, cluster: &Cluster<'_>) -> Vec<ObjectRef> {
    hit.origins
        .iter()
        .take(MOST_ORIGINS)
        .map(|origin| origin.object(cluster))
        .collect()
}

/// The lines that are shown.
pub(super) fn evidence(hit: &LogHit) -> impl Iterator<Item = Evidence> {
    hit.samples.iter().map(|sample| Evidence {
        path: sample.path.clone(),
        line: sample.line,
        object: None,
        field: "log".to_owned(),
        value: sample.text.clone(),
        snippet: vec![SnippetLine {
            line: sample.line,
            text: sample.text.clone(),
        }],
    })
}
