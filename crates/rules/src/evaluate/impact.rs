//! Who is affected by a finding: VMs that are down because of it, and VMs at risk.

use super::Context;
use super::batch::Match;
use crate::host::RuleHost;
use crate::{Messages, Rule};
use gleaner_cel::EvalError;
use gleaner_report::{Impact, ImpactTiming, ObjectRef};

/// Of the VMs that depend on the objects, those that are proven to be down and, where the rule says by what, the others at risk.
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
    let is_down = |vm: &ObjectRef| context.snapshot.vms_down().contains_key(vm);
    let (down, up): (Vec<_>, Vec<_>) = reached.virtual_machines.into_iter().partition(is_down);
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
