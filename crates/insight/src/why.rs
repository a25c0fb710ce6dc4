//! `gleaner why`: the chain that an object depends on, with the broken links, and what is known about it.

use crate::focus::Asked;
use crate::state::States;
use crate::timeline::fold;
use gleaner_cluster::harvester::{Workload, virtual_machine};
use gleaner_cluster::{Object, Snapshot};
use gleaner_report::{
    Dependency, Dependent, Finding, Moment, ObjectRef, Outcome, RuleOutcome, WHY_SCHEMA, Why, WhyFinding,
};
use gleaner_rules::Catalog;
use std::collections::{BTreeMap, BTreeSet};

/// How deep a chain is followed, and how many objects it has at most.
const MOST_DEEP: usize = 8;
const MOST_LINKS: usize = 300;
/// How many dependents, moments and unchecked rules are listed.
const MOST_DEPENDENTS: usize = 200;
const MOST_MOMENTS: usize = 200;
const MOST_UNCHECKED: usize = 20;

/// Kinds that lead to a VM by impact, and that it does not run on: backups and upgrades concern it, but are no link of its chain.
const NOT_RUN_ON: [&str; 6] = [
    "ScheduleVMBackup",
    "VirtualMachineBackup",
    "Upgrade",
    "Snapshot",
    "VolumeAttachment",
    "InstanceManager",
];

/// What the pages of one report are made of.
pub struct Whys<'s, 't> {
    /// The cluster.
    pub snapshot: &'s Snapshot<'t>,
    /// The rules.
    pub catalog: &'s Catalog,
    /// The findings of the report, in its order.
    pub findings: &'s [Finding],
    /// The outcomes of all rules.
    pub outcomes: &'s [RuleOutcome],
    /// Every moment, unfolded.
    pub timeline: &'s [Moment],
}

