//! Functions for conditions, settings, and what the bundle contains.

use super::super::RuleHost;
use super::Result;
use gleaner_cel::{Prepared, Value};
use gleaner_cluster::harvester::{Conditions, setting};
use std::borrow::Cow;

pub(super) fn condition<'a>(args: &[Value<'a>]) -> Result<'a> {
    find(&Conditions::default(), &args[0], args[1].text_or_empty()?)
}

pub(super) fn known_condition(wanted: &str) -> std::result::Result<Prepared, String> {
    let (conditions, wanted) = (Conditions::default(), wanted.to_owned());
    Ok(Prepared::call(move |args| find(&conditions, &args[0], &wanted)))
}

fn find<'a>(conditions: &Conditions, value: &Value<'a>, wanted: &str) -> Result<'a> {
    let found = value.as_node().and_then(|node| conditions.find(node, wanted));
    Ok(Value::maybe(found))
}

pub(super) fn setting<'a>(args: &[Value<'a>], host: &RuleHost<'a>) -> Result<'a> {
    let name = args[0].text_or_empty()?;
    Ok(Value::borrowed(setting::harvester(host.cluster, name)))
}

pub(super) fn longhorn_setting<'a>(args: &[Value<'a>], host: &RuleHost<'a>) -> Result<'a> {
    let name = args[0].text_or_empty()?;
    Ok(match setting::longhorn(host.cluster, name) {
        Some(Cow::Borrowed(text)) => Value::borrowed(text),
        Some(Cow::Owned(text)) => Value::text(text),
        None => Value::UNSET,
    })
}

pub(super) fn collected<'a>(args: &[Value<'a>], host: &RuleHost<'a>) -> Result<'a> {
    let namespace = args[0].text_or_empty()?;
    Ok(Value::Bool(host.facts.namespaces.contains(namespace)))
}

pub(super) fn archived<'a>(args: &[Value<'a>], host: &RuleHost<'a>) -> Result<'a> {
    let node = args[0].text_or_empty()?;
    Ok(Value::Bool(host.facts.has_archive(node)))
}
