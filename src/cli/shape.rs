//! The shape of reports: formats, files, and how much they show.

use super::output;
use anyhow::{Context, bail};
use clap::Args;
use gleaner_cluster::Quantity;
use gleaner_render::{Flavor, Format, RenderOptions, prepare, render};
use gleaner_report::Report;
use gleaner_report::Severity;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Options that say what reports look like and where they go.
#[derive(Args)]
pub(super) struct Shape {
    /// Write a report to a file; its ending says the format: .html .md .json .sarif.json .junit.xml .gitlab.json .jsonl .txt. May be repeated.
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// The format on stdout, or of a file whose ending does not tell: text, json, json-v1, jsonl, md, html, sarif, junit, gitlab.
    #[arg(short, long, value_name = "FORMAT", value_parser = parse_format)]
    format: Option<Format>,
    /// The dialect of Markdown: github, plain, jira, text.
    #[arg(long, value_name = "FLAVOR", value_parser = parse_flavor, default_value = "github")]
    flavor: Flavor,
    /// Most characters of a Markdown report.
    #[arg(long, value_name = "N")]
    max_chars: Option<usize>,
    /// Most rows that a finding shows in HTML.
    #[arg(long, value_name = "N", default_value_t = 100)]
    max_rows: usize,
    /// Whether to use colours on the terminal.
    #[arg(long, value_name = "WHEN", value_parser = ["auto", "always", "never"], default_value = "auto")]
    color: String,
    /// Overwrite files that Gleaner did not write.
    #[arg(long)]
    force: bool,
    /// Say nothing on stderr but warnings and errors.
    #[arg(short, long)]
    quiet: bool,
}

/// Reports to be written.
pub(super) struct Outputs {
    files: Vec<(PathBuf, Format)>,
    stdout: Option<Format>,
    options: RenderOptions,
    force: bool,
    quiet: bool,
}

pub(super) fn parse_severity(text: &str) -> Result<Severity, String> {
    [Severity::Blocker, Severity::Warning, Severity::Info]
        .into_iter()
        .find(|severity| severity.as_str() == text)
        .ok_or_else(|| "expected blocker, warning or info".to_owned())
}

/// A number of bytes: plain, or with a suffix such as `512M` or `4Gi`.
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    let bytes = Quantity::parse(text).and_then(|quantity| u64::try_from(quantity.units()).ok());
    let bytes = bytes.filter(|bytes| *bytes > 0);
    bytes.ok_or_else(|| "expected a number of bytes such as 536870912, 512M or 4Gi".to_owned())
}

fn parse_format(text: &str) -> Result<Format, String> {
    Ok(match text {
        "text" => Format::Text,
        "json" | "json-v1" => Format::Json,
        "jsonl" => Format::JsonLines,
        "md" => Format::Markdown,
        "html" => Format::Html,
        "sarif" => Format::Sarif,
        "junit" => Format::Junit,
        "gitlab" => Format::Gitlab,
        _ => return Err("expected text, json, json-v1, jsonl, md, html, sarif, junit or gitlab".to_owned()),
    })
}

fn parse_flavor(text: &str) -> Result<Flavor, String> {
    Ok(match text {
        "github" => Flavor::Github,
        "plain" => Flavor::Plain,
        "jira" => Flavor::Jira,
        "text" => Flavor::Text,
        _ => return Err("expected github, plain, jira or text".to_owned()),
    })
}

/// The format that the ending of a file name tells.
fn format_of(path: &Path) -> Option<Format> {
    let name = path.file_name()?.to_str()?.to_lowercase();
    let endings = [
        (".sarif.json", Format::Sarif),
        (".sarif", Format::Sarif),
        (".junit.xml", Format::Junit),
        (".xml", Format::Junit),
        (".gitlab.json", Format::Gitlab),
        (".json", Format::Json),
        (".jsonl", Format::JsonLines),
        (".html", Format::Html),
        (".htm", Format::Html),
        (".md", Format::Markdown),
        (".txt", Format::Text),
    ];
    endings
        .into_iter()
        .find(|(ending, _)| name.ends_with(ending))
        .map(|(_, format)| format)
}

impl Shape {
    /// Whether to keep stderr to warnings and errors.
    pub(super) fn quiet(&self) -> bool {
        self.quiet
    }

    /// What is to be written, checked before any work is done.
    ///
    /// # Errors
    /// A file whose format nobody told, one named twice, or one that is there and not ours.
    pub(super) fn outputs(&self) -> anyhow::Result<Outputs> {
        let mut files = Vec::new();
        let mut seen = BTreeSet::new();
        for path in &self.output {
            let format = format_of(path).or(self.format).with_context(|| {
                format!(
                    "the ending of {} tells no format: name one with --format",
                    path.display()
                )
            })?;
            if !seen.insert(path) {
                bail!("{} is named twice", path.display());
            }
            output::check_replaceable(path, self.force)?;
            files.push((path.clone(), format));
        }
        let stdout = if files.is_empty() {
            Some(self.format.unwrap_or(Format::Text))
        } else {
            None
        };
        let color = stdout == Some(Format::Text) && output::use_color(&self.color);
        let options = RenderOptions {
            max_rows: self.max_rows,
            flavor: self.flavor,
            max_chars: self.max_chars,
            color,
            width: output::width(),
            ..RenderOptions::default()
        };
        Ok(Outputs {
            files,
            stdout,
            options,
            force: self.force,
            quiet: self.quiet,
        })
    }
}

impl Outputs {
    /// Does early what writing any report needs.
    pub(super) fn prepare(&self) {
        let files = self.files.iter().map(|(_, format)| *format);
        files.chain(self.stdout).for_each(prepare);
    }

    /// Writes the report in every format asked for.
    ///
    /// # Errors
    /// A file that cannot be written; those before it are.
    pub(super) fn write(&self, report: &Report) -> anyhow::Result<()> {
        for (path, format) in &self.files {
            // A file made since the check is not ours either.
            output::check_replaceable(path, self.force)?;
            let plain = RenderOptions {
                color: false,
                width: 100,
                max_findings: usize::MAX,
                ..self.options.clone()
            };
            output::write_file(path, &render(report, *format, &plain)?)?;
            if !self.quiet {
                output::complain(&format!("wrote {}", path.display()));
            }
        }
        if let Some(format) = self.stdout {
            output::answer(&render(report, format, &self.options)?)?;
            if format == Format::Text && !self.quiet && output::is_terminal() {
                output::complain("for the page to attach to a ticket: add -o report.html");
            }
        }
        Ok(())
    }
}
