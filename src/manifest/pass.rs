//! One reading of the manifest from its first data record to its last.

use std::ops::Range;
use std::sync::Arc;

use super::source::Source;
use super::splitter::{Ending, Splitter};
use super::{Chunk, ChunkLimits, InputFormat, ManifestError};

/// Where a pass begins: at the file's first byte, or behind the header.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub source: Arc<Source>,
    pub offset: u64,
    pub splitter: Splitter,
    pub format: InputFormat,
    pub limits: ChunkLimits,
    /// Bytes.
    pub max_record: u64,
}

/// A reading of the manifest, chunk by chunk. Needs no other buffer than one read's bytes.
#[derive(Debug)]
pub struct Pass {
    start: Start,
    splitter: Splitter,
    buffer: Vec<u8>,
    /// The part of the buffer that is yet to be split.
    unread: Range<usize>,
    /// Offset in the file of the buffer's end.
    offset: u64,
    /// Records handed out so far.
    records: u64,
}

impl Pass {
    pub(super) fn new(start: Start) -> Pass {
        Pass {
            splitter: start.splitter,
            buffer: vec![0; start.limits.read.max(1)],
            unread: 0..0,
            offset: start.offset,
            records: 0,
            start,
        }
    }

    /// Fills the chunk with the records that come next; false when there are none left.
    ///
    /// # Errors
    /// When the file can't be read, or is no longer what it was when it was opened.
    pub fn next_chunk(&mut self, chunk: &mut Chunk) -> Result<bool, ManifestError> {
        chunk.restart(self.records + 1);
        while !chunk.is_full(&self.start.limits) {
            if !self.next_record(chunk)? {
                break;
            }
        }
        self.start.source.verify()?;
        self.records += chunk.len() as u64;
        Ok(!chunk.is_empty())
    }

    /// The place behind the records handed out so far, to start another pass from.
    pub(super) fn into_start(self) -> Start {
        Start {
            offset: self.offset - self.unread.len() as u64,
            splitter: self.splitter,
            ..self.start
        }
    }

    /// Takes one record into the chunk; false at the end of the file.
    fn next_record(&mut self, chunk: &mut Chunk) -> Result<bool, ManifestError> {
        loop {
            if self.unread.is_empty() && !self.fill()? {
                let ending = self.splitter.finish();
                if ending != Ending::Clean {
                    self.close(chunk, ending);
                }
                return Ok(false);
            }
            let unread = &self.buffer[self.unread.clone()];
            let step = self.splitter.scan(unread);
            chunk.push(&unread[step.record], self.start.max_record);
            self.unread.start += step.used;
            if step.ended {
                self.close(chunk, Ending::Record);
                return Ok(true);
            }
        }
    }

    fn close(&self, chunk: &mut Chunk, ending: Ending) {
        let line = self.splitter.record_line();
        chunk.close(line, self.start.format, ending, self.start.max_record);
    }

    /// Reads on; false at the end of the file.
    fn fill(&mut self) -> Result<bool, ManifestError> {
        let length = self.start.source.read_at(self.offset, &mut self.buffer)?;
        self.unread = 0..length;
        self.offset += length as u64;
        Ok(length > 0)
    }
}
