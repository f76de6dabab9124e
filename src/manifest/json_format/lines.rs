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

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a text that comes in parts of that size, with their numbers.
    fn lines(text: &str, part: usize) -> Vec<(String, u64)> {
        let mut splitter = LineSplitter::default();
        let (mut lines, mut line) = (Vec::new(), Vec::new());
        for mut part in text.as_bytes().chunks(part) {
            while !part.is_empty() {
                let step = splitter.scan(part);
                line.extend_from_slice(&part[step.record]);
                part = &part[step.used..];
                if step.ended {
                    let text = String::from_utf8(std::mem::take(&mut line)).unwrap();
                    lines.push((text, splitter.record_line()));
                }
            }
        }
        if splitter.finish() == InputEnd::Record {
            lines.push((String::from_utf8(line).unwrap(), splitter.record_line()));
        }
        lines
    }

    #[test]
    fn lines_have_their_numbers_whatever_ends_them() {
        for part in [1, 2, 100] {
            let own = |(text, line): (&str, u64)| (text.to_owned(), line);
            let expected = [("{\"a", 1), ("\"}", 2), ("x", 4), (" ", 5)].map(own);
            assert_eq!(lines("{\"a\n\"}\r\n\rx\n \n", part), expected);
            assert_eq!(lines("\n\r\r\na\rb", part), [("a", 4), ("b", 5)].map(own));
        }
        assert!(!LineSplitter::default().is_row(b" \t"));
    }

    proptest::proptest! {
        #[test]
        fn the_cut_of_the_text_changes_nothing(text in "[a \r\n]{0,20}", part in 1usize..5) {
            proptest::prop_assert_eq!(lines(&text, part), lines(&text, 100));
        }
    }
}
