//! Functions that know Kubernetes, Harvester and Longhorn: conditions, settings, selectors, what was collected.

use super::{argument, text_argument};
use crate::expr::eval::Env;
use crate::expr::val::Val;
use gleaner_cluster::Cluster;
use gleaner_yaml::Conditions;
use gleaner_yaml::Node;

type Result<'a> = std::result::Result<Val<'a>, String>;

pub(super) fn condition<'a>(args: &[Val<'a>], _: &Env<'a>) -> Result<'a> {
    let wanted = text_argument(args, 1)?;
    let Some(node) = argument(args, 0).as_node() else {
        return Ok(Val::Unset);
    };
    Ok(Val::maybe(Conditions::default().find(node, wanted)))
}

pub(super) fn setting<'a>(args: &[Val<'a>], env: &Env<'a>) -> Result<'a> {
    let name = text_argument(args, 0)?;
    Ok(effective_setting(env.cluster, name).map_or(Val::Unset, Val::Str))
}

/// The effective value of a Harvester setting: its value, or its default where the value is unset.
fn effective_setting<'a>(cluster: &'a Cluster<'a>, name: &str) -> Option<&'a str> {
    let root = &cluster.named("Setting.harvesterhci.io", "", name)?.root;
    root.get("value").or_else(|| root.get("default")).and_then(Node::as_str)
}

/// Since Longhorn 1.9 a setting may hold one value per data engine, as JSON: the one of v1 counts.
pub(super) fn longhorn_setting<'a>(args: &[Val<'a>], env: &Env<'a>) -> Result<'a> {
    let name = text_argument(args, 0)?;
    let setting = env.cluster.named("Setting.longhorn.io", "longhorn-system", name);
    let Some(value) = setting
        .and_then(|setting| setting.root.get("value"))
        .and_then(Node::as_str)
    else {
        return Ok(Val::Unset);
    };
    if !value.starts_with('{') {
        return Ok(Val::Str(value));
    }
    let engines = gleaner_yaml::embedded_json(value);
    let engine = engines.as_ref().and_then(|engines| engines.get("v1"));
    Ok(engine.map_or(Val::Str(value), |value| Val::text(gleaner_yaml::display(value))))
}

pub(super) fn collected<'a>(args: &[Val<'a>], env: &Env<'a>) -> Result<'a> {
    let namespace = text_argument(args, 0)?;
    Ok(Val::Bool(env.facts.namespaces.contains(namespace)))
}

pub(super) fn archived<'a>(args: &[Val<'a>], env: &Env<'a>) -> Result<'a> {
    let node = text_argument(args, 0)?;
    Ok(Val::Bool(env.facts.node_archives.contains(node)))
}
