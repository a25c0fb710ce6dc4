//! The VMs that are down or at risk, put together by the reason for it.

use crate::{safe, units, wording};
use gleaner_report::{AffectedVm, ObjectRef};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A line for each reason: how many VMs, the reason behind `by`, and the first of them by name. At most so many reasons and names.
pub(crate) fn lines(vms: &[AffectedVm], by: &str, reasons: usize, names: usize) -> Vec<String> {
    let all = by_reason(vms);
    let mut lines: Vec<String> = all
        .iter()
        .take(reasons)
        .map(|(why, vms)| line(&format!("{by}{why}"), vms, names))
        .collect();
    let left: usize = all.iter().skip(reasons).map(|(_, vms)| vms.len()).sum();
    lines.extend((left > 0).then(|| format!("{} for other reasons", units::count(left, "more VM"))));
    lines
}

fn line(why: &str, vms: &[&ObjectRef], most: usize) -> String {
    let mut names: Vec<String> = vms.iter().take(most).map(|vm| wording::object_name(vm)).collect();
    if vms.len() > names.len() {
        names.push(format!("{} more", units::grouped(vms.len() - names.len())));
    }
    let names = names.join(", ");
    match vms.len() {
        1 => format!("{names} ({why})"),
        n => format!("{} ({why}): {names}", units::count(n, "VM")),
    }
}

/// What a reason says of the node of a VM, before and after its name.
const ON_NODE: (&str, &str) = ("on node ", ", which is not Ready");

/// The reasons, with those about nodes that are not Ready as one.
fn nodes_together(reasons: BTreeMap<String, Vec<&ObjectRef>>) -> Vec<(String, Vec<&ObjectRef>)> {
    let (before, after) = ON_NODE;
    let node = |why: &str| Some(why.strip_prefix(before)?.strip_suffix(after)?.to_owned());
    let (on_nodes, mut others): (Vec<_>, Vec<_>) = reasons.into_iter().partition(|(why, _)| node(why).is_some());
    if on_nodes.len() < 2 {
        others.extend(on_nodes);
        return others;
    }
    let names: Vec<String> = on_nodes.iter().filter_map(|(why, _)| node(why)).collect();
    let vms = on_nodes.into_iter().flat_map(|(_, vms)| vms).collect();
    others.push((format!("on nodes {}, which are not Ready", names.join(", ")), vms));
    others
}

/// The reasons, each with its VMs: those of most VMs first.
fn by_reason(vms: &[AffectedVm]) -> Vec<(String, Vec<&ObjectRef>)> {
    let mut reasons: BTreeMap<String, Vec<&ObjectRef>> = BTreeMap::new();
    for vm in vms {
        reasons.entry(safe::line_within(&vm.why, 200)).or_default().push(&vm.vm);
    }
    let mut reasons = nodes_together(reasons);
    reasons.sort_by_key(|(_, vms)| Reverse(vms.len()));
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vms_on_nodes_that_are_not_ready_have_one_reason() {
        let vm = |name: &str, why: &str| AffectedVm {
            vm: ObjectRef {
                api_version: "kubevirt.io/v1".to_owned(),
                kind: "VirtualMachine".to_owned(),
                namespace: String::new(),
                name: name.to_owned(),
            },
            why: why.to_owned(),
            finding: None,
        };
        let vms = [
            vm("a", "on node host-1, which is not Ready"),
            vm("b", "paused"),
            vm("c", "on node host-2, which is not Ready"),
        ];
        let expected = [
            "2 VMs (on nodes host-1, host-2, which are not Ready): a, c",
            "b (paused)",
        ];
        assert_eq!(lines(&vms, "", 2, 4), expected);
        assert_eq!(lines(&vms[1..2], "", 2, 4), ["b (paused)"]);
    }
}
