//! Messages with `{{ expression }}` parts.

use gleaner_cel::{CompileError, EvalError, Expr, Host, Scope, Slots, Uses, Value};

/// A compiled message.
#[derive(Debug)]
pub struct Template {
    parts: Vec<TemplatePart>,
    /// What its expressions read.
    pub uses: Uses,
}

#[derive(Debug)]
enum TemplatePart {
    Text(String),
    Value(Box<Expr>),
}

impl Template {
    /// Compiles a message. Spans of mistakes count from the start of the message.
    ///
    /// # Errors
    /// All mistakes in all its expressions.
    pub fn compile(source: &str, scope: &Scope<'_>) -> Result<Template, Vec<CompileError>> {
        let (mut parts, mut mistakes, mut uses) = (Vec::new(), Vec::new(), Uses::default());
        let mut at = 0;
        while let Some(open) = source[at..].find("{{") {
            let start = at + open + 2;
            parts.push(TemplatePart::Text(source[at..at + open].to_owned()));
            let Some(length) = source[start..].find("}}") else {
                mistakes.push(CompileError {
                    span: at + open..start,
                    message: "unclosed `{{`".to_owned(),
                    help: String::new(),
                });
                at = source.len();
                break;
            };
            match gleaner_cel::compile(&source[start..start + length], scope) {
                Ok(expr) => {
                    uses.extend(&expr.uses);
                    parts.push(TemplatePart::Value(Box::new(expr)));
                }
                Err(found) => mistakes.extend(found.into_iter().map(|mut mistake| {
                    mistake.span = mistake.span.start + start..mistake.span.end + start;
                    mistake
                })),
            }
            at = start + length + 2;
        }
        parts.push(TemplatePart::Text(source[at..].to_owned()));
        if mistakes.is_empty() {
            Ok(Template { parts, uses })
        } else {
            Err(mistakes)
        }
    }

    /// The message with its values.
    ///
    /// # Errors
    /// If the evaluation of one of its expressions fails.
    pub fn fill<'a>(&'a self, host: &dyn Host<'a>, slots: &mut Slots<'a>) -> Result<String, EvalError> {
        self.fill_with(host, slots, |value, _| shorten(&value.to_string()))
    }

    /// A command with its values: what is not a valid Kubernetes name becomes a placeholder, so that no value from a bundle can change
    /// what the command does.
    ///
    /// # Errors
    /// If the evaluation of one of its expressions fails.
    pub fn fill_command<'a>(&'a self, host: &dyn Host<'a>, slots: &mut Slots<'a>) -> Result<String, EvalError> {
        self.fill_with(host, slots, |value, source| {
            let text = value.to_string();
            if is_safe_name(&text) { text } else { placeholder(source) }
        })
    }

    fn fill_with<'a>(
        &'a self,
        host: &dyn Host<'a>,
        slots: &mut Slots<'a>,
        show: impl Fn(&Value<'a>, &str) -> String,
    ) -> Result<String, EvalError> {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                TemplatePart::Text(text) => filled.push_str(text),
                TemplatePart::Value(expr) => filled.push_str(&show(&expr.eval(host, slots)?, &expr.source)),
            }
        }
        Ok(filled)
    }
}

/// Truncates a value: a message is a sentence, not a dump.
fn shorten(text: &str) -> String {
    const MOST_CHARACTERS: usize = 500;
    if text.chars().count() <= MOST_CHARACTERS {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(MOST_CHARACTERS).collect();
    short.push('…');
    short
}

/// Whether a text is safe in a command: made of the characters of a DNS-1123 subdomain, and at most 253 of them.
pub(crate) fn is_safe_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    (1..=253).contains(&bytes.len())
        && bytes.first().copied().is_some_and(inner)
        && bytes.last().copied().is_some_and(inner)
        && bytes.iter().all(|byte| inner(*byte) || matches!(byte, b'-' | b'.'))
}

/// The last word of the expression in upper case, which has no meaning to a shell: `volume.metadata.name` becomes `NAME`.
fn placeholder(source: &str) -> String {
    let word = source
        .trim()
        .rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .find(|word| !word.is_empty());
    word.unwrap_or("name").to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_kubernetes_names_are_filled_into_a_command() {
        for good in ["pvc-1", "a", "host-1.example.com", "3"] {
            assert!(is_safe_name(good), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "A",
            "a b",
            "$(rm -rf ~)",
            "`x`",
            "a;b",
            "a\nb",
            "a'b",
            "\u{202e}a",
            &"a".repeat(254),
        ] {
            assert!(!is_safe_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_placeholder_is_named_after_the_expression() {
        assert_eq!(placeholder(" volume.metadata.name "), "NAME");
        assert_eq!(placeholder("or(claim, '')"), "CLAIM");
    }
}
