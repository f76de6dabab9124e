//! The posts of one record, as a mapping makes them.

use encoding_rs::Encoding;

use crate::post::ContentHash;

use super::csv_fields::CsvFields;
use super::json_fault::json_fault;
use super::mapping::{Applied, BoundMapping, Carry, JsonCellsFault, PartBuffer, Source};
use super::quotes::without_end;
use super::row::RowCells;
use super::source_cells::SourceCells;
use super::{Cell, Columns, InputFormat, Record, Row, RowFault};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordPosts {
    /// It is one post or more.
    Posts,
    /// The mapping leaves it out knowingly. The hash is [`Row::source_hash`] of its posts.
    Skipped { source: Option<ContentHash> },
    /// The mapping finds nothing to post in it.
    Empty { source: Option<ContentHash> },
}

/// What a mapping needs to make posts of records, one after the other.
#[derive(Debug)]
pub(super) struct RecordMapper<'m> {
    pub mapping: &'m BoundMapping,
    pub columns: &'m Columns,
    pub format: InputFormat,
    encoding: &'static Encoding,
    /// What stands above the next record.
    pub carry: Carry,
    buffer: PartBuffer,
}

impl<'m> RecordMapper<'m> {
    pub fn new(
        mapping: &'m BoundMapping,
        columns: &'m Columns,
        format: InputFormat,
        encoding: &'static Encoding,
    ) -> RecordMapper<'m> {
        RecordMapper {
            mapping,
            columns,
            format,
            encoding,
            carry: mapping.carry(),
            buffer: PartBuffer::default(),
        }
    }

    /// Makes the posts of a record and hands each over. `left_over` is shown what is in columns and
    /// keys that have no use, and tells whether that was probably meant for a field.
    pub fn each(
        &mut self,
        record: Record<'_>,
        fields: &mut CsvFields,
        left_over: impl FnMut(LeftOver<'_>) -> bool,
        take: impl FnMut(&Row<'_>),
    ) -> Result<RecordPosts, RowFault> {
        let made = self.make(record, fields, left_over, take);
        if made.is_err() {
            self.carry.skip_unreadable();
        }
        made.map_err(|fault| match record.bytes(self.columns) {
            Ok(line) if matches!(fault, RowFault::NotUtf8 { .. }) => {
                RowFault::undecodable(line, self.encoding)
            }
            _ => fault,
        })
    }

    fn make(
        &mut self,
        record: Record<'_>,
        fields: &mut CsvFields,
        mut left_over: impl FnMut(LeftOver<'_>) -> bool,
        mut take: impl FnMut(&Row<'_>),
    ) -> Result<RecordPosts, RowFault> {
        let (mapping, columns, encoding) = (self.mapping, self.columns, self.encoding);
        let mut cells = Vec::with_capacity(mapping.sources().len());
        let mut loses_value = false;
        let mut show = |left: LeftOver<'_>| loses_value |= left_over(left);
        let layout = (columns, self.format);
        let source = cells_of(mapping, layout, record, fields, &mut cells, &mut show)?;
        self.buffer.set_unknown_above(self.carry.fill(&mut cells));
        match mapping.apply(&cells, &mut self.buffer) {
            Applied::Skipped => Ok(RecordPosts::Skipped {
                source: source.hash(columns),
            }),
            Applied::Empty => Ok(RecordPosts::Empty {
                source: source.hash(columns),
            }),
            Applied::Parts(parts) => {
                for part in parts.iter() {
                    take(&Row {
                        at: record.at,
                        cells: RowCells::Mapped(part),
                        source,
                        columns,
                        encoding,
                        loses_value,
                    });
                }
                Ok(RecordPosts::Posts)
            }
        }
    }
}

/// Something in a column or under a key that has no use.
#[derive(Clone, Copy, Debug)]
pub(super) enum LeftOver<'a> {
    /// The cell of a column, by its number from 0, with its name.
    Cell(usize, &'a str, &'a [u8]),
    Key(&'a str, &'a str),
}

/// Finds the cells of a record in the order of the mapping's sources, and shows those of no use.
pub(super) fn cells_of<'c>(
    mapping: &'c BoundMapping,
    (columns, format): (&Columns, InputFormat),
    record: Record<'c>,
    fields: &'c mut CsvFields,
    cells: &mut Vec<Cell<'c>>,
    left_over: &mut dyn FnMut(LeftOver<'_>),
) -> Result<SourceCells<'c>, RowFault> {
    let bytes = record.bytes(columns)?;
    match format {
        InputFormat::Csv => {
            let read = fields.split(bytes);
            let (expected, found) = (columns.count(), read.count());
            if expected != found {
                return Err(RowFault::FieldCount { expected, found });
            }
            cells.extend(mapping.sources().map(|source| match source {
                Source::Column(column) => read.cell(*column),
                Source::Path(_) | Source::FieldKey(_) => Cell::Absent,
            }));
            for (place, name) in columns.watched() {
                left_over(LeftOver::Cell(*place, name, read.field(*place)));
            }
            Ok(SourceCells::Csv(read))
        }
        InputFormat::Jsonl => {
            let text =
                std::str::from_utf8(without_end(bytes)).map_err(|error| RowFault::NotUtf8 {
                    column: error.valid_up_to() + 1,
                })?;
            let show = |key: &str, value: &'c str| left_over(LeftOver::Key(key, value));
            let read = mapping.json_cells(text, cells, show);
            read.map_err(|fault| match fault {
                JsonCellsFault::Json(error) => json_fault(text, error),
                JsonCellsFault::Repeated { first, second } => {
                    RowFault::RepeatedField { first, second }
                }
            })?;
            Ok(SourceCells::Json(text))
        }
    }
}
