//! From many findings to few causes: which findings are symptoms of which.
//!
//! A rule names the rules it `explains`; a finding of those is its symptom as far as the cause covers its objects, or those it is
//! `caused_by`. A finding that is explained in part is parted: no object hides below a cause that does not account for it.
//! What an object covers is itself, what the graph says belongs to it, and whatever depends on those.

use super::World;
use super::found::{self, Found, Place};
use crate::model::cluster::Object;
use gleaner_report::{Finding, ObjectRef};
use std::collections::{BTreeSet, VecDeque};

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

/// A finding as the cause of others.
#[derive(Default)]
pub(super) struct Cause {
    own: BTreeSet<Key>,
    covered: BTreeSet<Key>,
}

impl Cause {
    fn of(world: &World<'_>, finding: &Finding) -> Cause {
        Cause {
            own: finding.objects.iter().map(key).collect(),
            covered: covered(world, finding),
        }
    }

    /// Whether it accounts for what a hit is about: for what that is due to, else for its objects. The same objects are the same
    /// trouble, whatever they are due to.
    pub(super) fn explains(&self, place: &Place) -> bool {
        let all = |objects: &[ObjectRef], of: &BTreeSet<Key>| {
            !objects.is_empty() && objects.iter().all(|object| of.contains(&key(object)))
        };
        let lies_at = if place.caused_by.is_empty() {
            &place.objects
        } else {
            &place.caused_by
        };
        all(lies_at, &self.covered) || all(&place.objects, &self.own)
    }

    /// Whether it accounts for a part of what a hit is about.
    pub(super) fn touches(&self, place: &Place) -> bool {
        let lies_at = if place.caused_by.is_empty() {
            &place.objects
        } else {
            &place.caused_by
        };
        lies_at.iter().any(|object| self.covered.contains(&key(object)))
    }
}

/// Joins findings to those that explain them. Of two that would explain each other, the one that comes first does.
pub(super) fn explain<'a>(world: &'a World<'_>, mut found: Vec<Found<'a>>) -> Vec<Finding> {
    found::sort(&mut found);
    part(world, &mut found);
    found::sort(&mut found);
    let links = links(world, &found);
    let mut findings: Vec<Finding> = found.into_iter().map(|found| found.finding).collect();
    let ids: Vec<String> = findings.iter().map(|finding| finding.id.clone()).collect();
    for (cause, symptom) in links {
        if let (Some(finding), Some(id)) = (findings.get_mut(cause), ids.get(symptom)) {
            finding.explains.push(id.clone());
        }
        if let (Some(finding), Some(id)) = (findings.get_mut(symptom), ids.get(cause)) {
            finding.explained_by.push(id.clone());
        }
    }
    findings
}

/// Parts findings that a cause explains only for some of their objects, so that it stands for these and the others on their own.
/// Causes that nothing explains come first; what one of them accounts for stays together.
fn part<'a>(world: &'a World<'_>, found: &mut Vec<Found<'a>>) {
    let touched: BTreeSet<usize> = (0..found.len())
        .flat_map(|cause| reached(world, found, cause))
        .map(|(symptom, _)| symptom)
        .collect();
    let mut order: VecDeque<usize> = (0..found.len()).filter(|index| !touched.contains(index)).collect();
    order.extend(&touched);
    let mut settled = BTreeSet::new();
    while let Some(cause) = order.pop_front() {
        let Some(as_cause) = found.get(cause).map(|found| Cause::of(world, &found.finding)) else {
            continue;
        };
        for (symptom, whole) in reached(world, found, cause) {
            if settled.contains(&symptom) {
                continue;
            }
            let others = match found.get_mut(symptom) {
                Some(symptom) if !whole => symptom.split(world, &as_cause),
                _ => None,
            };
            if whole || others.is_some() {
                settled.insert(symptom);
            }
            if let Some(others) = others {
                order.push_back(found.len());
                found.push(others);
            }
        }
    }
}

/// The causes and symptoms among findings, by their places.
fn links(world: &World<'_>, found: &[Found<'_>]) -> BTreeSet<(usize, usize)> {
    let mut links: BTreeSet<(usize, usize)> = BTreeSet::new();
    for cause in 0..found.len() {
        for (symptom, whole) in reached(world, found, cause) {
            if whole && !links.contains(&(symptom, cause)) {
                links.insert((cause, symptom));
            }
        }
    }
    let explained: BTreeSet<usize> = links.iter().map(|(_, symptom)| *symptom).collect();
    for symptom in (0..found.len()).filter(|symptom| !explained.contains(symptom)) {
        for cause in together(world, found, symptom) {
            if !links.contains(&(symptom, cause)) {
                links.insert((cause, symptom));
            }
        }
    }
    links
}

/// The causes that explain a finding only together, as two charts do what is said of both: none, unless nothing is left over.
fn together(world: &World<'_>, found: &[Found<'_>], symptom: usize) -> Vec<usize> {
    let Some(of) = found.get(symptom) else {
        return Vec::new();
    };
    let candidates = found.iter().enumerate().filter(|(index, cause)| {
        let rule = world.catalog.rule(&cause.finding.rule);
        *index != symptom && rule.is_some_and(|rule| rule.file.explains.contains(&of.finding.rule))
    });
    let mut all = Cause::default();
    let mut causes = Vec::new();
    for (index, cause) in candidates {
        let cause = Cause::of(world, &cause.finding);
        if of.touches(&cause) {
            all.covered.extend(cause.covered);
            causes.push(index);
        }
    }
    let (some, whole) = of.explained(&all);
    if some == whole { causes } else { Vec::new() }
}

/// The findings that a cause explains at least in part, and whether it explains all of each.
fn reached(world: &World<'_>, found: &[Found<'_>], cause: usize) -> Vec<(usize, bool)> {
    let Some((finding, rule)) = found
        .get(cause)
        .and_then(|found| Some((&found.finding, world.catalog.rule(&found.finding.rule)?)))
    else {
        return Vec::new();
    };
    let candidates = found.iter().enumerate();
    let candidates: Vec<(usize, &Found<'_>)> = candidates
        .filter(|(symptom, other)| *symptom != cause && rule.file.explains.contains(&other.finding.rule))
        .collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let cause = Cause::of(world, finding);
    let explained = candidates
        .into_iter()
        .map(|(symptom, other)| (symptom, other.explained(&cause)));
    explained
        .filter(|(_, (some, _))| *some > 0)
        .map(|(symptom, (some, all))| (symptom, some == all))
        .collect()
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
            let edges = graph.contains(object.kind).iter();
            edges.flat_map(|edge| world.index.follow(graph, &world.cluster, *edge, Some(object)))
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
            open.extend(world.index.follow(graph, &world.cluster, *edge, Some(object)));
        }
    }
    keys
}

fn find<'a>(world: &'a World<'_>, object: &ObjectRef) -> Option<&'a Object<'a>> {
    let kind = world.catalog.kinds.of(&object.api_version, &object.kind)?;
    world.cluster.get(kind, &object.namespace, &object.name)
}
