//! One reading of the manifest from its first data record to its last.

use std::sync::Arc;

use super::carrier::Carrier;
use super::chunk::Span;
use super::columns::Header;
use super::input_file::InputFile;
use super::mapping::BoundMapping;
use super::record_parser::RecordParser;
use super::splitter::{InputEnd, Splitter};
use super::suspect::{SuspectBlock, SuspectBlocks};
use super::text_stream::{TextPlace, TextStream};
use super::{Chunk, ChunkLimits, ManifestError, RowFault};

/// Where a pass begins: at the file's first byte, or behind the header.
#[derive(Clone, Debug)]
pub(super) struct PassStart {
    pub source: Arc<InputFile>,
    pub text: TextPlace,
    pub splitter: Box<dyn Splitter>,
    pub limits: ChunkLimits,
    /// Bytes.
    pub max_record: u64,
}

/// A reading of the manifest, chunk by chunk.
#[derive(Debug)]
pub struct Pass {
    start: PassStart,
    splitter: Box<dyn Splitter>,
    suspects: Arc<SuspectBlocks>,
    /// The block that comes next, or whose lines are being read.
    next_block: usize,
    /// Whether a row of its lines was counted whose last line has not come.
    in_row: bool,
    /// What was read and is in no chunk yet.
    rest: Vec<u8>,
    /// The record in hand, at the start of the rest.
    partial: PartialRecord,
    text: TextStream,
    /// Bytes of the text up to the end of the rest.
    offset: u64,
    /// Records handed out so far.
    records: u64,
    /// Where a mapping fills cells down.
    carrier: Option<Carrier>,
}

/// The record that is being taken in, by bytes of the chunk.
#[derive(Clone, Copy, Debug, Default)]
struct PartialRecord {
    start: usize,
    /// How far the splitter has come; the start while no record is in hand.
    end: usize,
    /// Whether its bytes are given up.
    too_long: bool,
}

impl Pass {
    /// A pass over the records as their quotes have them, but for these lines.
    pub(super) fn new(start: PassStart, suspects: Arc<SuspectBlocks>) -> Pass {
        let mut pass = Pass {
            splitter: start.splitter.clone(),
            suspects,
            next_block: 0,
            in_row: false,
            rest: Vec::new(),
            partial: PartialRecord::default(),
            text: TextStream::new(start.text),
            offset: start.text.offset,
            records: 0,
            carrier: None,
            start,
        };
        pass.await_block();
        pass
    }

    /// The same for a mapping that may fill cells down.
    pub(super) fn carrying(
        self,
        mapping: &Arc<BoundMapping>,
        header: &Arc<Header>,
        parser: Box<dyn RecordParser>,
    ) -> Pass {
        Pass {
            carrier: Carrier::of(mapping, header, parser),
            ..self
        }
    }

    /// Fills the chunk with the records that come next; false when there are none left.
    ///
    /// # Errors
    /// When the file can't be read, or is no longer what it was when it was opened.
    pub fn next_chunk(&mut self, chunk: &mut Chunk) -> Result<bool, ManifestError> {
        chunk.restart(self.records + 1, &self.rest);
        let limits = self.start.limits;
        while chunk.len() < limits.records {
            if self.partial.end == chunk.filled() {
                if chunk.is_empty() && self.partial.start == self.partial.end {
                    // Nothing but blank lines so far, however many.
                    chunk.truncate(0);
                    (self.partial.start, self.partial.end) = (0, 0);
                }
                let is_enough = !chunk.is_empty() && chunk.filled() >= limits.bytes;
                if is_enough || !self.read_on(chunk)? {
                    break;
                }
            }
            self.split_on(chunk);
        }
        self.start.source.verify()?;
        self.records += chunk.len() as u64;
        self.rest.clear();
        self.rest
            .extend_from_slice(chunk.read_from(self.partial.start));
        self.partial.end -= self.partial.start;
        self.partial.start = 0;
        if let Some(carrier) = &mut self.carrier {
            carrier.pass(chunk);
        }
        Ok(!chunk.is_empty())
    }

    /// The place behind the records handed out so far, to start another pass from.
    pub(super) fn into_start(self) -> PassStart {
        let offset = self.offset - self.rest.len() as u64;
        PassStart {
            text: TextPlace {
                offset,
                ..self.start.text
            },
            splitter: self.splitter,
            ..self.start
        }
    }

    /// Makes known to the splitter which suspect lines come next.
    fn await_block(&mut self) {
        if let Some(block) = self.suspects.found.get(self.next_block) {
            let lines = &block.lines;
            self.splitter.suspect(*lines.start(), *lines.end());
        }
    }

