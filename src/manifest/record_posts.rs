//! The posts of one record, as a mapping makes them.

use encoding_rs::Encoding;

use crate::post::ContentHash;

use super::left_over::LeftOver;
use super::mapping::{Applied, BoundMapping, Carry, PartBuffer};
use super::record_parser::RecordParser;
use super::row::RowCells;
use super::{Columns, Record, Row, RowFault};

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
    encoding: &'static Encoding,
    /// What stands above the next record.
    pub carry: Carry,
    buffer: PartBuffer,
}

impl<'m> RecordMapper<'m> {
    pub fn new(
        mapping: &'m BoundMapping,
        columns: &'m Columns,
        encoding: &'static Encoding,
    ) -> RecordMapper<'m> {
        RecordMapper {
            mapping,
            columns,
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
        parser: &mut dyn RecordParser,
        left_over: impl FnMut(LeftOver<'_>) -> bool,
        take: impl FnMut(&Row<'_>),
    ) -> Result<RecordPosts, RowFault> {
        let made = self.make(record, parser, left_over, take);
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
        parser: &mut dyn RecordParser,
        mut left_over: impl FnMut(LeftOver<'_>) -> bool,
        mut take: impl FnMut(&Row<'_>),
    ) -> Result<RecordPosts, RowFault> {
        let (mapping, columns, encoding) = (self.mapping, self.columns, self.encoding);
        let mut cells = Vec::with_capacity(mapping.sources().len());
        let mut loses_value = false;
        let mut show = |left: LeftOver<'_>| loses_value |= left_over(left);
        let bytes = record.bytes(columns)?;
        let source = parser.cells(record.at, bytes, columns, mapping, &mut cells, &mut show)?;
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
