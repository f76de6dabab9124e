//! The lines of a CSV manifest whose quotes can't be relied on, found before any row is read.
//!
//! A quote that is missing or too many makes a row take the next ones as its text, and nobody must
//! get another's text. So all records are cut once by their quotes alone, and where these are wrong,
//! or right but what they enclose is not, the lines are set down as suspect. When the rows are read,
//! each suspect line that looks like a row counts as one, and none of them is ever sent. A row whose
//! text goes on over several lines looks like one by its first line, or by its last.
//!
//! Suspect are
//! - a record with text behind a closing quote, if it has several lines or doesn't seem to end with
//!   that line: also what follows, up to the next row beyond question;
//! - everything behind a quote that is never closed;
//! - a record whose quoted text holds a line that is a row of this manifest by its cells;
//! - a row, and the lines up to a closing quote that nothing has opened, unless that ends a row.

use std::ops::RangeInclusive;

use memchr::memchr2;

use super::chunk::{Chunk, Span};
use super::likeness::{KnownId, Likeness, Side};
use super::quotes::{has_orphan, seems_closed, without_end};
use super::{Columns, Delimiter, RowFault};

/// Lines whose quotes can't be relied on, from the start of a record to the end of one.
#[derive(Debug)]
pub(super) struct SuspectBlock {
    pub lines: RangeInclusive<u64>,
    /// The `external_id` of the row that begins on the first of them.
    id: Vec<u8>,
    /// What is wrong with the row that begins on the first of them.
    pub fault: RowFault,
}

impl SuspectBlock {
    /// What the ID of a row on that line is compared with.
    fn known_id(&self, line: u64) -> KnownId<'_> {
        KnownId {
            id: &self.id,
            distance: line - self.lines.start(),
        }
    }

    /// Whether its lines are a text's: the quotes of a record that is only too long are right.
    fn is_text(&self) -> bool {
        matches!(self.fault, RowFault::TooLong { .. })
    }
}

/// The suspect lines of a manifest, in their order.
#[derive(Debug, Default)]
pub(super) struct SuspectBlocks {
    pub found: Vec<SuspectBlock>,
    columns: Columns,
}

impl SuspectBlocks {
    /// Whether a line of a block behind its first one counts as a row.
    pub fn is_row(&self, block: &SuspectBlock, number: u64, line: &[u8]) -> bool {
        let likeness = Likeness::new(&self.columns);
        let known = block.known_id(number);
        likeness.resembles_row(line, known)
            || likeness.resembles_row(&without_quotes(line), known)
            || (!block.is_text() && (likeness.fits(line) || likeness.begins_row(line, known.id)))
    }

    /// Whether a line of a block may be the last one of a row.
    pub fn ends_row(&self, block: &SuspectBlock, number: u64, line: &[u8]) -> bool {
        let likeness = Likeness::new(&self.columns);
        !block.is_text() && likeness.ends_row(line, block.known_id(number))
    }
}

/// The record before the one in hand.
#[derive(Debug)]
enum Before {
    Other,
    /// A quote breaks the rule there, and its line seems to end it: suspect only if a closing quote
    /// follows that nothing has opened.
    Odd(SuspectBlock),
    /// The same over several lines, which is the last of the blocks already.
    Suspected,
}

/// Where a row starts, and its ID.
#[derive(Clone, Debug, Default)]
struct RowStart {
    line: u64,
    id: Vec<u8>,
}

/// Goes through the records of a manifest, chunk by chunk, and finds the suspect ones. What it finds
/// doesn't depend on where the chunks begin.
#[derive(Debug)]
pub(super) struct SuspectFinder<'c> {
    columns: &'c Columns,
    likeness: Likeness<'c>,
    found: Vec<SuspectBlock>,
    /// Whether what follows may still belong to the last block.
    is_open: bool,
    before: Before,
    /// The last record of earlier chunks that is a row, and whether it, or what follows it, is not
    /// whole.
    last_row: RowStart,
    is_broken: bool,
    /// Their last record, whatever it is.
    last_record: RowStart,
}

