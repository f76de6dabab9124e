//! Where CSV records end, and on which lines they stand (the csv crate counts CRLF files one too low).
//!
//! Its idea of quoting is that of RFC 4180: a quote opens only at the start of a field, two quotes
//! inside stand for one, and behind a closing quote comes a delimiter or a line end. Where something
//! else comes, the quotes say nothing any more: the record ends with that line and is marked. A
//! quote within an unquoted field is text; that is marked too. A property test holds the records
//! that follow the rule against the csv crate.

use memchr::{memchr2, memchr3};

use crate::manifest::Delimiter;
use crate::manifest::quotes::Quotes;
use crate::manifest::splitter::{InputEnd, Splitter, Step};

/// A small state machine over the manifest's bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::manifest) struct CsvSplitter {
    /// Between the fields.
    delimiter: u8,
    state: ScanState,
    /// Physical line of the next byte, from 1.
    line: u64,
    /// Whether the last byte was a CR, whose line a LF would only complete.
    after_cr: bool,
    /// Where the record in hand started.
    record_line: u64,
    /// Where it ended.
    last_line: u64,
    /// Where the last quote was opened.
    quote_line: u64,
    /// What the quotes of the record in hand are like.
    quotes: Quotes,
    /// Whether a quoted line has just begun.
    at_line_start: bool,
    /// The next lines whose quotes can't be relied on: each is a record of its own.
    suspect: (u64, u64),
}

#[derive(Clone, Copy, Debug)]
enum ScanState {
    /// Before the first byte of a record; line ends here are blank lines.
    Between,
    /// Outside quotes; `field_start` tells whether a quote would open a quoted field here.
    Plain {
        field_start: bool,
    },
    Quoted,
    /// Behind a quote within a quoted field: it closed the field, unless another one follows.
    AfterQuote,
    /// In a line where quotes mean nothing: suspect lines, and what is left of a line with text behind
    /// a closing quote.
    Line,
}

impl CsvSplitter {
    /// A splitter before the first byte of line 1.
    pub fn new(delimiter: Delimiter) -> CsvSplitter {
        CsvSplitter {
            delimiter: delimiter.byte(),
            state: ScanState::Between,
            line: 1,
            after_cr: false,
            record_line: 1,
            last_line: 1,
            quote_line: 1,
            quotes: Quotes::default(),
            at_line_start: false,
            suspect: (u64::MAX, u64::MAX),
        }
    }

    /// The same before the first byte of a later line.
    pub fn at_line(self, line: u64) -> CsvSplitter {
        CsvSplitter {
            line,
            record_line: line,
            last_line: line,
            quote_line: line,
            ..self
        }
    }

    /// Bytes of blank lines at the start of the input, when no record is in hand.
    fn skip_blank_lines(&mut self, input: &[u8]) -> usize {
        if !matches!(self.state, ScanState::Between) {
            return 0;
        }
        let is_line_end = |byte: &&u8| matches!(byte, b'\n' | b'\r');
        let mut skipped = 0;
        for byte in input.iter().take_while(is_line_end) {
            self.line_end(*byte);
            skipped += 1;
        }
        skipped
    }

    /// How the record that begins is to be read.
    fn first_state(&self) -> ScanState {
        let (first, last) = self.suspect;
        match self.line < first || self.line > last {
            true => ScanState::Plain { field_start: true },
            false => ScanState::Line,
        }
    }

    fn line_rest(&mut self, rest: &[u8]) -> ScanEnd {
        match memchr2(b'\n', b'\r', rest) {
            Some(at) => self.record_end(rest[at], at),
            None => ScanEnd::Moved(rest.len()),
        }
    }

    fn plain(&mut self, rest: &[u8], field_start: bool) -> ScanEnd {
        if field_start && rest[0] == b'"' {
            return self.open_quote(0);
        }
        let mut from = 0;
        while let Some(found) = memchr3(b'"', b'\n', b'\r', &rest[from..]) {
            let at = from + found;
            match rest[at] {
                b'"' if at > 0 && rest[at - 1] == self.delimiter => return self.open_quote(at),
                b'"' => {
                    self.quotes.bare = true;
                    from = at + 1;
                }
                line_end => return self.record_end(line_end, at),
            }
        }
        let field_start = rest.last() == Some(&self.delimiter);
        self.state = ScanState::Plain { field_start };
        ScanEnd::Moved(rest.len())
    }

