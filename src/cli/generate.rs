//! `gleaner completions` and `gleaner man`: made from the definition of the command line, so they cannot drift.

use super::{Cli, output};
use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "Examples:
  gleaner completions bash > ~/.local/share/bash-completion/completions/gleaner
  gleaner completions zsh > ~/.zfunc/_gleaner
  gleaner completions fish > ~/.config/fish/completions/gleaner.fish")]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

#[derive(Args)]
#[command(after_help = "Examples:
  gleaner man > gleaner.1
  gleaner man --out /usr/local/share/man/man1")]
pub(super) struct Man {
    /// Write the pages of all commands into this folder.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn completions(args: &Completions) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "gleaner", &mut script);
    output::answer(&String::from_utf8(script)?)?;
    Ok(super::DONE)
}

pub(super) fn man(args: &Man) -> anyhow::Result<u8> {
    match &args.out {
        Some(folder) => {
            let made = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
            made.with_context(|| format!("cannot write manual pages to {}", folder.display()))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            output::answer(&String::from_utf8(page)?)?;
        }
    }
    Ok(super::DONE)
}
