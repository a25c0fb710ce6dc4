//! Log hits in the terms of rules and findings: values, objects and evidence.

use crate::Rule;
use crate::catalog::Catalog;
use gleaner_cel::Value;
use gleaner_cluster::Cluster;
use gleaner_cluster::{Sources, layout};
use gleaner_logs::LogMatch;
use gleaner_report::{Evidence, ObjectRef, SnippetLine};
use gleaner_report::{Problem, ProblemKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many pods or nodes of one hit are named.
const MOST_ORIGINS: usize = 20;

/// What log signatures found, by the id of their rule.
#[derive(Debug, Default)]
pub(crate) struct LogMatches {
    hits: BTreeMap<String, Vec<LogMatch>>,
    /// Rules that had a log to look into.
    looked: BTreeSet<String>,
    /// Why a log that a rule reads could not be read to its end.
    damaged: BTreeMap<String, String>,
}

impl LogMatches {
    /// Puts together what was found in the logs of a bundle.
    pub(super) fn read(catalog: &Catalog, sources: &Sources, now: Option<i64>) -> LogMatches {
        let rules = catalog.rules.iter().filter(|rule| rule.log.is_some());
        let ids: Vec<&str> = rules.map(Rule::id).collect();
        // Signatures are known by their place among the rules that have one.
        let id = |signature: usize| ids[signature].to_owned();
        let routing = catalog.signatures().routing;
        let of = |path: &str| layout::log_origin(path).map_or_else(Vec::new, |origin| routing.of(&origin));
        let damaged = sources
            .problems
            .iter()
            .filter(|problem| problem.kind != ProblemKind::Duplicate);
        let damaged = damaged.map(|problem: &Problem| {
            let what = format!("{}: {}", problem.path, problem.what);
            of(&problem.path)
                .into_iter()
                .map(move |signature| (signature, what.clone()))
        });
        // Of several damaged logs the first is named.
        let mut first = BTreeMap::new();
        for (signature, what) in damaged.flatten() {
            first.entry(id(signature)).or_insert(what);
        }
        let hits = gleaner_logs::merge(&sources.matches, now);
        LogMatches {
            hits: hits
                .into_iter()
                .map(|(signature, hits)| (id(signature), hits))
                .collect(),
            looked: sources.paths.iter().flat_map(|path| of(path)).map(id).collect(),
            damaged: first,
        }
    }

    /// The rule's hits; `None` where there is no log to look into.
    pub(super) fn of(&self, rule: &str) -> Option<&[LogMatch]> {
        let hits = self.hits.get(rule).map_or(&[][..], Vec::as_slice);
        self.looked.contains(rule).then_some(hits)
    }

    /// Why a log that the rule reads could not be read to its end.
    pub(super) fn damage(&self, rule: &str) -> Option<&str> {
        self.damaged.get(rule).map(String::as_str)
    }

    /// The rule's id and the hit, sorted.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &LogMatch)> {
        let rules = self.hits.iter();
        rules.flat_map(|(rule, hits)| hits.iter().map(move |hit| (rule.as_str(), hit)))
    }
}

/// The hit as a rule sees it.
pub(super) fn value<'a>(hit: &'a LogMatch) -> Value<'a> {
    let time = |seconds: Option<i64>| seconds.map_or(Value::UNSET, Value::Time);
    let mut fields: BTreeMap<String, Value<'a>> = hit
        .captures
        .iter()
        .map(|(name, value)| (name.clone(), Value::borrowed(value)))
        .collect();
    let origin = hit.origins.first();
    let mut add = |name: &str, value: Value<'a>| fields.insert(name.to_owned(), value);
    add("count", Value::Int(i64::try_from(hit.count).unwrap_or(i64::MAX)));
    add("first", time(hit.first));
    add("last", time(hit.last));
    add("cleared", time(hit.cleared));
    let last = hit.samples.last();
    add(
        "text",
        last.map_or(Value::UNSET, |sample| Value::borrowed(&sample.text)),
    );
    add(
        "path",
        last.map_or(Value::UNSET, |sample| Value::borrowed(&sample.path)),
    );
    add(
        "namespace",
        origin.map_or(Value::UNSET, |origin| Value::borrowed(&origin.namespace)),
    );
    add(
        "pod",
        origin.map_or(Value::UNSET, |origin| Value::borrowed(&origin.pod)),
    );
    add(
        "container",
        origin
            .filter(|origin| origin.node.is_empty())
            .map_or(Value::UNSET, |origin| Value::borrowed(&origin.name)),
    );
    add(
        "node",
        origin.map_or(Value::UNSET, |origin| Value::borrowed(&origin.node)),
    );
    Value::Map(Arc::new(fields))
}

/// The pods and nodes whose logs hold the hit.
pub(super) fn objects(hit: &LogMatch, cluster: &Cluster<'_>) -> Vec<ObjectRef> {
    hit.origins
        .iter()
        .take(MOST_ORIGINS)
        .map(|origin| cluster.writer(origin))
        .collect()
}

/// The lines that are shown.
pub(super) fn evidence(hit: &LogMatch) -> impl Iterator<Item = Evidence> {
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
