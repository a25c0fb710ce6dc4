//! `gleaner completions`: made from the definition of the command line, so they cannot drift.

use super::exit::Exit;
use super::print::print;
use super::{Cli, settings};
use clap::CommandFactory;
use clap_complete::Shell;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  gleaner completions bash > ~/.local/share/bash-completion/completions/gleaner
  gleaner completions zsh > ~/.zfunc/_gleaner
  gleaner completions fish > ~/.config/fish/completions/gleaner.fish")]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    let mut command = settings::with_variables(Cli::command());
    clap_complete::generate(args.shell, &mut command, "gleaner", &mut script);
    print(&String::from_utf8(script)?)?;
    Ok(Exit::Success)
}
