//! A finding as the cause of others: which objects it accounts for.
//!
//! A finding covers its objects, those they contain by the graph, and all dependents of these; or the objects that its rule names under
//! `covers`, with the same of these. Objects are numbered once for all
//! findings and the cover of each is computed once, so that sorted numbers are compared instead of names.

use super::Context;
use super::draft::DraftFinding;
use gleaner_cluster::{CLOCK_SKEW, KindId, Object};
use gleaner_report::ObjectRef;

/// Its keys are names from a bundle, so it keeps the randomly seeded hash of the standard library.
#[expect(clippy::disallowed_types, reason = "only looked up, never iterated")]
type Lookup<K> = std::collections::HashMap<K, u32>;

/// Numbers of objects: one for each kind, namespace and name. A VM and its running instance are one.
#[derive(Default)]
pub(super) struct Numbers {
    by_name: Lookup<String>,
    by_position: Lookup<(KindId, u32)>,
    /// The kind and name of each object, by number.
    names: Vec<(String, String)>,
}

impl Numbers {
    #[expect(clippy::expect_used, reason = "the map cannot have 2³² names in memory")]
    fn named(&mut self, kind: &str, namespace: &str, name: &str) -> u32 {
        let kind = if kind == "VirtualMachineInstance" {
            "VirtualMachine"
        } else {
            kind
        };
        let next = u32::try_from(self.by_name.len()).expect("objects are numbered with 32 bits");
        let names = &mut self.names;
        let number = self.by_name.entry(format!("{kind}/{namespace}/{name}"));
        *number.or_insert_with(|| {
            names.push((kind.to_owned(), name.to_owned()));
            next
        })
    }

    /// The kind and name of an object.
    pub(super) fn name(&self, number: u32) -> String {
        let (kind, name) = &self.names[number as usize];
        format!("{kind} {name}")
    }

    fn reference(&mut self, object: &ObjectRef) -> u32 {
        self.named(&object.kind, &object.namespace, &object.name)
    }

    fn references(&mut self, objects: &[ObjectRef]) -> Vec<u32> {
        objects.iter().map(|object| self.reference(object)).collect()
    }

    fn object(&mut self, object: &Object<'_>) -> u32 {
        let position = (object.kind, object.position);
        if let Some(known) = self.by_position.get(&position) {
            return *known;
        }
        let number = self.named(object.root.text(&["kind"]), object.namespace(), object.name());
        self.by_position.insert(position, number);
        number
    }
}

/// A cause whose own time is not known must not be about objects that were made a day after its symptom began.
const DAY: i64 = 24 * 3600;

/// What one match of a finding is about, by number, and when it began.
#[derive(Clone)]
pub(super) struct Place {
    objects: Vec<u32>,
    caused_by: Vec<u32>,
    pub(super) since: Option<i64>,
}

impl Place {
    /// The places of a finding, in the order of its matches.
    pub(super) fn all(draft: &DraftFinding<'_>, numbers: &mut Numbers) -> Vec<Place> {
        let place = |((objects, caused_by), since): (&(Vec<ObjectRef>, Vec<ObjectRef>), _)| Place {
            objects: numbers.references(objects),
            caused_by: numbers.references(caused_by),
            since,
        };
        draft.places().iter().zip(draft.since()).map(place).collect()
    }

    /// Whether all that it is about is among these objects, which are sorted.
    pub(super) fn lies_at(&self, objects: &[u32]) -> bool {
        !self.objects.is_empty() && self.objects.iter().all(|object| objects.binary_search(object).is_ok())
    }

    /// The objects that a cause has to account for: those in `caused_by`, else its own.
    fn origin(&self) -> &[u32] {
        if self.caused_by.is_empty() {
            &self.objects
        } else {
            &self.caused_by
        }
    }
}

/// A finding as the cause of others, or several findings that are a cause together.
#[derive(Default)]
pub(super) struct Cause {
    /// The objects it names, sorted.
    own: Vec<u32>,
    /// Those, and what belongs to them, sorted.
    whole: Vec<u32>,
    /// The objects that it accounts for, sorted.
    covered: Vec<u32>,
    /// When it began.
    since: Option<i64>,
    /// When the newest of its objects was made.
    created: Option<i64>,
}

