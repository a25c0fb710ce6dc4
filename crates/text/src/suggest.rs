//! Suggestions for mistyped names.

/// A suggestion for a mistyped name: the closest known one, if it is close.
pub fn did_you_mean<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let lower = name.to_lowercase();
    let distance = |candidate: &str| strsim::levenshtein(&lower, &candidate.to_lowercase());
    known
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().min(name.chars().count()) / 3 + 1)
        .min()
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
        .unwrap_or_default()
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
        assert_eq!(did_you_mean("zebra", ["replicas", "engines"].into_iter()), "");
    }
}
