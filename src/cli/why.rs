//! `gleaner why`: one page about one object.

use super::choices;
use super::exit::Exit;
use super::print::{eprint_safe, print};
use super::saved;
use anyhow::bail;
use clap::ValueEnum;
use gleaner::analyze::{self, Options};
use gleaner::refuse;
use gleaner_bundle::{Bundle, Limits};
use gleaner_cluster::{ObjectPattern, ingest};
use gleaner_insight::{Asked, Whys};
use gleaner_render::{WhyFormat, render_why};
use gleaner_rules::Catalog;
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  gleaner why supportbundle.zip vm/prod/db-1
  gleaner why supportbundle.zip volume/longhorn-system/pvc-2e39 -f md
  gleaner why supportbundle.zip node/harv8 -f html > harv8.html")]
pub(super) struct Args {
    /// The bundle, and the object last: KIND/NAMESPACE/NAME, or KIND/NAME for any namespace.
    #[arg(required = true, num_args = 2.., value_names = ["BUNDLE", "OBJECT"], value_hint = clap::ValueHint::AnyPath)]
    bundle_and_object: Vec<PathBuf>,
    /// The format.
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = WhyValue::Text)]
    format: WhyValue,
    /// The version to upgrade to, for example v1.5.1.
    #[arg(long, value_name = "VERSION", value_parser = choices::releases(), hide_possible_values = true)]
    target: Option<String>,
}

/// The values of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum WhyValue {
    /// For a terminal
    Text,
    /// Markdown for an issue or ticket
    Md,
    /// One self-contained page
    Html,
    /// The data, gleaner.why/v1
    Json,
}

impl From<WhyValue> for WhyFormat {
    fn from(value: WhyValue) -> WhyFormat {
        match value {
            WhyValue::Text => WhyFormat::Text,
            WhyValue::Md => WhyFormat::Markdown,
            WhyValue::Html => WhyFormat::Html,
            WhyValue::Json => WhyFormat::Json,
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let Some((object, bundle)) = args.bundle_and_object.split_last() else {
        bail!("name the bundle and the object");
    };
    saved::refuse(bundle)?;
    let pattern = ObjectPattern::parse(&object.to_string_lossy())?;
    let catalog = Catalog::load(None)?;
    if let Some(target) = &args.target {
        refuse::target(&catalog, target)?;
    }
    let bundle = Bundle::open(bundle, Limits::default())?;
    let options = Options {
        whole_timeline: true,
        target: args.target.clone(),
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
    refuse::object(&snapshot, &pattern)?;
    let matching = Asked::matching(&snapshot, &pattern);
    let report = analyze::report(&snapshot, bundle.inputs(), &catalog, &options);
    let whys = Whys {
        snapshot: &snapshot,
        catalog: &catalog,
        findings: &report.findings,
        outcomes: &report.rules,
        timeline: &report.timeline,
    };
    let why = match (matching.first(), pattern.machine()) {
        (Some(object), _) => whys.of(object),
        (None, Some((namespace, name))) => whys.of_recorded_vm(namespace, name),
        (None, None) => bail!("the bundle has no object {}", pattern.as_str()),
    };
    let others = matching.iter().skip(1).filter(|other| other.kind == matching[0].kind);
    let others: Vec<String> = others.map(|object| object.name().to_owned()).collect();
    if !others.is_empty() {
        eprint_safe(&format!("note: {} also means {}", pattern.as_str(), others.join(", ")));
    }
    print(&render_why(&why, args.format.into())?)?;
    Ok(Exit::Success)
}
