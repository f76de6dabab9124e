//! From a record's bytes to a row: CSV fields by the header, JSON values by their keys.

use std::borrow::Cow;

use encoding_rs::Encoding;

use crate::post::Field;

use super::column_names::{ColumnMeaning, ColumnNames};
use super::csv_fields::CsvFields;
use super::json_fault::json_fault;
use super::mapping::{BoundMapping, Carry};
use super::quotes::without_end;
use super::record_posts::{LeftOver, RecordMapper};
use super::reject_columns::RejectColumn;
use super::row::RowCells;
use super::source_cells::SourceCells;
use super::{
    Cell, Columns, InputFormat, Position, Record, RecordPosts, Row, RowFault, UnknownKeys, json,
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
    /// Makes the posts of a record, where there is a mapping.
    mapper: Option<RecordMapper<'m>>,
}

impl<'m> RowReader<'m> {
    pub(super) fn new(
        format: InputFormat,
        encoding: &'static Encoding,
        columns: &'m Columns,
        names: &'m ColumnNames,
        mapping: Option<&'m BoundMapping>,
    ) -> RowReader<'m> {
        RowReader {
            format,
            encoding,
            columns,
            names,
            fields: CsvFields::new(columns.count(), columns.delimiter()),
            unknown: UnknownKeys::default(),
            mapper: mapping.map(|mapping| RecordMapper::new(mapping, columns, format, encoding)),
        }
    }

    /// What stands above the next record: as it was at the beginning of its chunk, or as a reader has
    /// left it that has read up to there.
    pub fn set_carry(&mut self, carry: &Carry) {
        if let Some(mapper) = self
            .mapper
            .as_mut()
            .filter(|mapper| !mapper.carry.is_idle())
        {
            mapper.carry.clone_from(carry);
        }
    }

    /// Whether a mapping makes the posts of each record.
    pub fn is_mapped(&self) -> bool {
        self.mapper.is_some()
    }

    /// What stands above the next record.
    pub fn into_carry(self) -> Carry {
        self.mapper.map(|mapper| mapper.carry).unwrap_or_default()
    }

    /// Takes a record apart and hands each of its posts over: one, unless a mapping makes several
    /// of it, or none.
    ///
    /// # Errors
    /// When nothing can be said about the record's cells.
    #[inline]
    pub fn each_row(
        &mut self,
        record: Record<'_>,
        mut take: impl FnMut(&Row<'_>),
    ) -> Result<RecordPosts, RowFault> {
        let Some(mapper) = &mut self.mapper else {
            take(&self.row(record)?);
            return Ok(RecordPosts::Posts);
        };
        let unknown = &mut self.unknown;
        let left_over = |left: LeftOver<'_>| match left {
            LeftOver::Cell(place, name, cell) => see_cell(unknown, record.at, (place, name), cell),
            LeftOver::Key(key, value) => unknown.see(key, record.at, said(value)),
        };
        mapper.each(record, &mut self.fields, left_over, take)
    }

    /// Takes a record apart that is one post, as each is without a mapping.
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
            loses_value |= see_cell(&mut self.unknown, at, (*place, name), read.field(*place));
        }
        Ok(Row {
            at,
            cells: RowCells::Csv(read),
            source: SourceCells::Csv(read),
            encoding: self.encoding,
            columns: self.columns,
            loses_value,
        })
    }

    fn json_row<'r>(&'r mut self, at: Position, record: &'r [u8]) -> Result<Row<'r>, RowFault> {
        let line = std::str::from_utf8(without_end(record));
        let text = line.map_err(|_| RowFault::undecodable(record, self.encoding))?;
        let mut cells = [Cell::Absent; Field::ALL.len()];
        let (mut repeated, mut loses_value) = (None, false);
        json::each_pair(text, |key, value| {
            let field = match self.names.meaning(&key) {
                ColumnMeaning::Field(field) => field,
                ColumnMeaning::Ignored => return self.unknown.add_named(&key),
                ColumnMeaning::Unknown if RejectColumn::of_name(&key).is_some() => return,
                ColumnMeaning::Unknown => {
                    loses_value |= self.unknown.see(&key, at, said(value));
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
            None => Ok(Row {
                at,
                cells: RowCells::Json(Box::new(cells)),
                source: SourceCells::Json(text),
                encoding: self.encoding,
                columns: self.columns,
                loses_value,
            }),
        }
    }
}

/// Takes note of a cell of a column that is no field; tells whether what it says was probably meant
/// for one.
fn see_cell(
    unknown: &mut UnknownKeys,
    at: Position,
    (place, name): (usize, &str),
    cell: &[u8],
) -> bool {
    match text_of(cell) {
        None => false,
        Some(_) if name.is_empty() => {
            unknown.add_unnamed(place + 1);
            false
        }
        value => unknown.see(name, at, value),
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
