//! Which reports to write: formats, files, and how much they show.

use super::print::{self, ColorWhen, eprint_safe};
use super::{pager, report_file};
use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use gleaner_render::{Audience, Flavor, Format, RenderOptions, Renderer, prepare, render_summary};
use gleaner_report::Report;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Options about the reports to write.
#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Write a report to a file; its extension sets the format: .html, .md, .json, .jsonl, .sarif.json, .junit.xml, .gitlab.json or
    /// .txt. May be repeated.
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Vec<PathBuf>,
    /// The format on stdout, and of files whose extension is not a known one.
    #[arg(short, long, value_name = "FORMAT", value_enum)]
    format: Option<FormatValue>,
    /// Write the text of a ticket for this reader, instead of a report.
    #[arg(long = "for", value_name = "READER", value_enum, conflicts_with = "format")]
    reader: Option<ReaderValue>,
    /// The flavor of a Markdown report.
    #[arg(long, value_name = "FLAVOR", value_enum, default_value_t = FlavorValue::Github, hide_short_help = true)]
    flavor: FlavorValue,
    /// Show every cause and symptom in detail in text and Markdown, and not only the worst.
    #[arg(long)]
    full: bool,
    /// Write at most this many bytes of a Markdown report.
    #[arg(long, value_name = "N", hide_short_help = true)]
    max_chars: Option<usize>,
    /// Show at most this many objects of a finding in HTML.
    #[arg(long, value_name = "N", default_value_t = 50, hide_short_help = true)]
    max_rows: usize,
    /// Print all sections of an HTML page on paper, not only the diagnosis, the causes and the affected VMs.
    #[arg(long, hide_short_help = true)]
    appendix: bool,
    /// When to use colors.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto, hide_short_help = true)]
    color: ColorWhen,
    /// Do not show a long report in a pager: $GLEANER_PAGER, $PAGER or less.
    #[arg(long, hide_short_help = true)]
    no_pager: bool,
    /// Overwrite files that Gleaner did not write.
    #[arg(long, hide_short_help = true)]
    force: bool,
    /// Print only warnings and errors on stderr.
    #[arg(short, long)]
    pub(super) quiet: bool,
}

/// The values of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatValue {
    /// For a terminal
    Text,
    /// The whole report, gleaner.report/v2
    Json,
    /// The whole report as earlier versions wrote it, gleaner.report/v1
    JsonV1,
    /// One finding a line, as JSON
    Jsonl,
    /// Markdown for an issue, a ticket or a chat; see --flavor
    Md,
    /// One self-contained page
    Html,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for the test report of a CI system
    Junit,
    /// GitLab code quality
    Gitlab,
}

impl From<FormatValue> for Format {
    fn from(value: FormatValue) -> Format {
        match value {
            FormatValue::Text => Format::Text,
            FormatValue::Json => Format::Json,
            FormatValue::JsonV1 => Format::JsonV1,
            FormatValue::Jsonl => Format::JsonLines,
            FormatValue::Md => Format::Markdown,
            FormatValue::Html => Format::Html,
            FormatValue::Sarif => Format::Sarif,
            FormatValue::Junit => Format::Junit,
            FormatValue::Gitlab => Format::Gitlab,
        }
    }
}

/// The values of `--for`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReaderValue {
    /// Who runs the cluster: what is wrong, what not to do, what to send
    Customer,
    /// Who takes the ticket over: causes with evidence, symptoms and steps
    Engineering,
}

impl From<ReaderValue> for Format {
    fn from(value: ReaderValue) -> Format {
        Format::Ticket(match value {
            ReaderValue::Customer => Audience::Customer,
            ReaderValue::Engineering => Audience::Engineering,
        })
    }
}

/// The values of `--flavor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FlavorValue {
    /// GitHub and GitLab: tables, fences and collapsed details
    Github,
    /// CommonMark without any HTML
    Plain,
    /// Jira wiki markup
    Jira,
    /// Unformatted text for mail
    Text,
}

impl From<FlavorValue> for Flavor {
    fn from(value: FlavorValue) -> Flavor {
        match value {
            FlavorValue::Github => Flavor::Github,
            FlavorValue::Plain => Flavor::Plain,
            FlavorValue::Jira => Flavor::Jira,
            FlavorValue::Text => Flavor::Text,
        }
    }
}