impl<'c> SuspectFinder<'c> {
    pub fn new(columns: &'c Columns) -> SuspectFinder<'c> {
        SuspectFinder {
            columns,
            likeness: Likeness::new(columns),
            found: Vec::new(),
            is_open: false,
            before: Before::Other,
            last_row: RowStart::default(),
            is_broken: false,
            last_record: RowStart::default(),
        }
    }

    /// Takes the next chunk, whose records were cut by their quotes alone.
    pub fn add(&mut self, chunk: &Chunk) {
        for place in 0..chunk.len() {
            let Some((span, bytes)) = chunk.span(place) else {
                break;
            };
            if self.last_row.line == 0 {
                self.last_row = self.row_start(span, without_end(bytes));
            }
            let quotes = span.quotes;
            let is_plain = !quotes.stray && !quotes.bare && span.line == span.last_line;
            if self.is_open || !is_plain || span.fault.is_some() {
                self.look(chunk, place, span, without_end(bytes));
            } else {
                self.before = Before::Other;
            }
        }
        (self.last_row, self.is_broken) = self.row_before(chunk, chunk.len());
        self.last_record = self.record_before(chunk, chunk.len());
    }

    /// All suspect lines.
    pub fn finish(self) -> SuspectBlocks {
        SuspectBlocks {
            found: self.found,
            columns: self.columns.clone(),
        }
    }

    fn look(&mut self, chunk: &Chunk, place: usize, span: &Span, record: &[u8]) {
        let before = std::mem::replace(&mut self.before, Before::Other);
        if self.is_open && !self.ends_block(span, record) {
            self.extend(span.last_line);
            // Whatever the lines before it are, its quotes are in pairs, or the last one is closed.
            let is_pairs = span.quotes.quoted && self.likeness.fits(record);
            let closes =
                is_intact(span) && (is_pairs || is_orphan(span, record, self.columns.delimiter()));
            self.is_open = !closes;
            return;
        }
        self.is_open = false;
        let has_lines = span.last_line > span.line;
        if let Some(fault) = &span.fault {
            if has_lines {
                let block = self.block(span, record, (**fault).clone());
                self.found.push(block);
            }
        } else if span.quotes.stray {
            self.stray(chunk, place, span, record);
        } else if is_orphan(span, record, self.columns.delimiter()) {
            match before {
                Before::Odd(block) => {
                    self.found.push(block);
                    self.extend(span.last_line);
                }
                Before::Suspected => self.extend(span.last_line),
                Before::Other => self.orphan(chunk, place, span, record),
            }
        } else if let Some(line) = self.row_within(span, record) {
            let block = self.block(span, record, RowFault::TakesRows { line });
            self.found.push(block);
        } else if let Some(fault) = self.columns.quote_fault(record, span.line, span.quotes)
            && self.is_row(chunk, place, span, record)
        {
            self.before = Before::Odd(self.block(span, record, fault));
        }
    }

    /// Whether a record behind a suspect one is certainly a row, or one that is suspect by itself.
    fn ends_block(&self, span: &Span, record: &[u8]) -> bool {
        let known = match self.found.last() {
            Some(block) => block.known_id(span.line),
            None => KnownId::default(),
        };
        match is_intact(span) {
            true => {
                !is_orphan(span, record, self.columns.delimiter())
                    && self.likeness.is_row(record, known)
            }
            false => self.likeness.resembles_row(first_line(record), known),
        }
    }

    /// Text stands behind a closing quote.
    fn stray(&mut self, chunk: &Chunk, place: usize, span: &Span, record: &[u8]) {
        let fault = self.columns.quote_fault(record, span.line, span.quotes);
        let Some(fault) = fault else { return };
        let is_closed = seems_closed(record, self.columns.delimiter());
        let before = self.record_before(chunk, place);
        // The odd quote may stand anywhere.
        let is_row = self.likeness.may_begin(record, &before.id)
            || self.likeness.may_begin(&without_quotes(record), &before.id);
        if is_row && is_closed && span.last_line == span.line {
            self.before = Before::Odd(self.block(span, record, fault));
            return;
        }
        if is_row {
            self.found.push(self.block(span, record, fault));
        } else {
            let (row, _) = self.row_before(chunk, place);
            self.suspect_from(row, span.last_line);
        }
        self.before = Before::Suspected;
        self.is_open = !is_closed;
    }

    /// A closing quote that nothing has opened: perhaps the text began on an earlier line.
    fn orphan(&mut self, chunk: &Chunk, place: usize, span: &Span, record: &[u8]) {
        let (row, is_broken) = self.row_before(chunk, place);
        if is_broken || !self.is_row(chunk, place, span, record) {
            self.suspect_from(row, span.last_line);
        }
    }

    /// The row on an earlier line is suspect, up to this line.
    fn suspect_from(&mut self, row: RowStart, last_line: u64) {
        match self.found.last() {
            Some(block) if row.line <= *block.lines.end() => self.extend(last_line),
            _ => self.found.push(SuspectBlock {
                lines: row.line..=last_line,
                id: row.id,
                fault: RowFault::NeverOpened { line: last_line },
            }),
        }
    }

    /// The first line within a record's quoted text that is a row by its cells. The last one has the
    /// record's own cells behind the message, and the one before it may be a row by those.
    fn row_within(&self, span: &Span, record: &[u8]) -> Option<u64> {
        let id = self.likeness.id(record).unwrap_or_default();
        let mut before = first_line(record);
        let ends_row = span.line < span.last_line && self.ends_row(before);
        let (mut start, mut line) = (before.len(), span.line);
        while start < record.len() {
            start += line_end(&record[start..]);
            line += 1;
            let text = first_line(&record[start..]);
            let distance = line - span.line;
            let side = match line == span.last_line {
                true => Side::Before,
                false => Side::Both,
            };
            let is_row = self
                .likeness
                .on(side)
                .is_row(text, KnownId { id, distance });
            // A quote doubled at the end is often one that should have closed the text.
            let may_follow =
                self.likeness.is_weak() && before.ends_with(b"\"\"") && !has_even_quotes(before);
            if ends_row || is_row || may_follow && self.likeness.is_tight(text) {
                return Some(line);
            }
            before = text;
            start += text.len();
        }
        None
    }

    /// Whether the first line of a record, though its text goes on, has all the cells of a row.
    fn ends_row(&self, line: &[u8]) -> bool {
        let line = without_quotes(line);
        self.likeness.on(Side::Behind).is_tight_row(&line)
    }

    /// The last row before that record, and whether it is not whole, or records that are none stand
    /// between.
    fn row_before(&self, chunk: &Chunk, place: usize) -> (RowStart, bool) {
        let mut is_broken = false;
        for at in (0..place).rev() {
            let Some((span, bytes)) = chunk.span(at) else {
                break;
            };
            let record = without_end(bytes);
            let last_suspect = self.found.last().map_or(0, |block| *block.lines.end());
            if span.line <= last_suspect {
                return (self.row_start(span, record), is_broken);
            }
            if !is_intact(span) || self.is_row(chunk, at, span, record) {
                is_broken |= is_intact(span) && !self.likeness.fits(record);
                return (self.row_start(span, record), is_broken);
            }
            is_broken = true;
        }
        (self.last_row.clone(), is_broken || self.is_broken)
    }

    /// Whether a record may be a row, as the one before it is.
    fn is_row(&self, chunk: &Chunk, place: usize, span: &Span, record: &[u8]) -> bool {
        let before = self.record_before(chunk, place);
        let known = KnownId {
            id: &before.id,
            distance: span.line.saturating_sub(before.line),
        };
        self.likeness.may_follow(record, &before.id) || self.likeness.resembles_row(record, known)
    }

    fn record_before(&self, chunk: &Chunk, place: usize) -> RowStart {
        match place.checked_sub(1).and_then(|at| chunk.span(at)) {
            Some((span, bytes)) => self.row_start(span, without_end(bytes)),
            None => self.last_record.clone(),
        }
    }

    fn row_start(&self, span: &Span, record: &[u8]) -> RowStart {
        let line = first_line(record);
        let id = self.likeness.id(line).unwrap_or_default();
        RowStart {
            line: span.line,
            id: match id.contains(&self.columns.delimiter().byte()) {
                // A quote before it may be one too many.
                true => self.id_without_quotes(line),
                false => id.to_owned(),
            },
        }
    }

    fn block(&self, span: &Span, record: &[u8], fault: RowFault) -> SuspectBlock {
        SuspectBlock {
            lines: span.line..=span.last_line,
            id: self.id_without_quotes(first_line(record)),
            fault,
        }
    }

    fn id_without_quotes(&self, line: &[u8]) -> Vec<u8> {
        let line = without_quotes(line);
        self.likeness.id(&line).unwrap_or_default().to_owned()
    }

    fn extend(&mut self, last: u64) {
        if let Some(block) = self.found.last_mut() {
            block.lines = *block.lines.start()..=last;
        }
    }
}

/// Whether the record's quotes keep the rule.
fn is_intact(span: &Span) -> bool {
    span.fault.is_none() && !span.quotes.stray
}

/// Whether it has a closing quote that nothing has opened.
fn is_orphan(span: &Span, record: &[u8], delimiter: Delimiter) -> bool {
    span.quotes.bare && has_orphan(record, delimiter)
}

/// The length of the line end that stands there; CR LF is one.
fn line_end(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        _ => 1,
    }
}

/// Whether the quotes that a line of a quoted text stands for are even in number.
fn has_even_quotes(line: &[u8]) -> bool {
    let quotes = line.iter().filter(|byte| **byte == b'"').count();
    (quotes / 2).is_multiple_of(2)
}

fn without_quotes(record: &[u8]) -> Vec<u8> {
    let bytes = record.iter().copied();
    bytes.filter(|byte| *byte != b'"').collect()
}

fn first_line(record: &[u8]) -> &[u8] {
    let end = memchr2(b'\n', b'\r', record).unwrap_or(record.len());
    &record[..end]
}
