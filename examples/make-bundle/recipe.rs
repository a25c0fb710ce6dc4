//! Faults with their times, as data: what to set, add, remove and log in a healthy cluster.

use super::template::{Resources, Template};
use anyhow::{Context, bail, ensure};
use gleaner_cluster::Kinds;
use serde::Deserialize;
use serde_yaml::Value;
use std::collections::BTreeMap;

/// A cluster and what happened to it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    /// Nodes of the cluster, at least 3.
    #[serde(default = "three")]
    pub(crate) nodes: usize,
    /// VMs besides those of the sample.
    #[serde(default)]
    pub(crate) vms: usize,
    /// What happened, in order.
    #[serde(default)]
    pub(crate) faults: Vec<Fault>,
}

/// One change: one of these.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fault {
    /// Fields of objects get other values.
    set: Option<Edit>,
    /// Objects are added.
    add: Vec<Value>,
    /// Objects are removed.
    remove: Option<Objects>,
    /// Lines are added at the end of a file of the bundle.
    log: Option<Lines>,
    /// Files are removed: those whose path begins so.
    drop: Option<String>,
}

/// Which objects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Objects {
    /// Their kind, as `Kind.group`.
    kind: String,
    /// Their name; all without one.
    #[serde(default)]
    name: Option<String>,
    /// Their namespace; any without one.
    #[serde(default)]
    namespace: Option<String>,
    /// Only objects with these values, by field path.
    #[serde(default, rename = "where")]
    fields: BTreeMap<String, Value>,
}

/// New values of fields of objects.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    /// Which objects.
    of: Objects,
    /// The new value by field path such as `status.conditions[Ready].status`; null removes the field.
    fields: BTreeMap<String, Value>,
}

/// Lines of a log.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lines {
    /// The path in the bundle.
    path: String,
    /// The lines.
    lines: Vec<String>,
}

fn three() -> usize {
    3
}

/// Applies the faults of a recipe.
pub(crate) fn apply(tree: &mut Template, recipe: &Recipe, kinds: &Kinds) -> anyhow::Result<()> {
    for fault in &recipe.faults {
        if let Some(edit) = &fault.set {
            set(tree, edit, kinds).with_context(|| format!("set {}", edit.of.kind))?;
        }
        for object in &fault.add {
            add(tree, object, kinds)?;
        }
        if let Some(objects) = &fault.remove {
            remove(tree, objects, kinds)?;
        }
        if let Some(lines) = &fault.log {
            log(tree, lines);
        }
        if let Some(start) = &fault.drop {
            tree.files.retain(|path, _| !path.starts_with(start.as_str()));
            tree.others.retain(|path, _| !path.starts_with(start.as_str()));
        }
    }
    Ok(())
}

/// Whether a path is one where the collector writes objects of a kind.
fn holds(path: &str, kind: &str, kinds: &Kinds) -> anyhow::Result<bool> {
    let id = kinds.by_name(kind).with_context(|| format!("unknown kind `{kind}`"))?;
    let info = kinds.info(id);
    let mut parts = path.rsplitn(3, '/');
    let (file, version) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let before = parts.next().unwrap_or("");
    let group = before.rsplit('/').next().unwrap_or("");
    let of_group = if info.groups.iter().all(|group| group.is_empty()) {
        version == "v1" && !group.contains('.')
    } else {
        info.groups.iter().any(|known| known == group)
    };
    Ok(file == format!("{}.yaml", info.plural) && of_group)
}

fn set(tree: &mut Template, edit: &Edit, kinds: &Kinds) -> anyhow::Result<()> {
    let mut found = 0;
    for (path, file) in &mut tree.files {
        if !holds(path, &edit.of.kind, kinds)? {
            continue;
        }
        for item in &mut file.items {
            let mut object = parse(item)?;
            if edit.of.matches(&object) {
                for (field, value) in &edit.fields {
                    put(&mut object, field, value.clone())?;
                }
                *item = written(&object)?;
                found += 1;
            }
        }
    }
    ensure!(found > 0, "no such object");
    Ok(())
}

