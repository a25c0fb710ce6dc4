//! `gleaner analyze`: a bundle in, reports out.

use super::choices;
use super::exit::Exit;
use super::output::OutputArgs;
use super::print::eprint_safe;
use super::progress::{Progress, Verbosity};
use super::saved;
use super::settings::Settings;
use super::size::{self, Size};
use super::suppress::{self, SuppressArgs};
use super::threads;
use clap::ValueEnum;
use gleaner::analyze::{self, Options};
use gleaner::refuse;
use gleaner::select::Filter;
use gleaner_bundle::{Bundle, Cancel, Limits, OpenError, ReadError};
use gleaner_cluster::ObjectPattern;
use gleaner_cluster::{Sources, ingest};
use gleaner_report::{Outcome, Report, Severity};
use gleaner_rules::Catalog;
use std::path::PathBuf;
use std::time::Duration;

/// How long a run that was interrupted may take to end by itself.
const GRACE: Duration = Duration::from_millis(500);

#[derive(clap::Args)]
#[command(after_help = "Examples:
  gleaner analyze supportbundle.zip
  gleaner analyze bundle.zip.001 bundle.zip.002 -o report.html -o report.md
  gleaner analyze bundle/ --target v1.5.1 -f json --fail-on blocker
  gleaner analyze bundle/ --object vm/prod/db-1 --area storage --min-severity warning
  gleaner analyze bundle/ --suppress single-replica-volume-active=volume/longhorn-system/pvc-*
  gleaner analyze bundle/ --max-memory 2GiB --max-size 200GiB")]
pub(super) struct Args {
    /// The bundle: a zip, tar, tar.gz or folder, or all its parts in any order; `-` is standard input.
    #[arg(required = true, value_name = "BUNDLE", value_hint = clap::ValueHint::AnyPath)]
    bundle: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
    /// The version to upgrade to, for example v1.5.1.
    #[arg(
        long,
        value_name = "VERSION",
        value_parser = choices::releases(),
        hide_possible_values = true,
        help_heading = "Rules"
    )]
    target: Option<String>,
    /// The version of the upgrade webhook to evaluate, or `newest`; by default the running version.
    #[arg(
        long,
        value_name = "VERSION",
        value_parser = choices::releases(),
        hide_possible_values = true,
        hide_short_help = true,
        help_heading = "Rules"
    )]
    webhook_version: Option<String>,
    /// Add the rules of a folder, or one AREA/ID/rule.yaml; those with the same id replace the built-in ones.
    #[arg(
        long,
        value_name = "PATH",
        value_hint = clap::ValueHint::AnyPath,
        hide_short_help = true,
        help_heading = "Rules"
    )]
    rules: Option<PathBuf>,
    /// Exit with 1 if a finding has at least this severity.
    #[arg(long, value_name = "SEVERITY", value_enum, help_heading = "Exit code")]
    fail_on: Option<SeverityValue>,
    /// Exit with 3 if the analysis is not complete: parts are damaged, a rule failed or a limit was reached.
    #[arg(long, hide_short_help = true, help_heading = "Exit code")]
    strict: bool,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    suppress: SuppressArgs,
    #[command(flatten)]
    progress: ProgressArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

/// What is said about the run itself.
#[derive(clap::Args)]
#[command(next_help_heading = "Progress")]
struct ProgressArgs {
    /// Print progress on stderr, one line per phase; -vv prints details.
    #[arg(short, long, action = clap::ArgAction::Count, conflicts_with = "quiet", hide_short_help = true)]
    verbose: u8,
    /// When to show progress on stderr.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ProgressWhen::Auto, hide_short_help = true)]
    progress: ProgressWhen,
}

/// How much of the bundle is read, and with what.
#[derive(clap::Args)]
#[command(next_help_heading = "Limits")]
struct LimitArgs {
    /// Use this many threads; by default as many as there are cores.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), hide_short_help = true)]
    jobs: Option<u16>,
    /// Limit memory to about this size, by working on fewer files at once.
    #[arg(
        long,
        value_name = "SIZE",
        default_value_t = Size(Limits::default().max_memory),
        value_parser = size::parse,
        hide_short_help = true
    )]
    max_memory: Size,
    /// Read at most this much of a bundle, unpacked.
    #[arg(
        long,
        value_name = "SIZE",
        default_value_t = Size(Limits::default().total_bytes),
        value_parser = size::parse,
        hide_short_help = true
    )]
    max_size: Size,
    /// Leave out files larger than this that must be read as a whole, such as YAML.
    #[arg(
        long,
        value_name = "SIZE",
        default_value_t = Size(Limits::default().entry_bytes),
        value_parser = size::parse,
        hide_short_help = true
    )]
    max_file: Size,
    /// Read at most this many files of a bundle.
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_entries, hide_short_help = true)]
    max_entries: usize,
    /// Leave out files over 16MiB that unpack to more than this many times their size.
    #[arg(long, value_name = "N", default_value_t = Limits::default().ratio, hide_short_help = true)]
    max_ratio: u64,
    /// Open archives nested at most this deep.
    #[arg(long, value_name = "N", default_value_t = Limits::default().depth, hide_short_help = true)]
    max_depth: usize,
    /// Which parser to read YAML with.
    #[arg(long, value_name = "PARSER", value_enum, default_value_t = YamlReader::Fast, hide_short_help = true)]
    yaml: YamlReader,
}

