//! One record taken apart: which cell belongs to which field.

use encoding_rs::Encoding;

use crate::post::Field;

use super::csv_fields::Fields;
use super::{Cell, Columns, Position, Undecodable};

/// A record of the manifest; borrows from the chunk and from the reader that made it.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    pub at: Position,
    pub(super) cells: RowCells<'a>,
    pub(super) columns: &'a Columns,
    pub(super) encoding: &'static Encoding,
    pub(super) loses_value: bool,
}

/// Where a row's cells are.
#[derive(Clone, Debug)]
pub(super) enum RowCells<'a> {
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

    /// The first byte of a cell that the file's encoding doesn't have.
    pub fn undecodable(&self, cell: &[u8]) -> Option<Undecodable> {
        Undecodable::find(cell, self.encoding)
    }

    /// Whether this row's manifest has a place for the field.
    pub fn may_have(&self, field: Field) -> bool {
        matches!(self.cells, RowCells::Json(_)) || self.columns.place(field).is_some()
    }

    /// The field's cell.
    #[inline(always)]
    pub fn cell(&self, field: Field) -> Cell<'a> {
        match &self.cells {
            RowCells::Json(cells) => cells[field as usize],
            RowCells::Csv(fields) => match self.columns.place(field) {
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
