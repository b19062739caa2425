//! Tells on standard error how far a long command is: a bar on a terminal, a plain line now and then
//! otherwise.

use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::terminal::tell;

/// Without a terminal, a line at most this often.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// How far a command is.
pub struct Progress {
    bar: Option<ProgressBar>,
    what: String,
    done: u64,
    total: Option<u64>,
    told: Instant,
}

impl Progress {
    /// Begins to count `what` ("coffee: sent").
    pub fn start(what: String, total: Option<u64>) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| bar(&what, total));
        Progress { bar, what, done: 0, total, told: Instant::now() }
    }

    /// One more is done; `name` is the one.
    pub fn step(&mut self, name: &str) {
        self.done += 1;
        if let Some(bar) = &self.bar {
            bar.inc(1);
            bar.set_message(name.to_owned());
        } else if self.told.elapsed() >= LINE_EVERY {
            self.told = Instant::now();
            tell(&self.line());
        }
    }

    /// Something that the user should know, said once.
    pub fn note(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| tell(text)),
            None => tell(text),
        }
    }

    /// Ends; without a terminal with a last line, so that a log says how it ended.
    pub fn finish(self) {
        if self.bar.is_none() {
            tell(&self.line());
        }
    }

    fn line(&self) -> String {
        match self.total {
            Some(total) => format!("{} {} of {total}", self.what, self.done),
            None => format!("{} {}", self.what, self.done),
        }
    }
}

/// Also when a failure ends it, the bar does not stay on the screen.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(what: &str, total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "{prefix} {bar:30} {pos}/{len}  {wide_msg}"),
        None => (ProgressBar::new_spinner(), "{prefix} {spinner} {pos}  {wide_msg}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
