//! What evaluating the whole catalogue costs on a big cluster: the total, and the ten most expensive rules.
//!
//! `cargo bench --bench rules -- BUNDLE`, with a bundle of `make-bundle`; without one it says how to make it.

use gleaner_bundle::{Bundle, Limits};
use gleaner_cluster::ingest;
use gleaner_rules::{Catalog, Context, evaluate, evaluate_rule};
use gleaner_yaml::Mode;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// As the binary allocates.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut out = std::io::stdout().lock();
    let bundle = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let Some(bundle) = bundle.map(PathBuf::from) else {
        let _ = writeln!(
            out,
            "give a bundle: cargo run --release --example make-bundle -- --nodes 12 --vms 5000 --disks 2 -o wide.zip"
        );
        return;
    };
    match measure(bundle) {
        Ok(text) => drop(out.write_all(text.as_bytes())),
        Err(error) => drop(writeln!(out, "{error}")),
    }
}

fn measure(path: PathBuf) -> Result<String, Box<dyn std::error::Error>> {
    let catalog = Catalog::load(None)?;
    let bundle = Bundle::open(&[path], Limits::default())?;
    let sources = ingest(
        &bundle,
        &catalog.kinds,
        catalog.wanted(),
        catalog.signatures(),
        &|_, _| {},
    )?;
    // One thread: wall clock is CPU then.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let start = now();
    let text = pool.install(|| {
        let snapshot = catalog.snapshot(&sources, "", Mode::Dialect);
        costs(&Context::new(&catalog, &snapshot, None), start)
    });
    Ok(format!("{text}with dropping the snapshot {:?}\n", start.elapsed()))
}

fn costs(context: &Context<'_>, start: Instant) -> String {
    let built = start.elapsed();
    let mut costs: Vec<(Duration, &str)> = Vec::new();
    let whole = now();
    drop(std::hint::black_box(evaluate(context, None)));
    let whole = whole.elapsed();
    for rule in &context.catalog.rules {
        let start = now();
        drop(std::hint::black_box(evaluate_rule(context, rule)));
        costs.push((start.elapsed(), rule.id()));
    }
    costs.sort_by(|a, b| b.cmp(a));
    let sum: Duration = costs.iter().map(|(cost, _)| *cost).sum();
    let mut text = format!(
        "{} objects; parsing, sorting and indexing them {built:?}; whole evaluation {whole:?}; {} rules {sum:?}; on one core\n",
        context.snapshot.cluster.len(),
        costs.len(),
    );
    for (cost, id) in costs.iter().take(10) {
        text.push_str(&format!("{:9.1} ms  {id}\n", cost.as_secs_f64() * 1000.0));
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "a benchmark looks at a clock")]
fn now() -> Instant {
    Instant::now()
}
