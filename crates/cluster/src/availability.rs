//! What the bundle shows of each kind: whether an absent file means "none" or "not collected", and why.

use crate::cluster::Cluster;
use crate::facts::Facts;
use crate::graph::Graph;
use crate::harvester::Workload;
use crate::kind::{KindId, KindInfo, KindScope};
use crate::layout::{self, ResourceFolder, ResourcePath};
use crate::sources::Sources;
use gleaner_report::{Problem, ProblemKind};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The API group of what is no object of a cluster but made of other files of the bundle.
const OWN_GROUP: &str = "gleaner.io";

/// Why the objects of a kind may be incomplete.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Nothing asked for the kind, so its files were not read.
    NotRead,
    /// There is none, though every cluster has some.
    NoneFound {
        /// `Kind.group`.
        kind: String,
    },
    /// The file is missing, and this collector writes one even for none.
    NoFile {
        /// The resource name that the file would have.
        plural: String,
    },
    /// Prometheus was not asked for its alerts, or did not answer.
    NoAlerts,
    /// A namespace where its objects may be was not collected.
    Namespace(String),
    /// Nothing that is in no namespace was collected.
    ClusterScope,
    /// No volumes were collected, so that the namespaces with workloads are not known.
    NamespacesUnknown,
    /// The collector says that a request failed.
    Request {
        /// The line of bundleGenerationError.log.
        line: String,
    },
    /// There is none in the place where other objects name several: the file is missing.
    Named {
        /// How many different names.
        names: usize,
        /// `Kind.group` of the objects that name them.
        by: String,
    },
    /// A part of the bundle is damaged or was refused.
    Damaged {
        /// The file; empty for the bundle as a whole.
        path: String,
        /// What is wrong with it.
        what: String,
    },
}

/// As a lower-case fragment.
impl fmt::Display for Gap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::NotRead => out.write_str("was not read"),
            Gap::NoneFound { kind } => write!(out, "no {kind} in the bundle, though every cluster has some"),
            Gap::NoFile { plural } => {
                write!(
                    out,
                    "{plural}.yaml is missing, and this collector writes a file even for none"
                )
            }
            Gap::NoAlerts => write!(out, "{} is not in the bundle", layout::ALERTS),
            Gap::Namespace(namespace) => write!(out, "namespace {namespace} was not collected"),
            Gap::ClusterScope => out.write_str("the cluster-scoped objects were not collected"),
            Gap::NamespacesUnknown => {
                out.write_str("which namespaces have workloads is not known: no volumes were collected")
            }
            Gap::Request { line } => write!(out, "the collector could not read it all: {line}"),
            Gap::Named { names, by } => write!(out, "the file is missing: {by} names {names} of them"),
            Gap::Damaged { path, what } if path.is_empty() => out.write_str(what),
            Gap::Damaged { path, what } => write!(out, "{path}: {what}"),
        }
    }
}

/// Why the objects of each kind may be incomplete; where there is no gap, what is there is all there was.
#[derive(Debug, Default)]
pub struct Availability {
    gaps: BTreeMap<KindId, BTreeSet<Gap>>,
    damaged: BTreeSet<KindId>,
    /// Lines of bundleGenerationError.log that name a known kind.
    pub collection_errors: Vec<String>,
    /// Lines of bundleGenerationError.log that every bundle has.
    pub harmless_errors: usize,
    /// Namespaces with workloads that were not collected.
    pub namespaces_missing: BTreeSet<String>,
}

