//! From a record's bytes to a row: CSV fields by the header, JSON values by their keys.

use std::borrow::Cow;

use crate::post::Field;

use super::csv_fields::CsvFields;
use super::row::Source;
use super::{Cell, Columns, InputFormat, Position, Record, Row, RowFault, UnknownKeys, json};

/// Takes records apart. Each worker has its own, since the buffers are used again: a row is done
/// with before the next one is read, and a plain row allocates nothing.
#[derive(Debug)]
pub struct RowReader<'m> {
    format: InputFormat,
    columns: &'m Columns,
    fields: CsvFields,
    unknown: UnknownKeys,
}

impl<'m> RowReader<'m> {
    pub(super) fn new(format: InputFormat, columns: &'m Columns) -> RowReader<'m> {
        RowReader {
            format,
            columns,
            fields: CsvFields::new(columns.count()),
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
            InputFormat::Csv => self.csv_row(record, bytes),
            InputFormat::Jsonl => self.json_row(record.at, bytes, record.text()),
        }
    }

    /// The keys met so far that are no fields. CSV names its columns once, in the header.
    pub fn into_unknown_keys(self) -> UnknownKeys {
        self.unknown
    }

    fn csv_row<'r>(&'r mut self, record: Record<'r>, bytes: &'r [u8]) -> Result<Row<'r>, RowFault> {
        let read = self.fields.split(bytes, record.is_quoted(), record.text());
        let (expected, found) = (self.columns.count(), read.count());
        if expected != found {
            return Err(RowFault::FieldCount { expected, found });
        }
        Ok(Row {
            at: record.at,
            source: Source::Csv(read),
            columns: self.columns,
        })
    }

    fn json_row<'r>(
        &'r mut self,
        at: Position,
        record: &'r [u8],
        text: Option<&'r str>,
    ) -> Result<Row<'r>, RowFault> {
        let line = record.split_last().map_or(record, |(_, line)| line);
        let text = match text.and_then(|text| text.get(..line.len())) {
            Some(text) => text,
            None => std::str::from_utf8(line).map_err(|error| RowFault::NotUtf8 {
                column: error.valid_up_to() + 1,
            })?,
        };
        let mut cells = [Cell::Absent; Field::ALL.len()];
        let mut repeated = None;
        json::each_pair(text, |key, value| {
            let Some(field) = Field::from_name(&key) else {
                self.unknown.add(&key);
                return;
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
        .map_err(json_fault)?;
        match repeated {
            Some(fault) => Err(fault),
            None => Ok(Row {
                at,
                source: Source::Json(Box::new(cells)),
                columns: self.columns,
            }),
        }
    }
}

/// The fault of a line that is no JSON object.
fn json_fault(error: serde_json::Error) -> RowFault {
    if error.is_data() {
        return RowFault::NotAnObject;
    }
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default();
    RowFault::InvalidJson {
        column: error.column(),
        reason: reason.to_owned(),
    }
}
