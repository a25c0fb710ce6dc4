//! From many findings to few causes: a cluster with one host down, and troubles of other causes beside it.

use gleaner::analyze::{Options, report, snapshot};
use gleaner_cluster::Sources;
use gleaner_cluster::TextFile;
use gleaner_render::{Format, RenderOptions, render};
use gleaner_report::Report;
use gleaner_report::{Finding, Severity};
use gleaner_rules::Catalog;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DOWN: &str = "host-4";
const SINCE: &str = "2025-06-12T07:40:00Z";
const HOSTS: [&str; 4] = ["host-1", "host-2", "host-3", DOWN];
const LONGHORN: &str = "namespaced/longhorn-system/longhorn.io/v1beta2";

/// A cluster under construction: items by file.
#[derive(Default)]
struct Cluster(BTreeMap<String, Vec<Value>>);

impl Cluster {
    /// Four hosts of which the last is down, `volumes` volumes of three replicas, and a virtual machine for each of `machines`.
    fn with_a_host_down(volumes: usize, machines: usize) -> Cluster {
        let mut cluster = Cluster::default();
        cluster.add(
            "cluster/harvesterhci.io/v1beta1/settings",
            json!({"apiVersion": "harvesterhci.io/v1beta1",
            "kind": "Setting", "metadata": {"name": "server-version"}, "value": "v1.5.0"}),
        );
        for host in HOSTS {
            cluster.host(host);
        }
        for number in 0..volumes {
            let hosts: Vec<&str> = (0..3).map(|copy| HOSTS[(number + copy) % 4]).collect();
            cluster.volume(
                &format!("pvc-{number}"),
                &hosts,
                if hosts.contains(&DOWN) { DOWN } else { "" },
            );
        }
        for number in 0..machines {
            cluster.machine(&format!("vm-{number}"), &format!("pvc-{number}"), HOSTS[number % 4]);
        }
        cluster
    }

    fn add(&mut self, path: &str, object: Value) {
        self.0.entry(format!("yamls/{path}.yaml")).or_default().push(object);
    }

    fn host(&mut self, name: &str) {
        let up = name != DOWN;
        let (ready, reason) = if up {
            ("True", "KubeletReady")
        } else {
            ("Unknown", "NodeStatusUnknown")
        };
        let address = name.replace("host-", "10.0.0.");
        self.add(
            "cluster/v1/nodes",
            json!({"apiVersion": "v1", "kind": "Node", "metadata":
            {"name": name, "annotations": {"rke2.io/internal-ip": address}}, "status":
            {"addresses": [{"type": "InternalIP", "address": address}], "conditions": [{"type": "Ready", "status": ready, "reason": reason, "lastTransitionTime": SINCE}]}}),
        );
        let state = if up { "True" } else { "False" };
        let message = if up { "" } else { "Kubernetes node is not ready" };
        let conditions = json!([{"type": "Ready", "status": state, "message": message, "lastTransitionTime": SINCE},
            {"type": "Schedulable", "status": "True"}]);
        let disk = json!({"diskUUID": format!("disk-{name}"), "storageMaximum": 1000, "storageAvailable": 900,
            "conditions": [{"type": "Ready", "status": state}, {"type": "Schedulable", "status": "True"}]});
        self.add(
            &format!("{LONGHORN}/nodes"),
            json!({"apiVersion": "longhorn.io/v1beta2", "kind": "Node",
            "metadata": {"name": name, "namespace": "longhorn-system"},
            "spec": {"allowScheduling": true, "disks": {"disk": {"allowScheduling": true, "path": "/data"}}},
            "status": {"conditions": conditions, "diskStatus": {"disk": disk}}}),
        );
        self.add(
            &format!("{LONGHORN}/instancemanagers"),
            json!({"apiVersion": "longhorn.io/v1beta2", "kind":
            "InstanceManager", "metadata": {"name": format!("im-{name}"), "namespace": "longhorn-system"},
            "spec": {"nodeID": name}, "status": {"currentState": if up { "running" } else { "unknown" }}}),
        );
        self.pod("longhorn-system", &format!("longhorn-manager-{name}"), name, up);
    }

