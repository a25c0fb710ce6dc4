//! Suggestions for mistyped names.

/// A suggestion for a mistyped name: the closest known one, if it is close.
pub fn did_you_mean<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let lower = name.to_lowercase();
    // Two letters that changed places are one mistake.
    let distance = |candidate: &str| strsim::osa_distance(&lower, &candidate.to_lowercase());
    let most = |candidate: &str| (candidate.chars().count().min(name.chars().count()) / 3).max(1);
    // A beginning is near, whatever is missing.
    let begins = |candidate: &str| name.len() > 2 && candidate.to_lowercase().starts_with(&lower);
    known
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| *distance <= most(candidate) || begins(candidate))
        .min()
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
        .unwrap_or_default()
}

/// The known names that are closest to a mistyped one, closest first, at most `most`. Unlike [`did_you_mean`] it gives the best there
/// are.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>, most: usize) -> Vec<&'n str> {
    let lower = name.to_lowercase();
    let distance = |candidate: &str| strsim::levenshtein(&lower, &candidate.to_lowercase());
    let mut ranked: Vec<(usize, &str)> = known.map(|candidate| (distance(candidate), candidate)).collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().take(most).map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_name_and_a_stranger_none() {
        assert_eq!(
            did_you_mean("relicas", ["replicas", "engines"].into_iter()),
            "did you mean `replicas`?"
        );
        assert_eq!(did_you_mean("nmae", ["name"].into_iter()), "did you mean `name`?");
        assert_eq!(did_you_mean("v1.5", ["v1.5.0"].into_iter()), "did you mean `v1.5.0`?");
        assert_eq!(did_you_mean("zebra", ["replicas", "engines"].into_iter()), "");
        assert_eq!(did_you_mean("foo", ["log", "node"].into_iter()), "");
    }
}
