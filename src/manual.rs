//! `cns completions` and `cns man`: what a shell and a manual know, made from the command line itself.

use std::{fs, path::Path};

use clap::CommandFactory;

use crate::{
    args::Arguments,
    failure::{Code, Failure},
    terminal,
};

/// Prints the script for a shell.
pub fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "cns", &mut script);
    terminal::print(&String::from_utf8_lossy(&script));
    Ok(())
}

/// Writes a page for each command into the folder.
pub fn pages(folder: &Path) -> Result<(), Failure> {
    let written = fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder));
    written.map_err(|error| {
        Failure::new(Code::Usage, format!("cannot write to {}: {error}", folder.display()))
    })?;
    terminal::print(&format!("The manual is in {}.", folder.display()));
    Ok(())
}
