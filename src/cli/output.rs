//! Where answers go: stdout for what was asked, stderr for everything else, files by way of a temporary one.

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Writes an answer to stdout.
pub(super) fn answer(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes lines to stderr, with control characters made visible: they may quote a bundle. If they cannot be written either, nobody
/// is left to tell.
pub(super) fn complain(text: &str) {
    let mut out = shown(text);
    out.push('\n');
    let _ = std::io::stderr().write_all(out.as_bytes());
}

/// A text with control characters as escapes, so that nothing from a bundle can act on a terminal.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if gleaner_text::is_hidden(c) && c != '\n' {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A word of the command line, in quotes where a shell would need them.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/+:=,@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Says on stderr what is done, as far as the user asked for it.
pub(super) struct Voice {
    level: u8,
    start: Instant,
}

impl Voice {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a phase took is told on stderr, and no report sees it"
    )]
    pub(super) fn new(level: u8) -> Voice {
        Voice {
            level,
            start: Instant::now(),
        }
    }

    /// One line, if the level was asked for.
    pub(super) fn say(&self, level: u8, phase: &str, text: &str) {
        if self.level >= level {
            let seconds = self.start.elapsed().as_secs_f64();
            complain(&format!("{seconds:7.2} s  {phase:<8}  {text}"));
        }
    }
}

/// Writes a file so that it is there whole or not at all. What is no plain file, such as /dev/stdout, is written to as it is.
pub(super) fn write_file(path: &Path, content: &str) -> anyhow::Result<()> {
    let written = match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => std::fs::write(path, content),
        // Where a link stands, the file behind it is replaced, not the link.
        Ok(_) => path.canonicalize().and_then(|path| replace(&path, content)),
        Err(_) => replace(path, content),
    };
    written.with_context(|| format!("cannot write {}", path.display()))
}

fn replace(path: &Path, content: &str) -> std::io::Result<()> {
    let name = path.file_name().ok_or(std::io::ErrorKind::InvalidFilename)?;
    let mut partial = OsString::from(".");
    partial.push(name);
    partial.push(format!(".{}.partial", std::process::id()));
    let temporary = path.with_file_name(partial);
    // Only a new file is written to: whoever put a link there gets nothing.
    let file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    let written = (&file)
        .write_all(content.as_bytes())
        .and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

/// How reports of ours begin, or what stands near their beginning.
const BEGINS: [&str; 4] = ["# Gleaner:", "h1. Gleaner:", "Gleaner:", "GLEANER:"];
const HOLDS: [&str; 6] = [
    "\"gleaner.report/v1\"",
    "\"gleaner.finding/v1\"",
    "\"engine_name\": \"gleaner\"",
    "\"name\": \"Gleaner\"",
    "<testsuites name=\"gleaner\"",
    "<p class=\"brand\">Gleaner</p>",
];

/// Checks that a file may be written: it is not there, holds nothing, is no plain file, or is a report of ours.
///
/// # Errors
/// If it is somebody else's, unless `force`d, or a folder.
#[expect(
    clippy::disallowed_methods,
    reason = "an output file is looked at before it is replaced"
)]
pub(super) fn check_replaceable(path: &Path, force: bool) -> anyhow::Result<()> {
    let Ok(metadata) = std::fs::metadata(path) else {
        return Ok(());
    };
    let shown = path.display();
    if metadata.is_dir() {
        bail!("{shown} is a folder: name a file in it");
    }
    if force || !metadata.is_file() {
        return Ok(());
    }
    let mut start = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(256 << 10).read_to_end(&mut start))
        .with_context(|| format!("cannot look at {shown}"))?;
    let text = String::from_utf8_lossy(&start);
    let ours = matches!(text.trim(), "" | "[]")
        || BEGINS.iter().any(|mark| text.starts_with(mark))
        || HOLDS.iter().any(|mark| text.contains(mark));
    if ours {
        return Ok(());
    }
    bail!("{shown} exists and is no report of Gleaner: use --force to overwrite it")
}

/// Whether an error is that stdout was closed by whoever reads it.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Whether stdout is a terminal.
pub(super) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// The command line's wish wins over the environment, the environment over the terminal.
#[expect(
    clippy::disallowed_methods,
    reason = "colours follow the conventions of the user's terminal"
)]
pub(super) fn use_color(wish: &str) -> bool {
    let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    match wish {
        "always" => true,
        "never" => false,
        _ if set("NO_COLOR") => false,
        _ if set("FORCE_COLOR") || set("CLICOLOR_FORCE") => true,
        _ => is_terminal() && std::env::var("TERM").is_ok_and(|term| term != "dumb"),
    }
}

/// Columns for the terminal report: at most 100, and 80 where there is no terminal.
pub(super) fn width() -> usize {
    if !is_terminal() {
        return 80;
    }
    let columns = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0));
    columns.clamp(40, 100)
}

/// A bar on stderr for work that takes over half a second, where stderr is a terminal.
pub(super) struct Progress {
    bar: Option<OnceLock<ProgressBar>>,
    start: Instant,
}

const PATIENCE: Duration = Duration::from_millis(500);

impl Progress {
    #[expect(
        clippy::disallowed_methods,
        reason = "only the progress bar looks at a clock, and no report sees it"
    )]
    pub(super) fn new(wanted: bool) -> Progress {
        let bar = (wanted && std::io::stderr().is_terminal()).then(OnceLock::new);
        Progress {
            bar,
            start: Instant::now(),
        }
    }

    /// Bytes read, of those known to be wanted.
    pub(super) fn show(&self, done: u64, total: u64) {
        let Some(bar) = &self.bar else { return };
        if bar.get().is_none() && self.start.elapsed() < PATIENCE {
            return;
        }
        let bar = bar.get_or_init(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("read {bar:30} {bytes} of {total_bytes}");
            if let Ok(style) = style {
                bar.set_style(style);
            }
            bar
        });
        bar.set_length(total);
        bar.set_position(done);
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = self.bar.as_ref().and_then(OnceLock::get) {
            bar.finish_and_clear();
        }
    }
}
