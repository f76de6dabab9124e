//! Where the quotes of a CSV record break the rule, told so that a person finds the place.
//!
//! RFC 4180: behind a closing quote comes a delimiter or a line end. Where something else comes, a
//! quote was not doubled, or the closing one of an earlier line is missing. Nobody can tell by the
//! quotes alone which of the two it is, so such a record is never taken apart.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memmem};

use super::{Columns, RowFault};

/// What separates the fields of a CSV record.
pub(super) const DELIMITER: u8 = b',';

/// What the quotes of a record are like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Quotes {
    /// Whether it has quoted fields.
    pub quoted: bool,
    /// Whether a quote stands within a field that none has opened.
    pub bare: bool,
    /// Whether text follows a closing quote. The record ends with that line.
    pub stray: bool,
}

/// A quote that breaks the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddQuote {
    pub kind: OddKind,
    /// The physical line, and the character within it, from 1, of what should not be there: the
    /// text behind a closing quote, or the quote behind blanks.
    pub line: u64,
    pub column: usize,
    /// The line on which the field's quote was opened.
    pub opened: u64,
    /// The name of the field's column, where it is known.
    pub name: Option<String>,
    /// The field's text up to the end of that line.
    pub text: String,
}

/// What is odd about a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OddKind {
    /// Text follows it.
    TextBehind,
    /// The same, and a backslash stands before it: perhaps `\"` was meant for a quote.
    AfterBackslash,
    /// The same, and a later line has it where a field begins: perhaps the field that it closes
    /// should have ended on an earlier line.
    OpensAnother,
    /// Blanks stand between it and the delimiter before it.
    BlankBefore,
    /// It is doubled, as within a quoted text, and no quote opens the field.
    DoubledUnquoted,
    /// It ends a field that no quote opens, while all other fields are quoted.
    NotOpened,
}

/// A record without the one byte of its line end that is kept with it.
pub(super) fn without_end(record: &[u8]) -> &[u8] {
    record.split_last().map_or(record, |(_, text)| text)
}

impl fmt::Display for OddQuote {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OddQuote {
            line,
            column,
            opened,
            ..
        } = self;
        match self.kind {
            OddKind::BlankBefore => write!(out, "a blank before the quote in column {column}"),
            OddKind::NotOpened => write!(
                out,
                "a quote ends the text in column {column}, and none begins it as in the other fields"
            ),
            OddKind::DoubledUnquoted => {
                write!(
                    out,
                    "a doubled quote in column {column}, but no quote before the text"
                )
            }
            OddKind::OpensAnother => write!(
                out,
                "the quote opened on line {opened} is not closed before text follows another one in \
                 column {column} of line {line}"
            ),
            OddKind::TextBehind | OddKind::AfterBackslash => {
                write!(out, "text behind the closing quote in column {column}")?;
                match opened == line {
                    true => Ok(()),
                    false => write!(out, " of line {line}, opened on line {opened}"),
                }
            }
        }
    }
}

/// The fault of a record, given without its line end, whose quotes break the rule.
pub(super) fn odd_quote(
    text: &[u8],
    first_line: u64,
    quotes: Quotes,
    columns: &Columns,
) -> Option<RowFault> {
    if !quotes.stray && !quotes.bare {
        return None;
    }
    let odd = Places::of(text).find_map(|place| place.oddity(text).map(|odd| (place, odd)));
    let (place, (kind, at)) = odd.or_else(|| not_opened(text))?;
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let line_start = text[..at].iter().rposition(is_end).map_or(0, |end| end + 1);
    let line_end = text[at..]
        .iter()
        .position(is_end)
        .unwrap_or(text.len() - at)
        + at;
    Some(RowFault::OddQuote(Box::new(OddQuote {
        kind,
        line: first_line + line_ends(&text[..at]),
        column: lossy(&text[line_start..at]).chars().count() + 1,
        opened: first_line + line_ends(&text[..place.start]),
        name: columns.name_at(place.number).map(str::to_owned),
        text: lossy(&text[place.start.max(line_start)..line_end])
            .chars()
            .take(SHOWN)
            .collect(),
    })))
}

