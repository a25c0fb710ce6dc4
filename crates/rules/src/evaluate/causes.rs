//! Links findings to their root causes: which findings are symptoms of which.
//!
//! A rule names the rules it `explains`; a finding of those is a symptom as far as the cause covers its objects, or those in its
//! `caused_by`. A finding that is explained only in part is split, so that each object is below a cause that accounts for it.

use super::Context;
use super::cause::{Cause, Numbers, Place};
use super::draft::DraftFinding;
use gleaner_report::{Absorbed, Finding, Harm};
use gleaner_text::format_duration;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, OnceLock};

/// How many reasons a finding gives for standing alone.
const MOST_REASONS: usize = 3;

/// Links findings to those that explain them, and returns each with the targets it holds for; empty if it does not depend on them.
/// Of two findings that would explain each other, the first one explains the other.
pub(super) fn explain<'a>(context: &'a Context<'_>, drafts: Vec<DraftFinding<'a>>) -> Vec<(Finding, BTreeSet<usize>)> {
    let mut numbers = Numbers::new(&context.snapshot.cluster);
    let candidates = drafts.into_iter().map(|draft| Candidate::new(draft, &mut numbers));
    let mut causes = Causes {
        context,
        candidates: candidates.collect(),
        by_rule: BTreeMap::new(),
        numbers,
    };
    causes.sort();
    causes.prepare();
    causes.absorb();
    causes.sort();
    causes.split();
    causes.sort();
    let links = causes.links();
    let alone = causes.stand_alone(&links);
    let drafts = causes.candidates.into_iter().map(|candidate| candidate.draft);
    let mut drafts: Vec<DraftFinding<'a>> = drafts.collect();
    let ids: Vec<String> = drafts.iter().map(|draft| draft.finding.id.clone()).collect();
    for (draft, reasons) in drafts.iter_mut().zip(alone) {
        draft.finding.stands_alone = reasons;
    }
    for (cause, symptom) in links {
        drafts[cause].finding.explains.push(ids[symptom].clone());
        drafts[symptom].finding.explained_by.push(ids[cause].clone());
    }
    drafts.into_iter().map(DraftFinding::finish).collect()
}

/// A finding that may be a cause or a symptom.
struct Candidate<'a> {
    draft: DraftFinding<'a>,
    places: Vec<Place>,
    /// By finding that it absorbed: the objects of that.
    absorbed: Vec<Vec<Place>>,
    /// The numbers of its objects, and those of the VMs that it affects.
    own: Vec<u32>,
    machines: Vec<u32>,
    /// The finding as a cause, computed on first use.
    cause: OnceLock<Arc<Cause>>,
}

impl<'a> Candidate<'a> {
    fn new(draft: DraftFinding<'a>, numbers: &mut Numbers<'_>) -> Candidate<'a> {
        Candidate {
            places: Place::all(&draft, numbers),
            own: numbers.references(&draft.finding.objects),
            machines: numbers.references(&draft.finding.impact.virtual_machines),
            draft,
            absorbed: Vec::new(),
            cause: OnceLock::new(),
        }
    }

    /// The finding as a cause, computed once.
    fn cause(&self, context: &Context<'_>, numbers: &Numbers<'_>) -> &Arc<Cause> {
        let of = || Cause::of(context, &self.draft, (&self.own, &self.machines), numbers);
        self.cause.get_or_init(|| Arc::new(of()))
    }
}

/// A finding that a cause explains, at least in part.
struct Symptom {
    index: usize,
    is_complete: bool,
}

/// All findings, while they are split and linked.
struct Causes<'a, 'c> {
    context: &'a Context<'c>,
    candidates: Vec<Candidate<'a>>,
    /// By rule: the indexes of its findings, ascending.
    by_rule: BTreeMap<String, Vec<usize>>,
    numbers: Numbers<'a>,
}

