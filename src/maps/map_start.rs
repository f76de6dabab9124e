//! How a map file is written: what separates its columns, and on which line its header stands.

use csv::{ByteRecord, ReaderBuilder};

use crate::manifest::Delimiter;

/// How a map file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapStart {
    /// What separates the columns.
    pub delimiter: Delimiter,
    /// Whether a byte order mark stands in front.
    pub has_mark: bool,
    /// Bytes before the header: the mark, and a line such as `sep=;`.
    pub header_at: usize,
    /// Physical lines before it.
    pub lines_before: u64,
}

const MARK: &[u8] = b"\xef\xbb\xbf";

impl MapStart {
    /// Finds out by the first bytes of a file. The delimiter is the one by which the first line has
    /// most of the columns that it should have.
    pub fn find(text: &[u8], columns: &[&str]) -> MapStart {
        let has_mark = text.starts_with(MARK);
        let mark = if has_mark { MARK.len() } else { 0 };
        let (said, behind) = sep_line(&text[mark..]);
        let header_at = mark + behind;
        let named = |delimiter: &Delimiter| {
            let header = first_record(&text[header_at..], *delimiter);
            let names = columns.iter().filter(|name| place(&header, name).is_some());
            (names.count(), header.len())
        };
        // The first of those that fit alike: `max_by_key` would take the last.
        let fitting = Delimiter::USUAL.into_iter().rev().max_by_key(named);
        MapStart {
            delimiter: said.or(fitting).unwrap_or_default(),
            has_mark,
            header_at,
            lines_before: u64::from(behind > 0),
        }
    }
}

/// The delimiter that a first line such as `sep=;` names, and where the next line begins.
fn sep_line(text: &[u8]) -> (Option<Delimiter>, usize) {
    let Some(end) = memchr::memchr(b'\n', text).map(|end| end + 1) else {
        return (None, 0);
    };
    let line = text[..end].strip_suffix(b"\n").unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match line {
        [s, e, p, b'=', byte] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            (Delimiter::of_byte(*byte), end)
        }
        _ => (None, 0),
    }
}

fn first_record(text: &[u8], delimiter: Delimiter) -> ByteRecord {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter.byte())
        .from_reader(text);
    let mut record = ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(_) => record,
        Err(_) => ByteRecord::new(),
    }
}

/// Where a column of that name stands, in any letter case.
pub fn place(header: &ByteRecord, name: &str) -> Option<usize> {
    let is_it = |cell: &[u8]| cell.trim_ascii().eq_ignore_ascii_case(name.as_bytes());
    header.iter().position(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_by_which_the_columns_are_found() {
        for (text, delimiter, has_mark, lines) in [
            ("type,old_id,id\n", ",", false, 0),
            ("Type;Old_ID;ID;a,b,c,d,e\r\n", ";", false, 0),
            ("\u{feff}old\tid\n", "tab", true, 0),
            ("\u{feff}sep=|\r\nold|id\n", "|", true, 1),
            ("", ",", false, 0),
            ("old", ",", false, 0),
        ] {
            let start = MapStart::find(text.as_bytes(), &["type", "old_id", "old", "id"]);
            let found = (
                start.delimiter.to_string(),
                start.has_mark,
                start.lines_before,
            );
            assert_eq!(found, (delimiter.to_owned(), has_mark, lines), "{text}");
        }
    }
}
