//! What the bundle can tell about each kind: whether an absent file means "none" or "not collected", and why.

use super::cluster::Cluster;
use super::facts::Facts;
use super::kind::{KindId, KindInfo, Scope};
use super::layout::{self, ResourcePath};
use super::load::Sources;
use gleaner_report::{Problem, ProblemKind};
use std::collections::{BTreeMap, BTreeSet};

/// Reasons why the objects of a kind may be incomplete; no reasons: what is there is all there was.
#[derive(Debug, Default)]
pub struct Availability {
    reasons: BTreeMap<KindId, BTreeSet<String>>,
    /// Lines of bundleGenerationError.log that name a known kind.
    pub collection_errors: Vec<String>,
    /// Lines of bundleGenerationError.log that every bundle has.
    pub harmless_errors: usize,
    /// Namespaces with workloads that were not collected.
    pub namespaces_missing: BTreeSet<String>,
}

impl Availability {
    /// Works out the reasons for every kind among `wanted`; only those were read.
    pub fn read(
        cluster: &Cluster<'_>,
        sources: &Sources,
        facts: &Facts,
        bad_items: &[Problem],
        wanted: &BTreeSet<KindId>,
    ) -> Availability {
        let mut availability = Availability::default();
        let workload = workload_namespaces(cluster);
        availability.namespaces_missing = workload
            .iter()
            .filter(|namespace| !facts.namespaces.contains(*namespace))
            .cloned()
            .collect();
        let old_collector = sources.files.iter().any(|file| is_empty_list(&file.text));
        let resources = sources.paths.iter().filter(|_| old_collector);
        let resources: Vec<_> = resources.filter_map(|path| ResourcePath::parse(path)).collect();
        for id in wanted {
            let info = cluster.kinds.info(*id);
            let mut reasons = absent(cluster, sources, facts, info, *id);
            if old_collector && cluster.all(*id).is_empty() && !resources.iter().any(|path| holds(path, info)) {
                let what = "is missing, and this collector writes a file even for none";
                reasons.insert(format!("{}.yaml {what}", info.plural));
            }
            let namespaces: Vec<&String> = match info.scope {
                Scope::Workload => workload.iter().collect(),
                Scope::Everywhere => workload.iter().chain(&cluster.kinds.system_namespaces).collect(),
                Scope::Cluster | Scope::Home(_) => Vec::new(),
            };
            let missing = namespaces
                .into_iter()
                .filter(|namespace| !facts.namespaces.contains(*namespace));
            reasons.extend(missing.map(|namespace| format!("namespace {namespace} was not collected")));
            availability.reasons.insert(*id, reasons);
        }
        availability.read_errors(cluster, sources.text("bundleGenerationError.log").unwrap_or_default());
        availability.read_problems(cluster, sources, bad_items);
        availability.read_blindness(cluster);
        availability
    }

    /// Why the objects of a kind may be incomplete, in words, sorted; empty if they are not.
    pub fn reasons(&self, kind: KindId) -> impl Iterator<Item = &str> {
        let known = self.reasons.get(&kind);
        // A kind that nobody asked for was not read: that must never look like "there are none".
        let unread = known.is_none().then_some("was not read");
        known.into_iter().flatten().map(String::as_str).chain(unread)
    }

    fn add(&mut self, kind: KindId, reason: String) {
        self.reasons.entry(kind).or_default().insert(reason);
    }

    /// `Failed to get /apis/GROUP/VERSION/namespaces/NS/RESOURCE: REASON`, one a line.
    fn read_errors(&mut self, cluster: &Cluster<'_>, log: &str) {
        for line in log.lines().filter(|line| !line.trim().is_empty()) {
            let named: Vec<KindId> = match line.split_once("/api").map(|(_, rest)| rest) {
                Some(rest) => kinds_of_request(cluster, rest.split([':', ' ', '?']).next().unwrap_or_default()),
                None => Vec::new(),
            };
            if named.is_empty() && line.contains("does not allow this method") {
                self.harmless_errors += 1;
                continue;
            }
            for kind in named {
                self.add(kind, format!("the collector could not read it all: {}", shorten(line)));
            }
            self.collection_errors.push(shorten(line));
        }
    }

    /// Where neither the volumes of Kubernetes nor those of Longhorn are known, nobody can tell which namespaces have workloads.
    fn read_blindness(&mut self, cluster: &Cluster<'_>) {
        let unseen = |kind: &str| {
            let known = cluster.kinds.by_name(kind).and_then(|id| self.reasons.get(&id));
            known.is_some_and(|reasons| !reasons.is_empty())
        };
        if !unseen("PersistentVolume") || !unseen("Volume.longhorn.io") {
            return;
        }
        for (id, reasons) in &mut self.reasons {
            if matches!(cluster.kinds.info(*id).scope, Scope::Workload | Scope::Everywhere) {
                reasons.insert("which namespaces have workloads is not known: no volumes were collected".to_owned());
            }
        }
    }

