//! `gleaner man`: manual pages, made from the definition of the command line.

use super::exit::Exit;
use super::print::print;
use super::{Cli, settings};
use anyhow::Context;
use clap::CommandFactory;
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "Examples:
  gleaner man > gleaner.1
  gleaner man --out /usr/local/share/man/man1")]
pub(super) struct Args {
    /// Write the pages of all commands into this folder, which is created if its parent exists.
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Exit> {
    let command = settings::with_variables(Cli::command());
    match &args.out {
        Some(folder) => {
            let created = if folder.is_dir() {
                Ok(())
            } else {
                std::fs::create_dir(folder)
            };
            let written = created.and_then(|()| clap_mangen::generate_to(command, folder));
            written.with_context(|| format!("cannot write manual pages to {}", folder.display()))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            print(&String::from_utf8(page)?)?;
        }
    }
    Ok(Exit::Success)
}
