//! The diagnosis: the worst causes in words, who is down, and one runbook over all of them.

use gleaner_cluster::Snapshot;
use gleaner_report::{AffectedVm, Cause, Diagnosis, Effect, Finding, Harm, ObjectRef, RunbookStep, Severity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How many causes the sentence names.
const NAMED: usize = 3;
/// How many objects of a finding are named.
const OBJECTS: usize = 3;
/// How many characters of a message the sentence has.
const QUOTED: usize = 220;
/// How many steps the runbook has, and how many commands are to collect.
const MOST_STEPS: usize = 60;
const MOST_COMMANDS: usize = 15;
/// Causes on the same objects that began more than so many seconds apart have nothing to do with each other.
const DAY: u64 = 86_400;
/// How many things to avoid are named.
const MOST_AVOIDED: usize = 8;

/// What an expert would say of these findings and their causes.
pub fn diagnosis(snapshot: &Snapshot<'_>, findings: &[Finding], causes: &[Cause]) -> Diagnosis {
    let index = findings.iter().rev().map(|finding| (finding.id.as_str(), finding));
    let index: BTreeMap<&str, &Finding> = index.collect();
    let of = |cause: &Cause| index.get(cause.finding.as_str()).copied();
    let roots = causes.iter().filter_map(|cause| Some((cause, of(cause)?)));
    let roots: Vec<(&Cause, &Finding)> = roots.collect();
    let acting = roots.iter().filter(|(cause, _)| is_trouble(cause, &index));
    let steps = acting.flat_map(|(_, finding)| finding.remediation.iter().map(|step| (*finding, step)));
    let mut seen = BTreeSet::new();
    let steps: Vec<_> = steps
        .filter(|(_, step)| seen.insert((&step.text, &step.command)))
        .collect();
    let read_only = steps.iter().filter(|(_, step)| step.effect == Effect::ReadOnly);
    let commands: Vec<String> = read_only.filter_map(|(_, step)| step.command.clone()).collect();
    let mut collected = BTreeSet::new();
    let collect = commands.into_iter().filter(|command| collected.insert(command.clone()));
    let trouble = roots.iter().filter(|(cause, _)| is_trouble(cause, &index));
    let avoid = trouble.flat_map(|(cause, _)| all(cause)).filter_map(of);
    let avoid = avoid
        .map(|finding| finding.avoid.clone())
        .filter(|text| !text.is_empty());
    let mut avoided = BTreeSet::new();
    let (down, at_risk) = affected(snapshot, findings);
    Diagnosis {
        sentence: sentence(&roots, &index),
        first_bad: first_bad(causes, &index),
        down,
        at_risk,
        runbook: steps
            .iter()
            .take(MOST_STEPS)
            .map(|(finding, step)| RunbookStep {
                finding: finding.id.clone(),
                text: step.text.clone(),
                command: step.command.clone(),
                effect: step.effect,
            })
            .collect(),
        avoid: avoid
            .filter(|text| avoided.insert(text.clone()))
            .take(MOST_AVOIDED)
            .collect(),
        collect: collect.take(MOST_COMMANDS).collect(),
    }
}

/// Whether a cause or one of its symptoms is worth acting upon.
fn is_trouble(cause: &Cause, index: &BTreeMap<&str, &Finding>) -> bool {
    all(cause)
        .into_iter()
        .filter_map(|cause| index.get(cause.finding.as_str()))
        .any(|finding| finding.severity > Severity::Info)
}

/// A cause and all below it.
fn all(cause: &Cause) -> Vec<&Cause> {
    let (mut found, mut open) = (Vec::new(), vec![cause]);
    while let Some(cause) = open.pop() {
        found.push(cause);
        open.extend(cause.symptoms.iter().rev());
    }
    found
}

/// The earliest time among the causes that lose data, service or redundancy now, and their symptoms; where there are none, among
/// those that impair the platform.
fn first_bad(causes: &[Cause], index: &BTreeMap<&str, &Finding>) -> Option<String> {
    let earliest = |worst: Harm| {
        let causes = causes
            .iter()
            .filter(|cause| cause.harm <= worst && is_trouble(cause, index));
        let times = causes.flat_map(|root| {
            let found = all(root)
                .into_iter()
                .filter_map(|cause| index.get(cause.finding.as_str()));
            found.flat_map(|finding| {
                let absorbed = finding.absorbs.iter().map(|other| (other.harm, &other.since));
                let of_root = finding.id == root.finding;
                let own = (if of_root { root.harm } else { finding.harm }, &finding.since);
                let counted = absorbed.chain([own]).filter(|(harm, _)| *harm <= Harm::Degraded);
                counted.filter_map(|(_, since)| since.clone())
            })
        });
        times.min()
    };
    earliest(Harm::UpgradeBlocked).or_else(|| earliest(Harm::Degraded))
}

/// The VMs that are down by what the bundle holds, and those that findings name as at risk; what is only hygiene puts no VM at risk now.
fn affected(snapshot: &Snapshot<'_>, findings: &[Finding]) -> (Vec<AffectedVm>, Vec<AffectedVm>) {
    let mut of_down: BTreeMap<&ObjectRef, &str> = BTreeMap::new();
    let mut of_risk: BTreeMap<&ObjectRef, (&str, &str)> = BTreeMap::new();
    for finding in findings {
        for vm in &finding.impact.down {
            of_down.entry(vm).or_insert(&finding.id);
        }
        let is_hygiene = finding.harm == Harm::Hygiene;
        for vm in finding.impact.at_risk.iter().filter(|_| !is_hygiene) {
            of_risk.entry(vm).or_insert((&finding.id, &finding.impact.at_risk_by));
        }
    }
    let known = snapshot.vms_down();
    let down = known.iter().map(|(vm, down)| AffectedVm {
        vm: vm.clone(),
        why: down.why.to_string(),
        finding: of_down.get(vm).map(|id| (*id).to_owned()),
    });
    let at_risk = of_risk.into_iter().filter(|(vm, _)| !known.contains_key(*vm));
    let at_risk = at_risk.map(|(vm, (id, by))| AffectedVm {
        vm: vm.clone(),
        why: by.to_owned(),
        finding: Some(id.to_owned()),
    });
    (down.collect(), at_risk.collect())
}

fn sentence(roots: &[(&Cause, &Finding)], index: &BTreeMap<&str, &Finding>) -> String {
    let up_to = |worst: Harm| {
        let of = roots
            .iter()
            .filter(|(cause, _)| cause.harm <= worst && is_trouble(cause, index));
        of.collect::<Vec<_>>()
    };
    let mut now = up_to(Harm::UpgradeBlocked);
    if now.is_empty() {
        now = up_to(Harm::Degraded);
        now.retain(|(cause, _)| cause.harm == Harm::Degraded);
    }
    let mut said: Vec<String> = Vec::new();
    let mut told: Vec<(&Cause, BTreeSet<&ObjectRef>, Option<i64>)> = Vec::new();
    for (number, (cause, finding)) in now.iter().take(NAMED).enumerate() {
        let what = named(cause, finding, index);
        let about = objects(cause, index);
        let began = cause.since.as_deref().and_then(gleaner_text::parse_time);
        let is_far = |other: Option<i64>| began.zip(other).is_some_and(|(a, b)| a.abs_diff(b) > DAY);
        let is_apart = told
            .iter()
            .all(|(other, others, since)| is_far(*since) || about.is_disjoint(others) && !speak(cause, other, index));
        told.push((cause, about, began));
        said.push(if number == 0 {
            what
        } else {
            format!("{}: {what}", if is_apart { "Unrelated to that" } else { "Also" })
        });
    }
    let rest = others(roots, &now[..now.len().min(NAMED)]);
    let rest = match rest.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    };
    match (said.is_empty(), rest.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("Nothing that the bundle holds is down or about to fail; of the findings, {rest}."),
        (false, true) => sentences(&said),
        (false, false) => format!("{} Of the other findings, {rest}.", sentences(&said)),
    }
}