impl Cause {
    pub(super) fn of(context: &Context<'_>, draft: &DraftFinding<'_>, numbers: &mut Numbers) -> Cause {
        let (snapshot, finding) = (context.snapshot, &draft.finding);
        let mut own = numbers.references(&finding.objects);
        let mut covered = own.clone();
        covered.extend(numbers.references(&finding.impact.virtual_machines));
        let objects = finding.objects.iter().filter_map(|object| find(context, object));
        let objects: Vec<&Object<'_>> = objects.collect();
        let at_fault = draft.covers().unwrap_or(&objects);
        let contained: Vec<&Object<'_>> = at_fault
            .iter()
            .flat_map(|object| {
                let edges = snapshot.graph.contains(object.kind).iter();
                edges.flat_map(|edge| snapshot.follow(*edge, object))
            })
            .collect();
        let mut whole = own.clone();
        whole.extend(contained.iter().map(|object| numbers.object(object)));
        whole.sort_unstable();
        let dependents = snapshot.dependents(at_fault.iter().copied().chain(contained));
        covered.extend(dependents.into_iter().map(|object| numbers.object(object)));
        own.sort_unstable();
        covered.sort_unstable();
        covered.dedup();
        let created = objects.iter().filter_map(|object| {
            let created = object.root.text(&["metadata", "creationTimestamp"]);
            gleaner_text::parse_time(created)
        });
        Cause {
            own,
            whole,
            covered,
            since: draft.since().flatten().min(),
            created: created.max(),
        }
    }

    /// Several findings as one cause, which covers what any of them covers.
    pub(super) fn together<'c>(causes: impl Iterator<Item = &'c Cause> + Clone) -> Cause {
        let since = causes.clone().filter_map(|cause| cause.since).max();
        let mut covered: Vec<u32> = causes.flat_map(|cause| cause.covered.iter().copied()).collect();
        covered.sort_unstable();
        Cause {
            covered,
            since,
            ..Cause::default()
        }
    }

    /// The objects it names and what belongs to them, sorted.
    pub(super) fn whole(&self) -> &[u32] {
        &self.whole
    }

    /// Whether it can have brought about a place: it accounts for it, and began no later.
    pub(super) fn explains(&self, place: &Place) -> bool {
        self.accounts_for(place) && self.is_before(place)
    }

    /// How much earlier a place began than this; 0 if it did not, or a time is not known.
    pub(super) fn seconds_after(&self, place: &Place) -> i64 {
        let times = self.since.zip(place.since);
        times.map_or(0, |(cause, symptom)| cause.saturating_sub(symptom).max(0))
    }

    /// Whether it began no later than a place, as far as that is known.
    fn is_before(&self, place: &Place) -> bool {
        match (self.since, self.created, place.since) {
            (Some(_), _, Some(_)) => self.seconds_after(place) <= CLOCK_SKEW,
            (None, Some(created), Some(symptom)) => created.saturating_sub(symptom) <= DAY,
            _ => true,
        }
    }

    /// Which of a place's origin it does not account for, and how many objects that is of.
    pub(super) fn missing(&self, place: &Place) -> (Vec<u32>, usize) {
        let origin = place.origin().iter().copied();
        let missing = origin.filter(|object| self.covered.binary_search(object).is_err());
        (missing.collect(), place.origin().len())
    }

    /// Whether it accounts for all of a place's origin, or names all of the place's objects itself, whatever caused them.
    pub(super) fn accounts_for(&self, place: &Place) -> bool {
        let all = |objects: &[u32], of: &[u32]| {
            !objects.is_empty() && objects.iter().all(|object| of.binary_search(object).is_ok())
        };
        all(place.origin(), &self.covered) || all(&place.objects, &self.own)
    }

    /// Whether it accounts for any of a place's origin.
    pub(super) fn touches(&self, place: &Place) -> bool {
        let covers = |object: &u32| self.covered.binary_search(object).is_ok();
        place.origin().iter().any(covers)
    }
}

fn find<'a>(context: &'a Context<'_>, object: &ObjectRef) -> Option<&'a Object<'a>> {
    let kind = context.catalog.kinds.of(&object.api_version, &object.kind)?;
    context.snapshot.cluster.get(kind, &object.namespace, &object.name)
}
