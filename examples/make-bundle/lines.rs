//! Log lines as Harvester's components write them: the usual chatter of a healthy cluster, with its times, names and numbers.

use super::random::{HEX, Random};

/// Writes lines of one log, one after the other in time.
pub(crate) struct Lines {
    random: Random,
    /// Microseconds since midnight of the bundle's day.
    now: u64,
    host: String,
}

impl Lines {
    pub(crate) fn new(seed: u64, host: &str) -> Lines {
        let (random, host) = (Random::new(seed), host.to_owned());
        Lines { random, now: 0, host }
    }

    /// Appends a line of a container's log.
    pub(crate) fn container(&mut self, program: &str, out: &mut String) {
        let (clock, fraction) = self.tick();
        let stamp = format!("2025-06-12T{clock}.{fraction:06}{:03}Z ", self.random.below(1000));
        out.push_str(&stamp);
        let line = match program {
            name if name.contains("longhorn") || name.contains("instance-manager") => self.longhorn(&clock),
            name if name.contains("etcd") => self.etcd(&clock),
            name if name.contains("kube") || name.contains("csi") => self.klog(&clock),
            name if name.contains("virt") || name.contains("cdi") => self.kubevirt(&clock),
            _ => self.rancher(&clock),
        };
        out.push_str(&line);
        out.push('\n');
    }

    /// Appends a line of a node's journal.
    pub(crate) fn journal(&mut self, unit: &str, out: &mut String) {
        let (clock, fraction) = self.tick();
        let line = match unit {
            "kernel" => self.kernel(),
            _ => self.klog(&clock),
        };
        out.push_str(&format!(
            "Jun 12 {clock}.{fraction:06} {} {unit}[{}]: {line}\n",
            self.host, 2931
        ));
    }

    fn tick(&mut self) -> (String, u64) {
        self.now = (self.now + self.random.below(40_000)) % 30_000_000_000;
        let seconds = self.now / 1_000_000;
        let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        (clock, self.now % 1_000_000)
    }

    fn uid(&mut self) -> String {
        [8, 4, 4, 4, 12].map(|length| self.random.text(HEX, length)).join("-")
    }

    fn longhorn(&mut self, clock: &str) -> String {
        let (uid, number) = (self.uid(), self.random.below(100_000));
        let time = format!("time=\"2025-06-12T{clock}Z\" level=info");
        match self.random.below(4) {
            0 => format!(
                "{time} msg=\"Finished syncing volume\" func=\"controller.(*VolumeController).syncHandler\" file=\"volume_controller.go:{number}\" controller=longhorn-volume node={} volume=pvc-{uid}",
                self.host
            ),
            1 => format!(
                "[pvc-{uid}-r-{}] {time} msg=\"Get backing file size\" func=\"sync.(*Task).fetch\" file=\"sync.go:{number}\"",
                self.random.text(HEX, 8)
            ),
            2 => format!(
                "{time} msg=\"Updating replica storage IP\" controller=longhorn-replica replica=pvc-{uid}-r-{} node={} took={number}us",
                self.random.text(HEX, 8),
                self.host
            ),
            _ => format!(
                "{time} msg=\"Purged snapshots of volume\" controller=longhorn-engine volume=pvc-{uid} engine=pvc-{uid}-e-0 count={}",
                number % 9
            ),
        }
    }

    fn etcd(&mut self, clock: &str) -> String {
        let (number, hash) = (self.random.below(90_000_000), self.random.next());
        format!(
            "{{\"level\":\"info\",\"ts\":\"2025-06-12T{clock}.331611Z\",\"caller\":\"mvcc/kvstore_compaction.go:68\",\"msg\":\"finished scheduled compaction\",\"compact-revision\":{number},\"took\":\"{}.902712ms\",\"hash\":{hash}}}",
            number % 90
        )
    }

    fn klog(&mut self, clock: &str) -> String {
        let (uid, number) = (self.uid(), self.random.below(10_000));
        match self.random.below(3) {
            0 => format!(
                "I0612 {clock}.{number:06}       1 trace.go:236] Trace[{}]: \"Get\" accept:application/json, audit-id:{uid}, client:10.52.0.{}, api-group:longhorn.io, resource:volumes, verb:GET (total time: {number}us):",
                self.random.below(2_000_000_000),
                number % 250
            ),
            1 => format!(
                "I0612 {clock}.{number:06}       1 httplog.go:132] \"HTTP\" verb=\"LIST\" URI=\"/apis/kubevirt.io/v1/virtualmachineinstances?limit=500\" latency=\"{number}us\" userAgent=\"virt-controller/v1.4.0\" audit-ID=\"{uid}\" srcIP=\"10.52.1.{}:{number}\" resp=200",
                number % 250
            ),
            _ => format!(
                "I0612 {clock}.{number:06}    2931 reconciler_common.go:251] \"operationExecutor.VerifyControllerAttachedVolume started for volume\" pod=\"prod/virt-launcher-vm-{number:05}\" volume=\"kubernetes.io/csi/driver.longhorn.io^pvc-{uid}\""
            ),
        }
    }

    fn kubevirt(&mut self, clock: &str) -> String {
        let (uid, number) = (self.uid(), self.random.below(5000));
        format!(
            "{{\"component\":\"virt-handler\",\"kind\":\"VirtualMachineInstance\",\"level\":\"info\",\"msg\":\"resyncing virt-launcher domains\",\"name\":\"vm-{number:05}\",\"namespace\":\"prod\",\"pos\":\"vm.go:{number}\",\"timestamp\":\"2025-06-12T{clock}.115227Z\",\"uid\":\"{uid}\"}}"
        )
    }

    fn rancher(&mut self, clock: &str) -> String {
        let (uid, number) = (self.uid(), self.random.below(1_000_000));
        match self.random.below(2) {
            0 => format!(
                "2025/06/12 {clock} [INFO] [planner] rkecluster fleet-local/local: reconciliation complete, revision {number}"
            ),
            _ => format!(
                "time=\"2025-06-12T{clock}Z\" level=info msg=\"reconciled object prod/vm-{number} uid {uid}\" controller=harvester-vm generation={number}"
            ),
        }
    }

    fn kernel(&mut self) -> String {
        let (hex, number) = (self.random.text(HEX, 8), self.random.below(4000));
        format!("cali{hex}: port {number}(veth{hex}) entered forwarding state")
    }
}
