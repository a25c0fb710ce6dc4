//! `gleaner analyze`: a bundle in, reports out.

use super::accept::{self, Accept};
use super::config::Layers;
use super::output::{Progress, Voice};
use super::shape::{self, Shape};
use anyhow::Context;
use clap::Args as ClapArgs;
use gleaner::analyze::{self, Options};
use gleaner::model::load::{self, Sources};
use gleaner::rule::catalog::Catalog;
use gleaner::select::{Choice, ObjectPattern};
use gleaner_bundle::{Bundle, Cancel, Limits, OpenError, ReadError};
use gleaner_report::Severity;
use gleaner_report::{Outcome, Report};
use std::path::PathBuf;

#[derive(ClapArgs)]
#[command(after_help = "Examples:
  gleaner analyze supportbundle.zip
  gleaner analyze bundle.zip.001 bundle.zip.002 -o report.html -o report.md
  gleaner analyze bundle/ --target v1.5.1 -f json --fail-on blocker
  gleaner analyze bundle/ --object vm/prod/db-1 --area storage --min-severity warning
  gleaner analyze bundle/ --suppress single-replica-volume-active=volume/longhorn-system/pvc-*")]
pub(super) struct Args {
    /// The bundle: a zip, tar, tar.gz or folder, or all its parts in any order.
    #[arg(required = true, value_name = "BUNDLE")]
    bundle: Vec<PathBuf>,
    #[command(flatten)]
    shape: Shape,
    /// The version to upgrade to, for example v1.5.1.
    #[arg(long, value_name = "VERSION")]
    target: Option<String>,
    /// Whose upgrade webhook to ask: a version or `newest`; by default that of the running version.
    #[arg(long, value_name = "VERSION")]
    webhook_version: Option<String>,
    /// Add the rules of a folder; those of the same id replace the built-in ones.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Exit with 1 if a finding is at least this bad.
    #[arg(long, value_name = "SEVERITY", value_parser = shape::parse_severity)]
    fail_on: Option<Severity>,
    /// Exit with 3 if the analysis is not complete: parts are damaged, a rule broke or a limit was hit.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    view: View,
    #[command(flatten)]
    accept: Accept,
    /// Say on stderr what is done, one line a phase; -vv says more.
    #[arg(short, long, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,
    /// How many threads work; by default as many as there are cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Read at most this many files of a bundle.
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_entries)]
    max_entries: usize,
    /// Read at most this many bytes of a bundle, unpacked.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().total_bytes, value_parser = shape::parse_bytes)]
    max_size: u64,
    /// Leave out files over 16 MiB that unpack to more than this many times their size.
    #[arg(long, value_name = "N", default_value_t = Limits::default().ratio)]
    max_ratio: u64,
    /// Open archives nested at most this deep.
    #[arg(long, value_name = "N", default_value_t = Limits::default().depth)]
    max_depth: usize,
    /// Keep within about this much memory, by doing less at once.
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().max_memory, value_parser = shape::parse_bytes)]
    max_memory: u64,
    /// Read all YAML with the full parser: slow, and a check on the quick one.
    #[arg(long, value_name = "READER", value_parser = ["fast", "full"], default_value = "fast")]
    yaml: String,
    /// Whether to show progress on stderr.
    #[arg(long, value_name = "WHEN", value_parser = ["auto", "never"], default_value = "auto")]
    progress: String,
}

/// What to show of all that is found. The upgrade verdict and the coverage are always about everything.
#[derive(ClapArgs)]
struct View {
    /// Show only the findings and rules of an area, for example storage. May be repeated.
    #[arg(long, value_name = "AREA", value_delimiter = ',')]
    area: Vec<String>,
    /// Show only the findings of a rule. May be repeated.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    rule: Vec<String>,
    /// Do not show the findings of a rule. May be repeated.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    skip: Vec<String>,
    /// Show only findings that are at least this bad.
    #[arg(long, value_name = "SEVERITY", value_parser = shape::parse_severity)]
    min_severity: Option<Severity>,
    /// The impacted virtual machine or volume: findings that touch it or what it runs on come first.
    #[arg(long, value_name = "KIND/NS/NAME", value_parser = ObjectPattern::parse)]
    object: Option<ObjectPattern>,
}

impl Args {
    /// The bundle's files or folder.
    pub(super) fn bundle(&self) -> &[PathBuf] {
        &self.bundle
    }
}

