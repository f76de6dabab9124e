//! Where a post stands in the manifest, as people and spreadsheets count.

/// Where a post stands in the manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Which of the manifest's posts it is, from 1, in the order in which they are read.
    pub number: u64,
    /// The data record in which it stands, from 1; the header and blank lines don't count. Where a
    /// mapping makes several posts of a record, or none, it is not the post's number.
    pub row: u64,
    /// Physical line on which the record starts, from 1.
    pub line: u64,
}

impl Position {
    /// Of a record that is one post, as every one is without a mapping.
    pub fn of_record(row: u64, line: u64) -> Position {
        Position {
            number: row,
            row,
            line,
        }
    }
}
