//! Text that is never empty.

use std::sync::Arc;

/// A text, never empty: an empty one is unset.
#[derive(Debug, Clone)]
pub struct Text<'a>(Held<'a>);

#[derive(Debug, Clone)]
enum Held<'a> {
    /// Of the bundle, or of a rule.
    Borrowed(&'a str),
    /// Made by a function.
    Shared(Arc<str>),
}

impl<'a> Text<'a> {
    /// Borrowed text; `None` if it is empty.
    pub fn borrowed(text: &'a str) -> Option<Text<'a>> {
        (!text.is_empty()).then_some(Text(Held::Borrowed(text)))
    }

    /// Owned text; `None` if it is empty.
    pub fn shared(text: impl Into<Arc<str>>) -> Option<Text<'a>> {
        let text = text.into();
        (!text.is_empty()).then_some(Text(Held::Shared(text)))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Held::Borrowed(text) => text,
            Held::Shared(text) => text,
        }
    }

    /// The same text, borrowed: counting references to a literal would make threads contend for the counter.
    pub(crate) fn view(&'a self) -> Text<'a> {
        Text(Held::Borrowed(self.as_str()))
    }
}