    /// Reads more of the file into the chunk; at its end, completes the record in hand and says
    /// false.
    fn read_on(&mut self, chunk: &mut Chunk) -> Result<bool, ManifestError> {
        let space = chunk.space(self.start.limits.read.max(1));
        let length = self.text.read(&self.start.source, space)?;
        chunk.fill(length);
        self.offset += length as u64;
        if length == 0 {
            let ending = self.splitter.finish();
            if ending != InputEnd::Clean {
                chunk.space(1).copy_from_slice(b"\n");
                chunk.fill(1);
                self.close(chunk, self.partial.end, ending);
            }
        }
        Ok(length > 0)
    }

    /// Goes on to the end of the record in hand, or of what was read.
    fn split_on(&mut self, chunk: &mut Chunk) {
        let step = self.splitter.scan(chunk.read_from(self.partial.end));
        let partial = &mut self.partial;
        if partial.start == partial.end && !partial.too_long {
            partial.start += step.record.start;
        }
        if step.ended {
            let end = partial.end + step.record.end;
            self.close(chunk, end, InputEnd::Record);
            return;
        }
        partial.end += step.used;
        partial.too_long |= (partial.end - partial.start) as u64 > self.start.max_record;
        if partial.too_long {
            chunk.truncate(partial.start);
            partial.end = partial.start;
        }
    }

    /// Completes the record in hand, which ends before the byte at `end`.
    fn close(&mut self, chunk: &mut Chunk, end: usize, ending: InputEnd) {
        let PartialRecord {
            start, too_long, ..
        } = self.partial;
        self.partial = PartialRecord {
            start: end + 1,
            end: end + 1,
            too_long: false,
        };
        let limit = self.start.max_record;
        let too_long = too_long || (end - start) as u64 > limit;
        // How much of a line that is too long is still there depends on how it was read.
        let start = if too_long { end } else { start };
        let line = &chunk.read_from(start)[..end - start];
        let fault = match ending {
            InputEnd::UnclosedQuote { line } => Some(RowFault::UnclosedQuote {
                line,
                last_line: self.splitter.last_line(),
            }),
            _ if too_long => Some(RowFault::TooLong { limit }),
            _ => None,
        };
        let suspect = self.block_in_hand();
        let fault = match suspect.map(|block| self.fault_in(block, line)) {
            Some((in_row, fault)) => {
                self.in_row = in_row;
                if fault.is_none() {
                    return self.leave_block();
                }
                fault
            }
            None if fault.is_none() && !self.splitter.is_row(line) => return,
            None => fault,
        };
        chunk.add(Span {
            bytes: start..end + 1,
            line: self.splitter.record_line(),
            last_line: self.splitter.last_line(),
            quotes: self.splitter.quotes(),
            fault: fault.map(Box::new),
        });
        self.leave_block();
    }

    /// The block to which the record in hand belongs.
    fn block_in_hand(&self) -> Option<&SuspectBlock> {
        let block = self.suspects.found.get(self.next_block)?;
        let line = self.splitter.record_line();
        block.lines.contains(&line).then_some(block)
    }

    /// The fault of a suspect line, if it counts as a row, and whether a row goes on behind it. A
    /// row's last line counts where no line has counted since the last line of another.
    fn fault_in(&self, block: &SuspectBlock, line: &[u8]) -> (bool, Option<RowFault>) {
        let first = *block.lines.start();
        let number = self.splitter.record_line();
        let ends_row = self.suspects.ends_row(block, number, line);
        if number == first {
            return (!ends_row, first_fault(block));
        }
        let in_row = self.in_row;
        let is_row = self.suspects.is_row(block, number, line) || (ends_row && !in_row);
        let fault = is_row.then_some(RowFault::Swallowed { line: first });
        (!ends_row && (in_row || is_row), fault)
    }

    /// Goes on to the next block if the lines of this one are done with.
    fn leave_block(&mut self) {
        let block = self.suspects.found.get(self.next_block);
        if block.is_some_and(|block| self.splitter.last_line() >= *block.lines.end()) {
            self.next_block += 1;
            self.await_block();
        }
    }
}

/// The fault of the row on the first of the lines.
fn first_fault(block: &SuspectBlock) -> Option<RowFault> {
    let (first, last_line) = (*block.lines.start(), *block.lines.end());
    let fault = block.fault.clone();
    match fault {
        RowFault::UnclosedQuote { .. } | RowFault::TooLong { .. } => Some(fault),
        _ if last_line == first => Some(fault),
        _ => Some(RowFault::Suspect {
            fault: Box::new(fault),
            last_line,
        }),
    }
}
