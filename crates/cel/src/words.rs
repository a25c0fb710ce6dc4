//! An expression in words, for readers who have no object at hand.

use crate::parser::parse;
use crate::syntax::{Arithmetic, Ast, Call, Operator, Syntax};

/// The most texts that an expression is told to choose from.
const MOST: usize = 16;

/// What the text of an expression may be, without any values: what it holds between quotes as it is, and names such as `<volume>` for
/// what only an object has. Several texts where it chooses one of them; an empty one where it may say nothing.
///
/// ```
/// assert_eq!(gleaner_cel::in_words("volume.metadata.name"), ["<volume>"]);
/// assert_eq!(gleaner_cel::in_words("free == 0 ? 'none' : string(free) + ' left'"), ["none", "<free> left"]);
/// ```
pub fn in_words(source: &str) -> Vec<String> {
    let mut texts = parse(source).map_or_else(|_| vec!["<value>".to_owned()], |ast| texts(&ast));
    let mut seen = Vec::new();
    texts.retain(|text| {
        let new = !seen.contains(text);
        seen.push(text.clone());
        new
    });
    texts
}

fn texts(ast: &Ast<'_>) -> Vec<String> {
    match &ast.syntax {
        Syntax::String(text) => vec![text.clone()],
        Syntax::Int(number) => vec![number.to_string()],
        Syntax::Null => vec![String::new()],
        Syntax::Ident(name) => vec![placeholder(name)],
        Syntax::Select(inner, name) => vec![selected(inner, name.text)],
        Syntax::Index(parts) => texts(&parts[0]),
        Syntax::Call(call) => called(call),
        Syntax::Loop(each) => texts(&each.range),
        Syntax::Conditional(parts) => {
            let mut all = texts(&parts[1]);
            all.extend(texts(&parts[2]));
            all.truncate(MOST);
            all
        }
        Syntax::Binary(Operator::Calculate(Arithmetic::Add), parts) if holds_text(ast) => {
            let ends = texts(&parts[1]);
            let both = texts(&parts[0]).into_iter();
            let both = both.flat_map(|start| ends.iter().map(move |end| format!("{start}{end}")));
            both.take(MOST).collect()
        }
        Syntax::Binary(_, parts) => texts(&parts[0]),
        _ => vec![placeholder("value")],
    }
}

/// Whether a sum is one of texts, and not of numbers.
fn holds_text(ast: &Ast<'_>) -> bool {
    match &ast.syntax {
        Syntax::String(_) => true,
        Syntax::Binary(_, parts) => parts.iter().any(holds_text),
        Syntax::Conditional(parts) => parts[1..].iter().any(holds_text),
        Syntax::Call(call) => matches!(call.name, "string" | "join" | "times"),
        _ => false,
    }
}

/// A function is told by what it is called with.
fn called(call: &Call<'_>) -> Vec<String> {
    let first = call.arguments.first().map(texts);
    let mut first = first.unwrap_or_else(|| vec![placeholder(call.name)]);
    if call.name == "times" {
        first.iter_mut().for_each(|text| text.push_str(" times"));
    }
    first
}

/// The name of an object is told by the word for the object, any other field by its own.
fn selected(of: &Ast<'_>, name: &str) -> String {
    let inner = match &of.syntax {
        Syntax::Select(object, metadata) if name == "name" && metadata.text == "metadata" => Some(&**object),
        _ => None,
    };
    match inner {
        Some(object) => texts(object).into_iter().next().unwrap_or_default(),
        None => placeholder(name),
    }
}

/// `nodeName` and `node_name` become `<node name>`.
fn placeholder(name: &str) -> String {
    let mut words = String::from("<");
    let mut before = 'A';
    for c in name.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            words.push(' ');
        }
        words.push(if c == '_' { ' ' } else { c.to_ascii_lowercase() });
        before = c;
    }
    words.push('>');
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_told_by_its_texts_and_the_names_in_it() {
        for (source, words) in [
            ("volume.metadata.namespace", &["<namespace>"][..]),
            ("instance.spec.nodeID", &["<node id>"]),
            ("first(apps).metadata.name", &["<apps>"]),
            ("or(handler.metadata.name, '')", &["<handler>"]),
            ("times(hit.run.count)", &["<count> times"]),
            ("', last at ' + string(hit.last)", &[", last at <last>"]),
            ("stale.map(u, u.metadata.name).join(', ')", &["<stale>"]),
            (
                "string(or(bundle.spec.forceSyncGeneration, 0) + 1)",
                &["<force sync generation>"],
            ),
            (
                "empty(a) ? '' : b == 1 ? ' of ' + b : ' in ' + c_d",
                &["", " of <b>", " in <c d>"],
            ),
            ("skip ? null : 'no'", &["", "no"]),
            ("not an expression", &["<value>"]),
        ] {
            assert_eq!(in_words(source), words, "{source}");
        }
    }
}
