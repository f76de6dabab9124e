//! A line of totals below the rows of a CSV file, as reports end with: `Итого;;;1 200`.
//!
//! It is no row. It is looked for once, when the file is opened, and the text then ends before it, so
//! that no pass ever sees it.

use std::ops::Range;
use std::sync::Arc;

use csv::ReaderBuilder;
use encoding_rs::{UTF_16BE, UTF_16LE};

use crate::post::Field;

use super::pass::PassStart;
use super::quotes::{FieldSpan, FieldSpans, line_ends};
use super::text_stream::{TextPlace, TextStream};
use super::{Chunk, ChunkLimits, Columns, ManifestError, Pass};

/// A line of totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TotalsLine {
    /// Its first byte in the file.
    pub start: u64,
    /// Its number.
    pub line: u64,
    /// What it says.
    pub text: String,
}

impl TotalsLine {
    /// Looks at the last line of a file whose rows begin there.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn find(rows: &PassStart, columns: &Columns) -> Result<Option<TotalsLine>, ManifestError> {
        let Some((start, line)) = last_line(rows)? else {
            return Ok(None);
        };
        let text = rows.text.encoding.decoded(&line);
        if !is_totals(&text, columns) {
            return Ok(None);
        }
        let above = PassStart {
            text: TextPlace {
                end: start,
                ..rows.text
            },
            ..rows.clone()
        };
        if !has_rows(&above)? {
            return Ok(None);
        }
        let line = 1 + lines(&above)?;
        Ok(Some(TotalsLine { start, line, text }))
    }
}

/// Bytes at the end of a file that are looked at; a longer line is none of totals.
const LOOKED_AT: u64 = 16 << 10;

/// The last line of a file that is not empty, and its first byte.
fn last_line(rows: &PassStart) -> Result<Option<(u64, Vec<u8>)>, ManifestError> {
    let (source, mark) = (&rows.source, rows.text.mark);
    let start = source.size().saturating_sub(LOOKED_AT).max(mark);
    // A unit of UTF-16 must not be cut.
    let start = start + (start - mark) % 2;
    let mut tail = vec![0; LOOKED_AT as usize];
    let mut length = 0;
    while length < tail.len() {
        match source.read_at(start + length as u64, &mut tail[length..])? {
            0 => break,
            more => length += more,
        }
    }
    tail.truncate(length);
    let line = last_line_of(&tail, Unit::of(&rows.text));
    Ok(line
        .filter(|line| line.start > 0)
        .map(|line| (start + line.start as u64, tail[line].to_vec())))
}

/// How the line ends of an encoding are written.
#[derive(Clone, Copy)]
enum Unit {
    Byte,
    Little,
    Big,
}

impl Unit {
    fn of(text: &TextPlace) -> Unit {
        match text.encoding.encoding() {
            encoding if encoding == UTF_16LE => Unit::Little,
            encoding if encoding == UTF_16BE => Unit::Big,
            _ => Unit::Byte,
        }
    }

    fn bytes(self) -> usize {
        match self {
            Unit::Byte => 1,
            Unit::Little | Unit::Big => 2,
        }
    }

    fn is_line_end(self, unit: &[u8]) -> bool {
        match (self, unit) {
            (Unit::Byte, [byte]) | (Unit::Little, [byte, 0]) | (Unit::Big, [0, byte]) => {
                matches!(byte, b'\n' | b'\r')
            }
            _ => false,
        }
    }
}

/// Where the last line stands that is not empty.
fn last_line_of(tail: &[u8], unit: Unit) -> Option<Range<usize>> {
    let size = unit.bytes();
    let is_end: Vec<bool> = tail
        .chunks_exact(size)
        .map(|bytes| unit.is_line_end(bytes))
        .collect();
    let end = 1 + is_end.iter().rposition(|is_end| !is_end)?;
    let start = is_end[..end]
        .iter()
        .rposition(|is_end| *is_end)
        .map_or(0, |at| at + 1);
    Some(start * size..end * size)
}

/// Whether there is a record between the header and the line.
fn has_rows(above: &PassStart) -> Result<bool, ManifestError> {
    let one = PassStart {
        limits: ChunkLimits {
            records: 1,
            ..above.limits
        },
        ..above.clone()
    };
    Pass::new(one, Arc::default()).next_chunk(&mut Chunk::default())
}

