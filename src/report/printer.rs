//! How results go to stdout, and everything else to stderr.

use std::io::{self, IsTerminal, Write};

use anstream::ColorChoice;
use serde::Serialize;
use terminal_size::{Height, Width, terminal_size_of};

use super::style::{ERROR, WARNING, styled};
use super::wrap::wrapped;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Text for people
    #[default]
    Human,
    /// One JSON object, or JSON lines
    Json,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Everywhere, also in a file
    Always,
    /// Nowhere
    Never,
}

impl Color {
    /// Makes all output of the process keep to it.
    pub fn apply(self) {
        match self {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
        .write_global();
    }
}

/// Why a result could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ResultError {
    /// Nowhere to write it, or no room.
    #[error(
        "the result could not be written to stdout: {0}; free some space or send it elsewhere, and \
         run the same command again"
    )]
    Stdout(#[from] io::Error),
    /// A defect of this program.
    #[error("the result could not be put into JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes results to stdout and everything else to stderr: on a terminal in colour and in lines
/// that fit it, elsewhere as it is. A reader that has gone away is ignored.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// For people or for programs.
    pub format: Format,
    /// Whether notes and progress are left out.
    pub quiet: bool,
}

impl Printer {
    /// A result, as a line or more on stdout.
    ///
    /// # Errors
    /// When it can't be written, unless its reader has gone away.
    pub fn result(&self, text: &str) -> Result<(), ResultError> {
        let text = fitting(text, stdout_width());
        let mut stdout = anstream::stdout().lock();
        let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
        Ok(unless_closed(written)?)
    }

    /// A result on stdout that is a file's content: as it is, neither broken nor coloured.
    ///
    /// # Errors
    /// As [`Printer::result`].
    pub fn file(&self, content: &str) -> Result<(), ResultError> {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(content.as_bytes());
        Ok(unless_closed(written.and_then(|()| stdout.flush()))?)
    }

    /// A result as one line of JSON on stdout.
    ///
    /// # Errors
    /// As [`Printer::result`].
    pub fn json(&self, value: &impl Serialize) -> Result<(), ResultError> {
        let json = serde_json::to_string(value)?;
        let mut stdout = io::stdout().lock();
        let written = writeln!(stdout, "{json}").and_then(|()| stdout.flush());
        Ok(unless_closed(written)?)
    }

    /// Something that went wrong.
    pub fn error(&self, message: &str) {
        self.always(&format!("error: {message}"));
    }

    /// That a part of the input is left out.
    pub fn warning(&self, text: &str) {
        self.always(&format!("warning: {text}"));
    }

    /// Something worth knowing; left out with `--quiet`.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.always(text);
        }
    }

    /// Something that is never left out.
    pub fn always(&self, text: &str) {
        let text = fitting(&marked(text), stderr_width());
        write_to(&mut anstream::stderr().lock(), &text);
    }

    /// Lines that are copied or fed to another command, so they are neither broken nor coloured.
    pub fn verbatim(&self, text: &str) {
        write_to(&mut io::stderr().lock(), text);
    }

    /// Whether somebody is there to be asked.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a yes-or-no question on stderr; anything but yes is no.
    pub fn ask(&self, question: &str) -> bool {
        let question = fitting(&format!("{question} [y/N]"), stderr_width());
        let mut stderr = io::stderr().lock();
        let asked = write!(stderr, "{question} ").and_then(|()| stderr.flush());
        let mut answer = String::new();
        asked
            .and_then(|()| io::stdin().read_line(&mut answer))
            .is_ok()
            && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    }
}

/// The width of the terminal that stdout is; none where it is no terminal.
pub fn stdout_width() -> Option<usize> {
    cells(terminal_size_of(io::stdout()))
}

/// The width of the terminal that stderr is; none where it is no terminal.
pub fn stderr_width() -> Option<usize> {
    cells(terminal_size_of(io::stderr()))
}

fn cells(size: Option<(Width, Height)>) -> Option<usize> {
    size.map(|(Width(cells), _)| usize::from(cells))
}

fn fitting(text: &str, width: Option<usize>) -> String {
    width.map_or_else(|| text.to_owned(), |width| wrapped(text, width))
}

/// The text with the word in colour that says how bad it is.
fn marked(text: &str) -> String {
    for (word, style) in [("error:", ERROR), ("warning:", WARNING)] {
        if let Some(rest) = text.strip_prefix(word) {
            return format!("{}{rest}", styled(style, word));
        }
    }
    text.to_owned()
}

/// A reader that has gone away, as `head` does, wants no more and is no failure.
///
/// # Errors
/// Every other failure to write.
pub fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A failure to write is not reported: there is nowhere left to say it.
fn write_to(out: &mut impl Write, text: &str) {
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    drop(written);
}
