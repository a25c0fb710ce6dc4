//! Values that completions offer although any text is parsed: what exists is checked later, with a better message.

use super::threads;
use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{Error, ErrorKind};
use clap::{Arg, Command};
use gleaner_report::AREAS;
use gleaner_rules::{Catalog, Rule};
use std::ffi::OsStr;

/// Takes any text without the spaces around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choices(fn() -> Vec<String>);

impl TypedValueParser for Choices {
    type Value = String;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        let text = value
            .to_str()
            .ok_or_else(|| Error::new(ErrorKind::InvalidUtf8).with_cmd(command))?;
        Ok(text.trim().to_owned())
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter().map(PossibleValue::new)))
    }
}

/// The areas of rules.
pub(super) fn areas() -> Choices {
    Choices(|| AREAS.map(str::to_owned).to_vec())
}

/// The ids of the built-in rules.
pub(super) fn rules() -> Choices {
    Choices(|| of_catalog(|catalog| catalog.rules.iter().map(Rule::id).map(str::to_owned).collect()))
}

/// The releases that one may upgrade to.
pub(super) fn releases() -> Choices {
    Choices(|| of_catalog(|catalog| catalog.matrix.keys().cloned().collect()))
}

fn of_catalog(list: impl Fn(&Catalog) -> Vec<String>) -> Vec<String> {
    // Help asks before there is a command.
    let started = threads::start(None);
    let catalog = started.ok().and_then(|()| Catalog::load(None).ok());
    catalog.as_ref().map(list).unwrap_or_default()
}
