//! The VMs that are down or at risk: all of them, by what brought it about, with the way down to the disks for the first ones.

use super::links::{self, Link};
use super::tone::Tone;
use crate::{safe, units, wording};
use gleaner_report::{AffectedVm, ReplicaSummary, Report, VmChain, VmVolume, VolumeSummary};
use serde::Serialize;
use std::collections::BTreeMap;

/// Most VMs, volumes of a VM, and replicas of a volume that are told one by one.
const MACHINES: usize = 5_000;
/// Most VMs with the way down to their disks.
const CHAINS: usize = 15;
const VOLUMES: usize = 20;
const REPLICAS: usize = 10;
/// A group of so many VMs is open.
const OPEN: usize = 8;

/// The section.
#[derive(Serialize)]
pub(super) struct Affected {
    total: String,
    groups: Vec<Group>,
    more: usize,
    /// VMs that findings name although they are neither down nor at risk.
    named: Vec<Machine>,
    counts: String,
}

/// The VMs that are down, or at risk, because of the same finding.
#[derive(Serialize)]
struct Group {
    n: String,
    word: &'static str,
    tone: Tone,
    /// Why, where it is the same for all.
    why: String,
    link: Option<Link>,
    open: bool,
    /// Those of which more than the name is told.
    vms: Vec<Machine>,
    /// The others, a line each.
    names: String,
    shown: usize,
}

/// A virtual machine.
#[derive(Serialize)]
struct Machine {
    vm: String,
    /// Why, where the group does not say.
    why: String,
    chain: Option<Chain>,
}

/// The way from a VM down to its hosts.
#[derive(Serialize)]
struct Chain {
    status: String,
    tone: Tone,
    node: String,
    volumes: Vec<Disk>,
    more: usize,
}

/// One disk of a machine, with the volume behind it.
#[derive(Serialize)]
struct Disk {
    pvc: String,
    volume: String,
    driver: String,
    /// Whether the volume is in the bundle.
    known: bool,
    state: String,
    robustness: String,
    tone: Tone,
    size: String,
    /// The hosts of its healthy replicas.
    healthy: String,
    /// Its other replicas.
    broken: Vec<Replica>,
}

/// One replica of a volume.
#[derive(Serialize)]
struct Replica {
    state: String,
    tone: Tone,
    node: String,
    disk: String,
}

/// What the chains are made of.
struct Chains<'r> {
    chains: BTreeMap<&'r str, &'r VmChain>,
    volumes: BTreeMap<&'r str, &'r VolumeSummary>,
}

/// The view of the section.
pub(super) fn view(report: &Report) -> Affected {
    let cluster = &report.cluster;
    let mut chains = Chains {
        chains: cluster
            .chains
            .iter()
            .take(CHAINS)
            .map(|chain| (chain.vm.as_str(), chain))
            .collect(),
        volumes: cluster
            .volume_list
            .iter()
            .map(|volume| (volume.name.as_str(), volume))
            .collect(),
    };
    let diagnosis = &report.diagnosis;
    let mut left = MACHINES;
    let mut groups = Vec::new();
    for (word, tone, vms) in [
        ("down", Tone::Bad, &diagnosis.down),
        ("at risk", Tone::Warn, &diagnosis.at_risk),
    ] {
        for (finding, vms) in by_finding(report, vms) {
            groups.push(group(report, (word, tone, finding), &vms, &mut left, &mut chains));
        }
    }
    let total = diagnosis.down.len() + diagnosis.at_risk.len();
    let shown: usize = groups.iter().map(|group| group.shown).sum();
    let counts = cluster.virtual_machines.iter().take(20);
    let counts: Vec<String> = counts
        .map(|count| format!("{} {}", count.count, safe::line_within(&count.label, 60)))
        .collect();
    let rest: Vec<&VmChain> = cluster
        .chains
        .iter()
        .filter(|chain| chains.chains.contains_key(chain.vm.as_str()))
        .collect();
    Affected {
        total: units::grouped(total),
        groups,
        more: total - shown,
        named: rest
            .iter()
            .map(|chain| Machine {
                vm: wording::or_missing(&chain.vm),
                why: String::new(),
                chain: Some(self::chain(chain, &chains.volumes)),
            })
            .collect(),
        counts: units::joined(&counts),
    }
}

