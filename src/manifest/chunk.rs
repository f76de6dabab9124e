//! Some thousand records in one buffer.
//!
//! A chunk is filled by a [`Pass`](super::Pass), handed out in pieces, and filled again. Records
//! are kept raw, each behind one line feed of ours whatever its own line end was.

use std::ops::Range;

use super::splitter::Ending;
use super::{InputFormat, Position, RowFault};

/// How much a chunk takes before it is full; one record fits always.
#[derive(Clone, Copy, Debug)]
pub struct ChunkLimits {
    pub records: usize,
    /// Bytes of records in a chunk.
    pub bytes: usize,
    /// Bytes asked of the file at once.
    pub read: usize,
}

impl Default for ChunkLimits {
    /// Enough rows to keep several workers busy, and a buffer that is small beside their stacks.
    fn default() -> ChunkLimits {
        ChunkLimits {
            records: 8192,
            bytes: 4 << 20,
            read: 256 << 10,
        }
    }
}

/// A run of records, read together.
#[derive(Debug, Default)]
pub struct Chunk {
    bytes: Vec<u8>,
    spans: Vec<Span>,
    /// Number of the first record, from 1.
    first: u64,
    draft: Draft,
}

#[derive(Debug)]
struct Span {
    /// The record with its line feed.
    bytes: Range<usize>,
    line: u64,
    fault: Option<SpanFault>,
}

#[derive(Clone, Copy, Debug)]
enum SpanFault {
    TooLong { limit: u64 },
    UnclosedQuote { line: u64 },
}

/// The record that is being taken in, at the end of the chunk's bytes.
#[derive(Debug, Default)]
struct Draft {
    start: usize,
    too_long: bool,
}

/// A record of a chunk, not yet taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Record<'c> {
    pub at: Position,
    bytes: &'c [u8],
    fault: Option<SpanFault>,
}

/// A part of a chunk for one worker.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'c> {
    bytes: &'c [u8],
    spans: &'c [Span],
    first: u64,
}

impl Chunk {
    /// How many records the chunk holds.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The records in the order of the manifest.
    pub fn records(&self) -> impl ExactSizeIterator<Item = Record<'_>> {
        self.whole().records()
    }

    /// The chunk in pieces of that many records, the last perhaps shorter.
    pub fn pieces(&self, records: usize) -> impl ExactSizeIterator<Item = Piece<'_>> {
        let records = records.max(1);
        let whole = self.whole();
        self.spans
            .chunks(records)
            .enumerate()
            .map(move |(place, spans)| Piece {
                spans,
                first: whole.first + (place * records) as u64,
                ..whole
            })
    }

    fn whole(&self) -> Piece<'_> {
        Piece {
            bytes: &self.bytes,
            spans: &self.spans,
            first: self.first,
        }
    }

    /// Forgets everything; the next record has that number.
    pub(super) fn restart(&mut self, first: u64) {
        self.bytes.clear();
        self.spans.clear();
        self.first = first;
        self.draft = Draft::default();
    }

    pub(super) fn is_full(&self, limits: &ChunkLimits) -> bool {
        self.spans.len() >= limits.records || self.bytes.len() >= limits.bytes
    }

    /// Takes in more of the record in hand, unless that makes it longer than `max_record` bytes.
    pub(super) fn push(&mut self, part: &[u8], max_record: u64) {
        let length = self.bytes.len() - self.draft.start + part.len();
        if length as u64 > max_record {
            self.draft.too_long = true;
            self.bytes.truncate(self.draft.start);
        }
        if !self.draft.too_long {
            self.bytes.extend_from_slice(part);
        }
    }

    /// Completes the record in hand, which started on that line. A line of blanks is no JSONL
    /// record; in CSV it is.
    pub(super) fn close(
        &mut self,
        line: u64,
        format: InputFormat,
        ending: Ending,
        max_record: u64,
    ) {
        let draft = std::mem::take(&mut self.draft);
        let is_blank = || self.bytes[draft.start..].trim_ascii().is_empty();
        if format == InputFormat::Jsonl && !draft.too_long && is_blank() {
            self.bytes.truncate(draft.start);
        } else {
            self.bytes.push(b'\n');
            self.spans.push(Span {
                bytes: draft.start..self.bytes.len(),
                line,
                fault: match ending {
                    Ending::UnclosedQuote { line } => Some(SpanFault::UnclosedQuote { line }),
                    _ if draft.too_long => Some(SpanFault::TooLong { limit: max_record }),
                    _ => None,
                },
            });
        }
        self.draft.start = self.bytes.len();
    }
}

impl<'c> Piece<'c> {
    /// The records in the order of the manifest.
    pub fn records(self) -> impl ExactSizeIterator<Item = Record<'c>> {
        self.spans
            .iter()
            .enumerate()
            .map(move |(place, span)| Record {
                at: Position {
                    number: self.first + place as u64,
                    line: span.line,
                },
                bytes: &self.bytes[span.bytes.clone()],
                fault: span.fault,
            })
    }
}

impl<'c> Record<'c> {
    /// The record's bytes and one line feed.
    ///
    /// # Errors
    /// When the record could not be taken in whole.
    pub(super) fn bytes(&self) -> Result<&'c [u8], RowFault> {
        match self.fault {
            None => Ok(self.bytes),
            Some(SpanFault::TooLong { limit }) => Err(RowFault::TooLong { limit }),
            Some(SpanFault::UnclosedQuote { line }) => Err(RowFault::UnclosedQuote { line }),
        }
    }
}