/// The format that the ending of a file name says.
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

/// Reports to write.
pub(super) struct Outputs {
    files: Vec<OutputFile>,
    stdout: Option<Format>,
    options: RenderOptions,
    force: bool,
    quiet: bool,
    pager: bool,
}

struct OutputFile {
    path: PathBuf,
    format: Format,
}

impl OutputArgs {
    /// The reports to write, checked before any work is done.
    ///
    /// # Errors
    /// A file whose format is not known, one that is named twice, or one that exists and is not ours.
    pub(super) fn outputs(&self) -> anyhow::Result<Outputs> {
        let default = self.reader.map(Format::from).or(self.format.map(Format::from));
        let mut files = Vec::new();
        let mut seen = BTreeSet::new();
        for path in &self.output {
            let of_name = if self.reader.is_some() { None } else { format_of(path) };
            let format = of_name.or(default).with_context(|| {
                format!(
                    "the extension of {} is not a known format: name one with --format",
                    path.display()
                )
            })?;
            if !seen.insert(path) {
                bail!("{} is named twice", path.display());
            }
            report_file::check_replaceable(path, self.force)?;
            let path = path.clone();
            files.push(OutputFile { path, format });
        }
        let stdout = files.is_empty().then(|| default.unwrap_or(Format::Text));
        let options = RenderOptions {
            max_rows: self.max_rows,
            appendix: self.appendix,
            flavor: self.flavor.into(),
            max_chars: self.max_chars,
            full: self.full,
            ascii: !print::is_utf8(),
            color: stdout == Some(Format::Text) && self.color.on_stdout(),
            width: print::width(),
        };
        Ok(Outputs {
            files,
            stdout,
            options,
            force: self.force,
            quiet: self.quiet,
            pager: !self.no_pager,
        })
    }
}

impl Outputs {
    /// Refuses to write over what is read, also where that is forced.
    ///
    /// # Errors
    /// If a report would replace an input.
    pub(super) fn refuse_inputs(&self, inputs: &[PathBuf]) -> anyhow::Result<()> {
        let inputs: BTreeSet<PathBuf> = inputs.iter().filter_map(|path| path.canonicalize().ok()).collect();
        let is_input = |file: &&OutputFile| file.path.canonicalize().is_ok_and(|path| inputs.contains(&path));
        match self.files.iter().find(is_input) {
            Some(file) => bail!(
                "{} is the bundle itself: write the report to another file",
                file.path.display()
            ),
            None => Ok(()),
        }
    }

    /// Does early what writing any report needs.
    pub(super) fn prepare(&self) {
        let files = self.files.iter().map(|file| file.format);
        files.chain(self.stdout).for_each(prepare);
    }

    /// Writes the report in every format asked for. With files, a summary of it goes to stderr. A reader may close stdout at any time.
    ///
    /// # Errors
    /// A file that cannot be written; those before it are written.
    pub(super) fn write(&self, report: &Report) -> anyhow::Result<()> {
        if !self.files.is_empty() && !self.quiet {
            eprint_safe(&render_summary(report, &self.options));
        }
        let options = RenderOptions {
            color: false,
            ascii: false,
            width: 100,
            ..self.options.clone()
        };
        // Rendered side by side, written in the order asked for.
        let renderer = Renderer::new(report);
        let texts = self.files.par_iter().map(|file| renderer.render(file.format, &options));
        let texts: Vec<_> = texts.collect();
        for (file, text) in self.files.iter().zip(texts) {
            self.write_file(file, &text?)?;
        }
        let Some(format) = self.stdout else {
            return Ok(());
        };
        let text = renderer.render(format, &self.options)?;
        if self.pager && format == Format::Text && pager::show(&text) {
            return Ok(());
        }
        let printed = if self.options.color {
            print::print_styled(&text)
        } else {
            print::print(&text)
        };
        // What the run found does not depend on who reads it.
        printed.or_else(|error| print::is_broken_pipe(&error).then_some(()).ok_or(error))
    }

    fn write_file(&self, file: &OutputFile, text: &str) -> anyhow::Result<()> {
        let path = &file.path;
        // It may have been made since the first check.
        report_file::check_replaceable(path, self.force)?;
        report_file::write(path, text)?;
        if !self.quiet {
            eprint_safe(&format!("wrote {}", path.display()));
        }
        Ok(())
    }
}
