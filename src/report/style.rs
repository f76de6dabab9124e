//! Colours and weights of what is shown. They are written into every text; the printer takes them
//! out where there is no terminal or the user wants none.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// What went wrong: the word `error`, the code of a problem, rows that were not posted.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();

/// What deserves a look: the word `warning`, rows in doubt.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Rows that arrived.
pub const GOOD: Style = AnsiColor::Green.on_default();

/// The one line to read if only one is read.
pub const STRONG: Style = Style::new().bold();

/// Names of lines in a table.
pub const LABEL: Style = Style::new().dimmed();

/// A command that can be pasted into a shell. It is never broken over two lines.
pub const COMMAND: Style = AnsiColor::Cyan.on_default();

/// A text in a style.
pub fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// The style of a count of rows, by the name that the count has in a report.
pub fn of_rows(name: &str) -> Style {
    match name {
        "posted" | "posted now" | "posted before" => GOOD,
        "failed" | "invalid" => ERROR,
        "in doubt" | "in_doubt" => WARNING,
        _ => Style::new(),
    }
}

/// The text as it is without a terminal, for tests that compare it.
#[cfg(test)]
pub fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
