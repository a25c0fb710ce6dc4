//! `gleaner analyze`: a bundle in, reports out.

use super::output;
use clap::Args as ClapArgs;
use gleaner::analyze::{Options, analyze};
use gleaner::bundle::{Bundle, Limits};
use gleaner::finding::Severity;
use std::path::PathBuf;

#[derive(ClapArgs)]
#[command(after_help = "Examples:
  gleaner analyze supportbundle_….zip
  gleaner analyze bundle.zip.001 bundle.zip.002 -o report.html -o report.md
  gleaner analyze bundle/ --target v1.5.1 -f json --fail-on blocker")]
pub(super) struct Args {
    /// The bundle: a zip, tar, tar.gz or folder, or all its parts in any order.
    #[arg(required = true, value_name = "BUNDLE")]
    bundle: Vec<PathBuf>,
    /// Write a report; its ending says the format. May be given several times.
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// The version to upgrade to, for example v1.5.1.
    #[arg(long, value_name = "VERSION")]
    target: Option<String>,
    /// Add the rules of a folder; those of the same id replace the built-in ones.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Exit with 1 if a finding is at least this bad.
    #[arg(long, value_name = "SEVERITY", value_parser = parse_severity)]
    fail_on: Option<Severity>,
}

fn parse_severity(text: &str) -> Result<Severity, String> {
    [Severity::Blocker, Severity::Warning, Severity::Info]
        .into_iter()
        .find(|severity| severity.as_str() == text)
        .ok_or_else(|| "expected blocker, warning or info".to_owned())
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let catalog = match super::rules::load(args.rules.as_deref())? {
        Ok(catalog) => catalog,
        Err(code) => return Ok(code),
    };
    let bundle = Bundle::open(&args.bundle, Limits::default())?;
    let options = Options {
        target: args.target.clone(),
        full_yaml: false,
    };
    let report = analyze(&bundle, &catalog, &options, &|_, _| {})?;
    let text = serde_json::to_string_pretty(&report)? + "\n";
    for path in &args.output {
        output::write_file(path, &text)?;
    }
    if args.output.is_empty() {
        output::answer(&text)?;
    }
    let failed = args.fail_on.is_some_and(|least| report.worst() >= Some(least));
    Ok(if failed { super::FOUND } else { super::DONE })
}
