//! Things that share a reason, told with it once.

use crate::units;
use serde::Serialize;
use std::collections::BTreeMap;

/// A reason, and what it is the reason of.
#[derive(Serialize)]
pub(super) struct Reason {
    why: String,
    things: String,
}

/// Pairs of a reason and a thing, by the reason.
pub(super) fn reasons(pairs: impl Iterator<Item = (String, String)>) -> Vec<Reason> {
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (why, thing) in pairs {
        reasons.entry(why).or_default().push(thing);
    }
    let reasons = reasons.into_iter();
    reasons
        .map(|(why, things)| Reason {
            why,
            things: units::joined(&things),
        })
        .collect()
}