/// How many line ends stand above the line.
fn lines(above: &PassStart) -> Result<u64, ManifestError> {
    let whole = TextPlace {
        offset: 0,
        ..above.text
    };
    let (mut stream, mut block) = (TextStream::new(whole), vec![0; 128 << 10]);
    let (mut lines, mut after_cr) = (0, false);
    loop {
        let length = stream.read(&above.source, &mut block)?;
        let read = &block[..length];
        let Some(last) = read.last() else {
            return Ok(lines);
        };
        lines += line_ends(read) - u64::from(after_cr && read.starts_with(b"\n"));
        after_cr = *last == b'\r';
    }
}

/// Whether a line is one of totals: its first cell says so, it has no message, and where no one column
/// is the message, no other cell has a word.
fn is_totals(line: &str, columns: &Columns) -> bool {
    let spans: Vec<_> = FieldSpans::of(line.as_bytes(), columns.delimiter()).collect();
    let quotes = |span: &FieldSpan| {
        let field = &line.as_bytes()[span.start..span.end];
        field.iter().filter(|byte| **byte == b'"').count()
    };
    // Within a quoted text no line looks so.
    let is_sound = spans.iter().all(|span| match span.closed {
        Some(closed) => closed == span.end && quotes(span) % 2 == 0,
        None => quotes(span) == 0,
    });
    if !is_sound || spans.len() > columns.count() {
        return false;
    }
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .delimiter(columns.delimiter().byte())
        .from_reader(line.as_bytes());
    let Some(Ok(record)) = reader.records().next() else {
        return false;
    };
    let has_word = |cell: &str| cell.chars().any(char::is_alphabetic);
    let says_total = record.get(0).is_some_and(names_totals);
    says_total
        && match columns.place(Field::Message) {
            Some(message) => record.get(message).unwrap_or_default().trim().is_empty(),
            None => !record.iter().skip(1).any(has_word),
        }
}

/// What the first cell of a line of totals begins with, the longer ones first.
const TOTALS: &[&str] = &[
    "общий итог",
    "всего",
    "итого",
    "итог",
    "разом",
    "усього",
    "барлығы",
    "grand totals",
    "grand total",
    "subtotal",
    "totals",
    "total",
    "gesamtsumme",
    "gesamt",
    "summe",
    "razem",
    "suma",
    "totaux",
    "totale",
    "toplam",
];

/// Words that may follow it: what was counted.
const COUNTED: &[&str] = &[
    "запись",
    "записи",
    "записей",
    "строка",
    "строки",
    "строк",
    "шт",
    "row",
    "rows",
    "record",
    "records",
    "count",
];

/// Whether a cell says that its line is one of totals: a word for it, and behind that numbers, signs and
/// what was counted.
fn names_totals(cell: &str) -> bool {
    let cell = cell.trim().to_lowercase();
    let Some(rest) = TOTALS.iter().find_map(|word| cell.strip_prefix(word)) else {
        return false;
    };
    let mut words = rest.split(|letter: char| !letter.is_alphabetic());
    // Right behind the word no letter may stand: `totally`.
    words.next() == Some("") && words.all(|word| word.is_empty() || COUNTED.contains(&word))
        || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cell_names_totals() {
        for cell in [
            "Итого",
            " ИТОГО: ",
            "Всего",
            "Total",
            "Totals:",
            "Grand total",
            "Grand Totals (3 records)",
            "Итого: 2 записи",
            "Всего 1 200 строк",
            "Total: 5",
        ] {
            assert!(names_totals(cell), "{cell}");
        }
        for cell in [
            "",
            "1",
            "Totally",
            "Total Recall Ltd",
            "Итоговый отчёт",
            "Итого по сделке: клиент согласен",
            "Всеголовино",
        ] {
            assert!(!names_totals(cell), "{cell}");
        }
    }

    #[test]
    fn the_last_line_is_found_behind_blank_ones() {
        let last = |tail: &[u8], unit| last_line_of(tail, unit).map(|line| tail[line].to_vec());
        assert_eq!(
            last(b"a\nbc\r\n\r\n", Unit::Byte).as_deref(),
            Some(&b"bc"[..])
        );
        assert_eq!(last(b"abc", Unit::Byte).as_deref(), Some(&b"abc"[..]));
        assert_eq!(last(b"\n\n", Unit::Byte), None);
        let wide = |text: &str, to: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(to).collect()
        };
        for (unit, to) in [
            (Unit::Little, u16::to_le_bytes as fn(u16) -> [u8; 2]),
            (Unit::Big, u16::to_be_bytes),
        ] {
            // Its letters have the bytes of line ends.
            let text = wide("a\nЊऊ\u{a0d}\r\n", to);
            assert_eq!(last(&text, unit), Some(wide("Њऊ\u{a0d}", to)));
        }
    }
}
