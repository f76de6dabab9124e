//! The cells of JSON rows, by their keys and paths.

use std::borrow::Cow;

use encoding_rs::Encoding;

use crate::manifest::column_names::ColumnMeaning;
use crate::manifest::left_over::LeftOver;
use crate::manifest::mapping::{BoundMapping, JsonCellsFault};
use crate::manifest::quotes::without_end;
use crate::manifest::record_parser::{KnownColumns, ParsedRow, RecordParser};
use crate::manifest::row::RowCells;
use crate::manifest::source_cells::SourceCells;
use crate::manifest::{Cell, Columns, Position, RowFault, UnknownKeys, json};
use crate::post::Field;

use super::fault::json_fault;

/// Takes lines of JSON apart.
#[derive(Debug)]
pub(in crate::manifest) struct JsonLines;

impl RecordParser for JsonLines {
    fn row<'r>(
        &'r mut self,
        at: Position,
        bytes: &'r [u8],
        known: KnownColumns<'r>,
        unknown: &mut UnknownKeys,
    ) -> Result<ParsedRow<'r>, RowFault> {
        let text = text_of(without_end(bytes), known.encoding)?;
        let mut cells = [Cell::Absent; Field::ALL.len()];
        let (mut repeated, mut loses_value) = (None, false);
        json::each_pair(text, |key, value| {
            let field = match known.names.meaning(&key) {
                ColumnMeaning::Field(field) => field,
                ColumnMeaning::Ignored => return unknown.add_named(&key),
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
        .map_err(|error| json_fault(text, error))?;
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
        bytes: &'r [u8],
        _: &Columns,
        mapping: &'r BoundMapping,
        cells: &mut Vec<Cell<'r>>,
        left_over: &mut dyn FnMut(LeftOver<'_>),
    ) -> Result<SourceCells<'r>, RowFault> {
        let text = text_of(without_end(bytes), encoding_rs::UTF_8)?;
        let show = |key: &str, value: &'r str| left_over(LeftOver::Key(key, value));
        let read = mapping.json_cells(text, cells, show);
        read.map_err(|fault| match fault {
            JsonCellsFault::Json(error) => json_fault(text, error),
            JsonCellsFault::Repeated { first, second } => RowFault::RepeatedField { first, second },
        })?;
        Ok(SourceCells::Json(text))
    }
}

fn text_of<'r>(bytes: &'r [u8], encoding: &'static Encoding) -> Result<&'r str, RowFault> {
    str::from_utf8(bytes).map_err(|_| RowFault::undecodable(bytes, encoding))
}