impl Availability {
    /// Works out the reasons for every kind among `wanted`; only those were read.
    pub(crate) fn read(
        cluster: &Cluster<'_>,
        graph: &Graph,
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
            let mut gaps = absent(cluster, sources, facts, info, *id);
            if old_collector
                && !is_own(info)
                && cluster.all(*id).is_empty()
                && !resources.iter().any(|path| path.holds(info))
            {
                let plural = info.plural.clone();
                gaps.insert(Gap::NoFile { plural });
            }
            let namespaces: Vec<&String> = match info.scope {
                KindScope::Workload => workload.iter().collect(),
                KindScope::Everywhere => workload.iter().chain(&cluster.kinds.system_namespaces).collect(),
                KindScope::Cluster | KindScope::Home(_) => Vec::new(),
            };
            let missing = namespaces
                .into_iter()
                .filter(|namespace| !facts.namespaces.contains(*namespace));
            gaps.extend(missing.map(|namespace| Gap::Namespace(namespace.clone())));
            availability.gaps.insert(*id, gaps);
        }
        availability.read_errors(cluster, sources.text("bundleGenerationError.log").unwrap_or_default());
        availability.read_problems(cluster, sources, bad_items);
        for unseen in graph
            .unseen(cluster, &sources.paths)
            .filter(|unseen| wanted.contains(&unseen.kind))
        {
            let by = cluster.kinds.info(unseen.by).name.clone();
            let names = unseen.names;
            availability.add(unseen.kind, Gap::Named { names, by });
        }
        availability.read_blindness(cluster);
        let is_damaged = |gaps: &BTreeSet<Gap>| {
            let mut gaps = gaps.iter();
            gaps.any(|gap| matches!(gap, Gap::Damaged { .. } | Gap::Named { .. }))
        };
        let damaged = availability.gaps.iter().filter(|(_, gaps)| is_damaged(gaps));
        availability.damaged = damaged.map(|(kind, _)| *kind).collect();
        availability
    }

    /// Why the objects of a kind may be incomplete; none if they are not.
    pub fn gaps(&self, kind: KindId) -> impl Iterator<Item = &Gap> {
        let known = self.gaps.get(&kind);
        // A kind that was not asked for was not read: that must never look like "there are none".
        let unread = known.is_none().then_some(&Gap::NotRead);
        known.into_iter().flatten().chain(unread)
    }

    /// Whether a file that holds objects of a kind is damaged or must have been there, so that nothing follows from those that are not there.
    pub fn is_damaged(&self, kind: KindId) -> bool {
        self.damaged.contains(&kind)
    }

    /// Whether any kind is damaged.
    pub fn has_damage(&self) -> bool {
        !self.damaged.is_empty()
    }

    /// Whether all objects of a kind are there.
    pub fn is_complete(&self, kind: KindId) -> bool {
        self.gaps(kind).next().is_none()
    }

    fn add(&mut self, kind: KindId, gap: Gap) {
        self.gaps.entry(kind).or_default().insert(gap);
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
                self.add(kind, Gap::Request { line: shorten(line) });
            }
            self.collection_errors.push(shorten(line));
        }
    }

    /// Where neither the volumes of Kubernetes nor those of Longhorn are known, it cannot be determined which namespaces have workloads.
    fn read_blindness(&mut self, cluster: &Cluster<'_>) {
        let unseen = |kind: &str| {
            let known = cluster.kinds.by_name(kind).and_then(|id| self.gaps.get(&id));
            known.is_some_and(|gaps| !gaps.is_empty())
        };
        if !unseen("PersistentVolume") || !unseen("Volume.longhorn.io") {
            return;
        }
        for (id, gaps) in &mut self.gaps {
            if matches!(
                cluster.kinds.info(*id).scope,
                KindScope::Workload | KindScope::Everywhere
            ) {
                gaps.insert(Gap::NamespacesUnknown);
            }
        }
    }

    fn read_problems(&mut self, cluster: &Cluster<'_>, sources: &Sources, bad_items: &[Problem]) {
        let problems = sources.problems.iter().chain(bad_items);
        for problem in problems.filter(|problem| problem.kind != ProblemKind::Duplicate) {
            let path = problem.path.as_str();
            let is_file = sources.paths.binary_search(&problem.path).is_ok();
            let folder = ResourceFolder::parse(path).filter(|_| !is_file && !path.ends_with('/'));
            if let Some(resource) = ResourcePath::parse(path) {
                self.add_damage(cluster, problem, |info| resource.holds(info));
            } else if let Some(folder) = folder {
                self.add_damage(cluster, problem, |info| !is_own(info) && folder.may_hold(info));
            } else if path == layout::ALERTS {
                self.add_damage(cluster, problem, |info| info.name == "Alert.gleaner.io");
            } else if layout::is_of_nodes(path) {
                self.add_damage(cluster, problem, |info| info.name == "NodeArchive.gleaner.io");
            } else if is_of_everything(problem, is_file) {
                for gaps in self.gaps.values_mut() {
                    gaps.insert(damaged(problem));
                }
            }
        }
    }

    fn add_damage(&mut self, cluster: &Cluster<'_>, problem: &Problem, costs: impl Fn(&KindInfo) -> bool) {
        for (id, _) in cluster.kinds.all().filter(|(_, info)| costs(info)) {
            self.add(id, damaged(problem));
        }
    }
}

fn is_own(info: &KindInfo) -> bool {
    info.groups.iter().any(|group| group == OWN_GROUP)
}

fn damaged(problem: &Problem) -> Gap {
    Gap::Damaged {
        path: problem.path.clone(),
        what: problem.what.clone(),
    }
}

/// Whether a problem may have cost any file: an input that is cut off or damaged as a whole, or the collector's own list of failures.
/// The folder of the logs holds no objects.
fn is_of_everything(problem: &Problem, is_file: bool) -> bool {
    let whole = matches!(problem.kind, ProblemKind::Unreadable | ProblemKind::OverLimit)
        && !problem.path.contains('/')
        && problem.path != layout::LOGS
        && !is_file;
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
    // A request without a resource means the whole group; the core group alone is not a group.
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
    let volumes = cluster.of("Volume.longhorn.io").iter();
    let volumes = volumes.filter_map(Workload::of).map(Workload::namespace);
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
fn absent(cluster: &Cluster<'_>, sources: &Sources, facts: &Facts, info: &KindInfo, id: KindId) -> BTreeSet<Gap> {
    let mut gaps = BTreeSet::new();
    if !cluster.all(id).is_empty() {
        return gaps;
    }
    if info.name == "Alert.gleaner.io" && sources.text(layout::ALERTS).is_none() {
        gaps.insert(Gap::NoAlerts);
    }
    if info.always {
        let kind = info.name.clone();
        gaps.insert(Gap::NoneFound { kind });
    }
    match &info.scope {
        KindScope::Home(namespace) if !facts.namespaces.contains(namespace) => {
            gaps.insert(Gap::Namespace(namespace.clone()));
        }
        KindScope::Cluster if !sources.paths.iter().any(|path| path.starts_with("yamls/cluster/")) => {
            gaps.insert(Gap::ClusterScope);
        }
        _ => {}
    }
    gaps
}
