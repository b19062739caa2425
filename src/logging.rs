//! Diagnostics on standard error: text for people on a terminal, JSON lines otherwise.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::{
    settings::{Log, LogFormat},
    terminal,
};

/// Starts writing diagnostics. Called once, before anything that may have something to say.
pub fn start(log: &Log) {
    // Settings have checked the filter; a fault here would be one of ours, and silence the worst answer.
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let text = match log.format {
        LogFormat::Text => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let started = if text {
        builder.with_ansi(terminal::error_colours()).compact().try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
    if let Err(error) = started {
        crate::terminal::tell(&format!("diagnostics are off: {error}"));
    }
}
