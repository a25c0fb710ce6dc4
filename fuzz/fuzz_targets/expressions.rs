//! Expressions: compiling ends, and mistakes point into the source.
#![no_main]

use gleaner_cel::{Schema, Scope, Type, Variable, compile};
use gleaner_rules::{Catalog, RuleSchema, built_in};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

fuzz_target!(|source: &str| {
    static CATALOG: OnceLock<Option<Catalog>> = OnceLock::new();
    let tables = || built_in().into_iter().filter(|(path, _)| !path.contains('/')).collect();
    let Some(catalog) = CATALOG.get_or_init(|| Catalog::from_files(tables()).ok()) else {
        return;
    };
    let schema = RuleSchema {
        kinds: &catalog.kinds,
        graph: &catalog.graph,
    };
    let mut scope = Scope::new(&schema);
    let pod = schema.kind("Pod").map(Type::Object);
    scope.variables.extend(pod.map(|pod| Variable::new("pod", pod)));
    if let Err(mistakes) = compile(source, &scope) {
        assert!(!mistakes.is_empty());
        for mistake in mistakes {
            assert!(source.get(mistake.span.clone()).is_some(), "{mistake:?}");
        }
    }
});