/// What each root cause does that was not told by itself, but for hygiene.
const DOES: [(&[Harm], &str, &str); 5] = [
    (&[Harm::DataLoss], "puts data at risk", "put data at risk"),
    (&[Harm::Outage], "is an outage", "are outages"),
    (&[Harm::Redundancy], "reduces redundancy", "reduce redundancy"),
    (&[Harm::Degraded], "impairs the platform", "impair the platform"),
    (
        // The list of causes has them under one heading, too.
        &[Harm::UpgradeBlocked, Harm::UpgradeRisk],
        "only concerns an upgrade",
        "only concern an upgrade",
    ),
];

/// How many of the causes that were not told do what.
fn others(roots: &[(&Cause, &Finding)], told: &[&(&Cause, &Finding)]) -> Vec<String> {
    let is_told = |(cause, _): &(&Cause, &Finding)| told.iter().any(|(other, _)| other.finding == cause.finding);
    let counts = DOES.iter().map(|(harms, one, many)| {
        let of = roots
            .iter()
            .filter(|root| harms.contains(&root.0.harm) && !is_told(root));
        match of.count() {
            0 => String::new(),
            1 => format!("one {one}"),
            n => format!("{n} {many}"),
        }
    });
    counts.filter(|count| !count.is_empty()).collect()
}

