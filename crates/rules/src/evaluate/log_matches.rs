//! Log matches as values for rules, and as objects and evidence of findings.

use crate::Rule;
use crate::catalog::Catalog;
use gleaner_cel::Value;
use gleaner_cluster::Cluster;
use gleaner_cluster::{Snapshot, layout};
use gleaner_logs::{LogEnd, LogMatch, Run, Signatures};
use gleaner_report::{Evidence, ObjectRef, SnippetLine};
use gleaner_report::{Problem, ProblemKind};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many pods or nodes of one match are named.
const MOST_ORIGINS: usize = 20;

/// The matches of log signatures, by the id of their rule.
#[derive(Debug, Default)]
pub(crate) struct LogMatches {
    matches: BTreeMap<String, Vec<LogMatch>>,
    /// Rules with at least one log in the bundle.
    has_logs: BTreeSet<String>,
    /// Rules of which a pod is in the bundle, whether or not its logs are.
    has_pods: BTreeSet<String>,
    /// Why a log that a rule reads could not be read to its end.
    damaged: BTreeMap<String, String>,
    /// By path and rule, how many lines were left out of too many different ones.
    left_out: BTreeMap<(String, String), u64>,
}

/// The signatures that read logs below a folder. Nodes without logs are told by themselves.
fn below(folder: &str, signatures: &Signatures<'_>) -> Vec<usize> {
    match layout::log_folder(folder) {
        None => Vec::new(),
        Some((Some(namespace), Some(pod))) => signatures.routing.of_pod(namespace, pod).collect(),
        Some((namespace, _)) => signatures.of_namespace(namespace).collect(),
    }
}

impl LogMatches {
    /// Merges the matches in the logs of a bundle.
    pub(super) fn read(catalog: &Catalog, snapshot: &Snapshot<'_>) -> LogMatches {
        let (sources, now) = (snapshot.sources, snapshot.facts.now);
        let rules = catalog.rules.iter().filter(|rule| rule.log.is_some());
        let ids: Vec<&str> = rules.map(Rule::id).collect();
        // Signatures are numbered in the order of the rules that have one.
        let id = |signature: usize| ids[signature].to_owned();
        let signatures = catalog.signatures();
        let routing = signatures.routing;
        let gaps: Vec<i64> = signatures.all.iter().map(|signature| signature.gap).collect();
        let of = |path: &str| layout::log_origin(path).map_or_else(Vec::new, |origin| routing.of(&origin));
        let damaged = sources
            .problems
            .iter()
            .filter(|problem| problem.kind != ProblemKind::Duplicate);
        let damaged = damaged.map(|problem: &Problem| {
            let what = format!("{}: {}", problem.path, problem.what);
            of(&problem.path)
                .into_iter()
                .chain(below(&problem.path, &signatures))
                .map(move |signature| (signature, what.clone()))
        });
        // Of several damaged logs of a rule the first is reported.
        let mut first = BTreeMap::new();
        for (signature, what) in damaged.flatten() {
            first.entry(id(signature)).or_insert(what);
        }
        for log in sources.matches.iter().filter(|log| log.end != LogEnd::Whole) {
            for signature in routing.of(&log.origin) {
                let what = || format!("{}: {}", log.path, log.end);
                first.entry(id(signature)).or_insert_with(what);
            }
        }
        let left_out = sources.matches.iter().flat_map(|log| {
            let counts = log.left_out.iter();
            counts.map(|(signature, count)| ((log.path.clone(), id(*signature)), *count))
        });
        let left_out: BTreeMap<(String, String), u64> = left_out.collect();
        for ((path, rule), count) in &left_out {
            let what = || format!("{path}: {}", beyond(rule, *count));
            first.entry(rule.clone()).or_insert_with(what);
        }
        let specs: Vec<_> = catalog.rules.iter().filter_map(|rule| rule.file.log.as_ref()).collect();
        let is_current = |signature: usize, matched: &LogMatch| {
            let oldest = now
                .zip(specs[signature].expires_after())
                .map(|(now, after)| now.saturating_sub(after));
            matched.last.zip(oldest).is_none_or(|(last, oldest)| last >= oldest)
        };
        let mut matches = gleaner_logs::merge(&sources.matches, &gaps, now);
        for (signature, matches) in &mut matches {
            matches.retain(|matched| is_current(*signature, matched));
        }
        let pods = snapshot.cluster.of("Pod").par_iter();
        let pods = pods.flat_map_iter(|pod| routing.of_pod(pod.namespace(), pod.name()));
        let has_pods: BTreeSet<usize> = pods.collect();
        LogMatches {
            has_pods: has_pods.into_iter().map(id).collect(),
            matches: matches
                .into_iter()
                .map(|(signature, matches)| (id(signature), matches))
                .collect(),
            has_logs: sources
                .paths
                .iter()
                .filter(|path| !sources.empty.contains(*path))
                .flat_map(|path| of(path))
                .map(id)
                .collect(),
            damaged: first,
            left_out,
        }
    }

