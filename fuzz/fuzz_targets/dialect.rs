//! The dialect's parser compared to the full one: what both parse has the same value.
#![no_main]

use gleaner_yaml::{Interner, List, Mode, Node, Quirks, ReadOptions, Value, read_list_with};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(body) = std::str::from_utf8(data) else { return };
    let text = format!("kind: List\nitems:\n{body}");
    let keys = Interner::default();
    let read = |mode| {
        let options = ReadOptions {
            mode,
            quirks: Quirks::Keep,
            ..ReadOptions::default()
        };
        read_list_with(&text, &keys, options)
    };
    let ours = read(Mode::Dialect);
    if ours.fallbacks > 0 || !ours.errors.is_empty() {
        return;
    }
    let full = read(Mode::Full);
    // What is in managedFields is passed over, so only the full parser sees that it is broken.
    if full.errors.is_empty() {
        assert_eq!(values(&ours), values(&full));
    }
});

fn values(list: &List<'_>) -> Vec<String> {
    list.items.iter().map(|item| show(&item.root)).collect()
}

/// The tree without its offsets.
fn show(node: &Node<'_>) -> String {
    match node.value() {
        Value::Seq(items) => format!("{:?}", items.iter().map(show).collect::<Vec<_>>()),
        Value::Map(entries) => format!("{:?}", entries.map(|(key, node)| (key, show(node))).collect::<Vec<_>>()),
        scalar => format!("{scalar:?}"),
    }
}
