//! What this process can assume of the terminal: width, colours, and that a reader may go away.

use std::io::{IsTerminal, Write};

/// Columns of text when there is no terminal to ask.
const WIDTH_WITHOUT_TERMINAL: usize = 100;
/// Narrower, and tables are no longer readable; wider, and paragraphs are not.
const WIDTH_RANGE: (usize, usize) = (60, 140);

/// How wide text and tables may be.
pub fn width() -> usize {
    let asked = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    // Shells and recorders say it by a variable where the terminal does not know.
    let said = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
    asked.or_else(said).unwrap_or(WIDTH_WITHOUT_TERMINAL).clamp(WIDTH_RANGE.0, WIDTH_RANGE.1)
}

/// Whether standard output may be coloured.
pub fn colours() -> bool {
    std::io::stdout().is_terminal() && allowed()
}

/// Whether standard error may be coloured.
pub fn error_colours() -> bool {
    std::io::stderr().is_terminal() && allowed()
}

/// <https://no-color.org>: any value that is not empty.
fn allowed() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// How this binary is called from the shell: by name where that finds it, otherwise by its path.
pub fn program() -> String {
    let Ok(own) = std::env::current_exe() else { return "cns".into() };
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders)
        .map(|folder| folder.join("cns"))
        .find(|path| path.is_file());
    if found.and_then(|path| path.canonicalize().ok()) == own.canonicalize().ok() {
        return "cns".into();
    }
    own.display().to_string()
}

/// Bold on a terminal.
pub fn strong(text: &str) -> String {
    if colours() { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// Prints text as it is to standard output, with one line end. When the reader has gone (`| head`), the
/// rest is nobody's loss; any other failure is told.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{end}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            tell(&format!("cns: cannot write to standard output: {error}"));
        }
        Ok(()) | Err(_) => {}
    }
}

/// Prints a line to standard error. When that is closed there is nobody left to tell, so it is no failure.
pub fn tell(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Makes control characters of text that others wrote visible, so that a document cannot steer the terminal.
pub fn harmless(text: &str) -> String {
    let keep = |c: char| c == '\n' || !c.is_control();
    text.chars().map(|c| if keep(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}
