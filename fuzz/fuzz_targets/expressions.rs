//! Expressions: compiling ends, and mistakes point into the source.
#![no_main]

use gleaner_rules::{Catalog, built_in};
use gleaner_rules::expr::{Scope, Type, compile};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

fuzz_target!(|source: &str| {
    static CATALOG: OnceLock<Option<Catalog>> = OnceLock::new();
    let tables = || built_in().into_iter().filter(|(path, _)| !path.contains('/')).collect();
    let Some(catalog) = CATALOG.get_or_init(|| Catalog::from_files(tables()).ok()) else {
        return;
    };
    let scope = Scope {
        kinds: &catalog.kinds,
        graph: &catalog.graph,
        variables: catalog
            .kinds
            .by_name("Pod")
            .map(|kind| ("pod".to_owned(), Type::Object(kind)))
            .into_iter()
            .collect(),
        may_list: true,
    };
    if let Err(mistakes) = compile(source, &scope) {
        assert!(!mistakes.is_empty());
        for mistake in mistakes {
            assert!(source.get(mistake.span.0..mistake.span.1).is_some(), "{mistake:?}");
        }
    }
});
