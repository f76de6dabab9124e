//! Records that are lines, whatever they hold.

use memchr::memchr2;

use crate::manifest::splitter::{InputEnd, LineCount, Splitter, Step};

/// Cuts a text into its lines; empty ones are left out.
#[derive(Clone, Debug, Default)]
pub(in crate::manifest) struct LineSplitter {
    lines: LineCount,
    in_line: bool,
    record_line: u64,
    last_line: u64,
}

impl LineSplitter {
    /// Bytes of line ends at the start of the input.
    fn skip_line_ends(&mut self, input: &[u8]) -> usize {
        let is_line_end = |byte: &&u8| matches!(byte, b'\n' | b'\r');
        let mut skipped = 0;
        for byte in input.iter().take_while(is_line_end) {
            self.lines.line_end(*byte);
            skipped += 1;
        }
        skipped
    }
}

impl Splitter for LineSplitter {
    fn scan(&mut self, input: &[u8]) -> Step {
        let mut start = 0;
        if !self.in_line {
            start = self.skip_line_ends(input);
            if start < input.len() {
                self.in_line = true;
                self.record_line = self.lines.line;
                self.lines.other();
            }
        }
        let found = memchr2(b'\n', b'\r', &input[start..]).map(|at| start + at);
        let Some(end) = found else {
            return Step {
                record: start..input.len(),
                used: input.len(),
                ended: false,
            };
        };
        self.in_line = false;
        self.last_line = self.lines.line;
        self.lines.line_end(input[end]);
        Step {
            record: start..end,
            used: end + 1,
            ended: true,
        }
    }

    fn finish(&mut self) -> InputEnd {
        self.last_line = self.lines.line;
        match std::mem::take(&mut self.in_line) {
            true => InputEnd::Record,
            false => InputEnd::Clean,
        }
    }

    fn record_line(&self) -> u64 {
        self.record_line
    }

    fn last_line(&self) -> u64 {
        self.last_line
    }

    fn is_row(&self, record: &[u8]) -> bool {
        !record.trim_ascii().is_empty()
    }

    fn copy(&self) -> Box<dyn Splitter> {
        Box::new(self.clone())
    }
}