pub(super) fn run(args: &Args, layers: &Layers) -> anyhow::Result<u8> {
    let voice = Voice::new(args.verbose);
    // Before anything else uses the threads, the loading of the rules for one.
    if let Some(jobs) = args.jobs {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(jobs));
        pool.build_global().context("cannot start the threads")?;
    }
    let outputs = args.shape.outputs()?;
    let accepted = args.accept.list(layers)?;
    let cancel = Cancel::new();
    interruptible(&cancel)?;
    let limits = limits(args, &cancel);
    let (catalog, opened) = rayon::join(
        || super::rules::load(args.rules.as_deref()),
        || {
            let opened = Bundle::open(&args.bundle, limits);
            outputs.prepare();
            opened
        },
    );
    let catalog = match catalog? {
        Ok(catalog) => catalog,
        Err(code) => return Ok(code),
    };
    let mut choice = Choice {
        areas: args.view.area.clone(),
        rules: args.view.rule.clone(),
        skipped: args.view.skip.clone(),
        min_severity: args.view.min_severity,
    };
    choice.resolve(&catalog)?;
    let bundle = match opened {
        Ok(bundle) => bundle,
        Err(OpenError::Cancelled) => return Ok(super::INTERRUPTED),
        Err(error) => return Err(error.into()),
    };
    let Some(sources) = read(args, &bundle, &catalog, &voice)? else {
        return Ok(super::INTERRUPTED);
    };
    let options = Options {
        target: args.target.clone(),
        webhook_version: args.webhook_version.clone(),
        full_yaml: args.yaml == "full",
        object: args.view.object.clone(),
        keep_memory: true,
        ..Options::default()
    };
    let mut report = analyze::report(&sources, bundle.name(), bundle.inputs(), &catalog, &options);
    accept::apply(&mut report, &accepted, &catalog, args.shape.quiet());
    choice.apply(&mut report);
    tell(&voice, &report);
    if cancel.is_raised() {
        return Ok(super::INTERRUPTED);
    }
    outputs.write(&report)?;
    voice.say(1, "write", "done");
    let code = exit_code(args, &report);
    // The process ends here: giving the memory back piece by piece would only take time.
    std::mem::forget((catalog, sources, bundle, report));
    Ok(code)
}

fn limits(args: &Args, cancel: &Cancel) -> Limits {
    Limits {
        max_entries: args.max_entries,
        total_bytes: args.max_size,
        ratio: args.max_ratio,
        depth: args.max_depth,
        max_memory: args.max_memory,
        cancel: cancel.clone(),
        ..Limits::default()
    }
}

/// Reads the bundle; `None` if the user stopped it.
fn read(args: &Args, bundle: &Bundle, catalog: &Catalog, voice: &Voice) -> anyhow::Result<Option<Sources>> {
    voice.say(
        1,
        "open",
        &format!("{} as `{}`", count(args.bundle.len(), "input"), bundle.name()),
    );
    let progress = Progress::new(args.progress == "auto" && !args.shape.quiet() && args.verbose == 0);
    let show = |done, total| progress.show(done, total);
    // The checksums of the inputs are worked out by one thread meanwhile.
    let (_, sources) = rayon::join(
        || bundle.inputs(),
        || load::read(bundle, &catalog.kinds, catalog.wanted(), catalog.signatures(), &show),
    );
    let sources = match sources {
        Ok(sources) => sources,
        Err(ReadError::Cancelled) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    progress.finish();
    let files = count(sources.paths.len(), "file");
    let texts = count(sources.files.len(), "text");
    voice.say(
        1,
        "read",
        &format!("{files}, {texts} of them kept, {} bytes", sources.bytes),
    );
    Ok(Some(sources))
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// What the rules came to; with `-vv` also what could not be read or checked.
fn tell(voice: &Voice, report: &Report) {
    let (rules, objects) = (count(report.rules.len(), "rule"), report.coverage.objects);
    let findings = count(report.findings.len(), "finding");
    voice.say(
        1,
        "check",
        &format!(
            "{rules} over {objects} objects: {findings}, {} suppressed",
            report.suppressed.len()
        ),
    );
    for problem in &report.coverage.problems {
        voice.say(2, "not read", &format!("{}: {}", problem.path, problem.what));
    }
    for rule in &report.rules {
        match rule.outcome {
            Outcome::NotEvaluated => voice.say(2, "no data", &format!("{}: {}", rule.id, rule.missing.join(", "))),
            Outcome::Failed => voice.say(2, "broken", &format!("{}: {}", rule.id, rule.error)),
            Outcome::Fired | Outcome::Quiet | Outcome::NotApplicable => {}
        }
    }
}

/// Ctrl-C raises the flag; a second one ends the program at once.
fn interruptible(cancel: &Cancel) -> anyhow::Result<()> {
    let cancel = cancel.clone();
    ctrlc::set_handler(move || {
        if cancel.raise() {
            std::process::exit(i32::from(super::INTERRUPTED));
        }
    })?;
    Ok(())
}

fn exit_code(args: &Args, report: &Report) -> u8 {
    let broken = report.rules.iter().any(|rule| rule.outcome == Outcome::Failed);
    if args.strict && (broken || !report.coverage.problems.is_empty()) {
        super::INCOMPLETE
    } else if args.fail_on.is_some_and(|least| report.worst() >= Some(least)) {
        super::FOUND
    } else {
        super::DONE
    }
}
