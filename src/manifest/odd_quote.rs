//! Where the quotes of a CSV record break the rule, told so that a person finds the place.
//!
//! RFC 4180: behind a closing quote comes a delimiter or a line end. Where something else comes, a
//! quote was not doubled, or the closing one of an earlier line is missing. Nobody can tell by the
//! quotes alone which of the two it is, so such a record is never taken apart.

use std::borrow::Cow;
use std::fmt;

use memchr::memmem;

use super::Delimiter;
use super::quotes::{FieldSpan, FieldSpans, Quotes, line_ends};

/// A quote that breaks the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddQuote {
    pub kind: OddKind,
    /// The physical line, and the character within it, from 1, of what should not be there: the text
    /// behind a closing quote, or the quote behind blanks.
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

/// The first quote that breaks the rule in a record, which is given without its line end, and the
/// number of its column, from 0.
pub(super) fn odd_quote(
    text: &[u8],
    first_line: u64,
    quotes: Quotes,
    delimiter: Delimiter,
) -> Option<(OddQuote, usize)> {
    if !quotes.stray && !quotes.bare {
        return None;
    }
    let odd = |field: FieldSpan| Some((oddity(&field, text, delimiter)?, field));
    let first = FieldSpans::of(text, delimiter).find_map(odd);
    let ((kind, at), field) = first.or_else(|| not_opened(text, delimiter))?;
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let line_start = text[..at].iter().rposition(is_end).map_or(0, |end| end + 1);
    let length = text[at..].iter().position(is_end);
    let line_end = length.map_or(text.len(), |length| at + length);
    let odd = OddQuote {
        kind,
        line: first_line + line_ends(&text[..at]),
        column: lossy(&text[line_start..at]).chars().count() + 1,
        opened: first_line + line_ends(&text[..field.start]),
        name: None,
        text: lossy(&text[field.start.max(line_start)..line_end])
            .chars()
            .take(SHOWN)
            .collect(),
    };
    Some((odd, field.number))
}

/// Characters of a field that are shown at the most, and a few more.
const SHOWN: usize = 100;

/// The one field without an opening quote, if a closing one ends it.
fn not_opened(text: &[u8], delimiter: Delimiter) -> Option<((OddKind, usize), FieldSpan)> {
    let mut unquoted = FieldSpans::of(text, delimiter).filter(|field| field.closed.is_none());
    let field = unquoted.next()?;
    let is_one_of_many =
        unquoted.next().is_none() && FieldSpans::of(text, delimiter).nth(1).is_some();
    let quote = field.end.checked_sub(1)?;
    (is_one_of_many && field.is_orphan(text)).then_some(((OddKind::NotOpened, quote), field))
}

fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// What is odd about a field's quotes, if anything, and where that is seen.
fn oddity(field: &FieldSpan, text: &[u8], delimiter: Delimiter) -> Option<(OddKind, usize)> {
    let Some(closed) = field.closed else {
        let visible = text[field.start..field.end].trim_ascii_start();
        let start = field.end - visible.len();
        if visible.starts_with(b"\"") {
            return Some((OddKind::BlankBefore, start));
        }
        let doubled = memmem::find(visible, b"\"\"")?;
        return Some((OddKind::DoubledUnquoted, start + doubled));
    };
    if closed == field.end {
        return None;
    }
    let kind = match text[..closed - 1].last() {
        Some(b'\\') => OddKind::AfterBackslash,
        Some(byte)
            if (*byte == delimiter.byte() || matches!(byte, b'\n' | b'\r'))
                && line_ends(&text[field.start..closed]) > 0 =>
        {
            OddKind::OpensAnother
        }
        _ => OddKind::TextBehind,
    };
    Some((kind, closed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odd(record: &str) -> Option<OddQuote> {
        let quotes = Quotes {
            bare: true,
            ..Quotes::default()
        };
        odd_quote(record.as_bytes(), 7, quotes, Delimiter::default()).map(|(odd, _)| odd)
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
}
