//! The tree of causes: each finding below the most direct of those that explain it.

use gleaner_report::{Cause, Confidence, Finding, ObjectRef};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How deep the tree may be. Chains of causes in bundles have a handful of links; a JSON document may say anything.
const MOST_DEEP: usize = 16;
/// A cause that began more than so many seconds before or after is not the most direct one.
const DAY: u64 = 86_400;

/// The tree of these findings, from their links: root causes in the order of the worst that each brings about. Each finding is in
/// it once. A link counts whichever of the two findings names it, and one that would close a circle does not count.
pub fn cause_tree(findings: &[Finding]) -> Vec<Cause> {
    let links = Links::of(findings);
    let mut below: Vec<Vec<Branch>> = findings.iter().map(|_| Vec::new()).collect();
    let mut roots = Vec::new();
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|index| Reverse(links.depth[*index]));
    for index in order {
        let branch = Branch::new(&findings[index], index, std::mem::take(&mut below[index]));
        match links.parent[index] {
            Some(parent) => below[parent].push(branch),
            None => roots.push(branch),
        }
    }
    sorted(roots)
}

/// A cause with what decides its place among others.
struct Branch {
    cause: Cause,
    down: BTreeSet<ObjectRef>,
    at_risk: BTreeSet<ObjectRef>,
    confidence: Confidence,
    index: usize,
}

impl Branch {
    fn new(finding: &Finding, index: usize, symptoms: Vec<Branch>) -> Branch {
        let mut down: BTreeSet<ObjectRef> = finding.impact.down.iter().cloned().collect();
        let mut at_risk: BTreeSet<ObjectRef> = finding.impact.at_risk.iter().cloned().collect();
        let mut harm = finding.harm;
        for symptom in &symptoms {
            down.extend(symptom.down.iter().cloned());
            at_risk.extend(symptom.at_risk.iter().cloned());
            harm = harm.min(symptom.cause.harm);
        }
        at_risk.retain(|vm| !down.contains(vm));
        let cause = Cause {
            finding: finding.id.clone(),
            why: why(finding, symptoms.len()),
            harm,
            since: finding.since.clone(),
            vms_down: down.len(),
            vms_at_risk: at_risk.len(),
            symptoms: sorted(symptoms),
        };
        let confidence = finding.confidence;
        Branch {
            cause,
            down,
            at_risk,
            confidence,
            index,
        }
    }
}

/// By harm, VMs down, time (unknown last), confidence; else in the order of the findings.
fn sorted(mut branches: Vec<Branch>) -> Vec<Cause> {
    branches.sort_by(|a, b| {
        let key = |branch: &Branch| {
            (
                branch.cause.harm,
                Reverse(branch.cause.vms_down),
                branch.cause.since.is_none(),
            )
        };
        let rest = |branch: &Branch| (Reverse(branch.confidence), branch.index);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.cause.since.cmp(&b.cause.since))
            .then_with(|| rest(a).cmp(&rest(b)))
    });
    branches.into_iter().map(|branch| branch.cause).collect()
}

fn why(finding: &Finding, symptoms: usize) -> String {
    if symptoms == 0 {
        return String::new();
    }
    let objects = match finding.objects.as_slice() {
        [only] => format!("{} {}", only.kind, only.name),
        _ => "the objects of this one".to_owned(),
    };
    format!("they can be traced to {objects}")
}

/// For each finding its parent in the tree and how deep it is.
struct Links {
    parent: Vec<Option<usize>>,
    depth: Vec<usize>,
}

impl Links {
    fn of(findings: &[Finding]) -> Links {
        let causes = causes(findings);
        let mut links = Links {
            parent: vec![None; findings.len()],
            depth: vec![0; findings.len()],
        };
        let mut symptoms = vec![Vec::new(); findings.len()];
        let mut open: Vec<usize> = causes.iter().map(BTreeSet::len).collect();
        for (symptom, causes) in causes.iter().enumerate() {
            for cause in causes {
                symptoms[*cause].push(symptom);
            }
        }
        let mut ready: BTreeSet<usize> = (0..findings.len()).filter(|index| open[*index] == 0).collect();
        let mut placed = vec![false; findings.len()];
        let mut next = 0;
        loop {
            // In a circle the first finding is taken as the root.
            let index = match ready.pop_first() {
                Some(index) => index,
                None => match (next..findings.len()).find(|index| !placed[*index]) {
                    Some(index) => {
                        next = index;
                        index
                    }
                    None => return links,
                },
            };
            if std::mem::replace(&mut placed[index], true) {
                continue;
            }
            links.place(
                findings,
                index,
                causes[index]
                    .iter()
                    .copied()
                    .filter(|cause| placed[*cause] && *cause != index),
            );
            for symptom in &symptoms[index] {
                open[*symptom] = open[*symptom].saturating_sub(1);
                if open[*symptom] == 0 && !placed[*symptom] {
                    ready.insert(*symptom);
                }
            }
        }
    }

    /// Below the most direct of its causes: one that began within a day of it, the deepest of these, of several the one that began last.
    fn place(&mut self, findings: &[Finding], index: usize, causes: impl Iterator<Item = usize>) {
        let time = |index: usize| findings[index].since.as_deref().and_then(gleaner_text::parse_time);
        let is_far = |cause: usize| time(index).zip(time(cause)).is_some_and(|(a, b)| a.abs_diff(b) > DAY);
        let rank = |cause: &usize| {
            (
                is_far(*cause),
                Reverse(self.depth[*cause]),
                Reverse(time(*cause)),
                *cause,
            )
        };
        let deepest = causes.min_by_key(rank);
        let Some(mut parent) = deepest else { return };
        while self.depth[parent] + 1 > MOST_DEEP {
            match self.parent[parent] {
                Some(above) => parent = above,
                None => break,
            }
        }
        self.parent[index] = Some(parent);
        self.depth[index] = self.depth[parent] + 1;
    }
}

/// The causes of each finding, by index.
fn causes(findings: &[Finding]) -> Vec<BTreeSet<usize>> {
    let mut index = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        index.entry(finding.id.as_str()).or_insert(at);
    }
    let mut causes = vec![BTreeSet::new(); findings.len()];
    for (at, finding) in findings.iter().enumerate() {
        let above = finding.explained_by.iter().filter_map(|id| index.get(id.as_str()));
        causes[at].extend(above.copied().filter(|cause| *cause != at));
        for symptom in finding.explains.iter().filter_map(|id| index.get(id.as_str())) {
            if *symptom != at {
                causes[*symptom].insert(at);
            }
        }
    }
    causes
}
