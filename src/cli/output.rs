//! Where answers go: stdout for what was asked, stderr for everything else, files by way of a temporary one.

use anyhow::Context;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
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

/// Writes a line to stderr. If that cannot be written either, nobody is left to tell.
pub(super) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes a file so that it is there whole or not at all.
pub(super) fn write_file(path: &Path, content: &str) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path
        .file_name()
        .context("the output is no file name")?
        .to_string_lossy()
        .into_owned();
    let temporary = folder.join(format!(".{name}.partial"));
    let written = std::fs::write(&temporary, content).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Every report of ours names us, with or without a capital.
const OUR_NAME: &[u8] = b"leaner";

/// Whether a file may be written: it is not there, is empty, is no plain file (such as /dev/stdout), or is a report of ours.
#[expect(
    clippy::disallowed_methods,
    reason = "an output file is looked at before it is replaced"
)]
pub(super) fn may_replace(path: &Path) -> bool {
    let Ok(metadata) = std::fs::metadata(path) else {
        return true;
    };
    if !metadata.is_file() {
        return !metadata.is_dir();
    }
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(64 << 10).read_to_end(&mut start));
    read.is_ok() && (start.is_empty() || start.windows(OUR_NAME.len()).any(|window| window == OUR_NAME))
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