/// The VMs by the finding that names them, in the order of the findings.
fn by_finding<'r>(report: &Report, vms: &'r [AffectedVm]) -> Vec<(Option<&'r str>, Vec<&'r AffectedVm>)> {
    let ids = report.findings.iter().enumerate();
    let places: BTreeMap<&str, usize> = ids.map(|(place, finding)| (finding.id.as_str(), place)).collect();
    let mut groups: BTreeMap<usize, (Option<&str>, Vec<&AffectedVm>)> = BTreeMap::new();
    for vm in vms {
        let id = vm.finding.as_deref();
        let place = id.and_then(|id| places.get(id).copied()).unwrap_or(usize::MAX);
        groups.entry(place).or_insert((id, Vec::new())).1.push(vm);
    }
    groups.into_values().collect()
}

fn group(
    report: &Report,
    (word, tone, finding): (&'static str, Tone, Option<&str>),
    vms: &[&AffectedVm],
    left: &mut usize,
    chains: &mut Chains<'_>,
) -> Group {
    let first = vms.first().map_or("", |vm| vm.why.as_str());
    let same = vms.iter().all(|vm| vm.why == first);
    let by = if tone == Tone::Warn { "by " } else { "" };
    let shown: Vec<Machine> = vms
        .iter()
        .take(*left)
        .map(|affected| Machine {
            vm: wording::object_name(&affected.vm),
            why: if same {
                String::new()
            } else {
                format!("{by}{}", wording::brief(&safe::line_within(&affected.why, 200)))
            },
            chain: chains.take(&affected.vm.namespace, &affected.vm.name),
        })
        .collect();
    *left -= shown.len();
    let all = shown.len();
    let (names, vms_told): (Vec<Machine>, Vec<Machine>) = shown
        .into_iter()
        .partition(|machine| machine.why.is_empty() && machine.chain.is_none());
    let names: Vec<String> = names.into_iter().map(|machine| machine.vm).collect();
    Group {
        n: units::grouped(vms.len()),
        word,
        tone,
        why: if same {
            format!("{by}{}", wording::brief(&safe::line_within(first, 300)))
        } else {
            String::new()
        },
        link: finding.and_then(|id| links::to(report, id)),
        open: vms.len() <= OPEN,
        vms: vms_told,
        names: names.join("\n"),
        shown: all,
    }
}

impl Chains<'_> {
    /// The chain of a VM, the first time that it is asked for.
    fn take(&mut self, namespace: &str, name: &str) -> Option<Chain> {
        let found = self.chains.remove(format!("{namespace}/{name}").as_str())?;
        Some(chain(found, &self.volumes))
    }
}

fn chain(chain: &VmChain, volumes: &BTreeMap<&str, &VolumeSummary>) -> Chain {
    let disks = chain.volumes.iter().take(VOLUMES);
    Chain {
        status: wording::state(&chain.status),
        tone: Tone::of_vm(&chain.status),
        node: safe::line_within(&chain.node, 260),
        volumes: disks
            .map(|disk| self::disk(disk, volumes.get(disk.volume.as_str()).copied()))
            .collect(),
        more: chain.volumes.len().saturating_sub(VOLUMES),
    }
}

fn disk(disk: &VmVolume, known: Option<&VolumeSummary>) -> Disk {
    let replicas = known.map(|volume| volume.replicas.as_slice()).unwrap_or_default();
    let robustness = known.map(|volume| volume.robustness.as_str()).unwrap_or_default();
    let (healthy, broken): (Vec<&ReplicaSummary>, Vec<_>) = replicas
        .iter()
        .take(REPLICAS)
        .partition(|replica| replica.state == "healthy");
    let healthy: Vec<String> = healthy.into_iter().map(place).collect();
    Disk {
        pvc: safe::line_within(&disk.pvc, 350),
        volume: safe::line_within(&disk.volume, 260),
        driver: safe::line_within(&disk.driver, 120),
        known: known.is_some(),
        state: known.map(|volume| wording::state(&volume.state)).unwrap_or_default(),
        robustness: wording::state(robustness),
        tone: Tone::of_robustness(robustness),
        size: known.map(|volume| units::gib(volume.size)).unwrap_or_default(),
        healthy: units::joined(&healthy),
        broken: broken.into_iter().map(replica).collect(),
    }
}

fn place(replica: &ReplicaSummary) -> String {
    if replica.node.is_empty() {
        "not placed".to_owned()
    } else {
        safe::line_within(&replica.node, 260)
    }
}

fn replica(replica: &ReplicaSummary) -> Replica {
    Replica {
        state: wording::state(&replica.state),
        tone: Tone::of_replica(&replica.state),
        node: place(replica),
        disk: safe::line_within(&replica.disk, 260),
    }
}