fn add(tree: &mut Template, object: &Value, kinds: &Kinds) -> anyhow::Result<()> {
    let text = |path: &[&str]| {
        path.iter()
            .try_fold(object, |value, key| value.get(key))
            .and_then(Value::as_str)
    };
    let version = text(&["apiVersion"]).context("an object without apiVersion")?;
    let kind = text(&["kind"]).context("an object without kind")?;
    let id = kinds
        .of(version, kind)
        .with_context(|| format!("unknown kind `{kind}` of `{version}`"))?;
    let place = match text(&["metadata", "namespace"]) {
        Some(namespace) => format!("namespaced/{namespace}"),
        None => "cluster".to_owned(),
    };
    let path = format!("yamls/{place}/{version}/{}.yaml", kinds.info(id).plural);
    let file: &mut Resources = tree.files.entry(path).or_default();
    file.items.push(written(object)?);
    Ok(())
}

fn remove(tree: &mut Template, objects: &Objects, kinds: &Kinds) -> anyhow::Result<()> {
    let mut found = 0;
    for (path, file) in &mut tree.files {
        if !holds(path, &objects.kind, kinds)? {
            continue;
        }
        let before = file.items.len();
        let mut kept = Vec::new();
        for item in std::mem::take(&mut file.items) {
            if !objects.matches(&parse(&item)?) {
                kept.push(item);
            }
        }
        file.items = kept;
        found += before - file.items.len();
    }
    ensure!(found > 0, "remove {}: no such object", objects.kind);
    Ok(())
}

fn log(tree: &mut Template, Lines { path, lines }: &Lines) {
    let file = tree.others.entry(path.clone()).or_default();
    for line in lines {
        file.extend_from_slice(line.as_bytes());
        file.push(b'\n');
    }
}

impl Objects {
    fn matches(&self, object: &Value) -> bool {
        let metadata = |key: &str| object.get("metadata")?.get(key)?.as_str();
        let is_named =
            |wanted: &Option<String>, key| wanted.as_deref().is_none_or(|wanted| metadata(key) == Some(wanted));
        is_named(&self.name, "name")
            && is_named(&self.namespace, "namespace")
            && self
                .fields
                .iter()
                .all(|(field, value)| get(object, field) == Some(value))
    }
}

/// The keys of a field path; `conditions[Ready]` gives the element of that type, `list[0]` the first one.
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (step, after) = match rest.strip_prefix('[') {
            Some(inner) => inner.split_once(']').unwrap_or((inner, "")),
            None => {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        if !step.is_empty() {
            steps.push(step.trim_matches('"').to_owned());
        }
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    steps
}

fn get<'v>(object: &'v Value, path: &str) -> Option<&'v Value> {
    steps(path).iter().try_fold(object, |value, step| match value {
        Value::Sequence(items) => {
            let of_type = |item: &&Value| item.get("type").and_then(Value::as_str) == Some(step.as_str());
            items
                .iter()
                .find(of_type)
                .or_else(|| items.get(step.parse::<usize>().ok()?))
        }
        value => value.get(step.as_str()),
    })
}

fn put(object: &mut Value, path: &str, new: Value) -> anyhow::Result<()> {
    let steps = steps(path);
    let Some((last, before)) = steps.split_last() else {
        bail!("an empty path")
    };
    let mut place = object;
    for step in before {
        place = child(place, step).with_context(|| format!("{path}: no `{step}`"))?;
    }
    match (place, new) {
        (Value::Mapping(map), Value::Null) => {
            map.remove(last.as_str());
        }
        (place, new) => *child(place, last).with_context(|| format!("{path}: no `{last}`"))? = new,
    }
    Ok(())
}

/// The value at a step; in a map it is made if it is not there, and a list of conditions gets one more.
fn child<'v>(place: &'v mut Value, step: &str) -> Option<&'v mut Value> {
    if place.is_null() {
        *place = Value::Mapping(serde_yaml::Mapping::new());
    }
    match place {
        Value::Mapping(map) => Some(map.entry(Value::from(step)).or_insert(Value::Null)),
        Value::Sequence(items) => {
            let of_type = |item: &Value| item.get("type").and_then(Value::as_str) == Some(step);
            let index = items.iter().position(of_type).or_else(|| step.parse().ok());
            let index = index.unwrap_or_else(|| {
                let mut made = serde_yaml::Mapping::new();
                made.insert(Value::from("type"), Value::from(step));
                items.push(Value::Mapping(made));
                items.len() - 1
            });
            items.get_mut(index)
        }
        _ => None,
    }
}

fn parse(item: &str) -> anyhow::Result<Value> {
    let mut list: Vec<Value> = serde_yaml::from_str(item)?;
    list.pop().context("an empty item")
}

fn written(object: &Value) -> anyhow::Result<String> {
    Ok(serde_yaml::to_string(&[object])?)
}
