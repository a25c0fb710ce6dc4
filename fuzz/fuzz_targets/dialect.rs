//! The dialect's reader against the full parser: what both read has the same value.
#![no_main]

use gleaner_yaml::Node;
use gleaner_yaml::{Item, Mode, Quirks, read_list_with};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(body) = std::str::from_utf8(data) else { return };
    let text = format!("kind: List\nitems:\n{body}");
    let ours = read_list_with(&text, Mode::Dialect, Quirks::Keep);
    if ours.fallback > 0 || !ours.bad.is_empty() {
        return;
    }
    let full = read_list_with(&text, Mode::Full, Quirks::Keep);
    // What stands in managedFields is skipped unread, so only the full parser sees that it is broken.
    if full.bad.is_empty() {
        assert_eq!(values(ours.items), values(full.items));
    }
});

fn values(items: Vec<Item<'_>>) -> Vec<String> {
    let value = |mut root: Node<'_>| {
        root.move_to(0);
        format!("{root:?}")
    };
    items.into_iter().map(|item| value(item.root)).collect()
}
