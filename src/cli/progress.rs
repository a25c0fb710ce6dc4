//! What stderr says while a bundle is analysed: lines for `--verbose`, and a progress bar.

use super::print::eprint_safe;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Prints what is done, as far as `--verbose` asks for it.
pub(super) struct Verbosity {
    level: u8,
    start: Instant,
}

impl Verbosity {
    /// `level` is how often `--verbose` was given.
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a phase took is printed on stderr, and no report sees it"
    )]
    pub(super) fn new(level: u8) -> Verbosity {
        Verbosity {
            level,
            start: Instant::now(),
        }
    }

    /// A phase that has finished, with `-v`.
    pub(super) fn phase(&self, name: &str, text: &str) {
        self.line(1, name, text);
    }

    /// A detail, with `-vv`.
    pub(super) fn detail(&self, name: &str, text: &str) {
        self.line(2, name, text);
    }

    fn line(&self, level: u8, name: &str, text: &str) {
        if self.level >= level {
            let seconds = self.start.elapsed().as_secs_f64();
            // One line each: a newline in a name of the bundle must not start what looks like a message of ours.
            let text = text.replace('\n', "\\n");
            eprint_safe(&format!("{seconds:7.2} s  {name:<8}  {text}"));
        }
    }
}

/// A bar on stderr for work that takes over half a second, where stderr is a terminal.
pub(super) struct Progress {
    bar: Option<OnceLock<ProgressBar>>,
    start: Instant,
}

const DELAY: Duration = Duration::from_millis(500);

impl Progress {
    #[expect(
        clippy::disallowed_methods,
        reason = "only the progress bar looks at a clock, and no report sees it"
    )]
    pub(super) fn new(enabled: bool) -> Progress {
        let bar = (enabled && std::io::stderr().is_terminal()).then(OnceLock::new);
        Progress {
            bar,
            start: Instant::now(),
        }
    }

    /// Shows how many bytes have been read, of those known so far.
    pub(super) fn show(&self, done: u64, total: u64) {
        let Some(bar) = &self.bar else { return };
        if bar.get().is_none() && self.start.elapsed() < DELAY {
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

    /// Removes the bar.
    pub(super) fn finish(&self) {
        if let Some(bar) = self.bar.as_ref().and_then(OnceLock::get) {
            bar.finish_and_clear();
        }
    }
}
