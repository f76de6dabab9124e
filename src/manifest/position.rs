//! Where a record stands in the manifest, as people and spreadsheets count.

/// Where a row stands in the manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Data record, from 1; the header and blank lines don't count.
    pub number: u64,
    /// Physical line on which the record starts, from 1.
    pub line: u64,
}
