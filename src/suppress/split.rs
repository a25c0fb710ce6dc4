//! Splits a finding into what suppressions cover and what is left.

use super::Suppression;
use gleaner_report::{Finding, ObjectRef, ObjectRow, Suppressed};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// What suppressions cover of one finding.
#[derive(Default)]
pub(super) struct Claims<'s> {
    /// The suppression that covers all of it, whatever its objects are.
    pub(super) whole: Option<&'s Suppression>,
    /// Those that cover some of its objects.
    pub(super) parts: Vec<PartialClaim<'s>>,
}

/// The objects of a finding that one suppression covers, by index.
pub(super) struct PartialClaim<'s> {
    pub(super) suppression: &'s Suppression,
    pub(super) objects: BTreeSet<usize>,
}

/// A finding, split.
#[derive(Default)]
pub(super) struct Split {
    pub(super) kept: Option<Finding>,
    pub(super) suppressed: Vec<Suppressed>,
}

/// Splits a finding. An object belongs to the first suppression that covers it.
pub(super) fn split(finding: Finding, claims: &Claims<'_>) -> Split {
    if let Some(suppression) = claims.whole {
        return Split::whole(finding, suppression);
    }
    let mut split = Split::default();
    let all = finding.objects.len();
    let mut left: BTreeSet<usize> = (0..all).collect();
    for PartialClaim { suppression, objects } in &claims.parts {
        let own: BTreeSet<usize> = objects.iter().copied().filter(|index| left.remove(index)).collect();
        if own.len() == all {
            return Split::whole(finding, suppression);
        }
        if !own.is_empty() {
            let mut part = only(&finding, &own, "suppressed");
            part.id = part_id(&part);
            split.suppressed.push(suppressed(part, suppression));
        }
    }
    split.kept = if left.len() == all {
        Some(finding)
    } else if left.is_empty() {
        None
    } else {
        Some(only(&finding, &left, "left, the others suppressed"))
    };
    split
}

impl Split {
    fn whole(finding: Finding, suppression: &Suppression) -> Split {
        Split {
            kept: None,
            suppressed: vec![suppressed(finding, suppression)],
        }
    }
}

fn suppressed(finding: Finding, suppression: &Suppression) -> Suppressed {
    Suppressed {
        finding,
        reason: suppression.reason.clone(),
        until: suppression.until.map(|date| date.to_string()).unwrap_or_default(),
        case: suppression.case.clone(),
    }
}

/// A finding with some of its objects. The remainder keeps the id, so that links and trackers find it again.
fn only(finding: &Finding, indices: &BTreeSet<usize>, word: &str) -> Finding {
    let objects: Vec<ObjectRef> = (0..)
        .zip(&finding.objects)
        .filter(|(index, _)| indices.contains(index))
        .map(|(_, object)| object.clone())
        .collect();
    let rows: Vec<ObjectRow> = finding
        .rows
        .iter()
        .filter(|row| objects.contains(&row.object))
        .cloned()
        .collect();
    let message = match rows.as_slice() {
        [row] if !row.message.is_empty() => row.message.clone(),
        _ => format!(
            "{}: {} of {} {word}",
            finding.message,
            objects.len(),
            finding.objects.len()
        ),
    };
    // Evidence of other objects, such as replicas, cannot be attributed and stays.
    let others: BTreeSet<&ObjectRef> = finding
        .objects
        .iter()
        .filter(|object| !objects.contains(object))
        .collect();
    let evidence = finding
        .evidence
        .iter()
        .filter(|evidence| evidence.object.as_ref().is_none_or(|object| !others.contains(object)));
    Finding {
        message,
        evidence: evidence.cloned().collect(),
        objects,
        rows,
        ..finding.clone()
    }
}

fn part_id(part: &Finding) -> String {
    let mut hash = Sha256::new();
    hash.update(&part.id);
    for object in &part.objects {
        hash.update(format!("\0{}/{}/{}", object.kind, object.namespace, object.name));
    }
    let digest = hash.finalize();
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
