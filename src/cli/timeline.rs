//! `gleaner timeline`: what happened when, from events, transitions, restarts, upgrade steps, replicas and log hits.

use super::exit::Exit;
use super::print::{ColorWhen, eprint_safe, escape_hidden, print, print_styled};
use super::saved;
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use gleaner::analyze::{self, Options};
use gleaner::refuse;
use gleaner_bundle::{Bundle, Limits};
use gleaner_cluster::{ObjectPattern, ingest};
use gleaner_insight::{Asked, fold};
use gleaner_report::{Moment, MomentSource};
use gleaner_rules::Catalog;
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  gleaner timeline supportbundle.zip --since 2h
  gleaner timeline supportbundle.zip --object vm/prod/db-1 --bad
  gleaner timeline supportbundle.zip --source host,volume -f json
  gleaner timeline supportbundle.zip --since 2025-06-12T07:00:00Z --until 2025-06-12T08:00:00Z")]
pub(super) struct Args {
    /// The bundle: a zip, tar, tar.gz or folder, or all its parts in any order.
    #[arg(required = true, value_name = "BUNDLE", value_hint = clap::ValueHint::AnyPath)]
    bundle: Vec<PathBuf>,
    /// Show only what happened from this time on: a time, or a span such as 2h before the bundle was made.
    #[arg(long, value_name = "TIME", value_parser = parse_bound, help_heading = "Selection")]
    since: Option<TimeBound>,
    /// Show only what happened until this time.
    #[arg(long, value_name = "TIME", value_parser = parse_bound, help_heading = "Selection")]
    until: Option<TimeBound>,
    /// Show only what happened to this object and what it runs on: the volumes, replicas, hosts and pods of a VM.
    #[arg(long, value_name = "KIND/NS/NAME", value_parser = ObjectPattern::parse, help_heading = "Selection")]
    object: Option<ObjectPattern>,
    /// Show only what these sources recorded. May be repeated.
    #[arg(
        long,
        value_name = "SOURCE",
        value_enum,
        value_delimiter = ',',
        help_heading = "Selection"
    )]
    source: Vec<SourceValue>,
    /// Show only what went wrong.
    #[arg(long, help_heading = "Selection")]
    bad: bool,
    /// Show equal moments one by one.
    #[arg(long, help_heading = "Output")]
    unfolded: bool,
    /// The format.
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = TimelineFormat::Text, help_heading = "Output")]
    format: TimelineFormat,
    /// When to use colors.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto, help_heading = "Output")]
    color: ColorWhen,
}

/// The values of `--source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SourceValue {
    /// Transitions of the conditions of nodes
    Host,
    /// Warning events
    Event,
    /// Containers that ended
    Restart,
    /// Replicas that failed, volumes that lost redundancy
    Volume,
    /// Steps of an upgrade
    Upgrade,
    /// Log lines that a rule knows
    Log,
    /// Alerts of Prometheus
    Alert,
}

impl From<SourceValue> for MomentSource {
    fn from(value: SourceValue) -> MomentSource {
        match value {
            SourceValue::Host => MomentSource::Host,
            SourceValue::Event => MomentSource::Event,
            SourceValue::Restart => MomentSource::Restart,
            SourceValue::Volume => MomentSource::Volume,
            SourceValue::Upgrade => MomentSource::Upgrade,
            SourceValue::Log => MomentSource::Log,
            SourceValue::Alert => MomentSource::Alert,
        }
    }
}

/// The values of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TimelineFormat {
    /// A line for each moment
    Text,
    /// A list of moments, as in the report
    Json,
}

/// A point in time, in seconds since the epoch, or how many seconds before the bundle was created.
#[derive(Debug, Clone, Copy)]
enum TimeBound {
    At(i64),
    Before(i64),
}

fn parse_bound(text: &str) -> Result<TimeBound, String> {
    let at = gleaner_text::parse_time(text).map(TimeBound::At);
    at.or_else(|| gleaner_text::parse_duration(text).map(TimeBound::Before))
        .ok_or_else(|| "expected a time such as 2025-06-12T07:00:00Z or a span such as 2h".to_owned())
}

