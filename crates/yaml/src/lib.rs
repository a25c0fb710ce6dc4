//! The YAML of support bundles, read into trees that know where in the text each value is.
//!
//! A file is split at the items of its List, which are parsed in parallel: by a parser for the collector's own dialect, and by a
//! full YAML parser where an item leaves that dialect. [`Node`] is the tree, [`FieldPath`] a way through it.
//!
//! ```
//! use gleaner_yaml::{Interner, Mode, read_list};
//!
//! let text = "apiVersion: v1\nkind: List\nitems:\n- kind: Node\n  metadata:\n    name: host-1\n";
//! let keys = Interner::default();
//! let list = read_list(text, &keys, Mode::Dialect);
//! assert_eq!(list.items[0].root.text(&["metadata", "name"]), "host-1");
//! ```

mod keys;
mod locate;
mod node;
mod path;
mod read;

pub use keys::{FieldMemo, Interner};
pub use locate::offset_of;
pub use node::{Entries, Entry, Node, Value};
pub use path::{FieldPath, PathError, PathValue, Segment, display, elements_with};
pub use read::{
    Item, List, Mode, ParseError, Quirks, ReadOptions, embedded_json, embedded_yaml, read_document, read_json_array,
    read_list, read_list_with,
};
