//! `gleaner timeline`: what happened when, from events, transitions, restarts, upgrade steps, replicas and log hits.

use super::output;
use clap::Args as ClapArgs;
use gleaner::analyze::{Options, analyze};
use gleaner_bundle::{Bundle, Limits};
use gleaner_cluster::ObjectPattern;
use gleaner_report::Moment;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(ClapArgs)]
#[command(after_help = "Examples:
  gleaner timeline supportbundle.zip --since 2h
  gleaner timeline supportbundle.zip --object volume/longhorn-system/pvc-2e39
  gleaner timeline supportbundle.zip --since 2025-06-12T07:00:00Z --until 2025-06-12T08:00:00Z")]
pub(super) struct Args {
    /// The bundle: a zip, tar, tar.gz or folder, or all its parts in any order.
    #[arg(required = true, value_name = "BUNDLE")]
    bundle: Vec<PathBuf>,
    /// Only what happened from here on: a time, or a span such as 2h before the bundle was made.
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    since: Option<When>,
    /// Only what happened until here.
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    until: Option<When>,
    /// Only what happened to these objects.
    #[arg(long, value_name = "KIND/NS/NAME", value_parser = ObjectPattern::parse)]
    object: Option<ObjectPattern>,
}

/// A point in time, or how long before the bundle was made.
#[derive(Debug, Clone, Copy)]
enum When {
    At(i64),
    Before(i64),
}

fn parse_moment(text: &str) -> Result<When, String> {
    let at = gleaner_text::parse_time(text).map(When::At);
    at.or_else(|| gleaner_text::parse_duration(text).map(When::Before))
        .ok_or_else(|| "expected a time such as 2025-06-12T07:00:00Z or a span such as 2h".to_owned())
}

impl When {
    fn seconds(self, made: Option<i64>) -> Option<i64> {
        match self {
            When::At(seconds) => Some(seconds),
            When::Before(span) => made.map(|made| made.saturating_sub(span)),
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<u8> {
    let catalog = match super::rules::load(None)? {
        Ok(catalog) => catalog,
        Err(code) => return Ok(code),
    };
    let bundle = Bundle::open(&args.bundle, Limits::default())?;
    let options = Options {
        whole_timeline: true,
        ..Options::default()
    };
    let report = analyze(&bundle, &catalog, &options, &|_, _| {})?;
    let made = gleaner_text::parse_time(&report.bundle.created_at);
    let since = args.since.and_then(|when| when.seconds(made)).unwrap_or(i64::MIN);
    let until = args.until.and_then(|when| when.seconds(made)).unwrap_or(i64::MAX);
    let wanted = |moment: &&Moment| {
        let within = gleaner_text::parse_time(&moment.time).is_some_and(|time| (since..=until).contains(&time));
        within && args.object.as_ref().is_none_or(|object| object.matches(&moment.object))
    };
    let mut text = String::new();
    for moment in report.timeline.iter().filter(wanted) {
        writeln!(text, "{}", line(moment))?;
    }
    if text.is_empty() {
        text = "nothing in the bundle tells of that time\n".to_owned();
    }
    output::answer(&text)?;
    Ok(super::DONE)
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
        output::shown(&text.replace('\n', " "))
    )
}
