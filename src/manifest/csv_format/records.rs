//! The cells of CSV records, by the columns of the header.

use crate::manifest::left_over::LeftOver;
use crate::manifest::mapping::{BoundMapping, Source};
use crate::manifest::record_parser::{KnownColumns, ParsedRow, RecordParser};
use crate::manifest::row::RowCells;
use crate::manifest::source_cells::SourceCells;
use crate::manifest::{Cell, Columns, Position, RowFault, UnknownKeys};

use super::fields::{CsvFields, Fields};

/// Takes CSV records apart.
#[derive(Debug)]
pub(in crate::manifest) struct CsvRecords(CsvFields);

impl CsvRecords {
    /// For records with these columns.
    pub fn new(columns: &Columns) -> CsvRecords {
        CsvRecords(CsvFields::new(columns.count(), columns.delimiter()))
    }

    fn split(&mut self, bytes: &[u8], columns: &Columns) -> Result<Fields<'_>, RowFault> {
        let read = self.0.split(bytes);
        let (expected, found) = (columns.count(), read.count());
        match expected == found {
            true => Ok(read),
            false => Err(RowFault::FieldCount { expected, found }),
        }
    }
}

impl RecordParser for CsvRecords {
    fn row<'r>(
        &'r mut self,
        at: Position,
        bytes: &'r [u8],
        known: KnownColumns<'r>,
        unknown: &mut UnknownKeys,
    ) -> Result<ParsedRow<'r>, RowFault> {
        let read = self.split(bytes, known.columns)?;
        let mut loses_value = false;
        for (place, name) in known.columns.watched() {
            loses_value |= LeftOver::Cell(*place, name, read.field(*place)).see(unknown, at);
        }
        Ok(ParsedRow {
            cells: RowCells::Csv(read),
            source: SourceCells::Csv(read),
            loses_value,
        })
    }

    fn cells<'r>(
        &'r mut self,
        _: Position,
        bytes: &'r [u8],
        columns: &Columns,
        mapping: &'r BoundMapping,
        cells: &mut Vec<Cell<'r>>,
        left_over: &mut dyn FnMut(LeftOver<'_>),
    ) -> Result<SourceCells<'r>, RowFault> {
        let read = self.split(bytes, columns)?;
        cells.extend(mapping.sources().map(|source| match source {
            Source::Column(column) => read.cell(*column),
            Source::Path(_) | Source::FieldKey(_) => Cell::Absent,
        }));
        for (place, name) in columns.watched() {
            left_over(LeftOver::Cell(*place, name, read.field(*place)));
        }
        Ok(SourceCells::Csv(read))
    }
}
