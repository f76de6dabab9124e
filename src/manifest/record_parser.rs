//! From a record's bytes to its cells, as each format does it.

use std::fmt;

use encoding_rs::Encoding;

use super::column_names::ColumnNames;
use super::left_over::LeftOver;
use super::mapping::BoundMapping;
use super::row::RowCells;
use super::source_cells::SourceCells;
use super::{Cell, Columns, Position, RowFault, UnknownKeys};

/// What is known of a manifest's columns and text.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownColumns<'m> {
    pub columns: &'m Columns,
    pub names: &'m ColumnNames,
    pub encoding: &'static Encoding,
}

/// A record that is one post, taken apart.
#[derive(Debug)]
pub(super) struct ParsedRow<'r> {
    pub cells: RowCells<'r>,
    pub source: SourceCells<'r>,
    pub loses_value: bool,
}

/// Takes the records of a format apart, in memory that is used again. Their bytes come with the one
/// byte that ends them.
pub(super) trait RecordParser: fmt::Debug + Send {
    /// Finds the fields of a record by the names of its columns or keys, and takes note of those that
    /// are none.
    fn row<'r>(
        &'r mut self,
        at: Position,
        bytes: &'r [u8],
        known: KnownColumns<'r>,
        unknown: &mut UnknownKeys,
    ) -> Result<ParsedRow<'r>, RowFault>;

    /// Finds the cells of a record in the order of the mapping's sources, and shows those of no use.
    fn cells<'r>(
        &'r mut self,
        at: Position,
        bytes: &'r [u8],
        columns: &Columns,
        mapping: &'r BoundMapping,
        cells: &mut Vec<Cell<'r>>,
        left_over: &mut dyn FnMut(LeftOver<'_>),
    ) -> Result<SourceCells<'r>, RowFault>;
}
