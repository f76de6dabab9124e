//! A record's own text for a copy of some records, as each format writes it.

use std::fmt;

use super::reject_text::RejectValues;
use super::{Columns, Record};

/// What stands around the records of a copy. All lines are given without their ends.
#[derive(Clone, Debug)]
pub(super) struct CopyFrame {
    /// The lines before the header, or before the first record where there is none.
    pub before: Vec<Vec<u8>>,
    /// The header as it is written.
    pub header: Option<Vec<u8>>,
    /// What stands behind each record but the last, before its line ends.
    pub between: &'static str,
    /// What stands behind the last record, before its line ends: no line of a list is a whole object
    /// then, by which it would be taken for JSON lines.
    pub after: Vec<u8>,
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
    /// A header with the columns of a rejects file.
    fn header(&self, text: &[u8], columns: &Columns) -> Vec<u8>;

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