/// How many objects of a cause are looked for in the words of another.
const COMPARED: usize = 200;

/// Whether a finding of one of two causes speaks of an object of the other.
fn speak(one: &Cause, other: &Cause, index: &BTreeMap<&str, &Finding>) -> bool {
    let names = |of: &Cause, in_words_of: &Cause| {
        let objects = objects(of, index);
        let texts = all(in_words_of).into_iter();
        let mut texts = texts.filter_map(|cause| index.get(cause.finding.as_str()));
        // A short name may be part of any word.
        texts.any(|finding| {
            let named = objects.iter().filter(|object| object.name.len() > 8).take(COMPARED);
            named
                .map(|object| object.name.as_str())
                .any(|name| finding.message.contains(name))
        })
    };
    names(one, other) || names(other, one)
}

/// Each with its full stop, unless it was shortened.
fn sentences(said: &[String]) -> String {
    let stopped = said.iter().map(|text| {
        let stop = if text.ends_with(['…', '.']) { "" } else { "." };
        format!("{text}{stop}")
    });
    stopped.collect::<Vec<_>>().join(" ")
}

/// The objects that a cause and its symptoms are about.
fn objects<'f>(cause: &Cause, index: &BTreeMap<&str, &'f Finding>) -> BTreeSet<&'f ObjectRef> {
    let found = all(cause)
        .into_iter()
        .filter_map(|cause| index.get(cause.finding.as_str()));
    found.flat_map(|finding| &finding.objects).collect()
}

/// A cause in words: what it is, what worse it brought about, since when, and who is down.
fn named(cause: &Cause, finding: &Finding, index: &BTreeMap<&str, &Finding>) -> String {
    let mut text = capitalized(&shortened(&finding.message));
    let below = all(cause).into_iter().skip(1);
    let below: Vec<&Finding> = below
        .filter_map(|below| index.get(below.finding.as_str()).copied())
        .collect();
    let worse = below
        .iter()
        .find(|below| below.harm == cause.harm && below.harm < finding.harm);
    // A risk that has come true says more than the risk.
    let is_risk = finding.harm >= Harm::Redundancy && finding.since.is_none();
    let now = below
        .iter()
        .filter(|below| below.severity > Severity::Info && below.since.is_some());
    let now = now.min_by_key(|below| (below.harm == finding.harm, Reverse(below.severity), below.harm));
    if let Some(brought) = worse.or(now.filter(|_| is_risk)) {
        text.push_str(&format!("; because of it, {}", shortened(&brought.message)));
    }
    if let [_, _, ..] = finding.objects.as_slice() {
        let names: Vec<&str> = finding
            .objects
            .iter()
            .take(OBJECTS)
            .map(|object| object.name.as_str())
            .collect();
        let more = if finding.objects.len() > names.len() {
            ", …"
        } else {
            ""
        };
        if !names.iter().all(|name| text.contains(name)) {
            text.push_str(&format!(": {}{more}", names.join(", ")));
        }
    }
    let mut facts = Vec::new();
    facts.extend(
        cause
            .since
            .as_ref()
            .filter(|since| !text.contains(*since))
            .map(|since| format!("since {since}")),
    );
    facts.extend((cause.vms_down > 0).then(|| vms(cause.vms_down, "down")));
    facts.extend((cause.vms_at_risk > 0).then(|| vms(cause.vms_at_risk, "at risk")));
    for fact in facts {
        text.push_str(&format!("; {fact}"));
    }
    text
}

fn vms(count: usize, state: &str) -> String {
    format!("{count} VM{} {state}", if count == 1 { "" } else { "s" })
}

fn shortened(text: &str) -> String {
    let short: String = text.chars().take(QUOTED).collect();
    if short.len() == text.len() {
        return short;
    }
    // Not within a word.
    let end = short.rfind(' ').unwrap_or(short.len());
    format!("{}…", short[..end].trim_end_matches([',', ';', ':']))
}

fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
