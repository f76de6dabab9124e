//! The fields of one CSV record, taken apart by the engine of the csv crate.
//!
//! The crate's reader begins at the start of a file and counts lines in its own way. Here records come
//! from anywhere in the manifest, one after the other, as the splitter has cut them; so its engine is
//! used directly. This file must have no idea of its own of what a quote means, and is never given a
//! record whose quotes break the rule.

use std::ops::Range;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::manifest::{Cell, Delimiter};

/// Takes records apart, one after the other, in memory that is used again.
#[derive(Debug)]
pub(in crate::manifest) struct CsvFields {
    delimiter: Delimiter,
    engine: Reader,
    /// The fields' bytes, one behind the other.
    bytes: Vec<u8>,
    /// Where each expected field ends in there.
    ends: Vec<usize>,
}

/// The fields of a record.
#[derive(Clone, Copy, Debug)]
pub(in crate::manifest) struct Fields<'r> {
    bytes: &'r [u8],
    /// The same, if it is plain text; found out once for all fields.
    text: Option<&'r str>,
    ends: &'r [usize],
    count: usize,
}

impl CsvFields {
    /// For records of that many fields. Of others the fields are only counted.
    pub fn new(expected: usize, delimiter: Delimiter) -> CsvFields {
        CsvFields {
            delimiter,
            engine: engine(delimiter),
            bytes: Vec::new(),
            ends: vec![0; expected.max(1)],
        }
    }

    /// Takes a record apart, which ends with one byte of its line end.
    pub fn split(&mut self, record: &[u8]) -> Fields<'_> {
        if self.bytes.len() < record.len() {
            self.bytes.resize(record.len(), 0);
        }
        let (mut read, mut written, mut count) = (0, 0, 0);
        loop {
            let (bytes, ends) = (&mut self.bytes[written..], &mut self.ends);
            let (result, taken, given, fields) =
                self.engine.read_record(&record[read..], bytes, ends);
            (read, written, count) = (read + taken, written + given, count + fields);
            match result {
                ReadRecordResult::OutputEndsFull => {}
                ReadRecordResult::Record => break,
                _ => {
                    // Nothing of a record that is not whole may reach the next one.
                    self.engine = engine(self.delimiter);
                    break;
                }
            }
        }
        let bytes = &self.bytes[..written];
        Fields {
            bytes,
            text: str::from_utf8(bytes)
                .ok()
                .filter(|text| !has_control_chars(text)),
            ends: &self.ends,
            count,
        }
    }
}

/// An engine before a record. It would drop a byte order mark from the first thing that it is shown,
/// so that is an empty line. A clone of an engine would not do: it doesn't know a delimiter from a
/// letter (csv-core 0.1.13).
fn engine(delimiter: Delimiter) -> Reader {
    let mut engine = ReaderBuilder::new().delimiter(delimiter.byte()).build();
    engine.read_record(b"\n", &mut [0], &mut [0]);
    engine
}

impl<'r> Fields<'r> {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The field of a column, from 0, if there are as many as expected.
    pub fn field(&self, column: usize) -> &'r [u8] {
        &self.bytes[self.range(column)]
    }

    /// The same as a cell.
    #[inline(always)]
    pub fn cell(&self, column: usize) -> Cell<'r> {
        let (field, text) = (self.range(column), self.text);
        match text.and_then(|text| text.get(field.clone())) {
            Some(text) => Cell::Text(text),
            None => Cell::Csv(&self.bytes[field]),
        }
    }

    #[inline(always)]
    fn range(&self, column: usize) -> Range<usize> {
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[column]
    }

    /// All of them, if there are as many as expected.
    #[cfg(test)]
    pub fn iter(&self) -> impl Iterator<Item = &'r [u8]> {
        (0..self.count).map(|column| self.field(column))
    }
}

/// Whether there are control characters other than tab and line ends.
pub fn has_control_chars(text: &str) -> bool {
    let is_control = |byte: u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r');
    // Without a way out of the loop the compiler looks at many bytes at once.
    text.bytes()
        .fold(false, |found, byte| found | is_control(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::csv_format::splitter::CsvSplitter;
    use crate::manifest::splitter::Splitter;

    fn fields(expected: usize, record: &str) -> Vec<String> {
        let mut fields = CsvFields::new(expected, Delimiter::default());
        let text = |field: &[u8]| String::from_utf8(field.to_vec()).unwrap();
        let read = fields.split(record.as_bytes());
        read.iter().map(text).collect()
    }

    fn by_the_csv_crate(record: &[u8]) -> Vec<Vec<u8>> {
        // The crate drops a byte order mark from the start of a file.
        let file = [b"a\n", record].concat();
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(&file[..]);
        let record = reader.byte_records().next().unwrap().unwrap();
        record.iter().map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn fields_beyond_the_expected_ones_are_counted() {
        for (record, count) in [
            ("a,b,c\n", 3),
            ("a,\"b\",\n", 3),
            ("a,\"b\"\"\",c,d\n", 4),
            (&format!("\"a\"{}\n", ",".repeat(100)), 101),
        ] {
            let mut fields = CsvFields::new(1, Delimiter::default());
            let read = fields.split(record.as_bytes());
            assert_eq!(read.count(), count, "{record}");
        }
    }

    #[test]
    fn a_mark_at_the_start_is_text_like_any_other() {
        for record in ["\u{feff}a,b\n", "\u{feff}a,\"b\"\n"] {
            assert_eq!(fields(2, record), ["\u{feff}a", "b"]);
        }
    }

    #[test]
    fn one_record_leaves_nothing_for_the_next() {
        let mut fields = CsvFields::new(2, Delimiter::default());
        fields.split(b"long text,\"and\nmore\"\n");
        for record in [&b"x\n"[..], b"\"x\"\n"] {
            let read = fields.split(record);
            assert_eq!(read.iter().collect::<Vec<_>>(), [b"x"]);
            assert_eq!(read.count(), 1);
        }
    }

    proptest::proptest! {
        #[test]
        fn records_without_quoted_fields_split_as_the_csv_crate_splits_them(
            cells in proptest::collection::vec("([a ;\t\u{e9}€\u{feff}][a \"€]{0,3})?", 1..6)
        ) {
            let mut fields = CsvFields::new(cells.len(), Delimiter::default());
            // A lone empty cell would be a blank line.
            let line = format!("a{}\n", cells.join(","));
            let split: Vec<Vec<u8>> = fields.split(line.as_bytes()).iter().map(<[u8]>::to_vec).collect();
            proptest::prop_assert_eq!(split, by_the_csv_crate(line.as_bytes()));
        }

        #[test]
        fn quoted_fields_are_read_as_the_csv_crate_reads_them(
            cells in proptest::collection::vec(
                "[a \"]{0,2}|\"([a,;\r\n\u{e9}€]|\"\"){0,4}\"[a\"]{0,1}", 1..6),
            line_end in "[\r\n]",
        ) {
            let line = format!("\"\",{}{line_end}", cells.join(","));
            let mut splitter = CsvSplitter::new(Delimiter::default());
            let step = splitter.scan(line.as_bytes());
            if !step.ended || step.used < line.len() || splitter.quotes().stray {
                // A quote is left open, text follows one, or a line end stands outside of quotes.
                return Ok(());
            }
            let mut fields = CsvFields::new(line.len(), Delimiter::default());
            let read: Vec<Vec<u8>> = fields.split(line.as_bytes()).iter().map(<[u8]>::to_vec).collect();
            proptest::prop_assert_eq!(read, by_the_csv_crate(line.as_bytes()));
        }
    }
}
