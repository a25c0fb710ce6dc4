//! `gleaner analyze`: a bundle in, reports out.

use super::output::Progress;
use super::shape::{self, Shape};
use clap::Args as ClapArgs;
use gleaner::analyze::{Options, analyze};
use gleaner::bundle::{Bundle, Limits, OpenError, ReadError};
use gleaner::finding::Severity;
use gleaner::report::{Outcome, Report};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(ClapArgs)]
#[command(after_help = "Examples:
  gleaner analyze supportbundle_….zip
  gleaner analyze bundle.zip.001 bundle.zip.002 -o report.html -o report.md
  gleaner analyze bundle/ --target v1.5.1 -f json --fail-on blocker")]
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
    /// Read all YAML with the full parser: slow, and a check on the quick one.
    #[arg(long, value_name = "READER", value_parser = ["fast", "full"], default_value = "fast")]
    yaml: String,
    /// Whether to show progress on stderr.
    #[arg(long, value_name = "WHEN", value_parser = ["auto", "never"], default_value = "auto")]
    progress: String,
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let outputs = args.shape.outputs()?;
    let catalog = match super::rules::load(args.rules.as_deref())? {
        Ok(catalog) => catalog,
        Err(code) => return Ok(code),
    };
    let cancel = Arc::new(AtomicBool::new(false));
    interruptible(&cancel)?;
    let limits = Limits {
        cancel: Some(Arc::clone(&cancel)),
        ..Limits::default()
    };
    let bundle = match Bundle::open(&args.bundle, limits) {
        Ok(bundle) => bundle,
        Err(OpenError::Cancelled) => return Ok(super::INTERRUPTED),
        Err(error) => return Err(error.into()),
    };
    let options = Options {
        target: args.target.clone(),
        webhook_version: args.webhook_version.clone(),
        whole_timeline: false,
        full_yaml: args.yaml == "full",
    };
    let progress = Progress::new(args.progress == "auto");
    let report = match analyze(&bundle, &catalog, &options, &|done, total| progress.show(done, total)) {
        Ok(report) => report,
        Err(ReadError::Cancelled) => return Ok(super::INTERRUPTED),
        Err(error) => return Err(error.into()),
    };
    progress.finish();
    if cancel.load(Ordering::Relaxed) {
        return Ok(super::INTERRUPTED);
    }
    outputs.write(&report)?;
    Ok(exit_code(args, &report))
}

/// Ctrl-C raises the flag; a second one ends the program at once.
fn interruptible(cancel: &Arc<AtomicBool>) -> anyhow::Result<()> {
    let cancel = Arc::clone(cancel);
    ctrlc::set_handler(move || {
        if cancel.swap(true, Ordering::Relaxed) {
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
