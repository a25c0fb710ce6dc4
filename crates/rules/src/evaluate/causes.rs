//! From many findings to few causes: which findings are symptoms of which.
//!
//! A rule names the rules it `explains`; a finding of those is its symptom as far as the cause covers its objects, or those it is
//! `caused_by`. A finding that is explained in part is parted: no object hides below a cause that does not account for it.
//! What an object covers is itself, what the graph says belongs to it, and whatever depends on those.

use super::Context;
use super::cause::Cause;
use super::draft::{self, DraftFinding};
use gleaner_report::Finding;
use std::collections::{BTreeSet, VecDeque};

/// Joins findings to those that explain them, and gives each with the targets it holds for; none where it does not ask.
/// Of two that would explain each other, the one that comes first does.
pub(super) fn explain<'a>(
    context: &'a Context<'_>,
    mut found: Vec<DraftFinding<'a>>,
) -> Vec<(Finding, BTreeSet<usize>)> {
    draft::sort(&mut found);
    part(context, &mut found);
    draft::sort(&mut found);
    let links = links(context, &found);
    let ids: Vec<String> = found.iter().map(|draft| draft.finding.id.clone()).collect();
    for (cause, symptom) in links {
        found[cause].finding.explains.push(ids[symptom].clone());
        found[symptom].finding.explained_by.push(ids[cause].clone());
    }
    found.into_iter().map(DraftFinding::finish).collect()
}

/// Parts findings that a cause explains only for some of their objects, so that it stands for these and the others on their own.
/// Causes that nothing explains come first; what one of them accounts for stays together.
fn part<'a>(context: &'a Context<'_>, found: &mut Vec<DraftFinding<'a>>) {
    let touched: BTreeSet<usize> = (0..found.len())
        .flat_map(|cause| reached(context, found, cause))
        .map(|(symptom, _)| symptom)
        .collect();
    let mut order: VecDeque<usize> = (0..found.len()).filter(|index| !touched.contains(index)).collect();
    order.extend(&touched);
    let mut settled = BTreeSet::new();
    while let Some(cause) = order.pop_front() {
        let Some(as_cause) = found.get(cause).map(|found| Cause::of(context, &found.finding)) else {
            continue;
        };
        for (symptom, whole) in reached(context, found, cause) {
            if settled.contains(&symptom) {
                continue;
            }
            let others = match found.get_mut(symptom) {
                Some(symptom) if !whole => symptom.split(context, &as_cause),
                _ => None,
            };
            if whole || others.is_some() {
                settled.insert(symptom);
            }
            if let Some(others) = others {
                order.push_back(found.len());
                found.push(others);
            }
        }
    }
}

/// The causes and symptoms among findings, by their places.
fn links(context: &Context<'_>, found: &[DraftFinding<'_>]) -> BTreeSet<(usize, usize)> {
    let mut links: BTreeSet<(usize, usize)> = BTreeSet::new();
    for cause in 0..found.len() {
        for (symptom, whole) in reached(context, found, cause) {
            if whole && !links.contains(&(symptom, cause)) {
                links.insert((cause, symptom));
            }
        }
    }
    let explained: BTreeSet<usize> = links.iter().map(|(_, symptom)| *symptom).collect();
    for symptom in (0..found.len()).filter(|symptom| !explained.contains(symptom)) {
        for cause in together(context, found, symptom) {
            if !links.contains(&(symptom, cause)) {
                links.insert((cause, symptom));
            }
        }
    }
    links
}

/// The causes that explain a finding only together, as two charts do what is said of both: none, unless nothing is left over.
fn together(context: &Context<'_>, found: &[DraftFinding<'_>], symptom: usize) -> Vec<usize> {
    let Some(of) = found.get(symptom) else {
        return Vec::new();
    };
    let candidates = found.iter().enumerate().filter(|(index, cause)| {
        let rule = context.catalog.rule(&cause.finding.rule);
        *index != symptom && rule.is_some_and(|rule| rule.file.explains.contains(&of.finding.rule))
    });
    let mut all = Cause::default();
    let mut causes = Vec::new();
    for (index, cause) in candidates {
        let cause = Cause::of(context, &cause.finding);
        if of.touches(&cause) {
            all.covered.extend(cause.covered);
            causes.push(index);
        }
    }
    let (some, whole) = of.explained(&all);
    if some == whole { causes } else { Vec::new() }
}

/// The findings that a cause explains at least in part, and whether it explains all of each.
fn reached(context: &Context<'_>, found: &[DraftFinding<'_>], cause: usize) -> Vec<(usize, bool)> {
    let Some((finding, rule)) = found
        .get(cause)
        .and_then(|found| Some((&found.finding, context.catalog.rule(&found.finding.rule)?)))
    else {
        return Vec::new();
    };
    let candidates = found.iter().enumerate();
    let candidates: Vec<(usize, &DraftFinding<'_>)> = candidates
        .filter(|(symptom, other)| *symptom != cause && rule.file.explains.contains(&other.finding.rule))
        .collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let cause = Cause::of(context, finding);
    let explained = candidates
        .into_iter()
        .map(|(symptom, other)| (symptom, other.explained(&cause)));
    explained
        .filter(|(_, (some, _))| *some > 0)
        .map(|(symptom, (some, all))| (symptom, some == all))
        .collect()
}