    fn open_quote(&mut self, at: usize) -> ScanEnd {
        self.quotes.quoted = true;
        self.quote_line = self.line;
        self.at_line_start = false;
        self.state = ScanState::Quoted;
        ScanEnd::Moved(at + 1)
    }

    fn quoted(&mut self, rest: &[u8]) -> ScanEnd {
        let Some(at) = memchr3(b'"', b'\n', b'\r', rest) else {
            self.after_cr = false;
            self.at_line_start = false;
            return ScanEnd::Moved(rest.len());
        };
        self.after_cr &= at == 0;
        self.at_line_start = rest[at] != b'"';
        match rest[at] {
            b'"' => {
                self.after_cr = false;
                self.state = ScanState::AfterQuote;
            }
            line_end => self.line_end(line_end),
        }
        ScanEnd::Moved(at + 1)
    }

    fn after_quote(&mut self, byte: u8) -> ScanEnd {
        match byte {
            b'"' => self.state = ScanState::Quoted,
            b'\n' | b'\r' => return self.record_end(byte, 0),
            _ if byte == self.delimiter => self.state = ScanState::Plain { field_start: true },
            _ => {
                self.quotes.stray = true;
                self.state = ScanState::Line;
            }
        }
        ScanEnd::Moved(1)
    }

    fn record_end(&mut self, line_end: u8, at: usize) -> ScanEnd {
        self.last_line = self.line;
        self.line_end(line_end);
        self.state = ScanState::Between;
        ScanEnd::RecordEnd(at)
    }

    /// Counts a line end; CR LF is one.
    fn line_end(&mut self, byte: u8) {
        if byte == b'\n' && self.after_cr {
            self.after_cr = false;
            return;
        }
        self.line += 1;
        self.after_cr = byte == b'\r';
    }
}

impl Splitter for CsvSplitter {
    fn suspect(&mut self, first: u64, last: u64) {
        self.suspect = (first, last);
    }

    fn record_line(&self) -> u64 {
        self.record_line
    }

    fn last_line(&self) -> u64 {
        self.last_line
    }

    fn quotes(&self) -> Quotes {
        self.quotes
    }

    fn scan(&mut self, input: &[u8]) -> Step {
        let start = self.skip_blank_lines(input);
        let mut at = start;
        while at < input.len() {
            let rest = &input[at..];
            let end = match self.state {
                ScanState::Between => {
                    self.record_line = self.line;
                    self.after_cr = false;
                    self.quotes = Quotes::default();
                    self.state = self.first_state();
                    continue;
                }
                ScanState::Plain { field_start } => self.plain(rest, field_start),
                ScanState::Quoted => self.quoted(rest),
                ScanState::AfterQuote => self.after_quote(rest[0]),
                ScanState::Line => self.line_rest(rest),
            };
            match end {
                ScanEnd::Moved(length) => at += length,
                ScanEnd::RecordEnd(length) => {
                    return Step {
                        record: start..at + length,
                        used: at + length + 1,
                        ended: true,
                    };
                }
            }
        }
        Step {
            record: start..input.len(),
            used: input.len(),
            ended: false,
        }
    }

    fn finish(&mut self) -> InputEnd {
        self.last_line = self.line;
        match std::mem::replace(&mut self.state, ScanState::Between) {
            ScanState::Between => InputEnd::Clean,
            ScanState::Quoted => {
                self.last_line -= u64::from(self.at_line_start);
                InputEnd::UnclosedQuote {
                    line: self.quote_line,
                }
            }
            ScanState::Plain { .. } | ScanState::AfterQuote | ScanState::Line => InputEnd::Record,
        }
    }

    fn copy(&self) -> Box<dyn Splitter> {
        Box::new(*self)
    }
}

/// How far one state went.
enum ScanEnd {
    /// That many bytes belong to the record.
    Moved(usize),
    /// The record ends behind that many bytes, with a line end of one byte.
    RecordEnd(usize),
}

#[cfg(test)]
mod tests;
