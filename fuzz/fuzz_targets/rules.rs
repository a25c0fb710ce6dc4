//! Rule files: whatever one contains, it is loaded or its mistakes are reported.
#![no_main]

use gleaner_rules::{Catalog, RuleFiles, built_in};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

fuzz_target!(|data: &[u8]| {
    static TABLES: OnceLock<RuleFiles> = OnceLock::new();
    let Ok(text) = std::str::from_utf8(data) else { return };
    let tables = TABLES.get_or_init(|| built_in().into_iter().filter(|(path, _)| !path.contains('/')).collect());
    let mut files = tables.clone();
    files.insert("node/fuzzed/rule.yaml".to_owned(), text.to_owned().into());
    let _ = Catalog::from_files(files);
});
