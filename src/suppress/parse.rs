//! Suppressions as people write them: `[[suppress]]` tables in TOML, or `RULE=KIND/NS/NAME` on the command line.

use super::Suppression;
use gleaner_cluster::{ObjectPattern, ObjectPatternError};
use gleaner_text::did_you_mean;
use jiff::civil::Date;
use toml::{Table, Value};

/// Why a suppression cannot be used. The author's to correct.
#[derive(Debug, thiserror::Error)]
pub enum SuppressError {
    /// A key that suppressions do not have.
    #[error("`[[suppress]]` number {number} has the unknown key `{key}`; {help}")]
    Key {
        /// Which table, counted from 1.
        number: usize,
        /// The key.
        key: String,
        /// A similar key, or all of them.
        help: String,
    },
    /// A key that is missing, empty or of the wrong type.
    #[error("`[[suppress]]` number {number}: {what}")]
    Value {
        /// Which table, counted from 1.
        number: usize,
        /// What is wrong.
        what: String,
    },
    /// It is not written as tables.
    #[error("suppressions are written as `[[suppress]]` tables with rule, object, reason, until and case")]
    Shape,
    /// The command line's form is wrong.
    #[error("`{0}` is not a suppression: write RULE or RULE=KIND/NAMESPACE/NAME")]
    Argument(String),
    /// The object is not a valid pattern.
    #[error(transparent)]
    Object(#[from] ObjectPatternError),
}

const KEYS: [&str; 5] = ["rule", "object", "reason", "until", "case"];

/// Reads the value of `suppress` in a TOML file. `origin` is the file's name, for notes.
///
/// # Errors
/// The first table that is wrong, and how.
pub fn parse_tables(value: &Value, origin: &str) -> Result<Vec<Suppression>, SuppressError> {
    let tables = value.as_array().ok_or(SuppressError::Shape)?;
    let numbered = (1..).zip(tables);
    numbered
        .map(|(number, table)| one(number, table.as_table().ok_or(SuppressError::Shape)?, origin))
        .collect()
}

fn one(number: usize, table: &Table, origin: &str) -> Result<Suppression, SuppressError> {
    if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let help = Some(did_you_mean(key, KEYS.into_iter())).filter(|help| !help.is_empty());
        return Err(SuppressError::Key {
            number,
            key: key.clone(),
            help: help.unwrap_or_else(|| format!("keys are {}", KEYS.join(", "))),
        });
    }
    let wrong = |what: String| SuppressError::Value { number, what };
    let text = |key: &str| match table.get(key) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.trim().to_owned()),
        Some(_) => Err(wrong(format!("`{key}` must be a text"))),
    };
    let needed = |key: &str| {
        text(key).and_then(|text| {
            if text.is_empty() {
                Err(wrong(format!("`{key}` is missing")))
            } else {
                Ok(text)
            }
        })
    };
    let object = Some(text("object")?).filter(|object| !object.is_empty());
    Ok(Suppression {
        rule: needed("rule")?,
        object: object.map(|object| ObjectPattern::parse(&object)).transpose()?,
        reason: needed("reason")?,
        until: table.get("until").map(|until| date(until).map_err(wrong)).transpose()?,
        case: text("case")?,
        origin: origin.to_owned(),
        once: false,
    })
}

/// A day: `2026-12-31`, with or without quotes.
fn date(value: &Value) -> Result<Date, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Datetime(time) => time.to_string(),
        _ => String::new(),
    };
    let day = text.len() == 10;
    let date = Some(text).filter(|_| day).and_then(|text| text.parse().ok());
    date.ok_or_else(|| "`until` must be a day such as 2026-12-31".to_owned())
}

/// Reads `RULE` or `RULE=KIND/NAMESPACE/NAME`. It holds for one run, so it needs no end.
///
/// # Errors
/// If it is empty or names no object.
pub fn parse_argument(text: &str) -> Result<Suppression, SuppressError> {
    let (rule, object) = match text.split_once('=') {
        Some((rule, object)) => (rule, Some(ObjectPattern::parse(object)?)),
        None => (text, None),
    };
    if rule.is_empty() {
        return Err(SuppressError::Argument(text.to_owned()));
    }
    Ok(Suppression {
        rule: rule.to_owned(),
        object,
        reason: "asked for on the command line".to_owned(),
        until: None,
        case: String::new(),
        origin: "--suppress".to_owned(),
        once: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(text: &str) -> Result<Vec<Suppression>, SuppressError> {
        let table: Table = text.parse().unwrap();
        parse_tables(table.get("suppress").unwrap(), "gleaner.toml")
    }

    #[test]
    fn tables_say_what_is_wrong_with_them() {
        let cases = [
            (
                "[[suppress]]\nrule='x'\nreson='y'",
                "unknown key `reson`; did you mean `reason`?",
            ),
            ("[[suppress]]\nrule='x'", "`reason` is missing"),
            ("[[suppress]]\nrule='x'\nreason=' '", "`reason` is missing"),
            ("[[suppress]]\nreason='x'", "`rule` is missing"),
            (
                "[[suppress]]\nrule='x'\nreason='y'\nuntil='soon'",
                "`until` must be a day",
            ),
            (
                "[[suppress]]\nrule='x'\nreason='y'\nuntil=2026-01-01T00:00:00Z",
                "`until` must be a day",
            ),
            ("[[suppress]]\nrule='x'\nreason='y'\nobject='pvc-1'", "is not an object"),
            ("suppress='x'", "`[[suppress]]` tables"),
        ];
        for (text, part) in cases {
            let error = tables(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        assert!(parse_argument("=vm/x").is_err());
    }
}
