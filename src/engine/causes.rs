//! From many findings to few causes: which findings are symptoms of which.
//!
//! A rule names the rules it `explains`; a finding of those is its symptom only if the cause covers every one of its objects.
//! What an object covers is itself, what the graph says belongs to it, and whatever depends on those.

use super::World;
use crate::finding::{Finding, ObjectRef};
use crate::model::cluster::Object;
use std::collections::BTreeSet;

/// An object by kind, namespace and name. A machine and its running instance are one.
type Key = (String, String, String);

fn key(object: &ObjectRef) -> Key {
    let kind = if object.kind == "VirtualMachineInstance" {
        "VirtualMachine"
    } else {
        &object.kind
    };
    (kind.to_owned(), object.namespace.clone(), object.name.clone())
}

/// Joins findings to those that explain them. Of two that would explain each other, the one that comes first does.
pub(super) fn explain(world: &World<'_>, findings: &mut [Finding]) {
    let mut links: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (cause, finding) in findings.iter().enumerate() {
        let Some(rule) = world.catalog.rule(&finding.rule) else {
            continue;
        };
        let candidates = findings.iter().enumerate().filter(|(symptom, other)| {
            *symptom != cause && !other.objects.is_empty() && rule.file.explains.contains(&other.rule)
        });
        let candidates: Vec<(usize, &Finding)> = candidates.collect();
        if candidates.is_empty() {
            continue;
        }
        let covered = covered(world, finding);
        for (symptom, other) in candidates {
            let covers = other.objects.iter().all(|object| covered.contains(&key(object)));
            if covers && !links.contains(&(symptom, cause)) {
                links.insert((cause, symptom));
            }
        }
    }
    let ids: Vec<String> = findings.iter().map(|finding| finding.id.clone()).collect();
    for (cause, symptom) in links {
        if let (Some(finding), Some(id)) = (findings.get_mut(cause), ids.get(symptom)) {
            finding.explains.push(id.clone());
        }
        if let (Some(finding), Some(id)) = (findings.get_mut(symptom), ids.get(cause)) {
            finding.explained_by.push(id.clone());
        }
    }
}

/// Everything that a cause on these objects accounts for.
fn covered(world: &World<'_>, finding: &Finding) -> BTreeSet<Key> {
    let graph = &world.catalog.graph;
    let mut keys: BTreeSet<Key> = finding
        .objects
        .iter()
        .chain(&finding.impact.virtual_machines)
        .map(key)
        .collect();
    let mut open: Vec<&Object<'_>> = finding
        .objects
        .iter()
        .filter_map(|object| find(world, object))
        .collect();
    let belongings: Vec<&Object<'_>> = open
        .iter()
        .flat_map(|object| {
            let edges = graph.covers(object.kind).iter();
            edges.flat_map(|edge| world.index.follow(graph, &world.cluster, *edge, object))
        })
        .collect();
    open.extend(belongings);
    let mut seen: BTreeSet<(usize, &str, &str)> = BTreeSet::new();
    while let Some(object) = open.pop() {
        if !seen.insert((object.kind.index(), object.namespace(), object.name())) {
            continue;
        }
        keys.insert(key(&object.reference()));
        for edge in graph.impact(object.kind) {
            open.extend(world.index.follow(graph, &world.cluster, *edge, object));
        }
    }
    keys
}

fn find<'a>(world: &'a World<'_>, object: &ObjectRef) -> Option<&'a Object<'a>> {
    let kind = world.catalog.kinds.of(&object.api_version, &object.kind)?;
    world.cluster.get(kind, &object.namespace, &object.name)
}
