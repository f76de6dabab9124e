//! The one way out to the terminal.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Text for people
    #[default]
    Human,
    /// One JSON object, or JSON lines
    Json,
}

/// Why a result could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ResultError {
    #[error(
        "the result could not be written to stdout: {0}; free some space or send it elsewhere, and \
         run the same command again"
    )]
    Stdout(#[from] io::Error),
    #[error("the result could not be put into JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes results to stdout and everything else to stderr. A reader that has gone away is ignored.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    pub format: Format,
    pub quiet: bool,
}

impl Printer {
    /// A result, as a line or more on stdout.
    ///
    /// # Errors
    /// When it can't be written, unless its reader has gone away.
    pub fn result(&self, text: &str) -> Result<(), ResultError> {
        let mut stdout = io::stdout().lock();
        let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
        Ok(unless_closed(written)?)
    }

    /// A result as one line of JSON on stdout.
    ///
    /// # Errors
    /// As [`Printer::result`].
    pub fn json(&self, value: &impl Serialize) -> Result<(), ResultError> {
        self.result(&serde_json::to_string(value)?)
    }

    /// That a part of the input is left out; never left out itself.
    pub fn warning(&self, text: &str) {
        write_to(&mut io::stderr().lock(), &format!("warning: {text}"));
    }

    /// Something worth knowing; left out with `--quiet`.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            write_to(&mut io::stderr().lock(), text);
        }
    }

    /// Something that went wrong; never left out.
    pub fn error(&self, text: &str) {
        write_to(&mut io::stderr().lock(), text);
    }

    /// Whether somebody is there to be asked.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a yes-or-no question on stderr; anything but yes is no.
    pub fn ask(&self, question: &str) -> bool {
        let mut stderr = io::stderr().lock();
        let asked = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
        let mut answer = String::new();
        asked
            .and_then(|()| io::stdin().read_line(&mut answer))
            .is_ok()
            && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
    }
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
