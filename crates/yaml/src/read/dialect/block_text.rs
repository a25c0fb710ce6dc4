//! Block scalars of the dialect: `|` with its indentation and chomping indicators.

use std::borrow::Cow;

use super::{Foreign, Read, Reader};

/// What becomes of the line breaks at the end of a block scalar.
#[derive(Clone, Copy)]
enum Chomp {
    /// `|`: one stays.
    Clip,
    /// `|-`: none stays.
    Strip,
    /// `|+`: all stay.
    Keep,
}

impl<'t> Reader<'t, '_> {
    /// The text after the `|` under the cursor; its parent stands at column `parent`.
    pub(super) fn block_text(&mut self, parent: usize) -> Read<Cow<'t, str>> {
        let (hint, chomp, body) = self.block_header()?;
        let indent = match hint {
            Some(hint) => parent + hint,
            None => self.block_indent(body)?,
        };
        if indent <= parent {
            return Err(Foreign);
        }
        let mut text = String::new();
        let mut breaks = 0;
        let mut line = body;
        while line < self.bytes.len() {
            let end = self.line_end(line);
            let spaces = self.spaces(line).min(indent);
            if line + spaces == end {
                breaks += 1;
            } else if spaces < indent {
                break;
            } else {
                text.extend(std::iter::repeat_n('\n', breaks));
                text.push_str(self.slice(line + indent, end)?);
                breaks = 1;
            }
            // Without its last break the text may be cut, and what the break would mean is open.
            if end == self.bytes.len() {
                return Err(Foreign);
            }
            line = end + 1;
        }
        self.at = line;
        let kept = match chomp {
            Chomp::Strip => 0,
            Chomp::Clip => usize::from(!text.is_empty()),
            Chomp::Keep => breaks,
        };
        text.extend(std::iter::repeat_n('\n', kept));
        Ok(Cow::Owned(text))
    }

    /// The indentation and chomping indicators, and where the first line of the text begins.
    fn block_header(&self) -> Read<(Option<usize>, Chomp, usize)> {
        let mut hint = None;
        let mut chomp = Chomp::Clip;
        let mut index = self.at + 1;
        loop {
            match self.byte(index) {
                b'\n' => return Ok((hint, chomp, self.next_line(index))),
                digit @ b'1'..=b'9' if hint.is_none() => hint = Some(usize::from(digit - b'0')),
                b'-' if matches!(chomp, Chomp::Clip) => chomp = Chomp::Strip,
                b'+' if matches!(chomp, Chomp::Clip) => chomp = Chomp::Keep,
                _ => return Err(Foreign),
            }
            index += 1;
        }
    }

    /// The column of the first line that is not empty. Spaces or tabs before it make the column doubtful.
    fn block_indent(&self, body: usize) -> Read<usize> {
        let mut line = body;
        while self.bytes.get(line) == Some(&b'\n') {
            line += 1;
        }
        let spaces = self.spaces(line);
        match self.bytes.get(line + spaces) {
            None | Some(b'\n' | b'\t') => Err(Foreign),
            Some(_) => Ok(spaces),
        }
    }
}
