//! Who is affected by a finding: VMs that are down because of it, and VMs at risk.

use super::Context;
use super::batch::Match;
use crate::host::RuleHost;
use crate::{Messages, Rule};
use gleaner_cel::EvalError;
use gleaner_cluster::CLOCK_SKEW;
use gleaner_cluster::harvester::Down;
use gleaner_report::{Impact, ImpactTiming};

/// Of the VMs that depend on the objects, those that are proven to be down and, where the rule says by what, the others at risk. A VM
/// that was down before the finding began is neither.
pub(super) fn impact<'a>(
    (rule, messages): (&Rule, &'a Messages),
    context: &Context<'_>,
    env: &RuleHost<'a>,
    matches: &[Match<'a>],
) -> Result<Impact, EvalError> {
    let affects = &rule.file.affects;
    let mut impact = Impact {
        text: messages.impact.fill(env, &mut matches[0].slots.clone())?,
        ..Impact::default()
    };
    if !affects.down() && affects.at_risk().is_none() {
        return Ok(impact);
    }
    let mut objects = Vec::new();
    for matched in matches {
        match &messages.affects_of {
            Some(of) => objects.extend(env.objects(&of.eval(env, &mut matched.slots.clone())?)),
            None => objects.extend(matched.objects.iter().copied()),
        }
    }
    let reached = context.snapshot.dependent_vms(objects.into_iter());
    impact.incomplete = reached.incomplete;
    let began = matches.iter().filter_map(|matched| matched.since).min();
    let (mut down, mut up) = (Vec::new(), Vec::new());
    for vm in reached.virtual_machines {
        match context.snapshot.vms_down().get(&vm) {
            None => up.push(vm),
            Some(known) if was_before(known, began) => {}
            Some(_) => down.push(vm),
        }
    }
    if affects.down() {
        impact.down = down;
    }
    if let Some(at_risk) = &messages.at_risk
        && !up.is_empty()
    {
        impact.at_risk_by = at_risk.fill(env, &mut matches[0].slots.clone())?;
        impact.at_risk = if impact.at_risk_by.is_empty() { Vec::new() } else { up };
    }
    impact.virtual_machines = [impact.down.as_slice(), &impact.at_risk].concat();
    impact.virtual_machines.sort();
    if impact.down.is_empty() && !impact.at_risk.is_empty() {
        impact.hits = ImpactTiming::Next;
    }
    Ok(impact)
}

/// Whether a VM was down before a finding began, as far as both times are known.
fn was_before(vm: &Down, began: Option<i64>) -> bool {
    vm.since
        .zip(began)
        .is_some_and(|(down, began)| began.saturating_sub(down) > CLOCK_SKEW)
}
