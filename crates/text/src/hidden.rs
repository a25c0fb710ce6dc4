//! Characters that cannot be seen, or that steer or cover visible text.

/// Whether a character must not reach a reader as it is. Newline and tab are left to the caller.
pub fn is_hidden(c: char) -> bool {
    is_control(c) && !matches!(c, '\n' | '\t')
        || matches!(c,
            '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{ffa0}' // blanks
            | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffd}' // variation selectors, specials
            | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{10ffff}') // private use, noncharacters
        || is_combining(c)
        || (u32::from(c) & 0xfffe) == 0xfffe
}

/// Whether a character steers a terminal or the direction and breaks of the text around it: control and format characters, newline
/// and tab among them. Unlike the other hidden characters, these have no place in the name of a file.
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' // zero width, bidirectional
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}') // byte order, annotations, tags
}

/// Whether a character combines with the one before it. Kubernetes has no use for these; decomposed letters and stacks of
/// marks that cover the neighbouring lines are shown as their code points.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_hidden_but_for_newline_and_tab() {
        let shown: Vec<char> = ('\0'..=char::MAX)
            .filter(|c| is_control(*c) && !is_hidden(*c))
            .collect();
        assert_eq!(shown, ['\t', '\n']);
    }

    #[test]
    fn marks_selectors_and_private_use_are_hidden_but_control_nothing() {
        for c in [
            '\u{308}',
            '\u{34f}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{f03a}',
            '\u{fffd}',
            '\u{e0100}',
        ] {
            assert!(is_hidden(c) && !is_control(c), "{c:?}");
        }
    }
}
