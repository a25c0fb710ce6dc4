//! Forecasts for small clusters: what blocks a drain, which VMs it moves, and what is unknown.

use super::Drains;
use gleaner_cluster::{Sources, TextFile};
use gleaner_report::{DrainForecast, DrainVerdict};
use gleaner_rules::Catalog;
use gleaner_yaml::Mode;
use std::collections::BTreeMap;

/// A bundle under construction: items by file.
struct Bundle {
    items: BTreeMap<String, String>,
}

impl Bundle {
    /// Three management nodes that are Ready, and Longhorn with a policy.
    fn of_three(policy: &str) -> Bundle {
        let mut bundle = Bundle { items: BTreeMap::new() };
        for name in ["a", "b", "c"] {
            bundle.node(name, "True");
            bundle.manager(name);
        }
        bundle.setting("node-drain-policy", policy);
        for (namespace, plural, kind) in [
            ("cattle-fleet-system", "v1/pods", "Pod"),
            ("cattle-system", "v1/pods", "Pod"),
            ("default", "v1/pods", "Pod"),
            ("fleet-local", "v1/pods", "Pod"),
            ("harvester-system", "v1/pods", "Pod"),
            ("kube-system", "v1/pods", "Pod"),
            ("longhorn-system", "v1/pods", "Pod"),
        ] {
            bundle.add(&format!("yamls/namespaced/{namespace}/{plural}.yaml"), &format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: finished\n  namespace: {namespace}\nspec:\n  nodeName: a\nstatus:\n  phase: Succeeded\n"));
        }
        bundle
    }

    fn add(&mut self, path: &str, object: &str) {
        let mut item = String::new();
        for (index, line) in object.lines().enumerate() {
            item.push_str(if index == 0 { "- " } else { "  " });
            item.push_str(line);
            item.push('\n');
        }
        self.items.entry(path.to_owned()).or_default().push_str(&item);
    }

    fn node(&mut self, name: &str, ready: &str) {
        self.add("yamls/cluster/v1/nodes.yaml", &format!("apiVersion: v1\nkind: Node\nmetadata:\n  labels:\n    node-role.kubernetes.io/control-plane: \"true\"\n    node-role.kubernetes.io/etcd: \"true\"\n  name: {name}\nstatus:\n  conditions:\n  - status: \"{ready}\"\n    type: Ready\n"));
        self.longhorn(
            "nodes",
            &format!(
                "apiVersion: longhorn.io/v1beta2\nkind: Node\nmetadata:\n  name: {name}\n  namespace: longhorn-system\n"
            ),
        );
    }

    fn longhorn(&mut self, plural: &str, object: &str) {
        self.add(
            &format!("yamls/namespaced/longhorn-system/longhorn.io/v1beta2/{plural}.yaml"),
            object,
        );
    }

    fn manager(&mut self, node: &str) {
        self.longhorn("instancemanagers", &format!("apiVersion: longhorn.io/v1beta2\nkind: InstanceManager\nmetadata:\n  name: im-{node}\n  namespace: longhorn-system\nspec:\n  nodeID: {node}\nstatus:\n  currentState: running\n"));
    }

    fn setting(&mut self, name: &str, value: &str) {
        self.longhorn("settings", &format!("apiVersion: longhorn.io/v1beta2\nkind: Setting\nmetadata:\n  name: {name}\n  namespace: longhorn-system\nvalue: \"{value}\"\n"));
    }

    /// A replica: its volume, its node, `running` or `stopped`, and whether it ever held data.
    fn replica(&mut self, volume: &str, node: &str, state: &str, healthy: bool) {
        let healthy = if healthy {
            "\"2025-06-01T00:00:00Z\""
        } else {
            "\"null\""
        };
        self.longhorn("replicas", &format!("apiVersion: longhorn.io/v1beta2\nkind: Replica\nmetadata:\n  name: {volume}-r-{node}\n  namespace: longhorn-system\nspec:\n  desireState: {state}\n  failedAt: \"null\"\n  healthyAt: {healthy}\n  nodeID: {node}\n  volumeName: {volume}\nstatus:\n  currentState: {state}\n"));
    }

    fn vm(&mut self, name: &str, node: &str, strategy: &str, migratable: &str) {
        self.add("yamls/namespaced/default/kubevirt.io/v1/virtualmachineinstances.yaml", &format!("apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata:\n  name: {name}\n  namespace: default\nspec:\n  evictionStrategy: {strategy}\nstatus:\n  conditions:\n  - message: host devices\n    status: \"{migratable}\"\n    type: LiveMigratable\n  nodeName: {node}\n  phase: Running\n"));
    }

    fn forecast(&self, name: &str) -> DrainForecast {
        let mut files: Vec<TextFile> = self
            .items
            .iter()
            .map(|(path, items)| TextFile {
                path: path.clone(),
                text: format!("apiVersion: v1\nitems:\n{items}kind: List\n"),
            })
            .collect();
        files.sort();
        let sources = Sources {
            paths: files.iter().map(|file| file.path.clone()).collect(),
            files,
            ..Sources::default()
        };
        let catalog = Catalog::load(None).unwrap();
        let snapshot = catalog.snapshot(&sources, "b", Mode::Dialect);
        Drains::read(&snapshot).forecast(snapshot.cluster.named("Node", "", name).unwrap())
    }
}

const STOPPED: &str = "allow-if-replica-is-stopped";
const LAST: &str = "block-if-contains-last-replica";

#[test]
fn a_node_whose_volumes_have_other_healthy_replicas_is_free() {
    let mut bundle = Bundle::of_three(LAST);
    bundle.replica("v", "a", "running", true);
    bundle.replica("v", "b", "running", true);
    let forecast = bundle.forecast("a");
    assert_eq!(forecast.verdict, DrainVerdict::Free, "{forecast:?}");
    assert_eq!(forecast.keeps_quorum, Some(true));
}

#[test]
fn the_last_healthy_replica_blocks_a_drain_depending_on_the_policy() {
    for (policy, state, verdict) in [
        (LAST, "stopped", DrainVerdict::Blocked),
        (LAST, "running", DrainVerdict::Blocked),
        (STOPPED, "stopped", DrainVerdict::Free),
        (STOPPED, "running", DrainVerdict::Blocked),
        (
            "block-for-eviction-if-contains-last-replica",
            "stopped",
            DrainVerdict::Blocked,
        ),
        ("always-allow", "running", DrainVerdict::Free),
        ("unknown-policy", "running", DrainVerdict::Unknown),
    ] {
        let mut bundle = Bundle::of_three(policy);
        bundle.replica("v", "a", state, true);
        let forecast = bundle.forecast("a");
        assert_eq!(forecast.verdict, verdict, "{policy} {state} {forecast:?}");
        assert_eq!(forecast.last_replicas, ["v"], "{policy} {state}");
        assert_eq!(forecast.note.is_empty(), verdict != DrainVerdict::Free, "{forecast:?}");
    }
}

#[test]
fn a_replica_counts_only_on_a_ready_node_with_a_running_instance_manager() {
    let mut bundle = Bundle::of_three(LAST);
    bundle.replica("v", "a", "running", true);
    bundle.node("d", "Unknown");
    bundle.replica("v", "d", "running", true);
    bundle.node("e", "True");
    bundle.replica("v", "e", "running", true);
    assert_eq!(bundle.forecast("a").verdict, DrainVerdict::Blocked);
    bundle.manager("e");
    assert_eq!(bundle.forecast("a").verdict, DrainVerdict::Free);
}

#[test]
fn a_replica_that_never_held_data_blocks_only_under_block_for_eviction() {
    let mut bundle = Bundle::of_three(LAST);
    bundle.replica("v", "a", "stopped", false);
    assert_eq!(bundle.forecast("a").verdict, DrainVerdict::Free);
    let mut bundle = Bundle::of_three("block-for-eviction");
    bundle.replica("v", "a", "stopped", false);
    bundle.replica("v", "b", "running", true);
    assert_eq!(bundle.forecast("a").verdict, DrainVerdict::Blocked);
}

#[test]
fn vms_move_stop_or_stay_depending_on_their_eviction_strategy() {
    for (strategy, migratable, verdict, moved, stopped) in [
        ("LiveMigrate", "True", DrainVerdict::Moves, 1, 0),
        ("LiveMigrate", "False", DrainVerdict::Blocked, 0, 0),
        ("LiveMigrate", "Unknown", DrainVerdict::Unknown, 0, 0),
        ("LiveMigrateIfPossible", "False", DrainVerdict::Moves, 0, 1),
        ("None", "False", DrainVerdict::Moves, 0, 1),
        ("External", "True", DrainVerdict::Unknown, 0, 0),
    ] {
        let mut bundle = Bundle::of_three(STOPPED);
        bundle.vm("vm", "a", strategy, migratable);
        let forecast = bundle.forecast("a");
        let got = (forecast.verdict, forecast.moves.len(), forecast.stops.len());
        assert_eq!(got, (verdict, moved, stopped), "{strategy} {migratable} {forecast:?}");
        assert_eq!(bundle.forecast("b").verdict, DrainVerdict::Free);
    }
}

#[test]
fn a_pdb_without_allowed_disruptions_blocks_only_the_nodes_of_its_pods() {
    let with_pdb = |allowed: &str| {
        let mut bundle = Bundle::of_three(STOPPED);
        bundle.add("yamls/namespaced/default/v1/pods.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    app: x\n  name: x-1\n  namespace: default\nspec:\n  nodeName: a\nstatus:\n  conditions:\n  - status: \"True\"\n    type: Ready\n  phase: Running\n");
        bundle.add("yamls/namespaced/default/policy/v1/poddisruptionbudgets.yaml", &format!("apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: x\n  namespace: default\nspec:\n  selector:\n    matchLabels:\n      app: x\nstatus:\n  {allowed}\n"));
        bundle
    };
    let bundle = with_pdb("disruptionsAllowed: 0");
    let forecast = bundle.forecast("a");
    assert_eq!(forecast.verdict, DrainVerdict::Blocked);
    assert!(forecast.blocked_by[0].contains("`default/x`") && forecast.blocked_by[0].contains("`x-1`"));
    assert_eq!(bundle.forecast("b").verdict, DrainVerdict::Free);
    assert_eq!(
        with_pdb("disruptionsAllowed: 1").forecast("a").verdict,
        DrainVerdict::Free
    );
    assert_eq!(with_pdb("expectedPods: 1").forecast("a").verdict, DrainVerdict::Unknown);
}

#[test]
fn a_drain_that_costs_etcd_its_quorum_is_blocked() {
    let mut bundle = Bundle::of_three(STOPPED);
    bundle.node("d", "False");
    bundle.node("e", "False");
    let forecast = bundle.forecast("a");
    assert_eq!(
        (forecast.verdict, forecast.keeps_quorum),
        (DrainVerdict::Blocked, Some(false))
    );
    assert!(forecast.blocked_by[0].contains("3 of 5 members"), "{forecast:?}");
    // A member that is already down does not change the quorum, but how its drain would end cannot be determined.
    let down = bundle.forecast("d");
    assert_eq!((down.verdict, down.keeps_quorum), (DrainVerdict::Unknown, Some(true)));
}

#[test]
fn manually_attached_volumes_block_unless_longhorn_detaches_them() {
    for (setting, verdict) in [
        (Some("true"), DrainVerdict::Free),
        (Some("false"), DrainVerdict::Blocked),
        (None, DrainVerdict::Unknown),
    ] {
        let mut bundle = Bundle::of_three(STOPPED);
        bundle.longhorn("volumeattachments", "apiVersion: longhorn.io/v1beta2\nkind: VolumeAttachment\nmetadata:\n  name: v\n  namespace: longhorn-system\nspec:\n  attachmentTickets:\n    longhorn-ui:\n      id: longhorn-ui\n      nodeID: a\n      type: longhorn-api\n");
        if let Some(value) = setting {
            bundle.setting("detach-manually-attached-volumes-when-cordoned", value);
        }
        assert_eq!(bundle.forecast("a").verdict, verdict, "{setting:?}");
    }
}

#[test]
fn missing_data_is_unknown_and_never_free() {
    let complete = Bundle::of_three(STOPPED);
    assert_eq!(complete.forecast("a").verdict, DrainVerdict::Free);
    for lost in [
        "longhorn-system/longhorn.io/v1beta2/settings.yaml",
        "longhorn-system/",
        "default/",
    ] {
        let mut bundle = Bundle::of_three(STOPPED);
        bundle.items.retain(|path, _| !path.contains(lost));
        let forecast = bundle.forecast("a");
        assert_eq!(forecast.verdict, DrainVerdict::Unknown, "{lost}");
        assert!(!forecast.missing.is_empty(), "{lost}");
    }
}

#[test]
fn an_orphaned_engine_process_keeps_the_instance_manager() {
    let with_engine_on = |home: &str| {
        let mut bundle = Bundle::of_three(STOPPED);
        bundle.longhorn("engines", &format!("apiVersion: longhorn.io/v1beta2\nkind: Engine\nmetadata:\n  name: v-e-0\n  namespace: longhorn-system\nspec:\n  nodeID: {home}\n  volumeName: v\n"));
        bundle.longhorn("instancemanagers", "apiVersion: longhorn.io/v1beta2\nkind: InstanceManager\nmetadata:\n  name: im-old\n  namespace: longhorn-system\nspec:\n  nodeID: a\nstatus:\n  currentState: running\n  instanceEngines:\n    v-e-0:\n      status:\n        state: running\n");
        bundle.forecast("a")
    };
    assert_eq!(with_engine_on("a").verdict, DrainVerdict::Free);
    let orphaned = with_engine_on("b");
    assert_eq!(orphaned.verdict, DrainVerdict::Blocked);
    assert!(orphaned.blocked_by[0].contains("`v-e-0`"), "{orphaned:?}");
}

#[test]
fn pdbs_do_not_protect_pending_or_terminating_pods_and_two_pdbs_always_refuse() {
    let forecast = |pdbs: usize, metadata: &str, phase: &str, allowed: u8| {
        let mut bundle = Bundle::of_three(STOPPED);
        bundle.add("yamls/namespaced/default/v1/pods.yaml", &format!("apiVersion: v1\nkind: Pod\nmetadata:\n{metadata}  labels:\n    app: x\n  name: x-1\n  namespace: default\nspec:\n  nodeName: a\nstatus:\n  phase: {phase}\n"));
        for number in 0..pdbs {
            bundle.add("yamls/namespaced/default/policy/v1/poddisruptionbudgets.yaml", &format!("apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: x-{number}\n  namespace: default\nspec:\n  selector:\n    matchLabels:\n      app: x\nstatus:\n  disruptionsAllowed: {allowed}\n"));
        }
        bundle.forecast("a").verdict
    };
    let terminating = "  deletionTimestamp: \"2025-06-01T00:00:00Z\"\n";
    assert_eq!(forecast(1, "", "Running", 0), DrainVerdict::Blocked);
    assert_eq!(forecast(1, "", "Pending", 0), DrainVerdict::Free);
    assert_eq!(forecast(1, terminating, "Running", 0), DrainVerdict::Free);
    assert_eq!(forecast(1, "", "Running", 1), DrainVerdict::Free);
    assert_eq!(forecast(2, "", "Running", 1), DrainVerdict::Blocked);
}
