//! The VMs that are down or at risk, put together by the reason for it.

use crate::{safe, units, wording};
use gleaner_report::{AffectedVm, ObjectRef};
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

/// The reasons, each with its VMs: those of few VMs first, for they tell most about each.
fn by_reason(vms: &[AffectedVm]) -> Vec<(String, Vec<&ObjectRef>)> {
    let mut reasons: BTreeMap<String, Vec<&ObjectRef>> = BTreeMap::new();
    for vm in vms {
        reasons.entry(safe::line_within(&vm.why, 200)).or_default().push(&vm.vm);
    }
    let mut reasons: Vec<(String, Vec<&ObjectRef>)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, vms)| vms.len());
    reasons
}