    /// Whether a pod whose logs the rule reads is in the bundle.
    pub(super) fn has_pods(&self, rule: &str) -> bool {
        self.has_pods.contains(rule)
    }

    /// The rule's matches; `None` if no log that it reads is in the bundle.
    pub(super) fn of(&self, rule: &str) -> Option<&[LogMatch]> {
        let matches = self.matches.get(rule).map_or(&[][..], Vec::as_slice);
        self.has_logs.contains(rule).then_some(matches)
    }

    /// Why a log that the rule reads could not be read to its end.
    pub(super) fn damage(&self, rule: &str) -> Option<&str> {
        self.damaged.get(rule).map(String::as_str)
    }

    /// Logs in which a rule's line names more different things than are kept, and how many lines were left out for that.
    pub(super) fn left_out(&self) -> impl Iterator<Item = Problem> {
        self.left_out.iter().map(|((path, rule), count)| Problem {
            path: path.clone(),
            kind: ProblemKind::OverLimit,
            what: beyond(rule, *count),
        })
    }

    /// The rule's id and the match, sorted.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &LogMatch)> {
        let rules = self.matches.iter();
        rules.flat_map(|(rule, matches)| matches.iter().map(move |matched| (rule.as_str(), matched)))
    }
}

/// How many lines for a rule were left out.
fn beyond(rule: &str, count: u64) -> String {
    let lines = if count == 1 { "line" } else { "lines" };
    format!("{count} {lines} for {rule} left out: the log names more different values than are kept")
}

/// The match as the value of `hit`.
pub(super) fn value<'a>(matched: &'a LogMatch) -> Value<'a> {
    let time = |seconds: Option<i64>| seconds.map_or(Value::UNSET, Value::Time);
    let mut fields: BTreeMap<String, Value<'a>> = matched
        .captures
        .iter()
        .map(|(name, value)| (name.clone(), Value::borrowed(value)))
        .collect();
    let origin = matched.origins.first();
    let mut add = |name: &str, value: Value<'a>| fields.insert(name.to_owned(), value);
    add("count", int(matched.count));
    let newest = matched.runs.last().map(run);
    add("run", newest.unwrap_or_else(|| map([("count", int(matched.count))])));
    add("runs", Value::list(matched.runs.iter().map(run).collect()));
    add("first", time(matched.first));
    add("last", time(matched.last));
    add("cleared", time(matched.cleared));
    let last = matched.samples.last();
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

/// A run as a rule sees it.
fn run<'a>(run: &Run) -> Value<'a> {
    map([
        ("first", Value::Time(run.first)),
        ("last", Value::Time(run.last)),
        ("count", int(run.count)),
        ("lasted", Value::Duration(run.last - run.first)),
    ])
}

fn map<'a, const N: usize>(fields: [(&str, Value<'a>); N]) -> Value<'a> {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    Value::Map(Arc::new(fields.collect()))
}

fn int<'a>(count: u64) -> Value<'a> {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The pods and nodes whose logs hold the match.
pub(super) fn objects(matched: &LogMatch, cluster: &Cluster<'_>) -> Vec<ObjectRef> {
    matched
        .origins
        .iter()
        .take(MOST_ORIGINS)
        .map(|origin| cluster.writer(origin))
        .collect()
}

/// The sample lines as evidence.
pub(super) fn evidence(matched: &LogMatch) -> impl Iterator<Item = Evidence> {
    matched.samples.iter().map(|sample| Evidence {
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
