//! From the places where a rule fired to findings: one for each cause, with its objects as rows, evidence and next steps.

use super::found::Found;
use super::look::{Hit, named};
use super::run::environment;
use super::{World, impact, logs};
use crate::model::cluster::{Object, TextFile};
use crate::model::layout;
use crate::rule::expr::val::Val;
use crate::rule::expr::{Env, EvalError};
use crate::rule::{Rule, Words};
use gleaner_report::{self, Evidence, Finding, Impact, ObjectRef, ObjectRow, Severity, SnippetLine};
use gleaner_yaml::{FieldPath, Step};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// How many objects of a finding bring their evidence along.
const EVIDENCE_OBJECTS: usize = 20;
/// How many facts one finding shows at most.
const MOST_EVIDENCE: usize = 100;
/// How many characters of a value or line are quoted.
const QUOTED: usize = 400;

/// Puts the hits of a rule together. Messages that break are added to `errors`.
pub(super) fn findings<'a>(
    rule: &'a Rule,
    world: &'a World<'_>,
    hits: Vec<Hit<'a>>,
    errors: &mut BTreeSet<String>,
) -> Vec<Found<'a>> {
    let mut groups: BTreeMap<(Severity, String), Vec<Hit<'a>>> = BTreeMap::new();
    for hit in hits {
        groups.entry((hit.severity, hit.group.clone())).or_default().push(hit);
    }
    let mut findings = Vec::new();
    for ((_, group), hits) in groups {
        for (targets, hits) in by_targets(hits) {
            match Found::new(rule, world, (group.clone(), targets), hits) {
                Ok(found) => findings.push(found),
                Err(error) => {
                    errors.insert(error.to_string());
                }
            }
        }
    }
    findings
}

/// Hits that fired on the same objects for several targets are one; those that fired for different sets of targets are apart.
fn by_targets(hits: Vec<Hit<'_>>) -> Vec<(BTreeSet<usize>, Vec<Hit<'_>>)> {
    let mut targets: BTreeMap<Vec<ObjectRef>, BTreeSet<usize>> = BTreeMap::new();
    let key = |hit: &Hit<'_>| hit.objects.iter().map(|object| object.reference()).collect::<Vec<_>>();
    for hit in &hits {
        targets.entry(key(hit)).or_default().extend(hit.target);
    }
    let mut sets: BTreeMap<BTreeSet<usize>, Vec<Hit<'_>>> = BTreeMap::new();
    for hit in hits {
        let set = targets.get(&key(&hit)).cloned().unwrap_or_default();
        // The first target stands for all of them.
        if hit.target == set.first().copied() {
            sets.entry(set).or_default().push(hit);
        }
    }
    sets.into_iter().collect()
}

