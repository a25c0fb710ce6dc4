//! How fast the dialect's reader is compared to the full parser, on made-up Longhorn volumes as the collector writes them.

use std::fmt::Write as _;

use divan::Bencher;
use divan::counter::BytesCount;
use gleaner_yaml::{Interner, Mode, read_list};

fn main() {
    divan::main();
}

/// A List of volumes, with `managedFields` of about a third of the bytes as real objects have.
fn volumes(count: usize) -> String {
    let mut text = String::from("apiVersion: v1\nitems:\n");
    for index in 0..count {
        let _ = write!(
            text,
            r#"- apiVersion: longhorn.io/v1beta2
  kind: Volume
  metadata:
    creationTimestamp: "2025-03-01T10:{:02}:00Z"
    finalizers:
    - longhorn.io
    generation: {index}
    labels:
      backup-target: default
      longhornvolume: pvc-{index:08x}
      setting.longhorn.io/remove-snapshots-during-filesystem-trim: ignored
    managedFields:
    - apiVersion: longhorn.io/v1beta2
      fieldsType: FieldsV1
      fieldsV1:
        f:metadata:
          f:finalizers:
            .: {{}}
            v:"longhorn.io"null: {{}}
          f:labels:
            .: {{}}
            f:backup-target: {{}}
            f:longhornvolume: {{}}
        f:spec:
          .: {{}}
          f:accessMode: {{}}
          f:dataEngine: {{}}
          f:frontend: {{}}
          f:numberOfReplicas: {{}}
          f:size: {{}}
      manager: longhorn-manager
      operation: Update
      time: "2025-03-01T10:00:00Z"
    name: pvc-{index:08x}
    namespace: longhorn-system
    resourceVersion: "{index}"
  spec:
    accessMode: rwx
    backingImage: vmi-{index:08x}
    dataEngine: v1
    diskSelector: []
    encrypted: false
    fromBackup: "null"
    frontend: blockdev
    nodeID: node{}
    numberOfReplicas: 3
    revisionCounterDisabled: true
    size: "10737418240"
    staleReplicaTimeout: 30
  status:
    actualSize: 1.073741824e+09
    conditions:
    - lastProbeTime: "null"
      lastTransitionTime: "2025-06-12T07:12:44Z"
      message: 'precheck new replica failed: disks are unavailable; the volume waits for
        a node with space enough, and goes on with the replicas that it has'
      reason: ReplicaSchedulingFailure
      status: "False"
      type: Scheduled
    currentNodeID: node{}
    kubernetesStatus:
      namespace: default
      pvName: pvc-{index:08x}
      pvStatus: Bound
      pvcName: disk-{index}
      workloadsStatus:
      - podName: virt-launcher-vm-{index}
        podStatus: Running
        workloadName: vm-{index}
        workloadType: VirtualMachineInstance
    robustness: healthy
    state: attached
"#,
            index % 60,
            index % 4,
            index % 4
        );
    }
    text.push_str("kind: List\nmetadata:\n  resourceVersion: \"1\"\n");
    text
}

#[divan::bench]
fn dialect(bencher: Bencher<'_, '_>) {
    read(bencher, 2000, Mode::Dialect);
}

#[divan::bench]
fn full(bencher: Bencher<'_, '_>) {
    read(bencher, 200, Mode::Full);
}

fn read(bencher: Bencher<'_, '_>, count: usize, mode: Mode) {
    let text = volumes(count);
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        let keys = Interner::default();
        let list = read_list(divan::black_box(&text), &keys, mode);
        divan::black_box(list.items.len())
    });
}
