//! A finding as the cause of others: which objects it accounts for.
//!
//! A finding covers its objects, those they contain by the graph, and all dependents of these; or the objects that its rule names under
//! `covers`, with the same of these. Objects are numbered once for all
//! findings and the cover of each is computed once, so that sorted numbers are compared instead of names.

use super::Context;
use super::draft::DraftFinding;
use gleaner_cluster::{CLOCK_SKEW, Cluster, KindId, Object};
use gleaner_report::ObjectRef;
use std::collections::BTreeMap;

/// Numbers of objects: one for each kind, namespace and name, whatever the API group. A VM and its running instance are one.
pub(super) struct Numbers<'a> {
    cluster: &'a Cluster<'a>,
    /// By number in the cluster: that of the first object with the same kind, namespace and name.
    firsts: Vec<u32>,
    /// The kinds of the table by the name of their kind.
    kinds: BTreeMap<&'a str, Vec<KindId>>,
    /// Objects that the bundle does not have, by kind, namespace and name; their numbers follow those of the cluster.
    strangers: BTreeMap<(String, String, String), u32>,
}

impl<'a> Numbers<'a> {
    pub(super) fn new(cluster: &'a Cluster<'a>) -> Numbers<'a> {
        let mut kinds: BTreeMap<&str, Vec<KindId>> = BTreeMap::new();
        for (id, info) in cluster.kinds.all() {
            kinds.entry(shared(&info.kind)).or_default().push(id);
        }
        let mut firsts: Vec<u32> = (0..).take(cluster.len()).collect();
        for ids in kinds.values() {
            for (index, id) in ids.iter().enumerate().skip(1) {
                for object in cluster.all(*id) {
                    let of_others = ids[..index].iter();
                    let same = of_others.filter_map(|other| cluster.get(*other, object.namespace(), object.name()));
                    if let Some(first) = same.map(|same| cluster.number(same)).next() {
                        firsts[cluster.number(object)] = firsts[first];
                    }
                }
            }
        }
        Numbers {
            cluster,
            firsts,
            kinds,
            strangers: BTreeMap::new(),
        }
    }

    /// The number of an object of the cluster.
    fn object(&self, object: &Object<'_>) -> u32 {
        self.firsts[self.cluster.number(object)]
    }

    #[expect(clippy::expect_used, reason = "there cannot be 2³² names in memory")]
    fn reference(&mut self, object: &ObjectRef) -> u32 {
        let kind = shared(&object.kind);
        let known = self.kinds.get(kind).into_iter().flatten();
        let mut known = known.filter_map(|kind| self.cluster.get(*kind, &object.namespace, &object.name));
        if let Some(known) = known.next() {
            return self.object(known);
        }
        let next = self.firsts.len() + self.strangers.len();
        let key = (kind.to_owned(), object.namespace.clone(), object.name.clone());
        let number = self.strangers.entry(key);
        *number.or_insert(u32::try_from(next).expect("objects are numbered with 32 bits"))
    }

    pub(super) fn references(&mut self, objects: &[ObjectRef]) -> Vec<u32> {
        objects.iter().map(|object| self.reference(object)).collect()
    }

    /// The kind and name of an object.
    pub(super) fn name(&self, number: u32) -> String {
        if let Some(object) = self.cluster.numbered(number as usize) {
            let kind = &self.cluster.kinds.info(object.kind).kind;
            return format!("{} {}", shared(kind), object.name());
        }
        let mut strangers = self.strangers.iter();
        let found = strangers.find(|(_, known)| **known == number);
        found.map_or_else(String::new, |((kind, _, name), _)| format!("{kind} {name}"))
    }
}

/// The kind that stands for a kind.
fn shared(kind: &str) -> &str {
    match kind {
        "VirtualMachineInstance" => "VirtualMachine",
        kind => kind,
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
    pub(super) fn all(draft: &DraftFinding<'_>, numbers: &mut Numbers<'_>) -> Vec<Place> {
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
    /// A finding as a cause. `own` are the numbers of its objects, `machines` those of the VMs that it affects.
    pub(super) fn of(
        context: &Context<'_>,
        draft: &DraftFinding<'_>,
        (own, machines): (&[u32], &[u32]),
        numbers: &Numbers<'_>,
    ) -> Cause {
        let (snapshot, finding) = (context.snapshot, &draft.finding);
        let mut own = own.to_vec();
        let mut covered = [own.as_slice(), machines].concat();
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
