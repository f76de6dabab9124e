//! Where one record ends and the next begins, found in a stream of bytes.
//!
//! A splitter sees the manifest before any parser does, for three reasons: a record that never ends
//! must not be buffered, every record needs the physical line on which it starts, and records found
//! here can be parsed in parallel. It holds a few numbers and none of the records' bytes; the input may
//! be cut anywhere.

use std::fmt;
use std::ops::Range;

use super::quotes::Quotes;

/// Cuts the text of a manifest into records, as its format has them.
pub(super) trait Splitter: fmt::Debug + Send + Sync {
    /// Goes on to the end of the record in hand, or of the input, whichever comes first.
    fn scan(&mut self, input: &[u8]) -> Step;

    /// Tells the splitter that no input follows.
    fn finish(&mut self) -> InputEnd;

    /// The line on which the record in hand, or the last one that was scanned, started.
    fn record_line(&self) -> u64;

    /// The line on which the last record that was scanned ended.
    fn last_line(&self) -> u64;

    /// Whether such a record counts, as one of mere blanks may not.
    fn is_row(&self, _record: &[u8]) -> bool {
        true
    }

    /// What the quotes are like of the record in hand, or the last one that was scanned.
    fn quotes(&self) -> Quotes {
        Quotes::default()
    }

    /// From the first of these lines to the last, each line is a record, whatever its quotes.
    fn suspect(&mut self, _first: u64, _last: u64) {}

    /// Another one at the same place.
    fn copy(&self) -> Box<dyn Splitter>;
}

impl Clone for Box<dyn Splitter> {
    fn clone(&self) -> Box<dyn Splitter> {
        self.copy()
    }
}

/// What [`Splitter::scan`] found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The part of the input that belongs to the record in hand, without the one byte that ends it.
    pub record: Range<usize>,
    /// Bytes of the input that are done with; behind a complete record, that one byte too.
    pub used: usize,
    /// Whether the record is complete.
    pub ended: bool,
}

/// How the input ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum InputEnd {
    /// Between two records.
    Clean,
    /// Within a record, which is thereby complete.
    Record,
    /// Within quotes that were opened on that line.
    UnclosedQuote { line: u64 },
}

/// Counts lines by their ends; CR LF is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineCount {
    /// Physical line of the next byte, from 1.
    pub line: u64,
    /// Whether the last byte was a CR, whose line a LF would only complete.
    after_cr: bool,
}

impl Default for LineCount {
    fn default() -> LineCount {
        LineCount {
            line: 1,
            after_cr: false,
        }
    }
}

impl LineCount {
    /// Takes a line feed or a carriage return into account.
    #[inline]
    pub fn line_end(&mut self, byte: u8) {
        if byte == b'\n' && self.after_cr {
            self.after_cr = false;
            return;
        }
        self.line += 1;
        self.after_cr = byte == b'\r';
    }

    /// Another byte has come.
    #[inline]
    pub fn other(&mut self) {
        self.after_cr = false;
    }
}
