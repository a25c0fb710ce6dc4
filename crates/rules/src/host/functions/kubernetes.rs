//! Functions that know Kubernetes, Harvester and Longhorn: conditions, settings, what was collected.

use super::super::RuleHost;
use super::Result;
use gleaner_cel::{Prepared, Value};
use gleaner_cluster::Cluster;
use gleaner_yaml::{Conditions, Node};

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
    let value = effective_setting(host.cluster, args[0].text_or_empty()?);
    Ok(value.map_or(Value::UNSET, Value::borrowed))
}

/// The effective value of a Harvester setting: its value, or its default where the value is unset.
fn effective_setting<'a>(cluster: &'a Cluster<'a>, name: &str) -> Option<&'a str> {
    let root = &cluster.named("Setting.harvesterhci.io", "", name)?.root;
    root.get("value").or_else(|| root.get("default")).and_then(Node::as_str)
}

/// Since Longhorn 1.9 a setting may hold one value per data engine, as JSON: the one of v1 counts.
pub(super) fn longhorn_setting<'a>(args: &[Value<'a>], host: &RuleHost<'a>) -> Result<'a> {
    let name = args[0].text_or_empty()?;
    let setting = host.cluster.named("Setting.longhorn.io", "longhorn-system", name);
    let value = setting.and_then(|setting| setting.root.get("value"));
    let Some(value) = value.and_then(Node::as_str) else {
        return Ok(Value::UNSET);
    };
    if !value.starts_with('{') {
        return Ok(Value::borrowed(value));
    }
    let engines = gleaner_yaml::embedded_json(value);
    let engine = engines.as_ref().and_then(|engines| engines.get("v1"));
    Ok(engine.map_or(Value::borrowed(value), |value| {
        Value::text(gleaner_yaml::display(value))
    }))
}

pub(super) fn collected<'a>(args: &[Value<'a>], host: &RuleHost<'a>) -> Result<'a> {
    let namespace = args[0].text_or_empty()?;
    Ok(Value::Bool(host.facts.namespaces.contains(namespace)))
}

pub(super) fn archived<'a>(args: &[Value<'a>], host: &RuleHost<'a>) -> Result<'a> {
    let node = args[0].text_or_empty()?;
    Ok(Value::Bool(host.facts.node_archives.contains(node)))
}
