//! One record taken apart: which cell belongs to which field.

use crate::post::{Field, FieldSet};

use super::csv_fields::Fields;
use super::{Columns, OddQuote};

/// Where a row stands in the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Data record, from 1; the header and blank lines don't count.
    pub number: u64,
    /// Physical line on which the record starts, from 1.
    pub line: u64,
}

/// A field's value as the manifest has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell<'a> {
    /// The manifest has no such column, or the row no such key.
    #[default]
    Absent,
    /// A CSV cell, unquoted; any bytes, possibly none.
    Csv(&'a [u8]),
    /// The same, of a record that is UTF-8 and holds no control characters but tabs and line ends.
    Text(&'a str),
    /// A value of a JSON object.
    Json {
        /// The key as the row spells it.
        key: &'a str,
        /// The value in JSON.
        value: &'a str,
    },
}

impl Cell<'_> {
    /// Whether nothing is written there. What holds blanks alone is not empty.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        matches!(
            self,
            Cell::Absent | Cell::Csv([]) | Cell::Text("") | Cell::Json { value: "null", .. }
        )
    }
}

/// A record of the manifest; borrows from the chunk and from the reader that made it.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    pub at: Position,
    pub(super) source: Source<'a>,
    pub(super) columns: &'a Columns,
    pub(super) loses_value: bool,
}

/// Where a row's cells are.
#[derive(Clone, Debug)]
pub(super) enum Source<'a> {
    /// In their columns.
    Csv(Fields<'a>),
    /// Each field's.
    Json(Box<[Cell<'a>; Field::ALL.len()]>),
}

impl<'a> Row<'a> {
    /// Whether it says something in a column that is nearly a field's, and so would not be posted.
    pub fn loses_value(&self) -> bool {
        self.loses_value
    }

    /// The fields that the row may have a cell for.
    pub fn given(&self) -> FieldSet {
        match &self.source {
            Source::Json(_) => FieldSet::ALL,
            Source::Csv(_) => self.columns.given(),
        }
    }

    /// The field's cell.
    #[inline(always)]
    pub fn cell(&self, field: Field) -> Cell<'a> {
        match &self.source {
            Source::Json(cells) => cells[field as usize],
            Source::Csv(fields) => match self.columns.place(field) {
                Some(place) => fields.cell(place),
                None => Cell::Absent,
            },
        }
    }

    /// The name under which this manifest or row has the field, else the field's own name.
    pub fn column(&self, field: Field) -> &'a str {
        match self.cell(field) {
            Cell::Json { key, .. } => key,
            Cell::Absent | Cell::Csv(_) | Cell::Text(_) => self.columns.name(field),
        }
    }
}

/// Why a record can't be taken apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    #[error("the record is longer than {limit} bytes")]
    TooLong {
        /// Bytes.
        limit: u64,
    },
    #[error("the quote opened on line {line} is never closed")]
    UnclosedQuote {
        line: u64,
        /// The last line of the file.
        last_line: u64,
    },
    #[error("{0}")]
    OddQuote(Box<OddQuote>),
    #[error("the quoted text holds line {line}, which looks like a row of its own")]
    TakesRows { line: u64 },
    #[error("a quote on line {line} ends a text that no quote has begun")]
    NeverOpened { line: u64 },
    #[error("the quotes of the row on line {line} may have taken this line into its text")]
    Swallowed { line: u64 },
    /// The same, and the record's quotes leave in doubt where it ends.
    #[error("{fault}")]
    Doubtful {
        fault: Box<RowFault>,
        /// The last line that may belong to it.
        last_line: u64,
    },
    #[error("{found} fields where the header has {expected}")]
    FieldCount { expected: usize, found: usize },
    #[error("invalid JSON at column {column}: {reason}")]
    InvalidJson {
        /// Byte within the line, from 1.
        column: usize,
        /// What is wrong there and what to do.
        reason: String,
    },
    #[error("the line is valid JSON but no object")]
    NotAnObject,
    #[error("the line is a part of a JSON array")]
    ArrayPart,
    #[error("`{first}` and `{second}` both give the field `{field}`", field = .field.name())]
    RepeatedField {
        field: Field,
        first: String,
        second: String,
    },
    #[error("the line is not UTF-8 at column {column}")]
    NotUtf8 {
        /// Byte within the line, from 1.
        column: usize,
    },
}
