//! One reading of the manifest from its first data record to its last.

use std::sync::Arc;

use super::chunk::Span;
use super::doubts::{Doubt, Doubts};
use super::source::Source;
use super::splitter::{Ending, Splitter, Whole};
use super::{Chunk, ChunkLimits, InputFormat, ManifestError, RowFault};

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

/// A reading of the manifest, chunk by chunk.
#[derive(Debug)]
pub struct Pass {
    start: Start,
    splitter: Splitter,
    doubts: Arc<Doubts>,
    /// The doubt that comes next, or whose lines are being read.
    doubt: usize,
    /// Whether a row of its lines was counted whose last line has not come.
    in_row: bool,
    /// What was read and is in no chunk yet.
    rest: Vec<u8>,
    /// The record in hand, at the start of the rest.
    draft: Draft,
    /// Offset in the file behind the rest.
    offset: u64,
    /// Records handed out so far.
    records: u64,
}

/// The record that is being taken in, by bytes of the chunk.
#[derive(Clone, Copy, Debug, Default)]
struct Draft {
    start: usize,
    /// How far the splitter has come; the start while no record is in hand.
    end: usize,
    /// Whether its bytes are given up.
    too_long: bool,
}

impl Pass {
    /// A pass over the records as their quotes have them, but for these lines.
    pub(super) fn new(start: Start, doubts: Arc<Doubts>) -> Pass {
        let mut pass = Pass {
            splitter: start.splitter,
            doubts,
            doubt: 0,
            in_row: false,
            rest: Vec::new(),
            draft: Draft::default(),
            offset: start.offset,
            records: 0,
            start,
        };
        pass.await_doubt();
        pass
    }

    /// Fills the chunk with the records that come next; false when there are none left.
    ///
    /// # Errors
    /// When the file can't be read, or is no longer what it was when it was opened.
    pub fn next_chunk(&mut self, chunk: &mut Chunk) -> Result<bool, ManifestError> {
        chunk.restart(self.records + 1, &self.rest);
        let limits = self.start.limits;
        while chunk.len() < limits.records {
            if self.draft.end == chunk.filled() {
                if chunk.is_empty() && self.draft.start == self.draft.end {
                    // Nothing but blank lines so far, however many.
                    chunk.truncate(0);
                    (self.draft.start, self.draft.end) = (0, 0);
                }
                let is_enough = !chunk.is_empty() && chunk.filled() >= limits.bytes;
                if is_enough || !self.read_on(chunk)? {
                    break;
                }
            }
            if !self.take_whole(chunk) {
                self.split_on(chunk);
            }
        }
        self.start.source.verify()?;
        self.records += chunk.len() as u64;
        self.rest.clear();
        self.rest
            .extend_from_slice(chunk.read_from(self.draft.start));
        self.draft.end -= self.draft.start;
        self.draft.start = 0;
        Ok(!chunk.is_empty())
    }

    /// The place behind the records handed out so far, to start another pass from.
    pub(super) fn into_start(self) -> Start {
        Start {
            offset: self.offset - self.rest.len() as u64,
            splitter: self.splitter,
            ..self.start
        }
    }

    /// Makes known to the splitter which doubtful lines come next.
    fn await_doubt(&mut self) {
        if let Some(doubt) = self.doubts.found.get(self.doubt) {
            let lines = &doubt.lines;
            self.splitter.doubt(*lines.start(), *lines.end());
        }
    }

    /// Reads more of the file into the chunk; at its end, completes the record in hand and says
    /// false.
    fn read_on(&mut self, chunk: &mut Chunk) -> Result<bool, ManifestError> {
        let space = chunk.space(self.start.limits.read.max(1));
        let length = self.start.source.read_at(self.offset, space)?;
        chunk.fill(length);
        self.offset += length as u64;
        if length == 0 {
            let ending = self.splitter.finish();
            if ending != Ending::Clean {
                chunk.space(1).copy_from_slice(b"\n");
                chunk.fill(1);
                self.close(chunk, self.draft.end, ending);
            }
        }
        Ok(length > 0)
    }