impl Causes<'_, '_> {
    /// Works out, side by side, what the findings that may explain or absorb others account for.
    fn prepare(&self) {
        self.candidates.par_iter().for_each(|candidate| {
            let file = &candidate.draft.rule().file;
            if !file.explains.is_empty() || !file.supersedes.is_empty() {
                candidate.cause(self.context, &self.numbers);
            }
        });
    }

    fn sort(&mut self) {
        self.candidates.sort_by(|a, b| a.draft.order(&b.draft));
        self.by_rule.clear();
        for (index, candidate) in self.candidates.iter().enumerate() {
            let rule = candidate.draft.finding.rule.clone();
            self.by_rule.entry(rule).or_default().push(index);
        }
    }

    /// The findings of these rules, ascending.
    fn of_rules<'r>(&self, rules: impl Iterator<Item = &'r String>) -> Vec<usize> {
        let found = rules.filter_map(|rule| self.by_rule.get(rule)).flatten();
        let mut found: Vec<usize> = found.copied().collect();
        found.sort_unstable();
        found
    }

    /// The findings whose rules name that of this one under `explains`, ascending.
    fn could_explain(&self, symptom: usize) -> Vec<usize> {
        let explained = &self.candidates[symptom].draft.finding.rule;
        let mut found = self.of_rules(self.context.catalog.explained_by(explained));
        found.retain(|cause| *cause != symptom);
        found
    }

    /// Removes findings of general rules on the objects of a specific one, or on what belongs to them, and says so there. What is worse
    /// than the specific finding stays.
    fn absorb(&mut self) {
        let mut absorbed = BTreeSet::new();
        for specific in 0..self.candidates.len() {
            if self.superseded(specific).is_empty() || absorbed.contains(&specific) {
                continue;
            }
            for general in self.of_rules(self.superseded(specific).iter()) {
                let may = general != specific && !absorbed.contains(&general) && self.supersedes(specific, general);
                if may && self.absorb_one(specific, general) {
                    absorbed.insert(general);
                }
            }
        }
        let mut index = 0..;
        self.candidates
            .retain(|_| index.next().is_none_or(|index| !absorbed.contains(&index)));
    }

    /// Moves what a general finding says of the objects of a specific one there; true if nothing is left of it.
    fn absorb_one(&mut self, specific: usize, general: usize) -> bool {
        let own = self.cause(specific);
        let Candidate { draft, places, .. } = &self.candidates[general];
        let inside: Vec<bool> = places.iter().map(|place| place.lies_at(own.whole())).collect();
        if !inside.contains(&true) {
            return false;
        }
        let is_whole = !inside.contains(&false);
        let parts = if is_whole {
            None
        } else {
            draft.split(self.context, &inside)
        };
        let part = match &parts {
            Some((part, _)) => part,
            None if is_whole => draft,
            None => return false,
        };
        let said = Absorbed {
            rule: part.finding.rule.clone(),
            message: part.finding.message.clone(),
            harm: part.finding.harm,
            since: part.finding.since.clone(),
        };
        let about = match &parts {
            Some((part, _)) => Place::all(part, &mut self.numbers),
            None => self.candidates[general].places.clone(),
        };
        self.candidates[specific].draft.finding.absorbs.push(said);
        self.candidates[specific].absorbed.push(about);
        if let Some((_, rest)) = parts {
            self.candidates[general] = Candidate::new(rest, &mut self.numbers);
        }
        is_whole
    }

    /// Whether a finding takes the place of another on the same objects: its rule names the other's, and it is as severe.
    fn supersedes(&self, specific: usize, general: usize) -> bool {
        let [specific_finding, general] = [specific, general].map(|index| &self.candidates[index].draft.finding);
        general.severity <= specific_finding.severity && self.superseded(specific).contains(&general.rule)
    }

    /// The rules that the one of a finding supersedes.
    fn superseded(&self, index: usize) -> &'_ [String] {
        let rule = self.context.catalog.rule(&self.candidates[index].draft.finding.rule);
        rule.map_or(&[], |rule| &rule.file.supersedes)
    }

    /// For each finding that nothing explains, why those that could do not.
    fn stand_alone(&self, links: &BTreeSet<(usize, usize)>) -> Vec<Vec<String>> {
        let explained: BTreeSet<usize> = links.iter().map(|(_, symptom)| *symptom).collect();
        let all = 0..self.candidates.len();
        let reasons = all.clone().map(|symptom| {
            if explained.contains(&symptom) {
                return Vec::new();
            }
            // A cause that is a symptom itself is spoken for by its own cause.
            let mut could = self.could_explain(symptom);
            could.retain(|cause| !explained.contains(cause) && !links.contains(&(symptom, *cause)));
            let reasons: BTreeSet<String> = could
                .into_iter()
                .filter_map(|cause| self.why_not(cause, symptom))
                .collect();
            reasons.into_iter().take(MOST_REASONS).collect()
        });
        reasons.collect()
    }

    /// Why a finding is not a symptom of another that has some of its objects.
    fn why_not(&self, cause: usize, symptom: usize) -> Option<String> {
        let known = self.cause(cause);
        let of = &self.candidates[cause].draft.finding;
        let by = format!("\u{201c}{}\u{201d}", of.message);
        let places = &self.candidates[symptom].places;
        let place = places.iter().find(|place| known.touches(place))?;
        let (missing, all) = known.missing(place);
        if !known.accounts_for(place) {
            let names: Vec<String> = missing
                .iter()
                .take(3)
                .map(|object| self.numbers.name(*object))
                .collect();
            let more = if missing.len() > names.len() { ", …" } else { "" };
            let names = names.join(", ");
            return Some(format!(
                "{by} accounts for {} of the {all} objects it lies at, not for {names}{more}",
                all - missing.len()
            ));
        }
        if !known.explains(place) {
            let earlier = format_duration(known.seconds_after(place));
            return Some(format!("{by} began {earlier} later"));
        }
        let is_lost = self.candidates[symptom].draft.finding.harm == Harm::DataLoss;
        is_lost.then(|| format!("lost data is reported by itself, whatever led to it: {by}"))
    }

    /// Splits findings that a cause explains only for some of their objects, into a symptom and a finding of the others. Root causes
    /// come first, so that what one of them accounts for is not split further.
    fn split(&mut self) {
        let all = 0..self.candidates.len();
        let explained = all.clone().flat_map(|cause| self.symptoms(cause));
        let explained: BTreeSet<usize> = explained.map(|symptom| symptom.index).collect();
        let mut order: VecDeque<usize> = all.filter(|index| !explained.contains(index)).collect();
        order.extend(&explained);
        let mut settled = BTreeSet::new();
        while let Some(index) = order.pop_front() {
            let cause = self.cause(index);
            for symptom in self.symptoms(index) {
                if settled.contains(&symptom.index) {
                    continue;
                }
                let is_split = !symptom.is_complete && self.split_one(symptom.index, &cause);
                if symptom.is_complete || is_split {
                    settled.insert(symptom.index);
                }
                if is_split {
                    order.push_back(self.candidates.len() - 1);
                }
            }
        }
    }

    /// Replaces a finding with its part that a cause explains and appends the rest; false, without a change, if both parts have the
    /// same objects.
    fn split_one(&mut self, index: usize, cause: &Cause) -> bool {
        let Candidate { draft, places, .. } = &self.candidates[index];
        let explained: Vec<bool> = places.iter().map(|place| cause.explains(place)).collect();
        let Some((explained, others)) = draft.split(self.context, &explained) else {
            return false;
        };
        let rule = self.by_rule.entry(others.finding.rule.clone());
        rule.or_default().push(self.candidates.len());
        let absorbed = std::mem::take(&mut self.candidates[index].absorbed);
        let rest = self.candidates.len();
        self.candidates[index] = Candidate::new(explained, &mut self.numbers);
        self.candidates.push(Candidate::new(others, &mut self.numbers));
        for part in [index, rest] {
            self.keep_absorbed(part, &absorbed);
        }
        true
    }

    /// Leaves a part of a finding that was split only with what it absorbed at its own objects.
    fn keep_absorbed(&mut self, part: usize, absorbed: &[Vec<Place>]) {
        let own = self.cause(part);
        let is_own = |places: &Vec<Place>| places.iter().any(|place| place.lies_at(own.whole()));
        let part = &mut self.candidates[part];
        let mut places = absorbed.iter();
        part.draft.finding.absorbs.retain(|_| places.next().is_some_and(is_own));
        part.absorbed = absorbed.iter().filter(|places| is_own(places)).cloned().collect();
    }

    /// Pairs of cause and symptom, by index.
    fn links(&self) -> BTreeSet<(usize, usize)> {
        let mut links: BTreeSet<(usize, usize)> = BTreeSet::new();
        for cause in 0..self.candidates.len() {
            for symptom in self.symptoms(cause) {
                if symptom.is_complete && !links.contains(&(symptom.index, cause)) {
                    links.insert((cause, symptom.index));
                }
            }
        }
        let explained: BTreeSet<usize> = links.iter().map(|(_, symptom)| *symptom).collect();
        for symptom in (0..self.candidates.len()).filter(|symptom| !explained.contains(symptom)) {
            for cause in self.together(symptom) {
                if !links.contains(&(symptom, cause)) {
                    links.insert((cause, symptom));
                }
            }
        }
        links
    }

    /// The causes that explain a finding only together, such as those of two charts a finding about both; none unless they explain
    /// all of it.
    fn together(&self, symptom: usize) -> Vec<usize> {
        let candidates = self.could_explain(symptom).into_iter();
        let candidates: Vec<usize> = candidates.filter(|cause| self.may_be_below(*cause, symptom)).collect();
        let all = candidates.into_iter().map(|index| (index, self.cause(index)));
        let mut all: Vec<(usize, Arc<Cause>)> = all.collect();
        let places = &self.candidates[symptom].places;
        all.retain(|(_, cause)| places.iter().any(|place| cause.touches(place)));
        let merged = Cause::together(all.iter().map(|(_, cause)| cause.as_ref()));
        let explained = |place: &Place| all.iter().any(|(_, cause)| cause.explains(place)) || merged.explains(place);
        if places.iter().all(explained) {
            all.into_iter().map(|(index, _)| index).collect()
        } else {
            Vec::new()
        }
    }

    /// Whether a finding may be below another: lost data is not below anything else.
    fn may_be_below(&self, cause: usize, symptom: usize) -> bool {
        let harm = |index: usize| self.candidates[index].draft.finding.harm;
        cause != symptom && (harm(symptom) != Harm::DataLoss || harm(cause) == Harm::DataLoss)
    }

    /// The findings that a cause explains at least in part.
    fn symptoms(&self, cause: usize) -> Vec<Symptom> {
        let rule = self.context.catalog.rule(&self.candidates[cause].draft.finding.rule);
        let explains: &[String] = rule.map_or(&[], |rule| &rule.file.explains);
        let mut named = self.of_rules(explains.iter());
        named.retain(|symptom| self.may_be_below(cause, *symptom));
        if named.is_empty() {
            return Vec::new();
        }
        let cause = self.cause(cause);
        let symptoms = named.into_iter().filter_map(|index| {
            let places = &self.candidates[index].places;
            let explained = places.iter().filter(|place| cause.explains(place)).count();
            (explained > 0).then_some(Symptom {
                index,
                is_complete: explained == places.len(),
            })
        });
        symptoms.collect()
    }

    /// A finding as a cause.
    fn cause(&self, index: usize) -> Arc<Cause> {
        Arc::clone(self.candidates[index].cause(self.context, &self.numbers))
    }
}
