//! More YAML up to a wanted size: events in both groups, snapshots, ReplicaSets and config maps, as clusters that live for years hold.

use super::clone::SUFFIX;
use super::random::{HEX, Random};
use super::template::Template;

/// Adds items until there are `wanted` bytes of YAML.
pub(crate) fn yaml(tree: &mut Template, wanted: u64) {
    let mut random = Random::new(7);
    let mut left = wanted.saturating_sub(bytes(tree));
    let kinds: [(&str, Maker); 5] = [
        ("yamls/namespaced/prod/v1/events.yaml", core_event),
        ("yamls/namespaced/prod/events.k8s.io/v1/events.yaml", event),
        (
            "yamls/namespaced/longhorn-system/longhorn.io/v1beta2/snapshots.yaml",
            snapshot,
        ),
        ("yamls/namespaced/cattle-system/apps/v1/replicasets.yaml", replica_set),
        ("yamls/namespaced/cattle-dashboards/v1/configmaps.yaml", config_map),
    ];
    let mut number = 0;
    while left > 0 {
        for (path, make) in kinds {
            let item = make(number, &mut random);
            left = left.saturating_sub(item.len() as u64);
            tree.files.entry(path.to_owned()).or_default().items.push(item);
        }
        number += 1;
    }
}

/// How many bytes of YAML there are.
fn bytes(tree: &Template) -> u64 {
    let items = tree.files.values().flat_map(|file| &file.items);
    items.map(|item| item.len() as u64).sum()
}

type Maker = fn(usize, &mut Random) -> String;

fn uid(random: &mut Random) -> String {
    [8, 4, 4, 4, 12].map(|length| random.text(HEX, length)).join("-")
}

fn time(random: &mut Random) -> String {
    format!(
        "2025-06-12T0{}:{:02}:{:02}Z",
        random.below(8),
        random.below(60),
        random.below(60)
    )
}

fn core_event(number: usize, random: &mut Random) -> String {
    let (uid, at, id) = (uid(random), time(random), random.text(HEX, 16));
    format!(
        "- apiVersion: v1\n  count: 1\n  eventTime: \"null\"\n  firstTimestamp: \"{at}\"\n  involvedObject:\n    apiVersion: v1\n    kind: Pod\n    name: virt-launcher-vm-{number:05}-x\n    namespace: prod\n    uid: {uid}\n  kind: Event\n  lastTimestamp: \"{at}\"\n  message: 'Successfully pulled image \"registry.suse.com/suse/sles/15.6/virt-launcher:1.4.0-150600.5.15.1\"\n    in 1.204s (1.204s including waiting). Image size: 431827723 bytes.'\n  metadata:\n    creationTimestamp: \"{at}\"\n    managedFields:\n    - apiVersion: v1\n      fieldsType: FieldsV1\n      fieldsV1:\n        f:count: {{}}\n        f:firstTimestamp: {{}}\n        f:involvedObject: {{}}\n        f:lastTimestamp: {{}}\n        f:message: {{}}\n        f:reason: {{}}\n        f:source:\n          f:component: {{}}\n        f:type: {{}}\n      manager: kubelet\n      operation: Update\n      time: \"{at}\"\n    name: virt-launcher-vm-{number:05}-x.{id}\n    namespace: prod\n    resourceVersion: \"{}\"\n    uid: {uid}\n  reason: Pulled\n  reportingComponent: kubelet\n  reportingInstance: host-{}\n  source:\n    component: kubelet\n    host: host-1\n  type: Normal\n",
        random.below(10_000_000),
        random.below(3) + 1
    )
}

fn event(number: usize, random: &mut Random) -> String {
    let (uid, at, id) = (uid(random), time(random), random.text(HEX, 16));
    format!(
        "- apiVersion: events.k8s.io/v1\n  deprecatedCount: 1\n  deprecatedFirstTimestamp: \"{at}\"\n  deprecatedLastTimestamp: \"{at}\"\n  deprecatedSource:\n    component: virt-handler\n    host: host-2\n  eventTime: \"null\"\n  kind: Event\n  metadata:\n    creationTimestamp: \"{at}\"\n    managedFields:\n    - apiVersion: v1\n      fieldsType: FieldsV1\n      fieldsV1:\n        f:count: {{}}\n        f:message: {{}}\n        f:reason: {{}}\n      manager: virt-handler\n      operation: Update\n      time: \"{at}\"\n    name: vm-{number:05}.{id}\n    namespace: prod\n    resourceVersion: \"{}\"\n    uid: {uid}\n  note: VirtualMachineInstance started.\n  reason: Started\n  regarding:\n    apiVersion: kubevirt.io/v1\n    kind: VirtualMachineInstance\n    name: vm-{number:05}\n    namespace: prod\n    uid: {uid}\n  reportingController: virt-handler\n  type: Normal\n",
        random.below(10_000_000)
    )
}

