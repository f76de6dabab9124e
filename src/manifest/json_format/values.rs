//! Records that are values within JSON of any shape.

use crate::manifest::splitter::{InputEnd, Splitter, Step};

use super::rows_at::RowsAt;
use super::walker::{Found, Walker};

/// Cuts the rows out of a text of which it is known that nothing is wrong around them.
#[derive(Clone, Debug)]
pub(in crate::manifest) struct ValueSplitter {
    walker: Walker,
    in_row: bool,
    last_line: u64,
}

impl ValueSplitter {
    pub fn new(rows: RowsAt) -> ValueSplitter {
        ValueSplitter {
            walker: Walker::new(rows),
            in_row: false,
            last_line: 1,
        }
    }
}

impl Splitter for ValueSplitter {
    /// The byte that ends an object, a list or a text is its last one.
    fn scan(&mut self, input: &[u8]) -> Step {
        let (mut at, mut start) = (0, 0);
        if !self.in_row {
            start = input.len();
        }
        loop {
            match self.walker.advance(input, &mut at) {
                Ok(Some(Found::RowStart(first))) => (start, self.in_row) = (first, true),
                Ok(Some(Found::RowEnd(end))) => {
                    self.in_row = false;
                    self.last_line = self.walker.line();
                    return Step {
                        record: start..end,
                        used: end + 1,
                        ended: true,
                    };
                }
                Ok(Some(Found::TopKey)) => {}
                // The file was gone through when it was opened, and is the same.
                Ok(None) | Err(_) => {
                    return Step {
                        record: start..input.len(),
                        used: input.len(),
                        ended: false,
                    };
                }
            }
        }
    }

    fn finish(&mut self) -> InputEnd {
        self.last_line = self.walker.line();
        match std::mem::take(&mut self.in_row) {
            true => InputEnd::Record,
            false => InputEnd::Clean,
        }
    }

    fn record_line(&self) -> u64 {
        self.walker.row_line()
    }

    fn last_line(&self) -> u64 {
        self.last_line
    }

    fn copy(&self) -> Box<dyn Splitter> {
        Box::new(self.clone())
    }
}
