//! Whether a rule is about this cluster: its versions and its pods, and for which targets of an upgrade it is asked.

use super::Context;
use crate::{RequiredKinds, Rule};
use gleaner_cluster::{HostFiles, Snapshot, Version, VersionRange};
use gleaner_logs::Signature;
use gleaner_report::Outcome;

/// Most nodes that are named for want of their logs.
const NAMED: usize = 5;

/// Why a rule is not evaluated.
pub(super) enum SkipReason {
    Versions(String),
    Unknown(String),
}

impl SkipReason {
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            SkipReason::Versions(_) => Outcome::NotApplicable,
            SkipReason::Unknown(_) => Outcome::NotEvaluated,
        }
    }

    pub(super) fn missing(&self) -> Vec<String> {
        match self {
            SkipReason::Versions(_) => Vec::new(),
            SkipReason::Unknown(what) => vec![what.clone()],
        }
    }

    pub(super) fn error(&self) -> String {
        match self {
            SkipReason::Versions(what) => what.clone(),
            SkipReason::Unknown(_) => String::new(),
        }
    }
}

/// `range` is a range and the text of it in the rule.
fn gate(range: Option<(&VersionRange, &String)>, version: &str, product: &str) -> Result<(), SkipReason> {
    let Some((range, written)) = range else { return Ok(()) };
    if version.is_empty() {
        return Err(SkipReason::Unknown(format!("the {product} version")));
    }
    match range.matches(&Version::parse(version)) {
        Some(true) => Ok(()),
        Some(false) => Err(SkipReason::Versions(format!(
            "about {product} {written}, this is {version}"
        ))),
        None => Err(SkipReason::Unknown(format!(
            "a release: {product} {version} is a development build: it is not known which releases it contains"
        ))),
    }
}

/// The targets to evaluate a rule for, as indexes into the known ones; `None` if it does not depend on the target or none is known.
pub(super) fn targets(rule: &Rule, context: &Context<'_>) -> Result<Vec<Option<usize>>, SkipReason> {
    let applies = &rule.file.applies;
    let (harvester, longhorn) = (
        context.snapshot.facts.running.as_str(),
        context.snapshot.facts.longhorn.as_str(),
    );
    gate(
        rule.running.as_ref().zip(applies.running.as_ref()),
        harvester,
        "Harvester",
    )?;
    gate(
        rule.longhorn.as_ref().zip(applies.longhorn.as_ref()),
        longhorn,
        "Longhorn",
    )?;
    let versions = &context.targets.versions;
    if !rule.depends_on_target() || (rule.target.is_none() && versions.is_empty()) {
        return Ok(vec![None]);
    }
    if versions.is_empty() {
        return Err(SkipReason::Unknown(
            "the version to upgrade to: name it with --target".to_owned(),
        ));
    }
    let mut fitting = Vec::new();
    let mut why = SkipReason::Versions(format!(
        "no upgrade to {} is planned",
        rule.file.applies.target.as_deref().unwrap_or_default()
    ));
    for (index, version) in versions.iter().enumerate() {
        match gate(rule.target.as_ref().zip(applies.target.as_ref()), version, "target") {
            Ok(()) => fitting.push(Some(index)),
            Err(unknown @ SkipReason::Unknown(_)) => why = unknown,
            Err(SkipReason::Versions(_)) => {}
        }
    }
    if fitting.is_empty() { Err(why) } else { Ok(fitting) }
}

/// Why a signature without a log has nothing to read: the list of pods is complete and holds none that it names. `None` where such a
/// pod is there, or may be.
pub(super) fn without_pods(rule: &Rule, signature: &Signature, context: &Context<'_>) -> Option<String> {
    let snapshot = context.snapshot;
    let cluster = &snapshot.cluster;
    let pods = cluster.kinds.by_name("Pod")?;
    // Logs of nodes are written whatever pods there are.
    if !signature.units.is_empty() || !snapshot.availability.is_complete(pods) {
        return None;
    }
    let collected = |pattern: &str| {
        let namespace = pattern.split('/').next().unwrap_or(pattern);
        namespace.contains('*') || is_known(snapshot, namespace)
    };
    if !signature.pods.iter().all(|pattern| collected(pattern.glob())) {
        return None;
    }
    let found = context.logs.has_pods(rule.id());
    (!found).then(|| format!("no pod {} in this cluster", signature.place()))
}

/// Whether all objects of a namespace are in the bundle, because they were collected or it does not exist.
fn is_known(snapshot: &Snapshot<'_>, namespace: &str) -> bool {
    snapshot.facts.namespaces.contains(namespace) || snapshot.cluster.named("Namespace", "", namespace).is_none()
}

/// Why a rule about alerts has nothing to read: the bundle holds no alerts, and the list of pods shows that no Prometheus runs that
/// would raise any. `None` where one is there, or may be.
pub(super) fn without_prometheus(reads: &RequiredKinds, context: &Context<'_>) -> Option<String> {
    let snapshot = context.snapshot;
    let kinds = snapshot.cluster.kinds;
    let alerts = kinds.by_name("Alert.gleaner.io")?;
    let reads_alerts = reads.requires.contains(&alerts) || reads.partial.contains(&alerts);
    let namespace = "cattle-monitoring-system";
    let pods_are_known = snapshot.availability.is_complete(kinds.by_name("Pod")?) && is_known(snapshot, namespace);
    if !reads_alerts || snapshot.availability.is_complete(alerts) || !pods_are_known {
        return None;
    }
    // The label by which the collector looks for it.
    let name = ["metadata", "labels", "app.kubernetes.io/name"];
    let mut pods = snapshot.cluster.of("Pod").iter();
    let runs = pods.any(|pod| pod.namespace() == namespace && pod.root.text(&name) == "prometheus");
    (!runs).then(|| "no pod of Prometheus in this cluster".to_owned())
}

/// The nodes whose own logs a rule reads and the bundle does not hold, in words: it can then fire, but not be quiet.
pub(super) fn nodes_without_logs(rule: &Rule, context: &Context<'_>) -> Vec<String> {
    let snapshot = context.snapshot;
    if rule.log.as_ref().is_none_or(|signature| signature.units.is_empty()) {
        return Vec::new();
    }
    let nodes = snapshot.cluster.of("Node").iter();
    let silent = nodes.filter(|node| snapshot.facts.hosts.get(node.name()).is_none_or(HostFiles::is_silent));
    let mut names: Vec<String> = silent.map(|node| format!("logs of node {}", node.name())).collect();
    let more = names.split_off(names.len().min(NAMED)).len();
    if more > 0 {
        names.push(format!("logs of {more} more nodes"));
    }
    names
}
