//! A record's own text for a copy of some records, as each format writes it.

use std::fmt;

use super::reject_text::RejectValues;
use super::{Columns, Record};

/// What stands around the records of a copy. All lines are given without their ends.
#[derive(Clone, Debug)]
pub(super) struct CopyFrame {
    /// The lines before the first record, such as a header.
    pub before: Vec<Vec<u8>>,
    /// What stands behind each record but the last, before its line ends.
    pub between: &'static str,
    /// The line behind the last record, if there is one.
    pub after: Option<Vec<u8>>,
    pub line_end: &'static str,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It stands there with its columns.
    Whole,
    /// It stands there alone: it is a row of JSON that is no object.
    Alone,
    /// It can't stand with others: its quotes are broken, it is too long, or the value that its empty
    /// cells mean is not known.
    Not { first_line: u64, last_line: u64 },
}

/// Makes copies of the records of a format.
pub(super) trait RecordCopier: fmt::Debug {
    /// Whether the records that are not copied have to be passed over one by one.
    fn needs_all(&self) -> bool;

    /// Passes over a record that is not copied.
    fn pass(&mut self, record: Record<'_>, columns: &Columns);

    /// The text of a record with these values; none if it can't be copied.
    fn copy(
        &mut self,
        record: Record<'_>,
        columns: &Columns,
        values: RejectValues<'_>,
    ) -> Option<(Vec<u8>, Copied)>;
}