    /// Takes in the records that come next and were read whole, as long as nothing about them is
    /// special; false if the first one is.
    fn take_whole(&mut self, chunk: &mut Chunk) -> bool {
        let start = self.draft.end;
        let (read, spans) = chunk.read_and_spans(start);
        let (limits, max_record) = (self.start.limits, self.start.max_record);
        let takes_blank = self.start.format == InputFormat::Csv;
        let taken = self.splitter.whole_records(read, |whole| {
            let Whole {
                record,
                line,
                last_line,
                quotes,
            } = whole;
            if spans.len() == limits.records || record.len() as u64 > max_record {
                return false;
            }
            if takes_blank || !is_blank(&read[record.clone()]) {
                spans.push(Span {
                    bytes: start + record.start..start + record.end + 1,
                    line,
                    last_line,
                    quotes,
                    fault: None,
                });
            }
            true
        });
        self.draft.start += taken;
        self.draft.end += taken;
        taken > 0
    }

    /// Goes on to the end of the record in hand, or of what was read.
    fn split_on(&mut self, chunk: &mut Chunk) {
        let step = self.splitter.scan(chunk.read_from(self.draft.end));
        let draft = &mut self.draft;
        if draft.start == draft.end && !draft.too_long {
            draft.start += step.record.start;
        }
        if step.ended {
            let end = draft.end + step.record.end;
            self.close(chunk, end, Ending::Record);
            return;
        }
        draft.end += step.used;
        draft.too_long |= (draft.end - draft.start) as u64 > self.start.max_record;
        if draft.too_long {
            chunk.truncate(draft.start);
            draft.end = draft.start;
        }
    }

    /// Completes the record in hand, whose line's last byte stands at `end`. A line of blanks is no
    /// JSONL record; in CSV it is.
    fn close(&mut self, chunk: &mut Chunk, end: usize, ending: Ending) {
        let Draft {
            start, too_long, ..
        } = self.draft;
        self.draft = Draft {
            start: end + 1,
            end: end + 1,
            too_long: false,
        };
        let limit = self.start.max_record;
        let line = &chunk.read_from(start)[..end - start];
        let fault = match ending {
            Ending::UnclosedQuote { line } => Some(RowFault::UnclosedQuote {
                line,
                last_line: self.splitter.last_line(),
            }),
            _ if too_long || (end - start) as u64 > limit => Some(RowFault::TooLong { limit }),
            _ => None,
        };
        let doubtful = self.doubt_in_hand();
        let fault = match doubtful.map(|doubt| self.fault_in(doubt, line)) {
            Some((in_row, fault)) => {
                self.in_row = in_row;
                if fault.is_none() {
                    return self.leave_doubt();
                }
                fault
            }
            None if self.start.format == InputFormat::Jsonl
                && fault.is_none()
                && is_blank(line) =>
            {
                return;
            }
            None => fault,
        };
        chunk.add(Span {
            bytes: start..end + 1,
            line: self.splitter.record_line(),
            last_line: self.splitter.last_line(),
            quotes: self.splitter.quotes(),
            fault: fault.map(Box::new),
        });
        self.leave_doubt();
    }

    /// The doubt to which the record in hand belongs.
    fn doubt_in_hand(&self) -> Option<&Doubt> {
        let doubt = self.doubts.found.get(self.doubt)?;
        let line = self.splitter.record_line();
        doubt.lines.contains(&line).then_some(doubt)
    }

    /// The fault of a doubtful line, if it counts as a row, and whether a row goes on behind it. A
    /// row's last line counts where no line has counted since the last line of another.
    fn fault_in(&self, doubt: &Doubt, line: &[u8]) -> (bool, Option<RowFault>) {
        let first = *doubt.lines.start();
        let number = self.splitter.record_line();
        let ends_row = self.doubts.ends_row(doubt, number, line);
        if number == first {
            return (!ends_row, first_fault(doubt));
        }
        let in_row = self.in_row;
        let is_row = self.doubts.is_row(doubt, number, line) || (ends_row && !in_row);
        let fault = is_row.then_some(RowFault::Swallowed { line: first });
        (!ends_row && (in_row || is_row), fault)
    }

    /// Goes on to the next doubt if the lines of this one are done with.
    fn leave_doubt(&mut self) {
        let doubt = self.doubts.found.get(self.doubt);
        if doubt.is_some_and(|doubt| self.splitter.last_line() >= *doubt.lines.end()) {
            self.doubt += 1;
            self.await_doubt();
        }
    }
}

/// The fault of the row on the first of the lines.
fn first_fault(doubt: &Doubt) -> Option<RowFault> {
    let (first, last_line) = (*doubt.lines.start(), *doubt.lines.end());
    let fault = doubt.fault.clone();
    match fault {
        RowFault::UnclosedQuote { .. } | RowFault::TooLong { .. } => Some(fault),
        _ if last_line == first => Some(fault),
        _ => Some(RowFault::Doubtful {
            fault: Box::new(fault),
            last_line,
        }),
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}
