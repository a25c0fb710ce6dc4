//! Damage never lies: whatever file of a bundle is emptied, cut, zeroed or dropped, no finding is lost to *quiet*, none is invented,
//! and the verdict on the upgrade gets no worse than unknown.

use crate::bundle_fixture::{File, Place, file, zip};
use crate::samples::root;
use gleaner_bundle::{Bundle, Limits, Visitor, Want};
use gleaner_cluster::{Sources, ingest};
use gleaner_report::{ObjectRef, Outcome, Verdict};
use gleaner_rules::{Catalog, Context, Evaluation, evaluate};
use gleaner_yaml::Mode;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::sync::Mutex;

/// Small bundles: one without findings, two with some, and a state of the cluster on which the official checks were recorded.
const BUNDLES: [(&str, Option<&str>); 4] = [
    ("sample-bundles/healthy/bundle", Some("v1.5.1")),
    ("sample-bundles/several-problems/bundle", Some("v1.5.1")),
    ("sample-bundles/backing-images-lost/bundle", None),
    ("tests/fixtures/oracle/c1.zip", None),
];

const NAME: &str = "supportbundle_x_2025-06-12T08-30-00Z";

/// Rules about a kind without any object, which a file that was dropped cannot be told from: no field of an object that is there names
/// those in the file.
const WITHOUT_A_TRACE: [&str; 4] = [
    // The only trace of VolumeSnapshotClasses is the setting that names one which may have been deleted.
    "csi-snapshot-class-missing",
    // There are no Upgrades where none was ever started.
    "passive-img-not-sparse",
    // There are no VlanStatuses where a VlanConfig was applied nowhere.
    "vlan-config-not-applied",
    // Schedules of one and the same VM may be left over from it.
    "vm-schedule-failing",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Damage {
    Empty,
    Half,
    Zeros,
    Gone,
}

impl Damage {
    const ALL: [Damage; 4] = [Damage::Empty, Damage::Half, Damage::Zeros, Damage::Gone];

    fn of(self, data: &[u8]) -> Option<Vec<u8>> {
        match self {
            Damage::Empty => Some(Vec::new()),
            Damage::Half => Some(data[..data.len() / 2].to_vec()),
            Damage::Zeros => Some(vec![0; data.len()]),
            Damage::Gone => None,
        }
    }
}

/// Takes every file as it is.
#[derive(Default)]
struct Reader(Mutex<BTreeMap<String, Vec<u8>>>);

impl Visitor for Reader {
    fn want(&self, _: &str, _: u64) -> Want {
        Want::Bytes
    }

    fn bytes(&self, path: &str, data: Vec<u8>) {
        self.0.lock().unwrap().insert(path.to_owned(), data);
    }

    fn stream(&self, _: &str, _: &mut dyn BufRead) {}
}

fn files(path: &str) -> BTreeMap<String, Vec<u8>> {
    let bundle = Bundle::open(&[root(path)], Limits::default()).unwrap();
    let reader = Reader::default();
    bundle.visit(&reader).unwrap();
    reader.0.into_inner().unwrap()
}

/// What is read of these files, one of them damaged.
fn read(catalog: &Catalog, files: &BTreeMap<String, Vec<u8>>, damaged: Option<(&str, Damage)>) -> Sources {
    let packed = files.iter().filter_map(|(path, data)| {
        let data = match damaged {
            Some((name, damage)) if name == path => damage.of(data)?,
            _ => data.clone(),
        };
        Some(File {
            deflate: false,
            ..file(format!("{NAME}/{path}"), data)
        })
    });
    let place = Place::new();
    let bundle = place.write("bundle.zip", zip(&packed.collect::<Vec<_>>()));
    let bundle = Bundle::open(&[bundle], Limits::default()).unwrap();
    let (wanted, signatures) = (catalog.wanted(), catalog.signatures());
    ingest(&bundle, &catalog.kinds, wanted, signatures, &|_, _| {}).unwrap()
}

/// Whether all that rules could see is the same.
fn are_alike(a: &Sources, b: &Sources) -> bool {
    let logs = |sources: &Sources| format!("{:?}", sources.matches);
    let same_files = a.files == b.files && a.paths == b.paths && a.empty == b.empty;
    same_files && a.problems == b.problems && logs(a) == logs(b)
}

fn evaluated(catalog: &Catalog, sources: &Sources, target: Option<&str>) -> Evaluation {
    let snapshot = catalog.snapshot(sources, NAME, Mode::Dialect);
    evaluate(&Context::new(catalog, &snapshot, target), None)
}

/// What was found, object by object: a finding may lose some of its objects.
fn found(report: &Evaluation) -> BTreeSet<(String, Option<ObjectRef>)> {
    let pairs = report.findings.iter().flat_map(|finding| {
        let objects = finding.objects.iter().cloned().map(Some);
        let none = finding.objects.is_empty().then_some(None);
        objects.chain(none).map(|object| (finding.rule.clone(), object))
    });
    pairs.collect()
}

/// What a damaged bundle must not say, in words.
fn lies(catalog: &Catalog, intact: &Evaluation, damaged: &Evaluation, damage: Damage) -> Vec<String> {
    let gone = damage == Damage::Gone;
    let (before, after) = (found(intact), found(damaged));
    // A finding that a more specific one took the place of: where that one is not known, it stands for itself.
    let is_superseded = |rule: &str, object: &Option<ObjectRef>| {
        before.iter().any(|(specific, same)| {
            let specific = catalog.rule(specific).unwrap();
            same == object && specific.file.supersedes.iter().any(|general| general == rule)
        })
    };
    let mut lies = Vec::new();
    for (rule, object) in after.difference(&before) {
        if is_superseded(rule, object) || (gone && WITHOUT_A_TRACE.contains(&rule.as_str())) {
            continue;
        }
        lies.push(format!("invented: {rule} on {object:?}"));
    }
    for (rule, object) in before.difference(&after).filter(|_| !gone) {
        let outcome = damaged.outcomes.iter().find(|outcome| outcome.id == *rule).unwrap();
        let unknown = match outcome.outcome {
            Outcome::NotEvaluated | Outcome::Failed => true,
            Outcome::Fired => !outcome.missing.is_empty(),
            Outcome::Quiet | Outcome::NotApplicable => false,
        };
        if !unknown {
            let outcome = outcome.outcome.as_str();
            lies.push(format!("lost: {rule} on {object:?} is {outcome}"));
        }
    }
    if damaged.upgrade.verdict == Verdict::Blocked && intact.upgrade.verdict != Verdict::Blocked {
        lies.push(format!("blocked: {}", damaged.upgrade.reason));
    }
    lies
}

#[test]
fn no_damage_to_a_file_loses_or_invents_a_finding() {
    let catalog = Catalog::load(None).unwrap();
    let mut wrong = Vec::new();
    for (name, target) in BUNDLES {
        let files = files(name);
        let sources = read(&catalog, &files, None);
        let intact = evaluated(&catalog, &sources, target);
        let damages: Vec<(&String, Damage)> = files
            .keys()
            .flat_map(|path| Damage::ALL.map(|damage| (path, damage)))
            .collect();
        let lies = damages.par_iter().flat_map_iter(|(path, damage)| {
            let damaged = read(&catalog, &files, Some((path, *damage)));
            // Most files of nodes are read by no rule.
            let lies = match are_alike(&sources, &damaged) {
                true => Vec::new(),
                false => lies(&catalog, &intact, &evaluated(&catalog, &damaged, target), *damage),
            };
            lies.into_iter()
                .map(move |lie| format!("{name}: {path}: {damage:?}: {lie}"))
        });
        wrong.extend(lies.collect::<Vec<String>>());
    }
    assert!(wrong.is_empty(), "{} lies:\n{}", wrong.len(), wrong.join("\n"));
}