impl<'s> Whys<'s, '_> {
    /// The page about an object of the bundle.
    pub fn of(&self, object: &'s Object<'s>) -> Why {
        let states = States::new(self.snapshot);
        let mut seen = BTreeSet::from([key(object)]);
        let chain = self.dependency(object, &states, &mut seen, 0);
        let asked = Asked::of(self.snapshot, &object.reference());
        let dependents = self.dependents(object, &states);
        self.page(chain, dependents, &asked, is_vm(object))
    }

    /// The page about a VM that is not in the bundle, by the Longhorn volumes that name it.
    pub fn of_recorded_vm(&self, namespace: &str, name: &str) -> Why {
        let states = States::new(self.snapshot);
        let mut seen = BTreeSet::new();
        let vm = virtual_machine(namespace, name);
        let uses = |volume: &&Object<'_>| {
            let workload = Workload::of(volume).filter(|workload| workload.namespace() == namespace);
            workload.is_some_and(|workload| workload.instances().any(|instance| instance == name))
        };
        let volumes = self.snapshot.cluster.of("Volume.longhorn.io").iter().filter(uses);
        let on = volumes
            .map(|volume| self.dependency(volume, &states, &mut seen, 1))
            .collect();
        let chain = Dependency {
            object: vm.clone(),
            known: false,
            state: String::new(),
            since: None,
            broken: self.snapshot.vms_down().contains_key(&vm),
            on,
        };
        self.page(chain, Vec::new(), &Asked::of(self.snapshot, &vm), true)
    }

    fn page(&self, chain: Dependency, dependents: Vec<Dependent>, asked: &Asked, is_vm: bool) -> Why {
        let snapshot = self.snapshot;
        let mut links = Vec::new();
        flatten(&chain, &mut links);
        let on: BTreeSet<(String, String, String)> = links.iter().map(|link| same(link)).collect();
        let moments = self
            .timeline
            .iter()
            .filter(|moment| on.contains(&same(&moment.object)) || (is_vm && asked.touches(&moment.object)));
        let mut timeline = fold(moments.cloned().collect());
        let early = timeline.len().saturating_sub(MOST_MOMENTS);
        timeline.drain(..early);
        Why {
            schema: WHY_SCHEMA.to_owned(),
            bundle: snapshot.name.clone(),
            created_at: snapshot.facts.now.map(gleaner_text::format_time).unwrap_or_default(),
            findings: self.on(&on),
            timeline,
            dependent_count: dependents.len(),
            dependents: dependents.into_iter().take(MOST_DEPENDENTS).collect(),
            unchecked: self.unchecked(&links),
            chain,
        }
    }

    fn dependency(
        &self,
        object: &Object<'_>,
        states: &States<'_, '_>,
        seen: &mut BTreeSet<(u32, u32)>,
        depth: usize,
    ) -> Dependency {
        let state = states.of(object);
        let mut on = Vec::new();
        if depth < MOST_DEEP {
            for next in self.depends_on(object) {
                if seen.len() < MOST_LINKS && seen.insert(key(next)) {
                    on.push(self.dependency(next, states, seen, depth + 1));
                }
            }
        }
        Dependency {
            object: object.reference(),
            known: true,
            state: state.text,
            since: state.since,
            broken: state.broken,
            on,
        }
    }

    /// The objects that an object runs on: what leads to it by impact, and the running instance of a VM.
    fn depends_on(&self, object: &Object<'_>) -> Vec<&'s Object<'s>> {
        let (snapshot, graph) = (self.snapshot, self.snapshot.graph);
        let kinds = snapshot.cluster.kinds;
        let mut found: Vec<&Object<'_>> = Vec::new();
        if let Some(own) = graph.find("vmi", object.kind) {
            found.extend(snapshot.follow(own, object));
        }
        for (kind, info) in kinds.all() {
            if NOT_RUN_ON.contains(&info.kind.as_str()) {
                continue;
            }
            let leads_here = graph
                .impact(kind)
                .iter()
                .filter(|edge| graph.edge(**edge).to == object.kind);
            for back in leads_here.filter_map(|edge| graph.inverse(*edge)) {
                found.extend(snapshot.follow(back, object));
            }
        }
        found.extend(self.members(object));
        found
    }

    /// What an Upgrade goes over: its nodes, and of the rest what findings are about.
    fn members(&self, object: &Object<'_>) -> Vec<&'s Object<'s>> {
        let (snapshot, graph) = (self.snapshot, self.snapshot.graph);
        if snapshot.cluster.kinds.info(object.kind).kind != "Upgrade" {
            return Vec::new();
        }
        let named: BTreeSet<(String, String, String)> = self
            .findings
            .iter()
            .flat_map(|finding| finding.objects.iter().map(same))
            .collect();
        let mut found = Vec::new();
        for (kind, info) in snapshot.cluster.kinds.all() {
            let to_upgrade = graph
                .contains(kind)
                .iter()
                .any(|edge| graph.edge(*edge).to == object.kind);
            let all = snapshot.cluster.all(kind).iter().filter(|_| to_upgrade);
            found.extend(all.filter(|member| info.kind == "Node" || named.contains(&same(&member.reference()))));
        }
        found
    }

    /// The findings on these objects, in the order of the report, once each.
    fn on(&self, on: &BTreeSet<(String, String, String)>) -> Vec<WhyFinding> {
        let touching = self.findings.iter().filter_map(|finding| {
            let row = finding.rows.iter().find(|row| on.contains(&same(&row.object)))?;
            Some(WhyFinding {
                id: finding.id.clone(),
                rule: finding.rule.clone(),
                severity: finding.severity,
                harm: finding.harm,
                since: finding.since.clone(),
                message: row.message.clone(),
                on: row.object.clone(),
                root: finding.explained_by.is_empty(),
            })
        });
        touching.collect()
    }

    /// What depends on an object: VMs first, then by kind and name.
    fn dependents(&self, object: &'s Object<'s>, states: &States<'_, '_>) -> Vec<Dependent> {
        let snapshot = self.snapshot;
        let reached = snapshot.dependents(std::iter::once(object));
        let mut found: BTreeMap<(bool, ObjectRef), Dependent> = BTreeMap::new();
        let mut add = |object: ObjectRef, state: String, broken: bool| {
            let dependent = Dependent {
                object: object.clone(),
                state,
                broken,
            };
            found.insert((object.kind != "VirtualMachine", object), dependent);
        };
        for other in reached.into_iter().filter(|other| key(other) != key(object)) {
            let state = states.of(other);
            add(other.reference(), state.text, state.broken);
        }
        for vm in snapshot.dependent_vms(std::iter::once(object)).virtual_machines {
            match snapshot
                .cluster
                .named("VirtualMachine.kubevirt.io", &vm.namespace, &vm.name)
            {
                Some(known) if key(known) == key(object) => {}
                Some(known) => {
                    let state = states.of(known);
                    add(known.reference(), state.text, state.broken);
                }
                None => {
                    let broken = snapshot.vms_down().contains_key(&vm);
                    add(vm, "not in the bundle".to_owned(), broken);
                }
            }
        }
        found.into_values().collect()
    }

    /// What is missing for rules about the kinds of these objects, and which rules these are.
    fn unchecked(&self, links: &[&ObjectRef]) -> Vec<String> {
        let kinds = self.snapshot.cluster.kinds;
        let of = links.iter().filter_map(|link| kinds.of(&link.api_version, &link.kind));
        let of: BTreeSet<_> = of.collect();
        let open = self
            .outcomes
            .iter()
            .filter(|rule| rule.outcome == Outcome::NotEvaluated);
        let about = open.filter(|outcome| {
            let rule = self.catalog.rule(&outcome.id);
            rule.and_then(|rule| rule.for_each)
                .is_some_and(|kind| of.contains(&kind))
        });
        let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for rule in about {
            let reason = rule.missing.first().map_or("", String::as_str);
            by_reason.entry(reason).or_default().push(&rule.title);
        }
        let said = by_reason.into_iter().map(|(reason, titles)| {
            let named = titles.iter().take(3).copied().collect::<Vec<_>>().join("; ");
            let more = titles.len().saturating_sub(3);
            let more = if more > 0 {
                format!("; and {more} more")
            } else {
                String::new()
            };
            format!("{reason} ({named}{more})")
        });
        said.take(MOST_UNCHECKED).collect()
    }
}

impl Asked {
    /// An object of the bundle and those related to it.
    fn of(snapshot: &Snapshot<'_>, object: &ObjectRef) -> Asked {
        let parts = [object.kind.as_str(), &object.namespace, &object.name];
        let text: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let pattern = gleaner_cluster::ObjectPattern::parse(&text.join("/"));
        pattern
            .map(|pattern| Asked::ask(snapshot, &pattern))
            .unwrap_or_default()
    }
}

fn is_vm(object: &Object<'_>) -> bool {
    matches!(object.root.text(&["kind"]), "VirtualMachine" | "VirtualMachineInstance")
}

fn key(object: &Object<'_>) -> (u32, u32) {
    (u32::try_from(object.kind.index()).unwrap_or(u32::MAX), object.position)
}

/// Kind, namespace and name: events and findings may name other versions of the API. The Nodes of Kubernetes and of Longhorn are the
/// same here.
fn same(object: &ObjectRef) -> (String, String, String) {
    let namespace = if object.kind == "Node" { "" } else { &object.namespace };
    (object.kind.clone(), namespace.to_owned(), object.name.clone())
}

fn flatten<'d>(link: &'d Dependency, links: &mut Vec<&'d ObjectRef>) {
    links.push(&link.object);
    for below in &link.on {
        flatten(below, links);
    }
}
