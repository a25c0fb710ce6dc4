//! Where in the text a value of an object stands: the place of its key, for maps and lists too, and for objects that the full parser
//! read, which knows no places inside them.

use crate::node::Node;

/// One step from a value to one inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step<'n> {
    Key(&'n str),
    Index(usize),
}

/// The byte offset of the key of a value, or of the element of a list; of the value itself where the text is not in block style.
/// `root` is the object that holds the value, as it was read from `text`.
///
/// ```
/// use gleaner_yaml::{Interner, Mode, offset_of, read_list};
///
/// let text = "items:\n- kind: Node\n  status:\n    conditions:\n    - type: Ready\nkind: List\n";
/// let keys = Interner::default();
/// let list = read_list(text, &keys, Mode::Dialect);
/// let root = &list.items[0].root;
/// let conditions = root.at(&["status", "conditions"]).unwrap();
/// assert!(text[offset_of(text, root, conditions)..].starts_with("conditions:"));
/// ```
pub fn offset_of(text: &str, root: &Node<'_>, value: &Node<'_>) -> usize {
    let mut steps = Vec::new();
    let is_inside = steps_to(root, value, &mut steps);
    let found = is_inside.then(|| Block::at(text, root.offset())).flatten();
    found
        .and_then(|block| block.follow(&steps))
        .or_else(|| in_json(text, value.offset(), &steps))
        .unwrap_or_else(|| value.offset())
}

/// The offset of the key that the last step names in a JSON object, whose values all have the place of the object.
fn in_json(text: &str, object: usize, steps: &[Step<'_>]) -> Option<usize> {
    let body = text.get(object..).filter(|body| body.starts_with('{'))?;
    let mut at = 0;
    for step in steps {
        let Step::Key(key) = step else { continue };
        // What is read under another name than it is written with is passed over.
        at += body[at..].find(&format!("\"{key}\"")).unwrap_or(0);
    }
    (at > 0).then_some(object + at)
}

/// Fills in the steps that lead from a node to another one inside it; false if it is not.
fn steps_to<'n>(from: &'n Node<'n>, to: &Node<'_>, steps: &mut Vec<Step<'n>>) -> bool {
    if std::ptr::eq(
        std::ptr::from_ref(from).cast::<()>(),
        std::ptr::from_ref(to).cast::<()>(),
    ) {
        return true;
    }
    let keys = from.entries().map(|(key, value)| (Step::Key(key), value));
    let items = from.items().iter().enumerate();
    let items = items.map(|(index, value)| (Step::Index(index), value));
    for (step, value) in keys.chain(items) {
        steps.push(step);
        if steps_to(value, to, steps) {
            return true;
        }
        steps.pop();
    }
    false
}

/// A map or list in block style: where its first entry begins, and in which column all of them do.
#[derive(Debug, Clone, Copy)]
struct Block<'t> {
    text: &'t str,
    start: usize,
    column: usize,
}

