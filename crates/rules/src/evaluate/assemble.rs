//! Builds a finding from the matches of a rule that have one cause: its objects as rows, evidence and next steps.

use super::batch::Match;
use super::{Context, log_matches};
use crate::host::RuleHost;
use crate::schema::ImpactWhen;
use crate::{Messages, Rule};
use gleaner_cel::{EvalError, Value};
use gleaner_cluster::layout;
use gleaner_cluster::{Object, TextFile};
use gleaner_report::{Evidence, Finding, Impact, ObjectRef, ObjectRow, Reference, SnippetLine};
use gleaner_text::LineIndex;
use gleaner_yaml::{FieldPath, Segment};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// How many objects of a finding contribute evidence.
const EVIDENCE_OBJECTS: usize = 20;
/// How many pieces of evidence one finding has at most.
const MOST_EVIDENCE: usize = 100;
/// How many characters of a value or line are quoted.
const QUOTED: usize = 400;

/// One finding of these matches, of which there is at least one. They have the same severity.
pub(super) fn finding(
    (rule, messages): (&Rule, &Messages),
    context: &Context<'_>,
    group: &str,
    targets: &BTreeSet<usize>,
    matches: &[Match<'_>],
) -> Result<Finding, EvalError> {
    let file = &rule.file;
    let env = context.env(targets.first().copied());
    let mut rows = Vec::new();
    let mut objects: BTreeSet<ObjectRef> = BTreeSet::new();
    for matched in matches {
        let message = messages.message.fill(&env, &mut matched.slots.clone())?;
        let references = references(context, matched);
        objects.extend(references.iter().cloned());
        rows.extend(references.into_iter().map(|object| ObjectRow {
            object,
            message: message.clone(),
        }));
    }
    rows.sort_by(|a, b| (&a.object, &a.message).cmp(&(&b.object, &b.message)));
    rows.dedup();
    let objects: Vec<ObjectRef> = objects.into_iter().collect();
    let first = &matches[0];
    let message = if matches.len() == 1 {
        messages.message.fill(&env, &mut first.slots.clone())?
    } else {
        summary((rule, messages), &env, first, objects.len())?
    };
    let objects_of_vms = matches.iter().filter(|_| file.impact_when != ImpactWhen::None);
    let reached = context
        .snapshot
        .dependent_vms(objects_of_vms.flat_map(|matched| matched.objects.iter().copied()));
    Ok(Finding {
        id: identifier(rule.id(), group, &objects),
        rule: file.id.clone(),
        area: rule.area.clone(),
        severity: first.severity,
        confidence: file.confidence,
        title: file.title.clone(),
        message,
        evidence: evidence(messages, context, &env, matches)?,
        objects,
        rows,
        impact: Impact {
            text: messages.impact.fill(&env, &mut first.slots.clone())?,
            virtual_machines: reached.virtual_machines.into_iter().collect(),
            hits: file.impact_when.timing(),
            incomplete: reached.incomplete,
        },
        cause: messages.cause.fill(&env, &mut first.slots.clone())?,
        remediation: steps(messages, &env, first)?,
        workaround: file.workaround.clone(),
        fixed_in: file.fixed_in.clone(),
        references: referenced(rule, context),
        explains: Vec::new(),
        explained_by: Vec::new(),
        path: path_label(context, targets),
    })
}

/// Where to read more, in the documentation of the releases that run.
fn referenced(rule: &Rule, context: &Context<'_>) -> Vec<Reference> {
    let pages = &context.catalog.pages;
    let resolved = rule.file.references.iter().map(|reference| Reference {
        title: reference.title.clone(),
        url: pages.resolve(&reference.url, &context.snapshot.facts),
    });
    resolved.collect()
}

/// The objects of a match; for lines of logs the pods and nodes that wrote them, where the rule names no others.
pub(super) fn references(context: &Context<'_>, matched: &Match<'_>) -> Vec<ObjectRef> {
    match matched.log {
        Some(log) if matched.objects.is_empty() => log_matches::objects(log, &context.snapshot.cluster),
        _ => matched.objects.iter().map(|object| object.reference()).collect(),
    }
}

fn summary<'a>(
    (rule, messages): (&Rule, &'a Messages),
    env: &RuleHost<'a>,
    first: &Match<'a>,
    count: usize,
) -> Result<String, EvalError> {
    match &messages.summary {
        Some(template) => {
            let mut slots = first.slots.first(rule.file.once.len());
            slots.push(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)));
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
    base16ct::lower::encode_string(&hash.finalize()[..6])
}

/// The targets a finding holds for, if it does not hold for all of several.
fn path_label(context: &Context<'_>, targets: &BTreeSet<usize>) -> Option<String> {
    let versions = &context.targets.versions;
    if targets.is_empty() || versions.len() < 2 || targets.len() == versions.len() {
        return None;
    }
    let named: Vec<&str> = targets.iter().map(|index| versions[*index].as_str()).collect();
    Some(format!("{} → {}", context.snapshot.facts.running, named.join(", ")))
}

/// Next steps, filled in for the first match, also where they would differ for others.
fn steps<'a>(
    messages: &'a Messages,
    env: &RuleHost<'a>,
    first: &Match<'a>,
) -> Result<Vec<gleaner_report::RemediationStep>, EvalError> {
    let mut steps = Vec::new();
    for step in &messages.remediation {
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
    messages: &'a Messages,
    context: &'a Context<'_>,
    env: &RuleHost<'a>,
    matches: &[Match<'a>],
) -> Result<Vec<Evidence>, EvalError> {
    let (mut facts, mut seen) = (Vec::new(), BTreeSet::new());
    // Looking up a line means counting lines, so it is only done for evidence that is shown.
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
    for matched in matches.iter().take(EVIDENCE_OBJECTS) {
        if !add(&mut matched.log.into_iter().flat_map(log_matches::evidence)) {
            return Ok(facts);
        }
        for source in &messages.evidence {
            let objects = match &source.of {
                Some(of) => env.objects(&of.eval(env, &mut matched.slots.clone())?),
                None => matched.objects.clone(),
            };
            for object in objects.into_iter().take(EVIDENCE_OBJECTS) {
                for field in &source.fields {
                    if !add(&mut field_evidence(context, object, field).into_iter()) {
                        return Ok(facts);
                    }
                }
            }
        }
    }
    Ok(facts)
}

/// The values at a field of an object; where there is none, the nearest existing parent.
fn field_evidence(context: &Context<'_>, object: &Object<'_>, field: &FieldPath) -> Vec<Evidence> {
    let Some(file) = evidence_file(context, object, field) else {
        return Vec::new();
    };
    let mut lines = LineIndex::new(&file.text);
    let mut fact = |offset: usize, value: &str| Evidence {
        path: file.path.clone(),
        line: lines.line_of(offset),
        object: Some(object.reference()),
        field: field.to_string(),
        value: quote(value),
        snippet: snippet(&mut lines, offset),
    };
    let values = field.values(&object.root);
    if values.is_empty() {
        return vec![fact(field.nearest(&object.root).offset(), "(unset)")];
    }
    values
        .iter()
        .take(5)
        .map(|value| fact(value.node.offset(), &value.text()))
        .collect()
}

/// The file that contains a field. Those below `files` of a node archive are separate files.
fn evidence_file<'a>(context: &'a Context<'_>, object: &Object<'_>, field: &FieldPath) -> Option<&'a TextFile> {
    match field.segments() {
        [Segment::Key(files), Segment::Key(inner), ..] if files == "files" => {
            let wanted = Some((object.name(), inner.as_str()));
            context
                .snapshot
                .cluster
                .files
                .iter()
                .find(|file| layout::inside_node_archive(&file.path) == wanted)
        }
        _ => context.snapshot.cluster.file(object),
    }
}

fn quote(text: &str) -> String {
    let mut quoted: String = text.chars().take(QUOTED).collect();
    if quoted.len() < text.len() {
        quoted.push('…');
    }
    quoted
}

/// The line of an offset, and the lines before and after it.
fn snippet(lines: &mut LineIndex<'_>, offset: usize) -> Vec<SnippetLine> {
    let shown = lines.from_line_before(offset).take(3);
    shown
        .map(|(line, text)| SnippetLine {
            line,
            text: quote(text),
        })
        .collect()
}
