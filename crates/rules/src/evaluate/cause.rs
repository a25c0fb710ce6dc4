//! A finding as the cause of others: which objects it accounts for.
//!
//! What an object covers is itself, what the graph says belongs to it, and whatever depends on those.

use super::Context;
use gleaner_cluster::Object;
use gleaner_report::{Finding, ObjectRef};
use std::collections::BTreeSet;

/// What one hit is about.
pub(super) struct Place {
    /// The objects it names.
    pub(super) objects: Vec<ObjectRef>,
    /// The objects at whose door it lies, where the rule knows.
    pub(super) caused_by: Vec<ObjectRef>,
}

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
    pub(super) covered: BTreeSet<Key>,
}

impl Cause {
    pub(super) fn of(context: &Context<'_>, finding: &Finding) -> Cause {
        Cause {
            own: finding.objects.iter().map(key).collect(),
            covered: covered(context, finding),
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

/// Everything that a cause on these objects accounts for.
fn covered(context: &Context<'_>, finding: &Finding) -> BTreeSet<Key> {
    let graph = context.snapshot.graph;
    let mut keys: BTreeSet<Key> = finding
        .objects
        .iter()
        .chain(&finding.impact.virtual_machines)
        .map(key)
        .collect();
    let own = finding.objects.iter().filter_map(|object| find(context, object));
    let own: Vec<&Object<'_>> = own.collect();
    let contained = own.iter().flat_map(|object| {
        let edges = graph.contains(object.kind).iter();
        edges.flat_map(|edge| context.snapshot.follow(*edge, object))
    });
    let all: Vec<&Object<'_>> = own.iter().copied().chain(contained).collect();
    let dependents = context.snapshot.dependents(all.into_iter());
    keys.extend(dependents.into_iter().map(|object| key(&object.reference())));
    keys
}

fn find<'a>(context: &'a Context<'_>, object: &ObjectRef) -> Option<&'a Object<'a>> {
    let kind = context.catalog.kinds.of(&object.api_version, &object.kind)?;
    context.snapshot.cluster.get(kind, &object.namespace, &object.name)
}