impl<'t> Block<'t> {
    /// The block whose first entry is at an offset, or behind the dash there: the full parser's items begin at their dash.
    fn at(text: &'t str, start: usize) -> Option<Block<'t>> {
        let after_dash = text.get(start..)?.strip_prefix("- ");
        let start = after_dash.map_or(start, |after| text.len() - after.trim_start_matches(' ').len());
        let before = text.get(..start)?;
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        Some(Block {
            text,
            start,
            column: start - line,
        })
    }

    /// The offset that the last step leads to.
    fn follow(self, steps: &[Step<'_>]) -> Option<usize> {
        let (first, rest) = steps.split_first()?;
        let (offset, inside) = match first {
            Step::Key(key) => self.entry(key)?,
            Step::Index(index) => self.item(*index)?,
        };
        if rest.is_empty() {
            return Some(offset);
        }
        // What is inside a value in flow style is on its line, or near it.
        Some(inside.and_then(|inside| inside.follow(rest)).unwrap_or(offset))
    }

    /// The offset of a key, and the block below it.
    fn entry(self, key: &str) -> Option<(usize, Option<Block<'t>>)> {
        let mut lines = self.lines();
        let offset = lines.find_map(|(offset, content)| has_key(content, key).then_some(offset))?;
        let end = offset + self.text[offset..].find('\n').unwrap_or(self.text.len() - offset);
        let below = self.text.get(end + 1..).unwrap_or("");
        let line = below.lines().find(|line| !is_blank(line));
        let inside = line.and_then(|line| {
            let indent = line.len() - line.trim_start_matches(' ').len();
            let start = (line.as_ptr() as usize - self.text.as_ptr() as usize) + indent;
            let is_list = line[indent..].starts_with('-');
            (indent > self.column || (is_list && indent == self.column)).then_some(Block {
                text: self.text,
                start,
                column: indent,
            })
        });
        Some((offset, inside))
    }

    /// The offset of what an element of a list holds, and the block that begins there.
    fn item(self, index: usize) -> Option<(usize, Option<Block<'t>>)> {
        let mut dashes = self.lines().filter(|(_, content)| is_dash(content));
        let (offset, content) = dashes.nth(index)?;
        let inner = content[1..].len() - content[1..].trim_start_matches(' ').len() + 1;
        let block = Block {
            text: self.text,
            start: offset + inner,
            column: self.column + inner,
        };
        Some((offset + inner, Some(block)))
    }

    /// The offset and text, from the block's column on, of each line of the block that begins an entry in that column.
    fn lines(self) -> impl Iterator<Item = (usize, &'t str)> {
        let rest = &self.text[self.start..];
        let mut offset = self.start;
        let mut is_first = true;
        let lines = rest.split_inclusive('\n').map(move |line| {
            let start = offset;
            offset += line.len();
            (start, line.trim_end_matches(['\n', '\r']))
        });
        let column = self.column;
        lines
            .map_while(move |(start, line)| {
                if std::mem::replace(&mut is_first, false) {
                    return Some(Some((start, line)));
                }
                let indent = line.len() - line.trim_start_matches(' ').len();
                match indent.cmp(&column) {
                    _ if is_blank(line) => Some(None),
                    std::cmp::Ordering::Less => None,
                    std::cmp::Ordering::Equal => Some(Some((start + indent, &line[indent..]))),
                    std::cmp::Ordering::Greater => Some(None),
                }
            })
            .flatten()
    }
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

fn is_dash(content: &str) -> bool {
    content == "-" || content.starts_with("- ")
}

/// Whether a line begins with a key, plain or in quotes.
fn has_key(content: &str, key: &str) -> bool {
    let quoted = |quote: char| {
        let inner = content.strip_prefix(quote)?.strip_prefix(key)?;
        inner.strip_prefix(quote)
    };
    let after = content
        .strip_prefix(key)
        .or_else(|| quoted('"'))
        .or_else(|| quoted('\''));
    after.is_some_and(|after| after.trim_start().starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldPath, Interner, Mode, read_list};

    const TEXT: &str = "apiVersion: v1
items:
- apiVersion: v1
  kind: Node
  metadata:
    labels:
      \"a/b\": x
      c: |
        kind: not this
        status: nor this
    name: host-1
  status:
    conditions:
    - message: first
      type: Other
    -   message: second
        type: Ready
    flow: {a: 1, b: [2, 3]}
    nested:
      - - one
        - two
kind: List
";

    fn line_at(mode: Mode, path: &str) -> &'static str {
        let keys = Interner::default();
        let list = read_list(TEXT, &keys, mode);
        let root = &list.items[0].root;
        let values = FieldPath::parse(path).unwrap().values(root).len();
        assert_eq!(values, 1, "{path}");
        let offset = offset_of(TEXT, root, FieldPath::parse(path).unwrap().values(root)[0].node);
        TEXT[offset..].lines().next().unwrap()
    }

    #[test]
    fn values_are_found_by_their_keys_whatever_parser_read_them() {
        for mode in [Mode::Dialect, Mode::Full] {
            assert_eq!(line_at(mode, "metadata.labels"), "labels:");
            assert_eq!(line_at(mode, "metadata.labels[\"a/b\"]"), "\"a/b\": x");
            assert_eq!(line_at(mode, "metadata.labels.c"), "c: |");
            assert_eq!(line_at(mode, "metadata.name"), "name: host-1");
            assert_eq!(line_at(mode, "status"), "status:");
            assert_eq!(line_at(mode, "status.conditions"), "conditions:");
            assert_eq!(line_at(mode, "status.conditions[type=Ready]"), "message: second");
            assert_eq!(line_at(mode, "status.conditions[type=Ready].type"), "type: Ready");
            assert_eq!(line_at(mode, "status.conditions[type=Other].message"), "message: first");
            assert_eq!(line_at(mode, "status.flow.b"), "flow: {a: 1, b: [2, 3]}");
            assert_eq!(line_at(mode, "status.nested"), "nested:");
        }
    }

    #[test]
    fn a_value_of_another_object_has_its_own_offset() {
        let keys = Interner::default();
        let list = read_list(TEXT, &keys, Mode::Dialect);
        let stranger = Node::from_text("x");
        assert_eq!(offset_of(TEXT, &list.items[0].root, &stranger), 0);
    }
}
