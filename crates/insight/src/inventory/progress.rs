//! How far the upgrade has come that is under way or failed last.

use gleaner_cluster::Snapshot;
use gleaner_cluster::harvester::upgrade;
use gleaner_report::{NodeProgress, UpgradeProgress, UpgradeStep};
use gleaner_yaml::Node;

/// The conditions in the order in which an upgrade reaches them. Source: harvester/harvester v1.5.0,
/// pkg/apis/harvesterhci.io/v1beta1/upgrade.go.
const STEPS: [&str; 7] = [
    "LogReady",
    "ImageReady",
    "RepoReady",
    "NodesPrepared",
    "SystemServicesUpgraded",
    "NodesUpgraded",
    "Completed",
];
/// How many characters of a message are kept.
const QUOTED: usize = 300;

/// The progress of the unfinished Upgrade; `None` if there is none.
pub(super) fn progress(snapshot: &Snapshot<'_>) -> Option<UpgradeProgress> {
    let upgrade = upgrade::unfinished(&snapshot.cluster)?;
    let root = &upgrade.root;
    let conditions = root.at(&["status", "conditions"]).map(Node::items).unwrap_or_default();
    let mut steps: Vec<UpgradeStep> = conditions.iter().map(step).collect();
    let place = |step: &UpgradeStep| STEPS.iter().position(|name| *name == step.name);
    steps.sort_by_key(|step| place(step).unwrap_or(STEPS.len()));
    let nodes = root.at(&["status", "nodeStatuses"]).into_iter().flat_map(Node::entries);
    let mut nodes: Vec<NodeProgress> = nodes.map(|(name, status)| node(name, status)).collect();
    nodes.sort_by(|a, b| a.name.cmp(&b.name));
    Some(UpgradeProgress {
        name: upgrade.name().to_owned(),
        to: upgrade::target(upgrade),
        state: root
            .text(&["metadata", "labels", "harvesterhci.io/upgradeState"])
            .to_owned(),
        steps,
        nodes,
    })
}

fn step(condition: &Node<'_>) -> UpgradeStep {
    UpgradeStep {
        name: condition.text(&["type"]).to_owned(),
        status: condition.text(&["status"]).to_owned(),
        since: condition.text(&["lastUpdateTime"]).to_owned(),
        message: message(condition),
    }
}

fn node(name: &str, status: &Node<'_>) -> NodeProgress {
    NodeProgress {
        name: name.to_owned(),
        state: status.text(&["state"]).to_owned(),
        message: message(status),
    }
}

/// Reason and message of a state, whatever there is of them.
fn message(state: &Node<'_>) -> String {
    let parts = [state.text(&["reason"]), state.text(&["message"])];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(": ").chars().take(QUOTED).collect()
}
