//! Writes a big support bundle in the collector's exact format, the same bytes for the same arguments.
//!
//! It grows the healthy sample bundle: nodes and virtual machines are cloned with all that belongs to them, names and UIDs
//! renamed alike everywhere, so every join holds. Fill and logs are made up to the wanted sizes. It is for measuring, not for
//! tests of single rules.
//!
//! `cargo run --release --example make-bundle -- --nodes 12 --vms 2000 --logs 300M --yaml 120M --node-archives 3 -o big.zip`

#[path = "make-bundle/clone.rs"]
mod clone;
#[path = "make-bundle/fields.rs"]
mod fields;
#[path = "make-bundle/fill.rs"]
mod fill;
#[path = "make-bundle/grow.rs"]
mod grow;
#[path = "make-bundle/lines.rs"]
mod lines;
#[path = "make-bundle/logs.rs"]
mod logs;
#[path = "make-bundle/node.rs"]
mod node;
#[path = "make-bundle/random.rs"]
mod random;
#[path = "make-bundle/recipe.rs"]
mod recipe;
#[path = "make-bundle/sick.rs"]
mod sick;
#[path = "make-bundle/template.rs"]
mod template;

use anyhow::Context;
use clap::Parser;
use gleaner_rules::Catalog;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use template::Template;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The bundle being written.
type Zip = ZipWriter<BufWriter<File>>;

/// The top folder of the bundle.
const TOP: &str = "supportbundle_5c1d9a34-7f0b-4c55-8a36-0d2f6b1f7a11_2025-06-12T08-30-00Z";

#[derive(Parser)]
struct Args {
    /// Nodes of the cluster, at least 3.
    #[arg(long, default_value_t = 3)]
    nodes: usize,
    /// Virtual machines besides those of the sample.
    #[arg(long, default_value_t = 0)]
    vms: usize,
    /// Disks of each machine: 1 or 2.
    #[arg(long, default_value_t = 1)]
    disks: usize,
    /// Bytes of YAML to fill up to, for example 120M.
    #[arg(long, default_value = "0", value_parser = parse_size)]
    yaml: u64,
    /// Bytes of container logs.
    #[arg(long, default_value = "0", value_parser = parse_size)]
    logs: u64,
    /// Put all log bytes into one file.
    #[arg(long)]
    one_log: bool,
    /// How many nodes have an archive.
    #[arg(long, default_value_t = 0)]
    node_archives: usize,
    /// Bytes of logs in each node archive.
    #[arg(long, default_value = "20M", value_parser = parse_size)]
    node_logs: u64,
    /// Bytes of supportconfig text in each node archive, before packing.
    #[arg(long, default_value = "80M", value_parser = parse_size)]
    supportconfig: u64,
    /// How many percent of the replicas, volumes, VMs, PVCs and pods have a fault.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=100))]
    sick: u64,
    /// A file with faults and their times, such as those of tests/incidents; it says how many nodes and VMs there are.
    #[arg(long, conflicts_with_all = ["nodes", "vms"])]
    recipe: Option<PathBuf>,
    /// Where to write.
    #[arg(short, long)]
    output: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let mut args = Args::parse();
    let recipe: Option<recipe::Recipe> = match &args.recipe {
        Some(path) => Some(read_recipe(path)?),
        None => None,
    };
    if let Some(recipe) = &recipe {
        (args.nodes, args.vms) = (recipe.nodes, recipe.vms);
    }
    anyhow::ensure!(args.nodes >= 3, "--nodes: at least 3");
    anyhow::ensure!((1..=2).contains(&args.disks), "--disks: 1 or 2");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample-bundles/healthy/bundle");
    let mut tree = Template::read(&root)?;
    let hosts = grow::nodes(&mut tree, args.nodes)?;
    grow::machines(&mut tree, &hosts, args.vms, args.disks)?;
    if let Some(recipe) = &recipe {
        recipe::apply(&mut tree, recipe, &Catalog::load(None)?.kinds)?;
    }
    sick::add(&mut tree, args.sick);
    fields::add(&mut tree);
    fill::yaml(&mut tree, args.yaml);
    let file = File::create(&args.output).with_context(|| args.output.display().to_string())?;
    let mut zip = ZipWriter::new(BufWriter::new(file));
    for (path, bytes) in &tree.others {
        if recipe.is_some() || (!path.starts_with("nodes/") && !path.starts_with("logs/")) {
            add(&mut zip, path, bytes)?;
        }
    }
    if recipe.is_some() {
        // The logs are those of the sample and of the recipe.
    } else if args.one_log {
        logs::one(&mut zip, args.logs)?;
    } else {
        logs::all(&mut zip, &tree, args.logs)?;
    }
    for archive in node::archives(&tree, &hosts, args.node_archives, args.node_logs, args.supportconfig)? {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(format!("{TOP}/nodes/{}.zip", archive.node), options)?;
        zip.write_all(&archive.bytes)?;
    }
    for (path, file) in &tree.files {
        add(&mut zip, path, file.text().as_bytes())?;
    }
    zip.finish()?.flush()?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "it makes bundles, and reads how")]
fn read_recipe(path: &std::path::Path) -> anyhow::Result<recipe::Recipe> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_yaml::from_str(&text).with_context(|| path.display().to_string())
}

/// Adds a file below the top folder.
fn add(zip: &mut Zip, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
    zip.start_file(format!("{TOP}/{path}"), SimpleFileOptions::default())?;
    Ok(zip.write_all(bytes)?)
}

fn parse_size(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.strip_suffix(['K', 'M', 'G']) {
        Some(digits) if text.ends_with('K') => (digits, 1 << 10),
        Some(digits) if text.ends_with('M') => (digits, 1 << 20),
        Some(digits) => (digits, 1 << 30),
        None => (text, 1),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| format!("`{text}` is no size such as 300M"))?;
    number.checked_mul(unit).ok_or_else(|| format!("`{text}` is too large"))
}
