//! The `gleaner` binary: parse arguments, run, exit code.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