    fn pod(&mut self, namespace: &str, name: &str, host: &str, ready: bool) {
        self.add(
            &format!("namespaced/{namespace}/v1/pods"),
            json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "ownerReferences": [{"kind": "DaemonSet", "name": "x"}]},
            "spec": {"nodeName": host}, "status": {"phase": "Running", "conditions":
            [{"type": "Ready", "status": if ready { "True" } else { "False" }, "lastTransitionTime": SINCE}]}}),
        );
    }

    /// A volume with replicas on these hosts, of which that on `failed` has failed.
    fn volume(&mut self, name: &str, hosts: &[&str], failed: &str) {
        self.add(
            &format!("{LONGHORN}/volumes"),
            json!({"apiVersion": "longhorn.io/v1beta2", "kind": "Volume",
            "metadata": {"name": name, "namespace": "longhorn-system"}, "spec": {"numberOfReplicas": 3},
            "status": {"state": "attached", "currentNodeID": hosts[0], "lastDegradedAt": SINCE,
            "robustness": if failed.is_empty() { "healthy" } else { "degraded" }}}),
        );
        for host in hosts {
            let broken = *host == failed;
            self.add(&format!("{LONGHORN}/replicas"), json!({"apiVersion": "longhorn.io/v1beta2", "kind": "Replica",
                "metadata": {"name": format!("{name}-r-{host}"), "namespace": "longhorn-system"},
                "spec": {"volumeName": name, "nodeID": host, "diskID": format!("disk-{host}"), "healthyAt": "2025-01-01T00:00:00Z",
                "failedAt": if broken { SINCE } else { "" }, "desireState": if broken { "stopped" } else { "running" }},
                "status": {"currentState": if broken { "stopped" } else { "running" }}}));
        }
    }

    fn machine(&mut self, name: &str, volume: &str, host: &str) {
        let up = host != DOWN;
        let metadata = json!({"name": name, "namespace": "default"});
        let volumes = json!([{"name": "disk", "persistentVolumeClaim": {"claimName": name}}]);
        self.add("namespaced/default/kubevirt.io/v1/virtualmachines", json!({"apiVersion": "kubevirt.io/v1",
            "kind": "VirtualMachine", "metadata": metadata, "spec": {"runStrategy": "Always", "template": {"spec": {"volumes": volumes}}},
            "status": {"printableStatus": if up { "Running" } else { "Starting" }, "conditions":
            [{"type": "Ready", "status": if up { "True" } else { "False" }, "lastTransitionTime": SINCE}]}}));
        self.add("namespaced/default/kubevirt.io/v1/virtualmachineinstances", json!({"apiVersion": "kubevirt.io/v1",
            "kind": "VirtualMachineInstance", "metadata": metadata, "spec": {"evictionStrategy": "LiveMigrateIfPossible", "volumes": volumes},
            "status": {"nodeName": host, "phase": "Running", "conditions": [{"type": "LiveMigratable", "status": "True"}]}}));
        self.add(
            "namespaced/default/v1/persistentvolumeclaims",
            json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": metadata, "spec": {"volumeName": volume, "accessModes": ["ReadWriteMany"]}, "status": {"phase": "Bound"}}),
        );
        self.add("cluster/v1/persistentvolumes", json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": volume},
            "spec": {"csi": {"driver": "driver.longhorn.io", "volumeHandle": volume}, "claimRef": {"name": name, "namespace": "default"}},
            "status": {"phase": "Bound"}}));
    }

    fn report(&self) -> Report {
        let mut files: Vec<TextFile> = self
            .0
            .iter()
            .map(|(path, items)| {
                let list = json!({"apiVersion": "v1", "items": items, "kind": "List"});
                TextFile {
                    path: path.clone(),
                    text: serde_yaml::to_string(&list).unwrap(),
                }
            })
            .collect();
        let metadata = "bundlename: b\nbundlecreatedat: \"2025-06-12T08:30:00Z\"\n".to_owned();
        files.push(TextFile {
            path: "metadata.yaml".to_owned(),
            text: metadata,
        });
        files.sort();
        let paths = files.iter().map(|file| file.path.clone()).collect();
        let sources = Sources {
            files,
            paths,
            ..Sources::default()
        };
        let (catalog, options) = (Catalog::load(None).unwrap(), Options::default());
        let snapshot = snapshot(&sources, "b", &catalog, &options);
        report(&snapshot, &[], &catalog, &options)
    }
}

/// The findings above info that nothing explains, as rules with the number of their objects.
fn causes(report: &Report) -> Vec<(&str, usize)> {
    let alone = |finding: &&Finding| finding.severity > Severity::Info && finding.explained_by.is_empty();
    report
        .findings
        .iter()
        .filter(alone)
        .map(|finding| (finding.rule.as_str(), finding.objects.len()))
        .collect()
}

fn of_rule<'r>(report: &'r Report, rule: &str) -> Vec<&'r Finding> {
    report.findings.iter().filter(|finding| finding.rule == rule).collect()
}

#[test]
fn a_host_that_is_down_is_the_only_cause_on_top() {
    let report = Cluster::with_a_host_down(200, 80).report();
    assert_eq!(causes(&report), [("node-not-ready", 1)]);
    let down = of_rule(&report, "node-not-ready")[0];
    let symptoms: Vec<(&str, usize)> = report
        .findings
        .iter()
        .filter(|finding| down.explains.contains(&finding.id))
        .map(|finding| (finding.rule.as_str(), finding.objects.len()))
        .collect();
    for symptom in [
        ("volume-degraded", 150),
        ("replica-failed", 150),
        ("longhorn-node-not-ready", 1),
        ("vm-not-running-as-desired", 20),
    ] {
        assert!(symptoms.contains(&symptom), "{symptom:?} is not in {symptoms:?}");
    }
    for format in [Format::Html, Format::Markdown, Format::Text] {
        let text = render(&report, format, &RenderOptions::default()).unwrap();
        let found = |words: &str| {
            text.find(words)
                .unwrap_or_else(|| panic!("{format:?} says nothing of {words}"))
        };
        assert!(found("node-not-ready") < found("volume-degraded"), "{format:?}");
    }
}

#[test]
fn a_symptom_with_another_cause_beside_it_stands_apart() {
    let mut cluster = Cluster::with_a_host_down(40, 0);
    // The failed replica is on a disk of a host that is up, whether or not there is one on the host that is down.
    cluster.volume("pvc-other", &["host-1", "host-2", "host-3"], "host-1");
    cluster.volume("pvc-other-too", &["host-1", "host-2", DOWN], "host-1");
    cluster.pod("harvester-system", "virt-operator-1", "host-1", false);
    let report = cluster.report();
    assert_eq!(
        causes(&report),
        [("node-not-ready", 1), ("replica-failed", 2), ("pod-not-ready", 1)]
    );
    let degraded: Vec<usize> = of_rule(&report, "volume-degraded")
        .iter()
        .map(|finding| finding.objects.len())
        .collect();
    assert_eq!(degraded.iter().sum::<usize>(), 32, "no volume is lost or counted twice");
    let ids: Vec<&String> = report.findings.iter().map(|finding| &finding.id).collect();
    assert!(
        ids.iter().enumerate().all(|(at, id)| !ids[..at].contains(id)),
        "{ids:?}"
    );
}
