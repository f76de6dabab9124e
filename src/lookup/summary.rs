//! What came of a lookup, in numbers.

use serde::Serialize;

/// How many of the values and rows have a counterpart on the portal. The names are those of the
/// JSON result.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LookupSummary {
    /// The map.
    pub output: String,
    /// Distinct values of the manifest.
    pub total: u64,
    /// Those that have an ID, by this run or before.
    pub found: u64,
    /// Those of them that had one before.
    pub kept: u64,
    /// Those without one that have candidates.
    pub ambiguous: u64,
    /// Those that nothing on the portal is like.
    pub not_found: u64,
    /// Those that are still to be asked for, because the lookup was stopped.
    pub pending: u64,
    /// Rows with a value.
    pub rows: u64,
    /// Those whose value has an ID.
    pub rows_found: u64,
    /// Rows with a record's ID and no type.
    pub untyped: u64,
    /// Rows that can't be read.
    pub unreadable: u64,
    /// Types of records that the portal doesn't show, with what it said.
    pub refused: Vec<String>,
    /// Requests sent.
    pub requests: u64,
    /// Seconds.
    pub elapsed_s: f64,
}
