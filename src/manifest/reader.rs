//! From a record's bytes to a row: CSV fields by the header, JSON values by their keys.

use std::borrow::Cow;
use std::str::Utf8Error;

use encoding_rs::{Encoding, UTF_8};

use crate::post::Field;

use super::column_names::{ColumnMeaning, ColumnNames};
use super::csv_fields::CsvFields;
use super::json_fault::json_fault;
use super::quotes::without_end;
use super::row::RowCells;
use super::{
    Cell, Columns, InputFormat, Position, Record, Row, RowFault, Undecodable, UnknownKeys, json,
};

/// Takes records apart. Each worker has its own, since the buffers are used again: a row is done
/// with before the next one is read, and a plain row allocates nothing.
#[derive(Debug)]
pub struct RowReader<'m> {
    format: InputFormat,
    encoding: &'static Encoding,
    columns: &'m Columns,
    names: &'m ColumnNames,
    fields: CsvFields,
    unknown: UnknownKeys,
}

impl<'m> RowReader<'m> {
    pub(super) fn new(
        format: InputFormat,
        encoding: &'static Encoding,
        columns: &'m Columns,
        names: &'m ColumnNames,
    ) -> RowReader<'m> {
        RowReader {
            format,
            encoding,
            columns,
            names,
            fields: CsvFields::new(columns.count(), columns.delimiter()),
            unknown: UnknownKeys::default(),
        }
    }

    /// Takes a record apart.
    ///
    /// # Errors
    /// When nothing can be said about the record's cells.
    pub fn row<'r>(&'r mut self, record: Record<'r>) -> Result<Row<'r>, RowFault> {
        let bytes = record.bytes(self.columns)?;
        match self.format {
            InputFormat::Csv => self.csv_row(record.at, bytes),
            InputFormat::Jsonl => self.json_row(record.at, bytes),
        }
    }

    /// The keys met so far that are no fields. CSV names its columns once, in the header; only
    /// those that are nearly a field's or have no name are met here, where they hold something.
    pub fn into_unknown_keys(self) -> UnknownKeys {
        self.unknown
    }

    fn csv_row<'r>(&'r mut self, at: Position, record: &[u8]) -> Result<Row<'r>, RowFault> {
        let read = self.fields.split(record);
        let (expected, found) = (self.columns.count(), read.count());
        if expected != found {
            return Err(RowFault::FieldCount { expected, found });
        }
        let mut loses_value = false;
        for (place, name) in self.columns.watched() {
            match text_of(read.field(*place)) {
                None => {}
                Some(_) if name.is_empty() => self.unknown.add_unnamed(place + 1),
                value => loses_value |= self.unknown.see(name, at, value),
            }
        }
        Ok(Row {
            at,
            cells: RowCells::Csv(read),
            encoding: self.encoding,
            columns: self.columns,
            loses_value,
        })
    }

    fn json_row<'r>(&'r mut self, at: Position, record: &'r [u8]) -> Result<Row<'r>, RowFault> {
        let line = std::str::from_utf8(without_end(record));
        let text = line.map_err(|error| not_utf8(record, self.encoding, error))?;
        let mut cells = [Cell::Absent; Field::ALL.len()];
        let (mut repeated, mut loses_value) = (None, false);
        json::each_pair(text, |key, value| {
            let field = match self.names.meaning(&key, 1) {
                ColumnMeaning::Field(field) => field,
                ColumnMeaning::Ignored => return self.unknown.add_named(&key),
                ColumnMeaning::Unknown => {
                    loses_value |= self.unknown.see(&key, at, said(value));
                    return;
                }
            };
            let cell = &mut cells[field as usize];
            if let Cell::Json { key: first, .. } = cell {
                repeated.get_or_insert_with(|| RowFault::RepeatedField {
                    field,
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
            None => Ok(Row {
                at,
                cells: RowCells::Json(Box::new(cells)),
                encoding: self.encoding,
                columns: self.columns,
                loses_value,
            }),
        }
    }
}

fn not_utf8(line: &[u8], encoding: &'static Encoding, error: Utf8Error) -> RowFault {
    let found = (encoding != UTF_8).then(|| Undecodable::find(line, encoding));
    match found.flatten() {
        Some(found) => RowFault::Undecodable(Box::new(found)),
        None => RowFault::NotUtf8 {
            column: error.valid_up_to() + 1,
        },
    }
}

/// What a CSV cell says, if it is not blank.
fn text_of(cell: &[u8]) -> Option<Cow<'_, str>> {
    let text = String::from_utf8_lossy(cell);
    (!text.trim().is_empty()).then_some(text)
}

/// A JSON value that says something: no `null`, no blank text and nothing empty.
fn said(value: &str) -> Option<Cow<'_, str>> {
    let is_edge = |letter: char| letter.is_whitespace() || "\"[]{}".contains(letter);
    let says_nothing = value == "null" || value.chars().all(is_edge);
    (!says_nothing).then_some(Cow::Borrowed(value))
}
