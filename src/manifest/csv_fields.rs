//! One CSV record taken apart: where it stands, by its delimiters and quotes, or else copied out of
//! its quotes into buffers that are used again. Both are several times as fast as the csv crate's
//! own engine, which goes through a record byte by byte. Only records whose quotes keep the rule
//! come here, and tests hold the two and the csv crate together.

use std::ops::Range;

use memchr::memchr;

use super::Cell;
use super::quotes::{DELIMITER, without_end};

/// What taking records apart needs, for one record after the other.
#[derive(Debug)]
pub(super) struct CsvFields {
    /// Where each expected field stands in the record, or in the text.
    places: Box<[Range<usize>]>,
    /// The bytes of fields that don't stand in the record as they read, one behind the other.
    text: Vec<u8>,
}

/// The fields of a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'r> {
    bytes: &'r [u8],
    /// The same, if that is plain text: found out once for all fields.
    text: Option<&'r str>,
    places: &'r [Range<usize>],
    count: usize,
}

impl CsvFields {
    /// Room for records of that many fields. Further ones are only counted.
    pub fn new(expected: usize) -> CsvFields {
        CsvFields {
            places: vec![0..0; expected].into(),
            text: Vec::new(),
        }
    }

    /// Takes a record apart. The bytes must be one record with one byte of its line end, quotes
    /// closed; `is_quoted` tells whether it has quoted fields, and the text is the same record, if
    /// that is known to be plain.
    pub fn split<'r>(
        &'r mut self,
        record: &'r [u8],
        is_quoted: bool,
        text: Option<&'r str>,
    ) -> Fields<'r> {
        let found = match is_quoted {
            false => self.find::<false>(record),
            true => self.find::<true>(record),
        };
        if let Some(count) = found {
            return Fields {
                bytes: record,
                text: text.or_else(|| plain_text(record)),
                places: &self.places,
                count,
            };
        }
        let count = self.copy_out(record);
        Fields {
            bytes: &self.text,
            text: plain_text(&self.text),
            places: &self.places,
            count,
        }
    }

    /// Finds the fields where they stand, and tells how many there are. None where one of them is
    /// more than what stands between two quotes.
    fn find<const IS_QUOTED: bool>(&mut self, record: &[u8]) -> Option<usize> {
        let end = record.len().checked_sub(1)?;
        let (mut count, mut start) = (0, 0);
        // The field in hand, if quoted, ends there; else a place before it.
        let (mut closing, mut is_odd) = (0, false);
        let mut delimiter = |at: usize| {
            let mut place = start..at;
            if IS_QUOTED && start < end && record[start] == b'"' {
                if closing <= start {
                    let quoted = &record[start + 1..end];
                    closing = start + 1 + memchr(b'"', quoted).unwrap_or(quoted.len());
                }
                if at <= closing {
                    return;
                }
                is_odd |= at > closing + 1;
                place = start + 1..closing;
            }
            put(&mut self.places, count, place);
            count += 1;
            start = at + 1;
        };
        each_delimiter(&record[..end], &mut delimiter);
        delimiter(end);
        (!is_odd && start > end).then_some(count)
    }

    /// Copies the fields out of their quotes, and tells how many there are.
    fn copy_out(&mut self, record: &[u8]) -> usize {
        let mut rest = without_end(record);
        let mut count = 0;
        self.text.clear();
        loop {
            let start = self.text.len();
            if let Some(quoted) = rest.strip_prefix(b"\"") {
                rest = self.copy_quoted(quoted);
            }
            let end = memchr(DELIMITER, rest).unwrap_or(rest.len());
            self.text.extend_from_slice(&rest[..end]);
            put(&mut self.places, count, start..self.text.len());
            count += 1;
            match rest.get(end + 1..) {
                Some(after) => rest = after,
                None => return count,
            }
        }
    }

    /// Copies a quoted text, and tells what stands behind its closing quote.
    fn copy_quoted<'r>(&mut self, mut quoted: &'r [u8]) -> &'r [u8] {
        while let Some(quote) = memchr(b'"', quoted) {
            let is_doubled = quoted.get(quote + 1) == Some(&b'"');
            let end = quote + usize::from(is_doubled);
            self.text.extend_from_slice(&quoted[..end]);
            quoted = &quoted[end + 1..];
            if !is_doubled {
                break;
            }
        }
        quoted
    }
}

impl<'r> Fields<'r> {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The field of a column, from 0; one of those expected.
    #[inline(always)]
    pub fn cell(&self, column: usize) -> Cell<'r> {
        let place = self.places[column].clone();
        let text = self.text.and_then(|text| text.get(place.clone()));
        text.map_or(Cell::Csv(&self.bytes[place]), Cell::Text)
    }

    /// Each field's bytes.
    #[cfg(test)]
    pub fn iter(&self) -> impl Iterator<Item = &'r [u8]> {
        (0..self.count()).map(|column| match self.cell(column) {
            Cell::Csv(bytes) => bytes,
            Cell::Text(text) => text.as_bytes(),
            Cell::Absent | Cell::Json { .. } => &[],
        })
    }
}

/// Keeps where a field stands, if it is one of those expected.
fn put(places: &mut [Range<usize>], field: usize, place: Range<usize>) {
    if let Some(known) = places.get_mut(field) {
        *known = place;
    }
}

