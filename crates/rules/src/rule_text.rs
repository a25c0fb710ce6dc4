//! The text of a rule file. A built-in one also has its content as JSON, converted when Gleaner is built.

use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The files of a folder of rules, by path below it.
pub type RuleFiles = BTreeMap<String, RuleText>;

/// Path below `rules`, text, and content as JSON; sorted by path.
static BUILT_IN: &[(&str, &str, Option<&str>)] = include!(concat!(env!("OUT_DIR"), "/rules.in"));

/// The text of one file.
#[derive(Debug, Clone, Default)]
pub struct RuleText {
    yaml: Cow<'static, str>,
    json: Option<&'static str>,
    built_in: bool,
}

impl RuleText {
    /// The text as its author wrote it.
    pub fn as_str(&self) -> &str {
        &self.yaml
    }

    /// Whether it is built in, and so checked by the tests.
    pub(crate) fn is_built_in(&self) -> bool {
        self.built_in
    }

    /// Parses its content.
    ///
    /// # Errors
    /// Where the YAML is invalid and why.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, serde_yaml::Error> {
        let quick = self.json.and_then(|json| serde_json::from_str(json).ok());
        quick.map_or_else(|| serde_yaml::from_str(&self.yaml), Ok)
    }
}

impl From<String> for RuleText {
    fn from(text: String) -> RuleText {
        RuleText {
            yaml: Cow::Owned(text),
            ..RuleText::default()
        }
    }
}

/// The files of the built-in rules.
pub fn built_in() -> RuleFiles {
    let files = BUILT_IN.iter().map(|(path, yaml, json)| {
        let text = RuleText {
            yaml: Cow::Borrowed(yaml),
            json: *json,
            built_in: true,
        };
        ((*path).to_owned(), text)
    });
    files.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::RuleFile;

    #[test]
    fn built_in_rules_read_the_same_from_json_and_from_yaml() {
        for (path, text) in built_in() {
            if path.ends_with("/rule.yaml") {
                let quick: RuleFile = serde_json::from_str(text.json.unwrap()).unwrap();
                let slow: RuleFile = serde_yaml::from_str(text.as_str()).unwrap();
                assert_eq!(format!("{quick:?}"), format!("{slow:?}"), "{path}");
            }
        }
    }
}
