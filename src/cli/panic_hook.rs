//! The message of a panic: where the bug is and how to report it, without a byte of the bundle.

use super::print::eprint_safe;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{Location, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};

/// Replaces the message of panics. The message of a panic itself may quote a bundle (a slice index does), so it is never shown.
pub(super) fn install() {
    let printed = AtomicBool::new(false);
    std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        // One bug may stop many threads; one message is enough.
        if !printed.swap(true, Ordering::Relaxed) {
            let trace = Backtrace::capture();
            let trace = (trace.status() == BacktraceStatus::Captured).then(|| trace.to_string());
            eprint_safe(&message(info.location(), trace.as_deref()));
        }
    }));
}

fn message(location: Option<&Location<'_>>, trace: Option<&str>) -> String {
    let place = location.map_or_else(
        || "an unknown place".to_owned(),
        |at| format!("{}:{}:{}", at.file(), at.line(), at.column()),
    );
    let mut text = format!(
        "gleaner {} stopped because of a bug in it, at {place} ({} {}).\n\
         Please report these lines at {}/issues; nothing of the bundle is in them.",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        env!("CARGO_PKG_REPOSITORY"),
    );
    match trace {
        Some(trace) => {
            text.push('\n');
            text.push_str(trace);
        }
        None => text.push_str("\nset RUST_BACKTRACE=1 for a backtrace."),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_the_place_and_where_to_report_it() {
        let text = message(Some(Location::caller()), None);
        assert!(text.contains(file!()), "{text}");
        assert!(
            text.contains("/issues") && text.contains(env!("CARGO_PKG_VERSION")),
            "{text}"
        );
    }
}