    fn read_problems(&mut self, cluster: &Cluster<'_>, sources: &Sources, bad_items: &[Problem]) {
        let problems = sources.problems.iter().chain(bad_items);
        for problem in problems.filter(|problem| problem.kind != ProblemKind::Duplicate) {
            let Some(resource) = ResourcePath::parse(&problem.path) else {
                let reason = format!("{}: {}", problem.path, problem.what);
                if is_of_everything(problem, sources) {
                    let all = self.reasons.values_mut();
                    all.for_each(|reasons| {
                        reasons.insert(reason.trim_start_matches(": ").to_owned());
                    });
                } else if layout::node_of(&problem.path).is_some()
                    && let Some(archive) = cluster.kinds.by_name("NodeArchive.gleaner.io")
                {
                    self.add(archive, reason);
                }
                continue;
            };
            for (id, info) in cluster.kinds.all() {
                if holds(&resource, info) {
                    self.add(id, format!("{}: {}", problem.path, problem.what));
                }
            }
        }
    }
}

/// Whether a problem may have cost any file: an input that is cut off or damaged as a whole, or the collector's own list of failures.
fn is_of_everything(problem: &Problem, sources: &Sources) -> bool {
    let whole = matches!(problem.kind, ProblemKind::Unreadable | ProblemKind::OverLimit)
        && !problem.path.contains('/')
        && layout::node_of(&problem.path).is_none()
        && sources.paths.binary_search(&problem.path).is_err();
    whole || problem.path == "bundleGenerationError.log"
}

fn shorten(line: &str) -> String {
    line.chars().take(300).collect()
}

fn is_empty_list(text: &str) -> bool {
    text.len() < 400 && text.lines().any(|line| line.trim_end() == "items: []")
}

/// The kinds that a request path such as `/v1/namespaces/default/pods` or `s/longhorn.io/v1beta2/volumes` asks for.
fn kinds_of_request(cluster: &Cluster<'_>, request: &str) -> Vec<KindId> {
    let mut parts = request.split('/').filter(|part| !part.is_empty());
    let group = match parts.next() {
        Some("s") => parts.next().unwrap_or_default(),
        _ => "",
    };
    let mut rest: Vec<&str> = parts.collect();
    if !group.is_empty() && !rest.is_empty() {
        rest.remove(0);
    }
    if rest.first() == Some(&"namespaces") && rest.len() > 2 {
        rest.drain(..2);
    }
    let plural = rest.first().copied();
    let matches = |info: &KindInfo| {
        info.groups.iter().any(|known| known == group) && plural.is_none_or(|plural| info.plural == plural)
    };
    // A request without a resource stands for the whole group; the core group alone is no group.
    if plural.is_none() && group.is_empty() {
        return Vec::new();
    }
    cluster
        .kinds
        .all()
        .filter(|(_, info)| matches(info))
        .map(|(id, _)| id)
        .collect()
}

/// Namespaces of the users' workloads: `default`, and those that Longhorn and the persistent volumes name.
fn workload_namespaces(cluster: &Cluster<'_>) -> BTreeSet<String> {
    let volumes = cluster.of("Volume.longhorn.io").iter().map(|volume| {
        let status = volume.root.at(&["status", "kubernetesStatus"]);
        status.map_or("", |status| status.text(&["namespace"]))
    });
    let claims = cluster
        .of("PersistentVolume")
        .iter()
        .map(|volume| volume.root.text(&["spec", "claimRef", "namespace"]));
    let mut namespaces: BTreeSet<String> = volumes.chain(claims).map(str::to_owned).collect();
    namespaces.remove("");
    namespaces.insert("default".to_owned());
    namespaces
}

/// Why there may be objects of a kind although the bundle shows none in the place where they belong.
fn absent(cluster: &Cluster<'_>, sources: &Sources, facts: &Facts, info: &KindInfo, id: KindId) -> BTreeSet<String> {
    let mut reasons = BTreeSet::new();
    if !cluster.all(id).is_empty() {
        return reasons;
    }
    if info.always {
        reasons.insert(format!("no {} in the bundle, though every cluster has some", info.name));
    }
    match &info.scope {
        Scope::Home(namespace) if !facts.namespaces.contains(namespace) => {
            reasons.insert(format!("namespace {namespace} was not collected"));
        }
        Scope::Cluster if !sources.paths.iter().any(|path| path.starts_with("yamls/cluster/")) => {
            reasons.insert("the cluster-scoped objects were not collected".to_owned());
        }
        _ => {}
    }
    reasons
}

/// Whether a path is that of a file with objects of a kind.
fn holds(resource: &ResourcePath<'_>, info: &KindInfo) -> bool {
    let same_group = |group: &str| info.groups.iter().any(|known| known == group);
    resource.plural == info.plural && resource.group.is_none_or(same_group)
}

/// Which of the nodes have no archive in the bundle.
pub fn nodes_without_archive(cluster: &Cluster<'_>, facts: &Facts) -> Vec<String> {
    let names = cluster.of("Node").iter().map(|node| node.name().to_owned());
    names.filter(|name| !facts.node_archives.contains(name)).collect()
}
