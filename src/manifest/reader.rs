//! From a record's bytes to a row.

use super::left_over::LeftOver;
use super::mapping::{BoundMapping, Carry};
use super::record_parser::{KnownColumns, RecordParser};
use super::record_posts::RecordMapper;
use super::{Record, RecordPosts, Row, RowFault, UnknownKeys};

/// Takes records apart. Each worker has its own, since the buffers are used again: a row is done
/// with before the next one is read, and a plain row allocates nothing.
#[derive(Debug)]
pub struct RowReader<'m> {
    known: KnownColumns<'m>,
    parser: Box<dyn RecordParser>,
    unknown: UnknownKeys,
    /// Makes the posts of a record, where there is a mapping.
    mapper: Option<RecordMapper<'m>>,
}

impl<'m> RowReader<'m> {
    pub(super) fn new(
        parser: Box<dyn RecordParser>,
        known: KnownColumns<'m>,
        mapping: Option<&'m BoundMapping>,
    ) -> RowReader<'m> {
        let KnownColumns {
            columns, encoding, ..
        } = known;
        RowReader {
            known,
            parser,
            unknown: UnknownKeys::default(),
            mapper: mapping.map(|mapping| RecordMapper::new(mapping, columns, encoding)),
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
        let left_over = |left: LeftOver<'_>| left.see(unknown, record.at);
        mapper.each(record, self.parser.as_mut(), left_over, take)
    }

    /// Takes a record apart that is one post, as each is without a mapping.
    ///
    /// # Errors
    /// When nothing can be said about the record's cells.
    pub fn row<'r>(&'r mut self, record: Record<'r>) -> Result<Row<'r>, RowFault> {
        let known = self.known;
        let bytes = record.bytes(known.columns)?;
        let parsed = self
            .parser
            .row(record.at, bytes, known, &mut self.unknown)?;
        Ok(Row {
            at: record.at,
            cells: parsed.cells,
            source: parsed.source,
            columns: known.columns,
            encoding: known.encoding,
            loses_value: parsed.loses_value,
        })
    }

    /// The keys met so far that are no fields. CSV names its columns once, in the header; only
    /// those that are nearly a field's or have no name are met here, where they hold something.
    pub fn into_unknown_keys(self) -> UnknownKeys {
        self.unknown
    }
}