/// Which findings to show. The upgrade verdict and the coverage are always about everything.
#[derive(clap::Args)]
#[command(next_help_heading = "Selection")]
struct FilterArgs {
    /// Show only the findings and rules of an area. May be repeated.
    #[arg(long, value_name = "AREA", value_delimiter = ',', value_parser = choices::areas())]
    area: Vec<String>,
    /// Show only the findings of a rule. May be repeated.
    #[arg(
        long,
        value_name = "ID",
        value_delimiter = ',',
        value_parser = choices::rules(),
        hide_possible_values = true,
        hide_short_help = true
    )]
    rule: Vec<String>,
    /// Do not show the findings of a rule. May be repeated.
    #[arg(
        long,
        value_name = "ID",
        value_delimiter = ',',
        value_parser = choices::rules(),
        hide_possible_values = true,
        hide_short_help = true
    )]
    skip: Vec<String>,
    /// Show only findings with at least this severity.
    #[arg(long, value_name = "SEVERITY", value_enum)]
    min_severity: Option<SeverityValue>,
    /// Show the findings that affect this VM, volume or other object, or what it runs on, first.
    #[arg(long, value_name = "KIND/NS/NAME", value_parser = ObjectPattern::parse)]
    object: Option<ObjectPattern>,
}

/// The values of options about severities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SeverityValue {
    /// An upgrade or drain is refused or will hang, or data or service is lost
    Blocker,
    /// Redundancy or a precondition is gone
    Warning,
    /// Worth knowing; nothing has to be done
    Info,
}

impl From<SeverityValue> for Severity {
    fn from(value: SeverityValue) -> Severity {
        match value {
            SeverityValue::Blocker => Severity::Blocker,
            SeverityValue::Warning => Severity::Warning,
            SeverityValue::Info => Severity::Info,
        }
    }
}

/// The values of `--yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum YamlReader {
    /// The fast parser of what the collector writes, and the full one for anything else
    Fast,
    /// The full parser for everything: slower, to check the fast one
    Full,
}

/// The values of `--progress`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProgressWhen {
    /// On a terminal, when it takes long
    Auto,
    /// Never
    Never,
}

impl Args {
    /// The bundle's files or folder.
    pub(super) fn bundle(&self) -> &[PathBuf] {
        &self.bundle
    }

    /// How many threads the user wants.
    pub(super) fn jobs(&self) -> Option<u16> {
        self.limits.jobs
    }

    fn limits(&self, cancel: &Cancel) -> Limits {
        Limits {
            max_entries: self.limits.max_entries,
            total_bytes: self.limits.max_size.0,
            entry_bytes: self.limits.max_file.0,
            ratio: self.limits.max_ratio,
            depth: self.limits.max_depth,
            max_memory: self.limits.max_memory.0,
            cancel: cancel.clone(),
            ..Limits::default()
        }
    }

    fn options(&self) -> Options {
        Options {
            target: self.target.clone(),
            webhook_version: self.webhook_version.clone(),
            full_yaml: self.limits.yaml == YamlReader::Full,
            object: self.filter.object.clone(),
            ..Options::default()
        }
    }
}

impl FilterArgs {
    fn filter(&self) -> Filter {
        Filter {
            areas: self.area.clone(),
            rules: self.rule.clone(),
            skipped: self.skip.clone(),
            min_severity: self.min_severity.map(Severity::from),
        }
    }
}