/// Characters of a field that are shown at the most, and a few more.
const SHOWN: usize = 100;

/// Whether a record that breaks the rule seems to end with its line: whether all its fields are
/// closed there if a quote closes only before a delimiter or the end, and is text elsewhere.
pub(super) fn seems_closed(text: &[u8]) -> bool {
    let (mut in_quotes, mut field_start) = (false, true);
    for (at, byte) in text.iter().enumerate() {
        let before_end = matches!(text.get(at + 1), None | Some(&DELIMITER));
        match byte {
            b'"' if in_quotes => in_quotes = !before_end,
            b'"' if field_start => in_quotes = true,
            _ => {}
        }
        field_start = *byte == DELIMITER && !in_quotes;
    }
    !in_quotes
}

/// Whether a field without an opening quote ends with a closing one: its quotes, doubled ones and
/// the last, are odd in number.
pub(super) fn has_orphan(text: &[u8]) -> bool {
    Places::of(text).any(|place| place.is_orphan(text))
}

/// The one field without an opening quote, if a closing one ends it.
fn not_opened(text: &[u8]) -> Option<(Place, (OddKind, usize))> {
    let mut unquoted = Places::of(text).filter(|place| place.closed.is_none());
    let place = unquoted.next()?;
    let is_one_of_many = unquoted.next().is_none() && Places::of(text).nth(1).is_some();
    let quote = place.end.checked_sub(1)?;
    (is_one_of_many && place.is_orphan(text)).then_some((place, (OddKind::NotOpened, quote)))
}

fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// How many line ends there are; CR LF is one.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
    ends.filter(|at| bytes[*at] == b'\r' || *at == 0 || bytes[at - 1] != b'\r')
        .count() as u64
}

/// The fields of a record one after the other.
struct Places<'t> {
    text: &'t [u8],
    /// Where the next one starts.
    next: Option<usize>,
    number: usize,
}

/// Where a field stands in its record.
struct Place {
    start: usize,
    /// Behind it; where text follows its closing quote, behind that text.
    end: usize,
    /// Its column, from 0.
    number: usize,
    /// Behind its closing quote, if it is a quoted one.
    closed: Option<usize>,
}

impl<'t> Places<'t> {
    fn of(text: &'t [u8]) -> Places<'t> {
        Places {
            text,
            next: Some(0),
            number: 0,
        }
    }
}

impl Iterator for Places<'_> {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let start = self.next?;
        let closed = self.text[start..]
            .starts_with(b"\"")
            .then(|| behind_quoted(self.text, start));
        let from = closed.unwrap_or(start);
        let delimiter = memchr(DELIMITER, &self.text[from..]).map(|at| from + at);
        self.next = delimiter.map(|at| at + 1);
        self.number += 1;
        Some(Place {
            start,
            end: delimiter.unwrap_or(self.text.len()),
            number: self.number - 1,
            closed,
        })
    }
}

/// Behind the closing quote of the field that starts there with a quote, or the end.
fn behind_quoted(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(quote) = memchr(b'"', &text[at..]) {
        at += quote + 1;
        if text.get(at) != Some(&b'"') {
            return at;
        }
        at += 1;
    }
    text.len()
}

impl Place {
    /// Whether a closing quote ends it that nothing has opened.
    fn is_orphan(&self, text: &[u8]) -> bool {
        let field = &text[self.start..self.end];
        let quotes = field.iter().filter(|byte| **byte == b'"').count();
        self.closed.is_none() && field.ends_with(b"\"") && quotes % 2 == 1
    }

