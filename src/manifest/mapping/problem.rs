//! What a mapping finds wrong with a row.

use std::fmt;

use crate::post::Field;

use super::cells::NoText;
use super::nearest::{listed, perhaps};

/// Something that is wrong with a row, or was left out of it with a warning. Whoever tells it knows
/// the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingProblem {
    /// The field concerned, if there is one.
    pub field: Option<Field>,
    /// The name of the column concerned; empty where it is none.
    pub column: String,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A value that the table `values` doesn't have.
    NotInValues {
        /// The value, cut.
        value: String,
        /// The values of the table that are most like it.
        near: Vec<String>,
    },
    /// A value of which no text can be made.
    NoText {
        /// What it is.
        found: &'static str,
    },
    /// No column of `[[records]]` names a record.
    NoRecord {
        /// Those columns.
        columns: Vec<String>,
    },
    /// A record is named twice.
    RecordTwice {
        /// Its type and old ID.
        record: String,
    },
    /// An `external_id` that ends as names of parts do.
    HoldsEnding {
        /// The ID, cut.
        id: String,
        /// That ending, cut.
        ending: String,
    },
    /// An empty cell that has the value above it, and the record that may have it can't be read.
    NothingAbove,
}

/// Letters of a value that are told.
const TOLD: usize = 100;

/// A value for a message, cut.
pub(super) fn cut(value: &str) -> String {
    value.chars().take(TOLD).collect()
}

impl ProblemKind {
    pub(super) fn no_text(reason: NoText) -> ProblemKind {
        let found = match reason {
            NoText::NotUtf8 => "bytes that are no UTF-8",
            NoText::List => "a list",
            NoText::Object => "an object",
            NoText::BrokenString => "half of a character",
        };
        ProblemKind::NoText { found }
    }

    /// The value concerned, if it is known.
    pub fn value(&self) -> &str {
        match self {
            ProblemKind::NotInValues { value, .. } => value,
            ProblemKind::RecordTwice { record } => record,
            ProblemKind::HoldsEnding { id, .. } => id,
            ProblemKind::NoText { .. }
            | ProblemKind::NoRecord { .. }
            | ProblemKind::NothingAbove => "",
        }
    }

    /// What would be right.
    pub fn advice(&self) -> String {
        match self {
            ProblemKind::NotInValues { near, .. } => format!(
                "add it to `values`, or say what becomes of such values: missing = \"skip\", \"warn\" or \
                 a value{}",
                perhaps(near)
            ),
            ProblemKind::NoText { .. } => "the mapping needs a text or a number here".to_owned(),
            ProblemKind::NoRecord { columns } => format!(
                "give at least one ID in {}, or leave such rows out: [[skip]]",
                listed(columns)
            ),
            ProblemKind::RecordTwice { .. } => "name each record once".to_owned(),
            ProblemKind::HoldsEnding { .. } => {
                "make `external_id` of another column or a template; the posts of a row are told \
                 apart by such endings"
                    .to_owned()
            }
            ProblemKind::NothingAbove => {
                "mend the record above, or write the value into this row".to_owned()
            }
        }
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProblemKind::NotInValues { value, .. } => {
                write!(out, "`values` doesn't have `{}`", value.escape_debug())
            }
            ProblemKind::NoText { found } => write!(out, "this is {found}"),
            ProblemKind::NoRecord { .. } => out.write_str("the row names no record"),
            ProblemKind::RecordTwice { record } => {
                write!(out, "the row names {} twice", record.escape_debug())
            }
            ProblemKind::HoldsEnding { id, ending } => write!(
                out,
                "`{}` ends in `{}`, as the names of its posts do",
                id.escape_debug(),
                ending.escape_debug()
            ),
            ProblemKind::NothingAbove => {
                out.write_str("the cell is empty, and the record above it can't be read")
            }
        }
    }
}
