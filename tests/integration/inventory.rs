//! What the summary of the cluster says of settings, networks, etcd members and the progress of an upgrade.

use crate::official_state::{State, object};
use gleaner_render::{Format, RenderOptions, render};
use gleaner_report::ClusterSummary;
use serde_json::{Value, json};

fn cluster(path: &str, items: Vec<Value>) -> ClusterSummary {
    State::healthy().with(path, items).report("v1.5.0").cluster
}

fn setting(name: &str, default: &str, value: &str) -> Value {
    let rest = json!({"default": default, "value": value});
    object("harvesterhci.io/v1beta1", "Setting", "", name, rest)
}

#[test]
fn settings_that_were_changed_are_listed_and_credentials_are_not_shown() {
    let secret = r#"{"type":"s3","accessKeyId":"AKIA","secretAccessKey":"hunter2"}"#;
    let settings = vec![
        setting("vm-force-reset-policy", r#"{"enable":true}"#, r#"{"enable":false}"#),
        setting("server-version", "v1.5.0", "v1.5.0"),
        setting("log-level", "info", ""),
        setting("backup-target", "", secret),
        setting("a-setting-of-tomorrow", "", "token-of-tomorrow"),
    ];
    let report = State::healthy()
        .with("cluster/harvesterhci.io/v1beta1/settings", settings)
        .report("v1.5.0");
    let listed: Vec<(&str, Option<&str>)> = report
        .cluster
        .settings
        .iter()
        .map(|setting| (setting.name.as_str(), setting.value.as_deref()))
        .collect();
    let expected = [
        ("a-setting-of-tomorrow", None),
        ("backup-target", None),
        ("vm-force-reset-policy", Some(r#"{"enable":false}"#)),
    ];
    assert_eq!(listed, expected);
    let all = render(&report, Format::Json, &RenderOptions::default()).unwrap();
    assert!(!all.contains("hunter2") && !all.contains("token-of-tomorrow"));
}

#[test]
fn networks_name_the_nodes_that_their_configs_match() {
    let network = |name: &str, ready: &str| {
        let rest = json!({"status": {"conditions": [{"type": "ready", "status": ready}]}});
        object("network.harvesterhci.io/v1beta1", "ClusterNetwork", "", name, rest)
    };
    let mut config = object(
        "network.harvesterhci.io/v1beta1",
        "VlanConfig",
        "",
        "data-hosts",
        json!({"spec": {"clusterNetwork": "data"}}),
    );
    let matched = json!({"network.harvesterhci.io/matched-nodes": r#"["host-2","host-1"]"#});
    config["metadata"]["annotations"] = matched;
    let summary = State::healthy()
        .with(
            "cluster/network.harvesterhci.io/v1beta1/clusternetworks",
            vec![network("mgmt", "True"), network("data", "False")],
        )
        .with("cluster/network.harvesterhci.io/v1beta1/vlanconfigs", vec![config])
        .report("v1.5.0")
        .cluster;
    let networks: Vec<_> = summary
        .networks
        .iter()
        .map(|network| (network.name.as_str(), network.ready.as_str(), network.nodes.join(",")))
        .collect();
    let expected = [
        ("data", "False", "host-1,host-2".to_owned()),
        ("mgmt", "True", String::new()),
    ];
    assert_eq!(networks, expected);
}

#[test]
fn an_unfinished_upgrade_has_its_steps_in_their_order_and_its_nodes_by_name() {
    let upgrade = |state: &str, completed: &str| {
        let mut upgrade = object(
            "harvesterhci.io/v1beta1",
            "Upgrade",
            "harvester-system",
            "hvst-upgrade-x",
            json!({
                "spec": {"version": "v1.5.1"},
                "status": {
                    "conditions": [
                        {"type": "Completed", "status": completed},
                        {"type": "NodesPrepared", "status": "True", "lastUpdateTime": "2025-06-06T08:00:00Z"},
                        {"type": "ImageReady", "status": "True"},
                        {"type": "ConditionOfTomorrow", "status": "True"},
                        {"type": "NodesUpgraded", "status": "Unknown", "reason": "Drain", "message": "host-2 waits"},
                    ],
                    "nodeStatuses": {"host-2": {"state": "Pre-draining"}, "host-1": {"state": "Succeeded"}},
                },
            }),
        );
        upgrade["metadata"]["labels"] =
            json!({"harvesterhci.io/latestUpgrade": "true", "harvesterhci.io/upgradeState": state});
        cluster(
            "namespaced/harvester-system/harvesterhci.io/v1beta1/upgrades",
            vec![upgrade],
        )
    };
    let progress = upgrade("UpgradingNodes", "Unknown").upgrade.unwrap();
    assert_eq!(
        (progress.to.as_str(), progress.state.as_str()),
        ("v1.5.1", "UpgradingNodes")
    );
    let steps: Vec<&str> = progress.steps.iter().map(|step| step.name.as_str()).collect();
    let order = [
        "ImageReady",
        "NodesPrepared",
        "NodesUpgraded",
        "Completed",
        "ConditionOfTomorrow",
    ];
    assert_eq!(steps, order);
    assert_eq!(progress.steps[2].message, "Drain: host-2 waits");
    let nodes: Vec<(&str, &str)> = progress
        .nodes
        .iter()
        .map(|node| (node.name.as_str(), node.state.as_str()))
        .collect();
    assert_eq!(nodes, [("host-1", "Succeeded"), ("host-2", "Pre-draining")]);

    assert!(upgrade("Failed", "False").upgrade.is_some());
    assert!(upgrade("Succeeded", "True").upgrade.is_none());
}

#[test]
fn members_of_etcd_are_told_by_their_label() {
    let node = |name: &str, role: &str| {
        let mut node = object("v1", "Node", "", name, json!({"status": {"conditions": []}}));
        node["metadata"]["labels"][role] = json!("true");
        node
    };
    let etcd = "node-role.kubernetes.io/etcd";
    let nodes = vec![
        node("host-1", etcd),
        node("host-2", etcd),
        node("host-3", "node-role.kubernetes.io/control-plane"),
    ];
    let summary = cluster("cluster/v1/nodes", nodes);
    let members: Vec<bool> = summary.nodes.iter().map(|node| node.etcd).collect();
    assert_eq!(members, [true, true, false]);
}