/// One finding of these hits.
pub(super) fn finding(
    (rule, words): (&Rule, &Words),
    world: &World<'_>,
    group: &str,
    targets: &BTreeSet<usize>,
    hits: &[Hit<'_>],
) -> Result<Finding, EvalError> {
    let file = &rule.file;
    let env = environment(world, targets.first().copied());
    let mut rows = Vec::new();
    let mut objects: BTreeSet<ObjectRef> = BTreeSet::new();
    for hit in hits {
        let message = words.message.fill(&env, &mut hit.slots.clone())?;
        let references = references(world, hit);
        objects.extend(references.iter().cloned());
        rows.extend(references.into_iter().map(|object| ObjectRow {
            object,
            message: message.clone(),
        }));
    }
    rows.sort_by(|a, b| (&a.object, &a.message).cmp(&(&b.object, &b.message)));
    rows.dedup();
    let objects: Vec<ObjectRef> = objects.into_iter().collect();
    let message = match (hits, hits.first()) {
        ([only], _) => words.message.fill(&env, &mut only.slots.clone())?,
        (_, Some(first)) => summary((rule, words), &env, first, objects.len())?,
        (_, None) => file.title.clone(),
    };
    let reached = impact::virtual_machines(world, hits.iter().flat_map(|hit| hit.objects.iter().copied()));
    Ok(Finding {
        id: identifier(rule.id(), group, &objects),
        rule: file.id.clone(),
        area: rule.area.clone(),
        severity: hits.first().map_or(Severity::Info, |hit| hit.severity),
        confidence: file.confidence,
        title: file.title.clone(),
        message,
        evidence: evidence(words, world, &env, hits)?,
        objects,
        rows,
        impact: Impact {
            text: file.impact.clone(),
            virtual_machines: reached.virtual_machines.into_iter().collect(),
            hits: file.hits,
            incomplete: reached.incomplete,
        },
        cause: file.cause.clone(),
        remediation: steps(words, &env, hits)?,
        workaround: file.workaround.clone(),
        fixed_in: file.fixed_in.clone(),
        references: file.references.clone(),
        explains: Vec::new(),
        explained_by: Vec::new(),
        path: path_label(world, targets),
    })
}

/// The objects of a hit; for lines of logs the pods and nodes that wrote them, where the rule names no others.
pub(super) fn references(world: &World<'_>, hit: &Hit<'_>) -> Vec<ObjectRef> {
    match hit.log {
        Some(log) if hit.objects.is_empty() => logs::objects(log, &world.cluster),
        _ => hit.objects.iter().map(|object| object.reference()).collect(),
    }
}

fn summary<'a>(
    (rule, words): (&Rule, &'a Words),
    env: &Env<'a>,
    first: &Hit<'a>,
    count: usize,
) -> Result<String, EvalError> {
    match &words.summary {
        Some(template) => {
            let mut slots: Vec<Val<'a>> = first.slots.iter().take(rule.file.once.len()).cloned().collect();
            slots.push(Val::Int(i64::try_from(count).unwrap_or(i64::MAX)));
            template.fill(env, &mut slots)
        }
        None => Ok(format!("{}: {count} objects", rule.file.title)),
    }
}

fn identifier(rule: &str, group: &str, objects: &[ObjectRef]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{rule}\n{group}\n"));
    for object in objects {
        hash.update(format!("{}/{}/{}\n", object.kind, object.namespace, object.name));
    }
    hash.finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Names the targets a finding holds for, where there are others for which it does not.
fn path_label(world: &World<'_>, targets: &BTreeSet<usize>) -> Option<String> {
    let versions = &world.targets.versions;
    if targets.is_empty() || versions.len() < 2 || targets.len() == versions.len() {
        return None;
    }
    let named: Vec<&str> = targets
        .iter()
        .filter_map(|index| versions.get(*index))
        .map(String::as_str)
        .collect();
    Some(format!("{} → {}", world.facts.running, named.join(", ")))
}

/// Next steps, filled in for the first object; a step whose text or command differs for other objects stands for them too.
fn steps<'a>(
    words: &'a Words,
    env: &Env<'a>,
    hits: &[Hit<'a>],
) -> Result<Vec<gleaner_report::RemediationStep>, EvalError> {
    let Some(first) = hits.first() else {
        return Ok(Vec::new());
    };
    let mut steps = Vec::new();
    for step in &words.remediation {
        if let Some(when) = &step.when
            && !when.holds(env, &mut first.slots.clone())?
        {
            continue;
        }
        let command = step
            .command
            .as_ref()
            .map(|command| command.fill_command(env, &mut first.slots.clone()));
        let text = step.text.fill(env, &mut first.slots.clone())?;
        steps.push(gleaner_report::RemediationStep {
            text,
            command: command.transpose()?,
            effect: step.effect,
        });
    }
    Ok(steps)
}

fn evidence<'a>(
    words: &'a Words,
    world: &'a World<'_>,
    env: &Env<'a>,
    hits: &[Hit<'a>],
) -> Result<Vec<Evidence>, EvalError> {
    let (mut facts, mut seen) = (Vec::new(), BTreeSet::new());
    // Finding a line means counting lines, so nothing is looked up that would not be shown.
    let mut add = |more: &mut dyn Iterator<Item = Evidence>| {
        for fact in more {
            if facts.len() < MOST_EVIDENCE
                && seen.insert((fact.path.clone(), fact.line, fact.field.clone(), fact.value.clone()))
            {
                facts.push(fact);
            }
        }
        facts.len() < MOST_EVIDENCE
    };
    for hit in hits.iter().take(EVIDENCE_OBJECTS) {
        if !add(&mut hit.log.into_iter().flat_map(logs::evidence)) {
            return Ok(facts);
        }
        for source in &words.evidence {
            let objects = match &source.of {
                Some(of) => named(&of.eval(env, &mut hit.slots.clone())?),
                None => hit.objects.clone(),
            };
            for object in objects.into_iter().take(EVIDENCE_OBJECTS) {
                for field in &source.fields {
                    if !add(&mut field_evidence(world, object, field).into_iter()) {
                        return Ok(facts);
                    }
                }
            }
        }
    }
    Ok(facts)
}

/// The values at a field of an object; where there is none, the place where it would stand.
fn field_evidence(world: &World<'_>, object: &Object<'_>, field: &FieldPath) -> Vec<Evidence> {
    let Some(file) = evidence_file(world, object, field) else {
        return Vec::new();
    };
    let fact = |node_offset: u32, value: String| {
        let line = gleaner_text::line_of(&file.text, node_offset);
        Evidence {
            path: file.path.clone(),
            line,
            object: Some(object.reference()),
            field: field.to_string(),
            value: quote(&value),
            snippet: snippet(&file.text, node_offset, line),
        }
    };
    let reached = field.reach(&object.root);
    if reached.is_empty() {
        return vec![fact(field.nearest(&object.root).offset, "(unset)".to_owned())];
    }
    reached
        .iter()
        .take(5)
        .map(|reached| fact(reached.node.offset, reached.text().into_owned()))
        .collect()
}

/// The file a field stands in; the fields of a node archive are files of their own.
fn evidence_file<'a>(world: &'a World<'_>, object: &Object<'_>, field: &FieldPath) -> Option<&'a TextFile> {
    match field.steps() {
        [Step::Key(files), Step::Key(inner), ..] if files == "files" => {
            let wanted = Some((object.name(), inner.as_str()));
            world
                .cluster
                .files
                .iter()
                .find(|file| layout::inside_node_archive(&file.path) == wanted)
        }
        _ => world.cluster.file(object),
    }
}

fn quote(text: &str) -> String {
    let mut quoted: String = text.chars().take(QUOTED).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    quoted
}

/// The line at an offset and its neighbours, found from where it stands and not from the start of the file.
fn snippet(text: &str, offset: u32, line: u64) -> Vec<SnippetLine> {
    let bytes = text.as_bytes();
    let line_start = |end: usize| {
        let before = bytes.get(..end).unwrap_or_default();
        memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)
    };
    let offset = usize::try_from(offset).map_or(bytes.len(), |offset| offset.min(bytes.len()));
    let start = line_start(offset);
    let (start, first) = match start.checked_sub(1) {
        Some(end) => (line_start(end), line.saturating_sub(1)),
        None => (start, line),
    };
    (first..)
        .zip(text.get(start..).unwrap_or_default().lines().take(3))
        .map(|(line, text)| SnippetLine {
            line,
            text: quote(text),
        })
        .collect()
}
