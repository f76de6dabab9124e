//! What is wrong with a map file, where, and what would be right.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A map file that can't be used.
#[derive(Debug)]
pub struct MapsError {
    /// The file.
    pub path: PathBuf,
    /// The physical line, where one is to blame.
    pub line: Option<u64>,
    /// What is wrong.
    pub fault: MapsFault,
}

/// What is wrong with a map file.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say what each one is")]
pub enum MapsFault {
    #[error("cannot read this map: {0}")]
    Unreadable(#[source] io::Error),
    #[error("cannot write this map: {0}")]
    Unwritable(#[source] io::Error),
    #[error("this map is empty; its first line names the columns {}", .columns.join(", "))]
    Empty { columns: &'static [&'static str] },
    #[error(
        "no column is named `{column}`; a map of {kind} has the columns {}, this file has {}",
        .columns.join(", "), .header.join(", ")
    )]
    NoColumn {
        kind: &'static str,
        column: &'static str,
        columns: &'static [&'static str],
        /// Its first columns.
        header: Vec<String>,
    },
    #[error("column {column}: this is not UTF-8; save the file as UTF-8")]
    NotUtf8 { column: String },
    #[error("column {column}: this cell is empty; give {expected} or remove the line")]
    EmptyCell {
        column: &'static str,
        expected: &'static str,
    },
    #[error(
        "column id: `{text}` is no ID of Bitrix24; give a positive whole number such as 512, or \
         leave the cell empty", text = .text.escape_debug()
    )]
    BadId { text: String },
    #[error(
        "column type: `{text}` is no type of CRM record; give lead, deal, contact, company, quote, \
         order, smart_invoice or dynamic_N", text = .text.escape_debug()
    )]
    BadType { text: String },
    #[error(
        "column {column}: `{old}` has the ID {id} here and {earlier} on an earlier line; keep the \
         right one", old = .old.escape_debug()
    )]
    TwoIds {
        column: &'static str,
        old: String,
        id: u64,
        earlier: u64,
    },
}

impl MapsError {
    /// The file as a whole is to blame.
    pub(super) fn of_file(path: &Path, fault: MapsFault) -> MapsError {
        let path = path.to_owned();
        let line = None;
        MapsError { path, line, fault }
    }
}

impl std::error::Error for MapsError {}

impl fmt::Display for MapsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.path.display())?;
        match self.line {
            Some(line) => write!(out, ":{line}: {}", self.fault),
            None => write!(out, ": {}", self.fault),
        }
    }
}
