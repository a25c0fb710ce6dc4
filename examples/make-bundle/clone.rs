//! Copies of a group of items, with everything that is the group's own renamed alike in all of them.

use super::random::{HEX, Random, hash};
use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// The alphabet of Kubernetes' generated names.
pub(crate) const SUFFIX: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Names and what they become.
pub(crate) type Renames = BTreeMap<String, String>;

/// What is no other's: UIDs, hashes, addresses, and the names of objects in the items.
pub(crate) fn own_tokens(mine: &[&str], others: &[&str]) -> anyhow::Result<BTreeSet<String>> {
    let words = Regex::new(
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b|\b[0-9a-f]{12,}\b|\b10\.\d+\.\d+\.\d+\b",
    )?;
    let names = Regex::new(r"(?m)^    name: (\S+)$")?;
    let tokens = |texts: &[&str]| -> BTreeSet<String> {
        let of = |text: &&str| {
            let words = words.find_iter(text).map(|found| found.as_str().to_owned());
            let names = names.captures_iter(text).filter_map(|found| found.get(1));
            let names = names.map(|name| name.as_str().to_owned());
            words.chain(names).collect::<Vec<_>>()
        };
        texts.iter().flat_map(of).collect()
    };
    let foreign = tokens(others);
    Ok(tokens(mine)
        .into_iter()
        .filter(|token| !foreign.contains(token) && !token.ends_with(".0") && token.len() > 4)
        .collect())
}

/// New names for tokens. `from` is the group's own name, which becomes `to` wherever it is part of a token.
pub(crate) fn renames(tokens: &BTreeSet<String>, from: &str, to: &str) -> Renames {
    let mut renames: Renames = tokens
        .iter()
        .map(|token| (token.clone(), rename(token, from, to)))
        .collect();
    // A name that stays as it is may hold another that does not.
    renames.retain(|old, new| old != new);
    renames.insert(from.to_owned(), to.to_owned());
    renames
}

fn rename(token: &str, from: &str, to: &str) -> String {
    let mut random = Random::new(hash(&format!("{token} {to}")));
    if token.starts_with("10.") {
        let [a, b, c] = [4, 250, 250].map(|end| random.below(end));
        return format!("10.{}.{}.{}", 56 + a, b + 1, c + 2);
    }
    if is_hexadecimal(token) {
        return scramble(token, &mut random);
    }
    // An instance manager, a machine: a name that ends in a hash.
    if let Some((name, tail)) = token.rsplit_once('-').filter(|(_, tail)| tail.len() >= 8)
        && is_hexadecimal(tail)
        && !name.contains("pvc-")
    {
        return format!("{}-{}", name.replace(from, to), scramble(tail, &mut random));
    }
    match token.rsplit_once('-') {
        Some((name, suffix)) if suffix.len() == 5 && !name.is_empty() && suffix != from => {
            format!("{}-{}", name.replace(from, to), random.text(SUFFIX, 5))
        }
        Some((name, suffix)) if suffix.len() == 4 && is_hexadecimal(suffix) => {
            format!("{}-{}", name.replace(from, to), random.text(HEX, 4))
        }
        _ => token.replace(from, to),
    }
}

fn is_hexadecimal(token: &str) -> bool {
    token
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-' | b':'))
}

fn scramble(token: &str, random: &mut Random) -> String {
    let digit = |old: char, random: &mut Random| match old {
        '-' | ':' => old.to_string(),
        _ => random.text(HEX, 1),
    };
    // The second digit of a hardware address says that it is a single, local one.
    let keep = if token.contains(':') { 2 } else { 0 };
    token
        .chars()
        .enumerate()
        .map(|(at, old)| if at < keep { old.to_string() } else { digit(old, random) })
        .collect()
}

/// The texts with all names replaced, longer names first.
pub(crate) fn apply(renames: &Renames, texts: &[&str]) -> anyhow::Result<Vec<String>> {
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(renames.keys())?;
    let new: Vec<&String> = renames.values().collect();
    Ok(texts.iter().map(|text| automaton.replace_all(text, &new)).collect())
}
