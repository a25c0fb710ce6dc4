//! What the bundle holds of each host, and why something is missing.

use gleaner_cluster::harvester::down_nodes;
use gleaner_cluster::{HostFiles, Object, Snapshot};
use gleaner_report::{HostCoverage, Presence, Problem};
use std::collections::{BTreeMap, BTreeSet};

/// The hosts of the cluster and of the bundle, by name.
pub fn hosts(snapshot: &Snapshot<'_>) -> Vec<HostCoverage> {
    let nodes = snapshot.cluster.of("Node").iter().map(Object::name);
    let names: BTreeSet<&str> = nodes.chain(snapshot.facts.hosts.keys().map(String::as_str)).collect();
    let down = down_nodes(&snapshot.cluster);
    let mut stamps: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for log in &snapshot.sources.matches {
        let ends = [log.window.first, log.window.last].into_iter().flatten();
        let ends = ends.filter_map(|stamp| stamp.resolve(snapshot.facts.now));
        stamps.entry(log.origin.node.as_str()).or_default().extend(ends);
    }
    let damaged = damaged(snapshot);
    let host = |name| {
        let times = stamps.get(name).map_or(&[][..], Vec::as_slice);
        host(name, times, &down, damaged.get(name).copied(), snapshot)
    };
    names.into_iter().map(host).collect()
}

/// The host of this name, with the times of the first and last lines of its logs.
fn host(
    name: &str,
    times: &[i64],
    down: &BTreeSet<&str>,
    damaged: Option<&Problem>,
    snapshot: &Snapshot<'_>,
) -> HostCoverage {
    let known = snapshot.facts.hosts.get(name);
    let files = known.copied().unwrap_or_default();
    let archive = presence(known.is_some(), files.holds_files());
    let supportconfig = presence(files.has_supportconfig, files.supportconfig_files > 0);
    let time = |time: Option<&i64>| time.copied().map(gleaner_text::format_time).unwrap_or_default();
    let is_whole = archive == Presence::Present && supportconfig == Presence::Present && files.logs > 0;
    HostCoverage {
        name: name.to_owned(),
        archive,
        logs: files.logs,
        logs_first: time(times.iter().min()),
        logs_last: time(times.iter().max()),
        supportconfig,
        reason: if is_whole {
            String::new()
        } else {
            reason(name, files, down, damaged, snapshot)
        },
    }
}

/// The first problem in the archive of each host, by its name.
fn damaged<'s>(snapshot: &'s Snapshot<'_>) -> BTreeMap<&'s str, &'s Problem> {
    let mut damaged = BTreeMap::new();
    for problem in &snapshot.sources.problems {
        let outer = problem
            .path
            .split_once('!')
            .map_or(problem.path.as_str(), |(outer, _)| outer);
        let host = outer.strip_prefix("nodes/").and_then(|file| file.strip_suffix(".zip"));
        if let Some(host) = host {
            damaged.entry(host).or_insert(problem);
        }
    }
    damaged
}

fn presence(is_there: bool, holds_files: bool) -> Presence {
    match (is_there, holds_files) {
        (false, _) => Presence::Missing,
        (true, false) => Presence::Empty,
        (true, true) => Presence::Present,
    }
}

/// Why something of a host is missing: it was down, or what is there is empty or damaged.
fn reason(
    name: &str,
    files: HostFiles,
    down: &BTreeSet<&str>,
    damaged: Option<&Problem>,
    snapshot: &Snapshot<'_>,
) -> String {
    if !files.holds_files() && down.contains(name) {
        return "the host was not Ready".to_owned();
    }
    if snapshot.sources.empty.contains(&format!("nodes/{name}.zip")) {
        return "the archive has 0 bytes".to_owned();
    }
    damaged
        .map(|problem| format!("{}: {}", problem.path, problem.what))
        .unwrap_or_default()
}
