//! Some thousand records in one buffer.
//!
//! A chunk is filled by a [`Pass`](super::Pass) straight from the file and used again for later
//! records. Its records stay where they were read, each with the byte that ended its line.

use std::ops::Range;

use crate::post::ContentHash;

use super::mapping::Carry;
use super::quotes::{Quotes, without_end};
use super::{Columns, Position, RowFault};

/// How much a chunk takes before it is full; one record fits always.
#[derive(Clone, Copy, Debug)]
pub struct ChunkLimits {
    pub records: usize,
    /// Bytes of the file in a chunk.
    pub bytes: usize,
    /// Bytes asked of the file at once.
    pub read: usize,
}

impl Default for ChunkLimits {
    /// Enough rows to pay for handing them to a worker, and few enough to stay in its cache.
    fn default() -> ChunkLimits {
        ChunkLimits {
            records: 4096,
            bytes: 128 << 10,
            read: 128 << 10,
        }
    }
}

/// A run of records, read together.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Room for what is read; only the first `filled` bytes count.
    bytes: Vec<u8>,
    filled: usize,
    spans: Vec<Span>,
    /// Number of the first record, from 1.
    first: u64,
    /// What stands above the first record, where a mapping fills cells down.
    pub(super) carry: Carry,
}

#[derive(Debug)]
pub(super) struct Span {
    /// The record with the byte that ended its line.
    pub bytes: Range<usize>,
    /// The line on which it starts, and the one on which it ends.
    pub line: u64,
    pub last_line: u64,
    pub quotes: Quotes,
    /// Why it could not be taken in whole, or must not be relied on.
    pub fault: Option<Box<RowFault>>,
}

/// A record of a chunk, not yet taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Record<'c> {
    pub at: Position,
    bytes: &'c [u8],
    quotes: Quotes,
    fault: Option<&'c RowFault>,
}

/// Room beyond this is given back before a chunk is used again.
const KEPT: usize = 2 << 20;

impl Chunk {
    /// How many records the chunk holds.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The memory that its records take, in bytes.
    pub fn room(&self) -> usize {
        self.bytes.len() + self.spans.len() * size_of::<Span>()
    }

    /// The records in the order of the manifest.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = Record<'_>> {
        let records = self.spans.iter().enumerate();
        records.map(|(place, span)| Record {
            at: Position::of_record(self.first + place as u64, span.line),
            bytes: &self.bytes[span.bytes.clone()],
            quotes: span.quotes,
            fault: span.fault.as_deref(),
        })
    }

    /// A record, from 0.
    pub(super) fn record(&self, place: usize) -> Option<Record<'_>> {
        let (span, bytes) = self.span(place)?;
        Some(Record {
            at: Position::of_record(self.first + place as u64, span.line),
            bytes,
            quotes: span.quotes,
            fault: span.fault.as_deref(),
        })
    }

    /// The first and the last line of a record, from 0.
    pub(super) fn lines(&self, place: usize) -> Option<(u64, u64)> {
        let (span, _) = self.span(place)?;
        Some((span.line, span.last_line))
    }

    /// What stands above the first record, where a mapping fills cells down.
    pub fn carry(&self) -> &Carry {
        &self.carry
    }

    /// Forgets all records. The next one has that number, and `rest` was read of it and of what
    /// follows it.
    pub(super) fn restart(&mut self, first: u64, rest: &[u8]) {
        if self.bytes.len() > KEPT {
            self.bytes = Vec::new();
        }
        self.spans.clear();
        self.first = first;
        self.filled = 0;
        self.space(rest.len()).copy_from_slice(rest);
        self.filled = rest.len();
    }

    pub(super) fn filled(&self) -> usize {
        self.filled
    }

    /// What was read, from that byte on.
    pub(super) fn read_from(&self, start: usize) -> &[u8] {
        &self.bytes[start..self.filled]
    }

    /// Place for that many more bytes.
    pub(super) fn space(&mut self, length: usize) -> &mut [u8] {
        let end = self.filled + length;
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        &mut self.bytes[self.filled..end]
    }

    /// That many bytes of the space were read.
    pub(super) fn fill(&mut self, length: usize) {
        self.filled += length;
    }

    /// Forgets what was read from that byte on.
    pub(super) fn truncate(&mut self, length: usize) {
        self.filled = length;
    }

    /// Of what was read, that is a record.
    pub(super) fn add(&mut self, span: Span) {
        self.spans.push(span);
    }

    /// A record, from 0, with its bytes.
    pub(super) fn span(&self, place: usize) -> Option<(&Span, &[u8])> {
        let span = self.spans.get(place)?;
        Some((span, &self.bytes[span.bytes.clone()]))
    }
}

impl<'c> Record<'c> {
    /// What tells a record that can't be taken apart: a hash of its text. None where it is too long
    /// to be had.
    pub fn source_hash(&self) -> Option<ContentHash> {
        let text = without_end(self.bytes);
        (!text.is_empty()).then(|| ContentHash::of_bytes(text))
    }

    /// The record's bytes and one byte more: the line feed or carriage return behind them.
    ///
    /// # Errors
    /// When the record could not be taken in whole, or its quotes can't be relied on.
    pub(super) fn bytes(&self, columns: &Columns) -> Result<&'c [u8], RowFault> {
        match self.fault {
            Some(fault) => Err(fault.clone()),
            None => match columns.quote_fault(without_end(self.bytes), self.at.line, self.quotes) {
                Some(fault) => Err(fault),
                None => Ok(self.bytes),
            },
        }
    }
}
