//! One CSV record taken apart by the csv crate's own engine, into buffers that are used again.

use csv_core::{ReadRecordResult, Reader};

/// The fields of the record read last.
#[derive(Debug)]
pub(super) struct CsvFields {
    engine: Reader,
    /// The fields' bytes, unquoted, one behind the other.
    text: Vec<u8>,
    /// Where each field ends in `text`.
    ends: Vec<usize>,
    /// Fields in the record.
    count: usize,
}

impl CsvFields {
    /// Room for records of that many fields; more are possible.
    pub fn new(expected: usize) -> CsvFields {
        let mut engine = Reader::new();
        // The engine drops a byte order mark from the first bytes it ever sees. Ours are from
        // within the file, so a line end takes that place.
        engine.read_record(b"\n", &mut [0; 1], &mut [0; 1]);
        CsvFields {
            engine,
            text: Vec::new(),
            ends: vec![0; expected + 1],
            count: 0,
        }
    }

    /// Takes a record apart. The bytes must be one record with its line end, quotes closed.
    pub fn read(&mut self, mut record: &[u8]) {
        if self.text.len() < record.len() {
            self.text.resize(record.len(), 0);
        }
        let (mut text_end, mut count) = (0, 0);
        loop {
            let (result, used, written, fields) = self.engine.read_record(
                record,
                &mut self.text[text_end..],
                &mut self.ends[count..],
            );
            record = &record[used..];
            text_end += written;
            count += fields;
            match result {
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2 + 1, 0),
                ReadRecordResult::InputEmpty | ReadRecordResult::Record | ReadRecordResult::End => {
                    break;
                }
            }
        }
        self.count = count;
    }

    /// How many fields the record has.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends[..self.count].iter().map(move |end| {
            let field = &self.text[start..*end];
            start = *end;
            field
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(expected: usize, record: &str) -> Vec<String> {
        let mut fields = CsvFields::new(expected);
        fields.read(record.as_bytes());
        let text = |field: &[u8]| String::from_utf8(field.to_vec()).unwrap();
        fields.iter().map(text).collect()
    }

    #[test]
    fn more_fields_than_expected_fit() {
        assert_eq!(
            fields(1, "a,b,c,\"d\"\"e\",\n"),
            ["a", "b", "c", "d\"e", ""]
        );
    }

    #[test]
    fn a_mark_at_the_start_is_text_like_any_other() {
        assert_eq!(fields(2, "\u{feff}a,b\n"), ["\u{feff}a", "b"]);
    }

    #[test]
    fn one_record_leaves_nothing_for_the_next() {
        let mut fields = CsvFields::new(2);
        fields.read(b"long text,\"and\nmore\"\n");
        fields.read(b"x\n");
        assert_eq!(fields.iter().collect::<Vec<_>>(), [b"x"]);
        assert_eq!(fields.count(), 1);
    }
}