/// Tells where each delimiter is. Fields are so short that looking for eight bytes at once is
/// quicker than beginning anew behind each delimiter, as memchr does.
fn each_delimiter(record: &[u8], mut tell: impl FnMut(usize)) {
    const LOW: u64 = u64::MAX / 0xff;
    const HIGH: u64 = LOW << 7;
    let (words, rest) = record.as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        // A delimiter's byte becomes 0, and then the only one whose highest bit is set.
        let others = u64::from_le_bytes(*word) ^ (LOW * u64::from(DELIMITER));
        let mut found = !(((others & !HIGH) + !HIGH) | others) & HIGH;
        while found != 0 {
            tell(place * 8 + found.trailing_zeros() as usize / 8);
            found &= found - 1;
        }
    }
    for (place, byte) in rest.iter().enumerate() {
        if *byte == DELIMITER {
            tell(words.len() * 8 + place);
        }
    }
}

/// The bytes as text, if they are UTF-8 without control characters other than tab and line ends.
pub(super) fn plain_text(bytes: &[u8]) -> Option<&str> {
    match has_control_chars(bytes) {
        true => None,
        false => std::str::from_utf8(bytes).ok(),
    }
}

/// Whether there are control characters other than tab and line ends.
pub fn has_control_chars(bytes: &[u8]) -> bool {
    let is_control =
        |byte: u8| byte == 0x7f || (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'));
    // Without a way out of the loop the compiler looks at many bytes at once.
    let either = |found, byte: &u8| found | is_control(*byte);
    bytes.iter().fold(false, either)
}

#[cfg(test)]
mod tests {
    use super::super::InputFormat;
    use super::super::splitter::Splitter;
    use super::*;

    fn read<'r>(fields: &'r mut CsvFields, record: &'r [u8]) -> Fields<'r> {
        fields.split(record, record.contains(&b'"'), None)
    }

    fn fields(expected: usize, record: &str) -> Vec<String> {
        let mut fields = CsvFields::new(expected);
        let text = |field: &[u8]| String::from_utf8(field.to_vec()).unwrap();
        let read = read(&mut fields, record.as_bytes());
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
            let mut fields = CsvFields::new(1);
            let read = read(&mut fields, record.as_bytes());
            assert_eq!(read.count(), count, "{record}");
            assert!(matches!(read.cell(0), Cell::Text("a")), "{record}");
        }
    }

    #[test]
    fn a_mark_at_the_start_is_text_like_any_other() {
        for record in ["\u{feff}a,b\n", "\u{feff}a,\"b\"\n"] {
            assert_eq!(fields(2, record), ["\u{feff}a", "b"]);
        }
    }

    #[test]
    fn cells_are_text_where_the_whole_record_is_plain() {
        let cells = |record: &[u8]| -> Vec<bool> {
            let mut fields = CsvFields::new(2);
            let read = read(&mut fields, record);
            let is_text = |place| matches!(read.cell(place), Cell::Text(_));
            (0..read.count()).map(is_text).collect()
        };
        assert_eq!(cells("a,\u{e9}\n".as_bytes()), [true; 2]);
        assert_eq!(cells(b"a,\"b\tc\nd\"\n"), [true; 2]);
        for odd in [&b"a,\xe9\n"[..], b"a,\x01\n", b"\xc3,\xa9\n"] {
            assert_eq!(cells(odd), [false; 2]);
        }
        // Copied out, the two halves of a letter stand beside each other.
        for halves in [&b"\"\xc3\",\xa9\n"[..], b"\"\"\"\xc3\",\xa9\n"] {
            assert_eq!(cells(halves), [false; 2]);
        }
    }

    #[test]
    fn one_record_leaves_nothing_for_the_next() {
        let mut fields = CsvFields::new(2);
        read(&mut fields, b"long text,\"and\nmore\"\n");
        for record in [&b"x\n"[..], b"\"x\"\n"] {
            let read = read(&mut fields, record);
            assert_eq!(read.iter().collect::<Vec<_>>(), [b"x"]);
            assert_eq!(read.count(), 1);
        }
    }

    proptest::proptest! {
        #[test]
        fn records_without_quoted_fields_split_as_the_csv_crate_splits_them(
            cells in proptest::collection::vec("([a ;\t\u{e9}€\u{feff}][a \"€]{0,3})?", 1..6)
        ) {
            let mut fields = CsvFields::new(cells.len());
            // A lone empty cell would be a blank line.
            let line = format!("a{}\n", cells.join(","));
            let split: Vec<Vec<u8>> = fields.split(line.as_bytes(), false, None).iter().map(<[u8]>::to_vec).collect();
            proptest::prop_assert_eq!(split, by_the_csv_crate(line.as_bytes()));
        }

        #[test]
        fn quoted_fields_are_read_as_the_csv_crate_reads_them(
            cells in proptest::collection::vec(
                "[a \"]{0,2}|\"([a,;\r\n\u{e9}€]|\"\"){0,4}\"[a\"]{0,1}", 1..6),
            line_end in "[\r\n]",
        ) {
            let line = format!("\"\",{}{line_end}", cells.join(","));
            let mut splitter = Splitter::new(InputFormat::Csv);
            let step = splitter.scan(line.as_bytes());
            if !step.ended || step.used < line.len() || splitter.quotes().stray {
                // A quote is left open, text follows one, or a line end stands outside of quotes.
                return Ok(());
            }
            let mut fields = CsvFields::new(line.len());
            let read: Vec<Vec<u8>> = fields.split(line.as_bytes(), true, None).iter().map(<[u8]>::to_vec).collect();
            proptest::prop_assert_eq!(read, by_the_csv_crate(line.as_bytes()));
        }
    }
}
