//! What lies on a node that is down is not reported as if it ran.

use crate::official_state::State;
use serde_json::{Value, json};

fn node(name: &str, ready: &str) -> Value {
    let ready = json!({"type": "Ready", "status": ready, "lastTransitionTime": "2025-06-06T08:00:00Z"});
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": {"conditions": [ready]}})
}

fn cluster(third: &str) -> gleaner_report::ClusterSummary {
    let nodes = vec![node("host-1", "True"), node("host-2", "True"), node("host-3", third)];
    State::healthy()
        .with("cluster/v1/nodes", nodes)
        .report("v1.5.0")
        .cluster
}

fn on_third(summary: &gleaner_report::ClusterSummary) -> Vec<&str> {
    let replicas = summary.volume_list.iter().flat_map(|volume| &volume.replicas);
    let replicas = replicas.filter(|replica| replica.node == "host-3" && replica.state != "stopped");
    replicas.map(|replica| replica.state.as_str()).collect()
}

#[test]
fn replicas_on_a_dead_node_are_unreachable() {
    let alive = cluster("True");
    assert!(!on_third(&alive).is_empty() && on_third(&alive).iter().all(|state| *state == "healthy"));
    for status in ["False", "Unknown"] {
        assert!(
            on_third(&cluster(status)).iter().all(|state| *state == "unreachable"),
            "{status}"
        );
    }
}

#[test]
fn vms_on_a_dead_node_are_counted_apart() {
    let labels = |status: &str| -> Vec<String> {
        let summary = cluster(status);
        summary.virtual_machines.into_iter().map(|count| count.label).collect()
    };
    let apart = "Running on a node that is not Ready";
    assert!(!labels("True").iter().any(|label| label == apart));
    assert!(labels("Unknown").iter().any(|label| label == apart));
}
