//! Everything the user sees: the result on stdout, all else on stderr.
//!
//! What is printed is made by pure functions from plain data, one file a kind, with its colours in
//! it. It goes out by a [`Printer`], which breaks its lines to the width of the terminal and takes
//! the colours out where they are not wanted. Two things have a way of their own: the bar of
//! [`Display`], which draws itself, and the table of problems, which is written as they are found.
//! A closed pipe is no error.

mod authors;
mod check_summary;
mod display;
pub mod doubts;
mod failure;
mod findings;
mod lookup;
mod missing;
mod next;
mod notices;
mod printer;
pub mod problems;
mod progress;
mod rejects;
mod screen;
mod status;
mod style;
mod summary;
mod terminal;
mod words;
mod wrap;

pub use check_summary::CheckSummary;
pub use display::Display;
pub use doubts::ResolveReport;
pub use failure::{Failure, Stopped};
pub use findings::findings_text;
pub use lookup::{LookupResult, lookup_text};
pub use missing::missing_text;
pub use next::{Commands, quoted as shell_word};
pub use printer::{Color, Format, Printer, ResultError, stdout_width, unless_closed};
pub use rejects::{rejects_note, rejects_warnings};
pub use screen::screen;
pub use status::{StatusReport, status_text};
pub use summary::{ImportResult, summary_text};
pub use terminal::{Asking, Terminal, unrecorded_text};
