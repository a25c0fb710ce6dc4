//! What a rule says for the diagnosis: words that depend on the case, and the VMs that are affected.

use schemars::JsonSchema;
use serde::Deserialize;

/// A word, or cases of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum CasesOf<T> {
    /// Always the same.
    Always(T),
    /// The first case whose condition holds.
    Cases(Vec<CaseOf<T>>),
}

impl<T: Default> Default for CasesOf<T> {
    fn default() -> CasesOf<T> {
        CasesOf::Always(T::default())
    }
}

/// One case of a word.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseOf<T> {
    /// The condition; without one the case always holds.
    #[serde(default)]
    pub when: Option<String>,
    /// The word.
    pub is: T,
}

/// Which of the VMs that depend on the objects are affected: a word, or what they are at risk by.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AffectsSpec {
    /// `none` or `down`.
    Word(AffectsWord),
    /// What they are at risk by.
    Detail(AffectsDetail),
}

/// Which VMs are affected, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AffectsWord {
    /// No VM, whatever depends on the objects.
    None,
    /// Those that are proven to be down: they do not run, are paused, run on a node that is not Ready, or have a disk without a
    /// usable replica.
    Down,
}

/// Which VMs are affected, in detail.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AffectsDetail {
    /// Whether those that are proven to be down are down because of it.
    #[serde(default)]
    pub down: bool,
    /// What the others are at risk by, such as `a drain of the node`: text with `{{ expression }}` parts; none are where it is empty.
    #[serde(default)]
    pub at_risk: Option<String>,
    /// The objects whose VMs are affected, where they are others than those of the rule: an expression.
    #[serde(default)]
    pub of: Option<String>,
}

impl Default for AffectsSpec {
    fn default() -> AffectsSpec {
        AffectsSpec::Word(AffectsWord::None)
    }
}

impl AffectsSpec {
    /// Whether VMs that are proven to be down are down because of it.
    pub fn down(&self) -> bool {
        match self {
            AffectsSpec::Word(word) => *word == AffectsWord::Down,
            AffectsSpec::Detail(detail) => detail.down,
        }
    }

    /// What the others are at risk by.
    pub fn at_risk(&self) -> Option<&str> {
        match self {
            AffectsSpec::Word(_) => None,
            AffectsSpec::Detail(detail) => detail.at_risk.as_deref(),
        }
    }

    /// The objects whose VMs are affected, where they are others than those of the rule.
    pub fn of(&self) -> Option<&str> {
        match self {
            AffectsSpec::Word(_) => None,
            AffectsSpec::Detail(detail) => detail.of.as_deref(),
        }
    }
}