pub(super) fn run(args: &Args, settings: &Settings) -> anyhow::Result<Exit> {
    let verbosity = Verbosity::new(args.progress.verbose);
    saved::refuse(&args.bundle)?;
    let outputs = args.output.outputs()?;
    outputs.refuse_inputs(&args.bundle)?;
    let suppressions = args.suppress.list(settings)?;
    let cancel = Cancel::new();
    cancel_on_ctrl_c(&cancel);
    let (catalog, opened) = rayon::join(
        || Catalog::load(args.rules.as_deref()),
        || {
            let opened = Bundle::open(&args.bundle, args.limits(&cancel));
            outputs.prepare();
            opened
        },
    );
    let catalog = catalog?;
    let mut filter = args.filter.filter();
    filter.resolve(&catalog)?;
    if let Some(target) = &args.target {
        refuse::target(&catalog, target)?;
    }
    let bundle = match opened {
        Ok(bundle) => bundle,
        Err(OpenError::Cancelled) => return Ok(Exit::Interrupted),
        Err(error) => return Err(error.into()),
    };
    let Some(sources) = read(args, &bundle, &catalog, &verbosity)? else {
        return Ok(Exit::Interrupted);
    };
    let options = args.options();
    let snapshot = analyze::snapshot(&sources, bundle.name(), &catalog, &options);
    if let Some(target) = &args.target {
        refuse::not_newer(&snapshot, target)?;
    }
    if let Some(object) = &args.filter.object {
        refuse::object(&snapshot, object)?;
    }
    let mut report = analyze::report(&snapshot, bundle.inputs(), &catalog, &options);
    suppress::apply(&mut report, &suppressions, &catalog, args.output.quiet);
    filter.apply(&mut report);
    print_summary(&verbosity, &report);
    if cancel.is_raised() {
        return Ok(Exit::Interrupted);
    }
    outputs.write(&report)?;
    verbosity.phase("write", "done");
    exit_code(args, &report).terminate()
}

/// Reads the bundle; `None` if the user interrupted it.
fn read(args: &Args, bundle: &Bundle, catalog: &Catalog, verbosity: &Verbosity) -> anyhow::Result<Option<Sources>> {
    let inputs = count(args.bundle.len(), "input");
    verbosity.phase("open", &format!("{inputs} as `{}`", bundle.name()));
    let progress =
        Progress::new(args.progress.progress == ProgressWhen::Auto && !args.output.quiet && args.progress.verbose == 0);
    let show = |done, total| progress.show(done, total);
    // The checksums of the inputs are computed by one thread meanwhile.
    let (_, sources) = rayon::join(
        || bundle.inputs(),
        || ingest(bundle, &catalog.kinds, catalog.wanted(), catalog.signatures(), &show),
    );
    progress.finish();
    let sources = match sources {
        Ok(sources) => sources,
        Err(ReadError::Cancelled) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let files = count(sources.paths.len(), "file");
    let texts = count(sources.files.len(), "text");
    verbosity.phase(
        "read",
        &format!("{files}, {texts} of them kept, {} bytes", sources.bytes),
    );
    Ok(Some(sources))
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// What the rules found; with `-vv` also what could not be read or checked.
fn print_summary(verbosity: &Verbosity, report: &Report) {
    let (rules, objects) = (count(report.rules.len(), "rule"), report.coverage.objects);
    let (findings, suppressed) = (count(report.findings.len(), "finding"), report.suppressed.len());
    verbosity.phase(
        "check",
        &format!("{rules} over {objects} objects: {findings}, {suppressed} suppressed"),
    );
    for problem in &report.coverage.problems {
        verbosity.detail("not read", &format!("{}: {}", problem.path, problem.what));
    }
    for rule in &report.rules {
        match rule.outcome {
            Outcome::NotEvaluated => verbosity.detail("no data", &format!("{}: {}", rule.id, rule.missing.join(", "))),
            Outcome::Failed => verbosity.detail("broken", &format!("{}: {}", rule.id, rule.error)),
            Outcome::Fired | Outcome::Quiet | Outcome::NotApplicable => {}
        }
    }
}

/// Ctrl-C raises the flag; a second one ends the program at once, and so does the first where no thread can wait for it.
fn cancel_on_ctrl_c(cancel: &Cancel) {
    // A handler that failed half-way would swallow the signal.
    if !threads::can_start_one() {
        return;
    }
    let cancel = cancel.clone();
    let handled = ctrlc::set_handler(move || {
        if !cancel.raise() {
            // Most steps see the flag and end in order; one that does not, or waits for a reader, must not hold the user up.
            std::thread::sleep(GRACE);
        }
        Exit::Interrupted.terminate();
    });
    if let Err(error) = handled {
        eprint_safe(&format!("warning: Gleaner cannot be interrupted: {error}"));
    }
}

fn exit_code(args: &Args, report: &Report) -> Exit {
    let failed = report.rules.iter().any(|rule| rule.outcome == Outcome::Failed);
    if args.strict && (failed || !report.coverage.problems.is_empty()) {
        Exit::Incomplete
    } else if args.fail_on.is_some_and(|least| report.worst() >= Some(least.into())) {
        Exit::Findings
    } else {
        Exit::Success
    }
}
