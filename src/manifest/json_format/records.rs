//! The cells of JSON rows, by their keys and paths.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

use crate::manifest::column_names::ColumnMeaning;
use crate::manifest::left_over::LeftOver;
use crate::manifest::mapping::{BoundMapping, JsonCellsFault};
use crate::manifest::quotes::without_end;
use crate::manifest::record_parser::{KnownColumns, ParsedRow, RecordParser};
use crate::manifest::reject_columns::RejectColumn;
use crate::manifest::row::RowCells;
use crate::manifest::source_cells::SourceCells;
use crate::manifest::{Cell, Columns, Position, RowFault, UnknownKeys, json};
use crate::post::Field;

use super::fault::{json_fault, value_fault};

/// Takes rows of JSON apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum JsonRecords {
    /// Each on a line of its own, which is followed by a line end.
    Lines,
    /// Each a value, wherever it stands.
    Values,
}

impl JsonRecords {
    /// The text of a row.
    pub fn text(self, bytes: &[u8]) -> &[u8] {
        match self {
            JsonRecords::Lines => without_end(bytes),
            JsonRecords::Values => bytes,
        }
    }

    fn utf8<'r>(self, bytes: &'r [u8], encoding: &'static Encoding) -> Result<&'r str, RowFault> {
        let bytes = self.text(bytes);
        match (self, bytes.first()) {
            (JsonRecords::Values, first) if first != Some(&b'{') => Err(RowFault::ValueNotAnObject),
            _ => str::from_utf8(bytes).map_err(|_| RowFault::undecodable(bytes, encoding)),
        }
    }

    fn fault(self, at: Position, text: &str, error: serde_json::Error) -> RowFault {
        match self {
            JsonRecords::Lines => json_fault(text, error),
            JsonRecords::Values => value_fault(at.line, text, &error),
        }
    }
}

impl RecordParser for JsonRecords {
    fn row<'r>(
        &'r mut self,
        at: Position,
        bytes: &'r [u8],
        known: KnownColumns<'r>,
        unknown: &mut UnknownKeys,
    ) -> Result<ParsedRow<'r>, RowFault> {
        let text = self.utf8(bytes, known.encoding)?;
        let mut cells = [Cell::Absent; Field::ALL.len()];
        let (mut repeated, mut loses_value) = (None, false);
        json::each_pair(text, |key, value| {
            let field = match known.names.meaning(&key) {
                ColumnMeaning::Field(field) => field,
                ColumnMeaning::Ignored => return unknown.add_named(&key),
                ColumnMeaning::Unknown if RejectColumn::of_name(&key).is_some() => return,
                ColumnMeaning::Unknown => {
                    loses_value |= LeftOver::Key(&key, value).see(unknown, at);
                    return;
                }
            };
            let cell = &mut cells[field as usize];
            if let Cell::Json { key: first, .. } = cell {
                repeated.get_or_insert_with(|| RowFault::RepeatedField {
                    first: (*first).to_owned(),
                    second: key.to_string(),
                });
            }
            let key = match key {
                Cow::Borrowed(key) => key,
                Cow::Owned(_) => field.name(),
            };
            *cell = Cell::Json { key, value };
        })
        .map_err(|error| self.fault(at, text, error))?;
        match repeated {
            Some(fault) => Err(fault),
            None => Ok(ParsedRow {
                cells: RowCells::Json(Box::new(cells)),
                source: SourceCells::Json(text),
                loses_value,
            }),
        }
    }

    fn cells<'r>(
        &'r mut self,
        at: Position,
        bytes: &'r [u8],
        _: &Columns,
        mapping: &'r BoundMapping,
        cells: &mut Vec<Cell<'r>>,
        left_over: &mut dyn FnMut(LeftOver<'_>),
    ) -> Result<SourceCells<'r>, RowFault> {
        let text = self.utf8(bytes, UTF_8)?;
        let show = |key: &str, value: &'r str| left_over(LeftOver::Key(key, value));
        let read = mapping.json_cells(text, cells, show);
        read.map_err(|fault| match fault {
            JsonCellsFault::Json(error) => self.fault(at, text, error),
            JsonCellsFault::Repeated { first, second } => RowFault::RepeatedField { first, second },
        })?;
        Ok(SourceCells::Json(text))
    }
}
