//! Faults on a share of the objects, as a cluster has them that lost disks: failed replicas, degraded and faulted volumes, VMs that are
//! paused or failed, and pods that are not Ready.

use super::random::hash;
use super::template::Template;

/// A fault: the files it is in, and what an item reads instead of what.
struct Fault {
    file: &'static str,
    from: &'static str,
    to: &'static str,
}

const fn fault(file: &'static str, from: &'static str, to: &'static str) -> Fault {
    Fault { file, from, to }
}

/// By turns, so that sick objects of a kind are sick in different ways.
const FAULTS: [Fault; 8] = [
    fault(
        "longhorn.io/v1beta2/replicas.yaml",
        "    failedAt: \"null\"\n",
        "    failedAt: \"2025-06-12T07:12:09Z\"\n",
    ),
    fault(
        "longhorn.io/v1beta2/replicas.yaml",
        "    currentState: running\n",
        "    currentState: error\n",
    ),
    fault(
        "longhorn.io/v1beta2/volumes.yaml",
        "    robustness: healthy\n",
        "    robustness: degraded\n",
    ),
    fault(
        "longhorn.io/v1beta2/volumes.yaml",
        "    robustness: healthy\n",
        "    robustness: faulted\n",
    ),
    fault(
        "kubevirt.io/v1/virtualmachineinstances.yaml",
        "    phase: Running\n",
        "    phase: Failed\n",
    ),
    fault(
        "kubevirt.io/v1/virtualmachineinstances.yaml",
        "    conditions:\n",
        "    conditions:\n    - lastProbeTime: \"2025-06-12T07:12:40Z\"\n      lastTransitionTime: \"2025-06-12T07:12:40Z\"\n      reason: PausedIOError\n      status: \"True\"\n      type: Paused\n",
    ),
    fault(
        "/v1/pods.yaml",
        "      status: \"True\"\n      type: Ready\n",
        "      status: \"False\"\n      type: Ready\n",
    ),
    fault(
        "/v1/persistentvolumeclaims.yaml",
        "    phase: Bound\n",
        "    phase: Lost\n",
    ),
];

/// Gives faults to so many percent of the objects.
pub(crate) fn add(tree: &mut Template, percent: u64) {
    for (path, file) in &mut tree.files {
        let faults: Vec<&Fault> = FAULTS.iter().filter(|fault| path.ends_with(fault.file)).collect();
        for item in file.items.iter_mut().filter(|_| !faults.is_empty()) {
            let number = hash(item);
            let turn = usize::try_from(number / 100).unwrap_or_default() % faults.len();
            if number % 100 < percent
                && let Some(fault) = faults.get(turn)
            {
                *item = item.replacen(fault.from, fault.to, 1);
            }
        }
    }
}
