//! Reads what is fuzzed as a bundle, within bounds that are reached soon.

use gleaner_bundle::{Bundle, Limits, Visitor};

/// Lets a visitor read these bytes, which need not be a bundle. `target` names the file that they are put into.
pub(crate) fn read(target: &str, bytes: &[u8], visitor: &dyn Visitor) {
    let path = std::env::temp_dir().join(format!("gleaner-fuzz-{target}-{}", std::process::id()));
    if std::fs::write(&path, bytes).is_err() {
        return;
    }
    let limits = Limits {
        max_entries: 1000,
        total_bytes: 16 << 20,
        entry_bytes: 1 << 20,
        held_bytes: 4 << 20,
        ..Limits::default()
    };
    if let Ok(bundle) = Bundle::open(&[path], limits) {
        let _ = bundle.visit(visitor);
    }
}
