//! One post of a record: which cell belongs to which field.

use std::borrow::Cow;

use encoding_rs::Encoding;

use crate::post::{ContentHash, Field};

use super::csv_format::Fields;
use super::mapping::{MapKind, Missing, Part, ValueRules};
use super::reject_columns::RejectColumn;
use super::source_cells::SourceCells;
use super::{Cell, Columns, Position, Undecodable};

/// A post of the manifest; borrows from the chunk and from the reader that made it.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    pub at: Position,
    pub(super) cells: RowCells<'a>,
    pub(super) source: SourceCells<'a>,
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
    /// Where the mapping has put them.
    Mapped(Part<'a>),
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
        match &self.cells {
            RowCells::Json(_) => true,
            RowCells::Csv(_) => self.columns.place(field).is_some(),
            RowCells::Mapped(part) => part.may_have(field),
        }
    }

    /// The field's cell, as it is written: before maps, and before times are read.
    #[inline(always)]
    pub fn cell(&self, field: Field) -> Cell<'a> {
        match &self.cells {
            RowCells::Json(cells) => cells[field as usize],
            RowCells::Csv(fields) => match self.columns.place(field) {
                Some(place) => fields.cell(place),
                None => Cell::Absent,
            },
            RowCells::Mapped(part) => part.cell(field),
        }
    }

    /// The name under which this manifest or row has the field, else the field's own name.
    pub fn column(&self, field: Field) -> &'a str {
        if let RowCells::Mapped(part) = &self.cells {
            return part.column(field);
        }
        match self.cell(field) {
            Cell::Json { key, .. } => key,
            Cell::Absent | Cell::Csv(_) | Cell::Text(_) => self.columns.name(field),
        }
    }

    /// What tells the post from the others of its record, such as `/Note 2@deal:101`; empty where a
    /// record is one post.
    pub fn part(&self) -> &'a str {
        self.mapped().map_or("", Part::ending)
    }

    /// The post as a mapping has made it, where there is a mapping.
    pub fn mapped(&self) -> Option<Part<'a>> {
        match &self.cells {
            RowCells::Mapped(part) => Some(*part),
            RowCells::Csv(_) | RowCells::Json(_) => None,
        }
    }

    /// What a mapping says of a field's values.
    pub fn rules(&self, field: Field) -> Option<&'a ValueRules> {
        self.mapped()?.rules(field)
    }

    /// What becomes of a field's value that a map of that kind doesn't have; none if the value is
    /// not looked up in one.
    pub fn looks_up(&self, field: Field, kind: MapKind) -> Option<&'a Missing> {
        match self.mapped() {
            Some(part) => part.looks_up(field, kind),
            None => Some(&Missing::Problem),
        }
    }

    /// What the row has in a column of rejects files, if anything.
    pub fn reject_cell(&self, column: RejectColumn) -> Option<Cow<'a, str>> {
        self.source.reject_cell(self.columns.rejects(), column)
    }

    /// The hash of the whole record by the names of its columns, whatever a mapping makes of it.
    pub fn source_hash(&self) -> Option<ContentHash> {
        self.source.hash(self.columns)
    }
}