    /// What is odd about its quotes, if anything, and where that is seen.
    fn oddity(&self, text: &[u8]) -> Option<(OddKind, usize)> {
        let Some(closed) = self.closed else {
            let field = text[self.start..self.end].trim_ascii_start();
            let start = self.end - field.len();
            if field.starts_with(b"\"") {
                return Some((OddKind::BlankBefore, start));
            }
            let doubled = memmem::find(field, b"\"\"")?;
            return Some((OddKind::DoubledUnquoted, start + doubled));
        };
        if closed == self.end {
            return None;
        }
        let before = text[..closed - 1].last();
        let kind = match before {
            Some(b'\\') => OddKind::AfterBackslash,
            Some(&DELIMITER | b'\n' | b'\r') if line_ends(&text[self.start..closed]) > 0 => {
                OddKind::OpensAnother
            }
            _ => OddKind::TextBehind,
        };
        Some((kind, closed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odd(record: &str) -> Option<OddQuote> {
        let quotes = Quotes {
            bare: true,
            ..Quotes::default()
        };
        match odd_quote(record.as_bytes(), 7, quotes, &Columns::default()) {
            Some(RowFault::OddQuote(quote)) => Some(*quote),
            None => None,
            Some(other) => panic!("{other}"),
        }
    }

    #[test]
    fn the_place_is_that_of_what_should_not_be_there() {
        for (record, kind, line, column) in [
            (
                r#"1,deal,1,"He said "hello" to us""#,
                OddKind::TextBehind,
                7,
                20,
            ),
            (r#"1,deal,1,"Он сказал "да"""#, OddKind::TextBehind, 7, 22),
            (r#"1,"back \"slash\" x""#, OddKind::AfterBackslash, 7, 11),
            (r#"1,""z"""#, OddKind::TextBehind, 7, 5),
            ("1,\"a\r\nb\"c", OddKind::TextBehind, 8, 3),
            ("1,\"a\n2,\"b\"", OddKind::OpensAnother, 8, 4),
            ("\"a\n\"b\",1", OddKind::OpensAnother, 8, 2),
            (r#"1, "a""#, OddKind::BlankBefore, 7, 4),
            (r#"1,a ""b""""#, OddKind::DoubledUnquoted, 7, 5),
            (r#""1",a b","deal""#, OddKind::NotOpened, 7, 8),
            ("1,\t\"a", OddKind::BlankBefore, 7, 4),
        ] {
            let odd = odd(record).unwrap();
            let found = (odd.kind, odd.line, odd.column, odd.opened);
            assert_eq!(found, (kind, line, column, 7), "{record}");
        }
        for good in [
            r#"a"b,c""#,
            r#""1",2,valve 3""#,
            r#""a","b""c","""#,
            "\"a\nb\",",
            " a \"b\"",
        ] {
            assert_eq!(odd(good), None, "{good}");
        }
    }

    #[test]
    fn a_line_seems_closed_where_a_naive_writer_would_have_closed_it() {
        for (record, closed) in [
            (r#"1,"He said "hello" to us""#, true),
            (r#"1,"a "b" c",deal,"d""#, true),
            (r#"1,""z"""#, true),
            (r#"1,"starts quoted" and goes on"#, false),
            (r#"1,"He said "hello"#, false),
            (r#"1,"a "b" c","d"#, false),
        ] {
            assert_eq!(seems_closed(record.as_bytes()), closed, "{record}");
        }
    }

    #[test]
    fn an_orphan_closes_what_nothing_has_opened() {
        for (record, orphan) in [
            (r#"and bye""#, true),
            (r#"bye",deal,1"#, true),
            (r#"""x"",say ""y"" bye""#, true),
            (r#"he said "bye""#, false),
            (r#"a,"b""#, false),
            (r#"6" pipe, 3" valve"#, false),
        ] {
            assert_eq!(has_orphan(record.as_bytes()), orphan, "{record}");
        }
    }

    #[test]
    fn line_ends_count_as_lines_do() {
        for (text, ends) in [("", 0), ("a", 0), ("a\nb\r\nc\rd", 3), ("\r\r\n\n", 3)] {
            assert_eq!(line_ends(text.as_bytes()), ends, "{text:?}");
        }
    }
}