fn snapshot(number: usize, random: &mut Random) -> String {
    let (uid, name, volume, at) = (uid(random), self::uid(random), self::uid(random), time(random));
    let fields = [
        "checksum",
        "children",
        "creationTime",
        "labels",
        "ownerID",
        "parent",
        "readyToUse",
        "restoreSize",
        "size",
        "userCreated",
    ];
    let fields: String = fields
        .iter()
        .map(|field| format!("          f:{field}: {{}}\n"))
        .collect();
    format!(
        "- apiVersion: longhorn.io/v1beta2\n  kind: Snapshot\n  metadata:\n    creationTimestamp: \"{at}\"\n    finalizers:\n    - longhorn.io\n    generation: 1\n    labels:\n      longhornvolume: pvc-{volume}\n    managedFields:\n    - apiVersion: longhorn.io/v1beta2\n      fieldsType: FieldsV1\n      fieldsV1:\n        f:metadata:\n          f:finalizers:\n            .: {{}}\n            v:\"longhorn.io\"null: {{}}\n        f:status:\n          .: {{}}\n{fields}      manager: longhorn-manager\n      operation: Update\n      time: \"{at}\"\n    name: {name}\n    namespace: longhorn-system\n    resourceVersion: \"{number}\"\n    uid: {uid}\n  spec:\n    createSnapshot: false\n    labels: {{}}\n    volume: pvc-{volume}\n  status:\n    checksum: \"null\"\n    children:\n      volume-head: true\n    creationTime: \"{at}\"\n    labels: {{}}\n    markRemoved: false\n    ownerID: \"null\"\n    parent: \"null\"\n    readyToUse: true\n    restoreSize: 2.147483648e+10\n    size: {}\n    userCreated: false\n",
        random.below(900_000)
    )
}

fn replica_set(number: usize, random: &mut Random) -> String {
    let (uid, at, hash) = (uid(random), time(random), random.text(SUFFIX, 9));
    format!(
        "- apiVersion: apps/v1\n  kind: ReplicaSet\n  metadata:\n    annotations:\n      deployment.kubernetes.io/desired-replicas: \"1\"\n      deployment.kubernetes.io/max-replicas: \"2\"\n      deployment.kubernetes.io/revision: \"{number}\"\n    creationTimestamp: \"{at}\"\n    generation: 2\n    labels:\n      app: tool-{number}\n      pod-template-hash: {hash}\n    name: tool-{number}-{hash}\n    namespace: cattle-system\n    resourceVersion: \"{number}\"\n    uid: {uid}\n  spec:\n    replicas: 0\n    selector:\n      matchLabels:\n        app: tool-{number}\n        pod-template-hash: {hash}\n    template:\n      metadata:\n        creationTimestamp: \"null\"\n        labels:\n          app: tool-{number}\n      spec:\n        containers:\n        - args:\n          - --port=8080\n          - --log-level=info\n          image: rancher/tool:v1.{number}\n          imagePullPolicy: IfNotPresent\n          name: tool\n          resources: {{}}\n        dnsPolicy: ClusterFirst\n        restartPolicy: Always\n  status:\n    observedGeneration: 2\n    replicas: 0\n"
    )
}

fn config_map(number: usize, random: &mut Random) -> String {
    let (uid, at) = (uid(random), time(random));
    let panel = |panel: u64| {
        format!(
            "        {{\n          \"datasource\": \"$datasource\",\n          \"id\": {panel},\n          \"targets\": [{{\"expr\": \"sum(rate(container_cpu_usage_seconds_total{{namespace=\\\"prod\\\"}}[5m])) by (pod)\", \"legendFormat\": \"{{{{pod}}}}\"}}]\n        }},\n"
        )
    };
    let panels: String = (0..8).map(|index| panel(index + random.below(90))).collect();
    format!(
        "- apiVersion: v1\n  data:\n    dashboard-{number}.json: |\n      {{\n      \"panels\": [\n{panels}      ]\n      }}\n  kind: ConfigMap\n  metadata:\n    creationTimestamp: \"{at}\"\n    labels:\n      grafana_dashboard: \"1\"\n    name: dashboard-{number}\n    namespace: cattle-dashboards\n    resourceVersion: \"{number}\"\n    uid: {uid}\n"
    )
}
