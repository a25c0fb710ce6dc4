//! Text of a bundle as text in Markdown, Jira's markup and HTML.
//!
//! Markdown itself stops at a backslash. What the sites that show it do afterwards does not: a mention, a number of an issue, an
//! address or a picture for `:word:` is looked for in the text that comes out. Only a code span keeps such a word as it is.

/// A code span that no content can end.
pub(super) fn code_span(text: &str) -> String {
    let text = text.trim();
    let ticks = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// The longest run of backticks.
pub(super) fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

/// Appends a code span; two of them never touch, for their backticks would run together.
pub(super) fn push_span(out: &mut String, text: &str) {
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(&code_span(text));
}

/// Appends words as text; those that a site would act on become code spans, without the punctuation around them.
pub(super) fn push_words(out: &mut String, words: &str) {
    for (at, word) in words.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let core = word.trim_start_matches(['(', '[', '"', '\'']);
        let (before, _) = word.split_at(word.len() - core.len());
        let behind = |c: char| ")]\"',.;!?".contains(c) || (c == ':' && !is_emoji(core));
        let core = core.trim_end_matches(behind);
        if is_active(core) {
            push_escaped(out, before);
            push_span(out, core);
            push_escaped(out, &word[before.len() + core.len()..]);
        } else {
            push_escaped(out, word);
        }
    }
}

/// Whether a site acts on a word: an address, a mention, the number of an issue, a commit, a formula, a label, an emoji.
fn is_active(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let commit =
        word.len() >= 7 && word.bytes().all(|b| b.is_ascii_hexdigit()) && word.bytes().any(|b| b.is_ascii_digit());
    let issue = word.split_once('-').is_some_and(|(key, n)| {
        let key_ok = !key.is_empty() && key.bytes().all(|b| b.is_ascii_uppercase());
        key_ok && n.starts_with(|c: char| c.is_ascii_digit())
    });
    word.contains(['@', '#', '$', '~'])
        // With or without a scheme: `//host/x` takes that of the page.
        || word.contains("//")
        || lower.contains("www.")
        || lower.starts_with("gh-")
        || commit
        || issue
        || is_emoji(word)
}

/// Whether a word holds what may be an emoji: `:tada:`, but not a time such as `05:12:44`.
fn is_emoji(word: &str) -> bool {
    let between: Vec<&str> = word.split(':').collect();
    let inner = between.get(1..between.len().saturating_sub(1)).unwrap_or_default();
    let is_name = |part: &&str| {
        let name = part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b));
        let time = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        name && !time && !part.is_empty()
    };
    inner.iter().any(is_name)
}

/// Appends text with a backslash before whatever Markdown could act on.
fn push_escaped(out: &mut String, text: &str) {
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let inert = match c {
            '.' | ')' if out.bytes().all(|b| b.is_ascii_digit()) => false,
            '-' | '+' | '=' if out.is_empty() => false,
            '.' | ',' | ';' | ':' | '(' | ')' | '\'' | '"' | '/' | '-' | '%' | '=' | '+' | '?' | '!' => true,
            '_' => before.is_alphanumeric() && after.is_alphanumeric(),
            _ => !c.is_ascii_punctuation(),
        };
        if !inert {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
}

/// Text for Jira: everything that its markup could act on as a numeric entity.
pub(super) fn entities(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let after = rest.chars().next().unwrap_or('\n');
        let inside = before.is_alphanumeric() && after.is_alphanumeric();
        let inert = match c {
            ' ' | ',' | ';' | '%' | '=' | '\'' | '"' => true,
            '/' => before != '/',
            // Inside a word these are letters like any other; at an edge they strike through or smile.
            '-' | '_' | '+' => inside,
            ':' => after == ' ' || (before.is_alphanumeric() && after.is_ascii_digit()),
            // At the start, `h1. ` is a heading.
            '.' => (out.len() > 3 || after.is_alphanumeric()) && !out.to_ascii_lowercase().ends_with("www"),
            // Pictures such as `(x)` and `(off)`, and smileys.
            '(' => rest.chars().take(5).all(|c| c != ')'),
            ')' => !matches!(before, ':' | ';'),
            _ => c.is_alphanumeric(),
        };
        if inert {
            out.push(c);
        } else {
            out.push_str(&format!("&#{};", u32::from(c)));
        }
        before = c;
    }
    out
}

/// Text for HTML inside `<summary>`: unusual characters as numeric entities, and the words that a site would act on as code.
pub(super) fn summary_text(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        if is_active(word) {
            format!("<code>{}</code>", html(word))
        } else {
            html(word)
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Text for HTML: unusual characters as numeric entities.
pub(super) fn html(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '-' | ',') {
            out.push(c);
        } else {
            out.push_str(&format!("&#{};", u32::from(c)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        let mut out = String::new();
        push_words(&mut out, text);
        out
    }

    #[test]
    fn prose_stays_prose() {
        for text in [
            "Machine custom-bcc24d51ee95 is in phase 4 (phase 4) since 2025-06-12T05:12:44Z",
            "VM a/b is down; v1.32.3+rke2r1, 50% of \"x\" on harvesterhci.io/v1 at 05:12:44",
            "spec.snake_case isn't set",
        ] {
            assert_eq!(words(text), text);
        }
    }

    #[test]
    fn markup_is_escaped_and_what_sites_act_on_is_code() {
        assert_eq!(
            words("a*b* [x](y) <b> _c_ |"),
            "a\\*b\\* \\[x\\](y) \\<b\\> \\_c\\_ \\|"
        );
        assert_eq!(
            words("Ask (@admin) about #12, see https://x.y/."),
            "Ask (`@admin`) about `#12`, see `https://x.y/`."
        );
        assert_eq!(words("see (//x.y/z)."), "see (`//x.y/z`).");
        assert_eq!(words("\\\\x/y"), "\\\\\\\\x/y");
        for word in [
            "www.x.y",
            "//x.y/z",
            "a://x.y",
            "a//x.y",
            "GH-1",
            "ABC-12",
            ":tada:",
            "deadbeef1",
            "$x$",
            "~~x~~",
            "a:ab:b",
            ":+1:",
        ] {
            assert_eq!(words(word), format!("`{word}`"));
        }
        assert_eq!(words("1. x"), "1\\. x");
        assert_eq!(words("- x"), "\\- x");
        assert_eq!(words("a ` b"), "a \\` b");
    }

    #[test]
    fn jira_shows_text_as_it_is() {
        assert_eq!(entities("[x|y] @z"), "&#91;x&#124;y&#93; &#64;z");
        assert_eq!(
            entities("volume a-b (pvc-1 of c) is down"),
            "volume a-b (pvc-1 of c) is down"
        );
        assert_eq!(entities("v1.5.0 (ab): c"), "v1.5.0 &#40;ab): c");
        assert_eq!(entities("h1. a"), "h1&#46; a");
        assert_eq!(entities("//x.y/z"), "/&#47;x.y/z");
        assert_eq!(entities("(x) :)"), "&#40;x) &#58;&#41;");
    }

    #[test]
    fn summaries_keep_names_of_people_in_code() {
        assert_eq!(summary_text("ask @a <b>"), "ask <code>&#64;a</code> &#60;b&#62;");
    }
}