impl TimeBound {
    /// Seconds since the epoch; `None` if the time of the bundle is needed and not known.
    fn seconds(self, created: Option<i64>) -> Option<i64> {
        match self {
            TimeBound::At(seconds) => Some(seconds),
            TimeBound::Before(span) => created.map(|created| created.saturating_sub(span)),
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    saved::refuse(&args.bundle)?;
    let catalog = Catalog::load(None)?;
    let bundle = Bundle::open(&args.bundle, Limits::default())?;
    let options = Options {
        whole_timeline: true,
        ..Options::default()
    };
    let sources = ingest(
        &bundle,
        &catalog.kinds,
        catalog.wanted(),
        catalog.signatures(),
        &|_, _| {},
    )?;
    let snapshot = analyze::snapshot(&sources, bundle.name(), &catalog, &options);
    if let Some(object) = &args.object {
        refuse::object(&snapshot, object)?;
    }
    let asked = args.object.as_ref().map(|object| Asked::ask(&snapshot, object));
    let report = analyze::report(&snapshot, bundle.inputs(), &catalog, &options);
    let created = gleaner_text::parse_time(&report.bundle.created_at);
    let seconds = |bound: Option<TimeBound>| match bound?.seconds(created) {
        None => {
            eprint_safe("warning: the time of the bundle is not known: relative times are ignored");
            None
        }
        seconds => seconds,
    };
    let since = seconds(args.since).unwrap_or(i64::MIN);
    let until = seconds(args.until).unwrap_or(i64::MAX);
    let sources_wanted: Vec<MomentSource> = args.source.iter().map(|source| (*source).into()).collect();
    let wanted = |moment: &&Moment| {
        let within = gleaner_text::parse_time(&moment.time).is_some_and(|time| (since..=until).contains(&time));
        let of_object = asked.as_ref().is_none_or(|asked| asked.touches(&moment.object));
        let of_source = sources_wanted.is_empty() || sources_wanted.contains(&moment.source);
        within && of_object && of_source && (moment.bad || !args.bad)
    };
    let mut moments: Vec<Moment> = report.timeline.iter().filter(wanted).cloned().collect();
    if !args.unfolded {
        moments = fold(moments);
    }
    write(&moments, args)?;
    Ok(Exit::Success)
}

fn write(moments: &[Moment], args: &Args) -> anyhow::Result<()> {
    match args.format {
        TimelineFormat::Json => print(&(serde_json::to_string_pretty(moments)? + "\n")),
        TimelineFormat::Text if moments.is_empty() => print("nothing that was asked for happened in that time\n"),
        TimelineFormat::Text if args.color.on_stdout() => {
            let lines = moments.iter().map(|moment| {
                let style = style(moment);
                format!("{style}{}{style:#}\n", line(moment))
            });
            print_styled(&lines.collect::<String>())
        }
        TimelineFormat::Text => print(&moments.iter().map(|moment| line(moment) + "\n").collect::<String>()),
    }
}

/// What went wrong is red, and bold where the trouble that is there now began.
fn style(moment: &Moment) -> Style {
    let red = Style::new().fg_color(Some(AnsiColor::Red.into()));
    match (moment.first_bad, moment.bad) {
        (true, _) => red.bold(),
        (false, true) => red,
        (false, false) => Style::new(),
    }
}

fn line(moment: &Moment) -> String {
    let object = &moment.object;
    let name = if object.namespace.is_empty() {
        object.name.clone()
    } else {
        format!("{}/{}", object.namespace, object.name)
    };
    let mark = match (moment.first_bad, moment.bad) {
        (true, _) => "first ",
        (false, true) => "bad   ",
        (false, false) => "      ",
    };
    let mut often = Vec::new();
    often.extend((moment.count > 1).then(|| format!("×{}", moment.count)));
    often.extend((moment.objects > 1).then(|| format!("{} objects", moment.objects)));
    often.extend(moment.until.as_ref().map(|until| format!("until {until}")));
    let times = if often.is_empty() {
        String::new()
    } else {
        format!(" ({})", often.join(", "))
    };
    let text = format!(
        "{} {name}: {}{times}  {}:{}",
        object.kind, moment.text, moment.path, moment.line
    );
    format!(
        "{} {mark}{:<7} {}",
        moment.time,
        moment.source.as_str(),
        escape_hidden(&text.replace('\n', " "))
    )
}
