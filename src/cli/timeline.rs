//! `gleaner timeline`: what happened when, from events, transitions, restarts, upgrade steps, replicas and log hits.

use super::exit::Exit;
use super::print::{eprint_safe, escape_hidden, print};
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Limits};
use gleaner_cluster::ObjectPattern;
use gleaner_report::Moment;
use gleaner_rules::Catalog;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  gleaner timeline supportbundle.zip --since 2h
  gleaner timeline supportbundle.zip --object volume/longhorn-system/pvc-2e39
  gleaner timeline supportbundle.zip --since 2025-06-12T07:00:00Z --until 2025-06-12T08:00:00Z")]
pub(super) struct Args {
    /// The bundle: a zip, tar, tar.gz or folder, or all its parts in any order.
    #[arg(required = true, value_name = "BUNDLE", value_hint = clap::ValueHint::AnyPath)]
    bundle: Vec<PathBuf>,
    /// Only what happened from here on: a time, or a span such as 2h before the bundle was made.
    #[arg(long, value_name = "TIME", value_parser = parse_bound)]
    since: Option<TimeBound>,
    /// Only what happened until here.
    #[arg(long, value_name = "TIME", value_parser = parse_bound)]
    until: Option<TimeBound>,
    /// Only what happened to these objects.
    #[arg(long, value_name = "KIND/NS/NAME", value_parser = ObjectPattern::parse)]
    object: Option<ObjectPattern>,
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
    let catalog = Catalog::load(None)?;
    let bundle = Bundle::open(&args.bundle, Limits::default())?;
    let options = Options {
        whole_timeline: true,
        ..Options::default()
    };
    let report = analyze(&bundle, &catalog, &options, &|_, _| {})?;
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
    let wanted = |moment: &&Moment| {
        let within = gleaner_text::parse_time(&moment.time).is_some_and(|time| (since..=until).contains(&time));
        within && args.object.as_ref().is_none_or(|object| object.matches(&moment.object))
    };
    let mut text = String::new();
    for moment in report.timeline.iter().filter(wanted) {
        writeln!(text, "{}", line(moment))?;
    }
    if text.is_empty() {
        text = "the bundle has no events in that time\n".to_owned();
    }
    print(&text)?;
    Ok(Exit::Success)
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
    let times = if moment.count > 1 {
        format!(" (×{})", moment.count)
    } else {
        String::new()
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
