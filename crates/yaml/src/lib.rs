//! The YAML of support bundles, read into trees that know where in the text each value is.
//!
//! A file is split at the items of its List, which are read in parallel: by a reader for the collector's own dialect, and by a
//! full YAML parser where an item leaves that dialect. [`Node`] is the tree, [`FieldPath`] a way through it.
//!
//! ```
//! let text = "apiVersion: v1\nkind: List\nitems:\n- kind: Node\n  metadata:\n    name: host-1\n";
//! let read = gleaner_yaml::read_list(text, gleaner_yaml::Mode::Dialect);
//! assert_eq!(read.items[0].root.text(&["metadata", "name"]), "host-1");
//! ```

mod path;
mod read;
mod shape;
mod value;

pub use path::{Conditions, FieldPath, Reached, Step, display, matching};
pub use read::{
    BadItem, Item, Items, Mode, Quirks, embedded_json, embedded_yaml, read_document, read_list, read_list_until,
    read_list_with,
};
pub use shape::Hint;
pub use value::{Entries, Entry, Node, Value};
