//! The verdicts of the official checks on the cluster.

use super::Context;
use crate::host::{self, RuleHost, Strict};
use crate::official::Check;
use gleaner_cel::{EvalError, Expr, Slots, Value};
use gleaner_cluster::{KindId, Version};
use gleaner_report::ObjectRef;
use gleaner_report::{CheckVerdict, OfficialCheck};
use gleaner_yaml::Node;
use std::collections::BTreeSet;

/// A version newer than any, which has all checks of the newest webhook.
pub(super) const NEWEST: &str = "v99.0.0";

/// The verdicts of all official checks, in the order of their file. `webhook` is the version of the webhook.
pub(super) fn checks(context: &Context<'_>, webhook: &str) -> Vec<OfficialCheck> {
    context
        .catalog
        .official
        .iter()
        .map(|check| verdict(context, check, webhook))
        .collect()
}

fn verdict(context: &Context<'_>, check: &Check, webhook: &str) -> OfficialCheck {
    let answer = |verdict, objects: Vec<ObjectRef>, note: String| OfficialCheck {
        source: check.source.clone(),
        check: check.name.clone(),
        verdict,
        rules: check.rules.clone(),
        objects,
        note,
    };
    let server_version = server_version(context);
    if check.source == "check.sh" && server_version.is_none() && check.unknown.is_none() {
        // If Settings may be missing from the bundle, the lack of this one says nothing about the cluster.
        let unseen = context.catalog.kinds.by_name("Setting.harvesterhci.io");
        let unseen: BTreeSet<String> = unseen
            .into_iter()
            .flat_map(|kind| context.snapshot.availability.gaps(kind))
            .map(ToString::to_string)
            .collect();
        if !unseen.is_empty() {
            return answer(
                CheckVerdict::Unknown,
                Vec::new(),
                unseen.into_iter().take(3).collect::<Vec<_>>().join("; "),
            );
        }
        let note = "check.sh stops at once: the Setting server-version has no value".to_owned();
        return answer(CheckVerdict::Skipped, Vec::new(), note);
    }
    let version = if check.source == "webhook" {
        webhook
    } else {
        server_version.unwrap_or_default()
    };
    if let Some(since) = &check.since {
        match since.matches(&Version::parse(version)) {
            Some(true) => {}
            Some(false) => {
                let note = format!("{version} does not make this check: it came with {}", check.since_text);
                return answer(CheckVerdict::Skipped, Vec::new(), note);
            }
            None => {
                let note = format!("it is not known whether `{version}` has this check");
                return answer(CheckVerdict::Unknown, Vec::new(), note);
            }
        }
    }
    match evaluate(context, check, version) {
        Ok((verdict, objects, note)) => answer(verdict, objects, note),
        Err(EvalError { lacks: Some(kind), .. }) => {
            let (verdict, objects, note) = unknown(gaps(context, [host::kind_of(kind)].iter()));
            answer(verdict, objects, note)
        }
        Err(error) => answer(
            CheckVerdict::Unknown,
            Vec::new(),
            format!("could not be evaluated: {error}"),
        ),
    }
}

/// The running version according to check.sh; `None` if the setting is missing or has no value.
fn server_version<'w>(context: &'w Context<'_>) -> Option<&'w str> {
    let setting = context
        .snapshot
        .cluster
        .named("Setting.harvesterhci.io", "", "server-version")?;
    setting.root.get("value").and_then(Node::as_str)
}

type Answer = (CheckVerdict, Vec<ObjectRef>, String);

fn evaluate<'a>(context: &'a Context<'_>, check: &'a Check, version: &str) -> Result<Answer, EvalError> {
    let lacking = gaps(context, check.requires.iter());
    if !lacking.is_empty() {
        return Ok(unknown(lacking));
    }
    let mut env = context.env(None);
    let availability = &context.snapshot.availability;
    env.strict = availability.has_damage().then_some(Strict {
        requires: &check.requires,
        availability,
    });
    let mut slots = Slots::new();
    slots.push(Value::text(version));
    slots.memoize(&check.bindings);
    let mut holds = |expr: &'a Option<Expr>| -> Result<Option<Vec<ObjectRef>>, EvalError> {
        match expr {
            Some(expr) => Ok(matched(&env, &expr.eval(&env, &mut slots)?)),
            None => Ok(None),
        }
    };
    let (skipped, failed, warned) = (holds(&check.skipped)?, holds(&check.fail)?, holds(&check.warning)?);
    // What is said needs no proof as the verdict does.
    let said = RuleHost { strict: None, ..env };
    let note = check
        .note
        .as_ref()
        .map(|note| note.fill(&said, &mut slots))
        .transpose()?
        .unwrap_or_default();
    if skipped.is_some() {
        return Ok((CheckVerdict::Skipped, Vec::new(), note));
    }
    if let Some(objects) = failed {
        return Ok((CheckVerdict::Fail, objects, note));
    }
    if let Some(why) = &check.unknown {
        return Ok((CheckVerdict::Unknown, Vec::new(), why.clone()));
    }
    let partial = gaps(context, check.partial.iter());
    if !partial.is_empty() {
        return Ok(unknown(partial));
    }
    Ok(match warned {
        Some(objects) => (CheckVerdict::Warning, objects, note),
        None => (CheckVerdict::Pass, Vec::new(), note),
    })
}

/// Why objects of these kinds may be incomplete, in words.
fn gaps<'k>(context: &Context<'_>, kinds: impl Iterator<Item = &'k KindId>) -> BTreeSet<String> {
    let gaps = kinds.flat_map(|kind| context.snapshot.availability.gaps(*kind));
    gaps.map(ToString::to_string).collect()
}

fn unknown(reasons: BTreeSet<String>) -> Answer {
    let note = reasons.into_iter().take(3).collect::<Vec<_>>().join("; ");
    (CheckVerdict::Unknown, Vec::new(), note)
}

/// The objects that a check fails on by its value: `true` is a failure without objects, an empty list is no failure.
fn matched<'a>(host: &RuleHost<'a>, value: &Value<'a>) -> Option<Vec<ObjectRef>> {
    match value {
        Value::Bool(true) => Some(Vec::new()),
        Value::Bool(false) | Value::Unset(_) => None,
        other => {
            let mut objects = Vec::new();
            collect(host, other, &mut objects);
            objects.sort();
            objects.dedup();
            if objects.is_empty() { None } else { Some(objects) }
        }
    }
}

/// Collects objects, and references to objects that may not be in the bundle, which are maps.
fn collect<'a>(host: &RuleHost<'a>, value: &Value<'a>, objects: &mut Vec<ObjectRef>) {
    match value {
        Value::Object(object) => objects.push(host.resolve(*object).reference()),
        Value::Map(_) => {
            let text = |key: &str| value.field(key).as_str().unwrap_or_default().to_owned();
            objects.push(ObjectRef {
                api_version: text("apiVersion"),
                kind: text("kind"),
                namespace: text("namespace"),
                name: text("name"),
            });
        }
        Value::List(items) => items.iter().for_each(|item| collect(host, item, objects)),
        _ => {}
    }
}
