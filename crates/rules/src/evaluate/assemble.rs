//! Builds a finding from the matches of a rule that have one cause: its objects as rows, evidence and next steps.

use super::batch::Match;
use super::evidence::quotes;
use super::impact::impact;
use super::{Context, log_matches};
use crate::host::RuleHost;
use crate::{Messages, Rule};
use gleaner_cel::{EvalError, Value};
use gleaner_report::{Finding, ObjectRef, ObjectRow, Reference};
use gleaner_text::format_time;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// How many matches are worked through on one thread.
pub(super) const FEW: usize = 64;

/// One finding of these matches, of which there is at least one. They have the same severity.
pub(super) fn finding(
    (rule, messages): (&Rule, &Messages),
    context: &Context<'_>,
    group: &str,
    targets: &BTreeSet<usize>,
    matches: &[Match<'_>],
) -> Result<Finding, EvalError> {
    let file = &rule.file;
    let env = context.env(targets.first().copied());
    let mut rows = Vec::new();
    let told = matches.par_iter().with_min_len(FEW).map(|matched| {
        let message = messages.message.fill(&env, &mut matched.slots.clone());
        (message, references(context, matched))
    });
    // Collected before the first error is looked for: which one is the first does not depend on the threads.
    for (message, references) in told.collect::<Vec<_>>() {
        let message = message?;
        rows.extend(references.into_iter().map(|object| ObjectRow {
            object,
            message: message.clone(),
        }));
    }
    rows.sort_by(|a, b| (&a.object, &a.message).cmp(&(&b.object, &b.message)));
    rows.dedup();
    let mut objects: Vec<ObjectRef> = rows.iter().map(|row| row.object.clone()).collect();
    objects.dedup();
    let first = &matches[0];
    let message = if matches.len() == 1 {
        messages.message.fill(&env, &mut first.slots.clone())?
    } else {
        summary(
            (rule, messages),
            &env,
            first,
            things(&env, messages, (matches, &objects))?,
        )?
    };
    let quotes = quotes(messages, context, &env, matches)?;
    let since = matches.iter().filter_map(|matched| matched.since).min();
    Ok(Finding {
        id: identifier(rule.id(), group, &objects),
        rule: file.id.clone(),
        area: rule.area.clone(),
        severity: first.severity,
        confidence: file.confidence,
        harm: first.harm,
        since: since.map(format_time),
        title: file.title.clone(),
        message,
        evidence: quotes.evidence,
        unset: quotes.unset,
        objects,
        rows,
        impact: impact((rule, messages), context, &env, matches)?,
        cause: messages.cause.fill(&env, &mut first.slots.clone())?,
        remediation: steps(messages, context, &env, matches)?,
        avoid: messages.avoid.fill(&env, &mut first.slots.clone())?,
        workaround: file.workaround.clone(),
        fixed_in: file.fixed_in.clone(),
        references: referenced(rule, context),
        explains: Vec::new(),
        explained_by: Vec::new(),
        stands_alone: Vec::new(),
        absorbs: Vec::new(),
        path: path_label(context, targets),
    })
}

/// Where to read more, in the documentation of the releases that run.
fn referenced(rule: &Rule, context: &Context<'_>) -> Vec<Reference> {
    let pages = &context.catalog.pages;
    let resolved = rule.file.references.iter().map(|reference| Reference {
        title: reference.title.clone(),
        url: pages.resolve(&reference.url, &context.snapshot.facts),
    });
    resolved.collect()
}

/// The objects of a match; for lines of logs the pods and nodes that wrote them, where the rule names no others.
pub(super) fn references(context: &Context<'_>, matched: &Match<'_>) -> Vec<ObjectRef> {
    match matched.log {
        Some(log) if matched.objects.is_empty() => log_matches::objects(log, &context.snapshot.cluster),
        _ => matched.objects.iter().map(|object| object.reference()).collect(),
    }
}

/// How many things the matches are about: the objects of the rule; of lines of logs for which it names none, each that has a message of
/// its own.
fn things<'a>(
    env: &RuleHost<'a>,
    messages: &'a Messages,
    (matches, named): (&[Match<'a>], &[ObjectRef]),
) -> Result<usize, EvalError> {
    if matches.iter().all(|matched| !matched.objects.is_empty()) {
        return Ok(named.len());
    }
    let mut objects: BTreeSet<ObjectRef> = BTreeSet::new();
    let mut lines = BTreeSet::new();
    for matched in matches {
        if matched.objects.is_empty() {
            lines.insert(messages.message.fill(env, &mut matched.slots.clone())?);
        }
        objects.extend(matched.objects.iter().map(|object| object.reference()));
    }
    Ok(objects.len() + lines.len())
}

fn summary<'a>(
    (rule, messages): (&Rule, &'a Messages),
    env: &RuleHost<'a>,
    first: &Match<'a>,
    count: usize,
) -> Result<String, EvalError> {
    match &messages.summary {
        Some(template) => {
            let mut slots = first.slots.first(rule.file.once.len());
            slots.push(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)));
            template.fill(env, &mut slots)
        }
        None => Ok(format!("{}: {count} objects", rule.file.title)),
    }
}

fn identifier(rule: &str, group: &str, objects: &[ObjectRef]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{rule}\n{group}\n"));
    for object in objects {
        hash.update(format!("{}/{}/{}\n", object.kind, object.namespace, object.name));
    }
    base16ct::lower::encode_string(&hash.finalize()[..6])
}

/// The targets a finding holds for, if it does not hold for all of several.
fn path_label(context: &Context<'_>, targets: &BTreeSet<usize>) -> Option<String> {
    let versions = &context.targets.versions;
    if targets.is_empty() || versions.len() < 2 || targets.len() == versions.len() {
        return None;
    }
    let named: Vec<&str> = targets.iter().map(|index| versions[*index].as_str()).collect();
    Some(format!("{} → {}", context.snapshot.facts.running, named.join(", ")))
}

/// Next steps, filled in for the first match. The first command that would be another for others says so.
fn steps<'a>(
    messages: &'a Messages,
    context: &Context<'_>,
    env: &RuleHost<'a>,
    matches: &[Match<'a>],
) -> Result<Vec<gleaner_report::RemediationStep>, EvalError> {
    let first = &matches[0];
    let mut steps = Vec::new();
    let mut is_told = false;
    for step in &messages.remediation {
        if let Some(when) = &step.when
            && !when.holds(env, &mut first.slots.clone())?
        {
            continue;
        }
        let command = |matched: &Match<'a>| {
            let command = step.command.as_ref();
            let command = command.map(|command| command.fill_command(env, &mut matched.slots.clone()));
            command.transpose()
        };
        let mut text = step.text.fill(env, &mut first.slots.clone())?;
        let own = command(first)?;
        if !is_told
            && let [_, .., last] = matches
            && command(last)? != own
        {
            is_told = true;
            let of = |matched| references(context, matched).into_iter().next();
            let named = of(first).filter(|object| first.log.is_none() && of(last).as_ref() != Some(object));
            let named = named.map_or_else(|| "the first of them".to_owned(), |object| object.name);
            text.push_str(&format!(" The commands are for {named}; repeat them for the others."));
        }
        steps.push(gleaner_report::RemediationStep {
            text,
            command: own,
            effect: step.effect,
        });
    }
    Ok(steps)
}
