//! What the splitter tells of a CSV record's quotes, and where the fields stand by them. Used only
//! where the quotes are in question: what a field says is read by the engine in `csv_format::fields`.

use memchr::memchr;

use super::Delimiter;

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

/// A record without the one byte of its line end that is kept with it.
pub(super) fn without_end(record: &[u8]) -> &[u8] {
    record.split_last().map_or(record, |(_, text)| text)
}

/// Whether a record that breaks the rule seems to end with its line: whether all its fields are
/// closed there if a quote closes only before a delimiter or the end, and is text elsewhere.
pub(super) fn seems_closed(text: &[u8], delimiter: Delimiter) -> bool {
    let delimiter = delimiter.byte();
    let (mut in_quotes, mut field_start) = (false, true);
    for (at, byte) in text.iter().enumerate() {
        let before_end = text.get(at + 1).is_none_or(|next| *next == delimiter);
        match byte {
            b'"' if in_quotes => in_quotes = !before_end,
            b'"' if field_start => in_quotes = true,
            _ => {}
        }
        field_start = *byte == delimiter && !in_quotes;
    }
    !in_quotes
}

/// Whether a field without an opening quote ends with a closing one: its quotes, doubled ones and
/// the last, are odd in number.
pub(super) fn has_orphan(text: &[u8], delimiter: Delimiter) -> bool {
    FieldSpans::of(text, delimiter).any(|field| field.is_orphan(text))
}

/// How many line ends there are; CR LF is one.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
    ends.filter(|at| bytes[*at] == b'\r' || *at == 0 || bytes[at - 1] != b'\r')
        .count() as u64
}

/// The fields of a record one after the other.
pub(super) struct FieldSpans<'t> {
    text: &'t [u8],
    delimiter: u8,
    /// Where the next one starts.
    next: Option<usize>,
    number: usize,
}

/// Where a field stands in its record.
pub(super) struct FieldSpan {
    pub start: usize,
    /// Behind it; where text follows its closing quote, behind that text.
    pub end: usize,
    /// Its column, from 0.
    pub number: usize,
    /// Behind its closing quote, if it is a quoted one.
    pub closed: Option<usize>,
}

impl<'t> FieldSpans<'t> {
    pub fn of(text: &'t [u8], delimiter: Delimiter) -> FieldSpans<'t> {
        FieldSpans {
            text,
            delimiter: delimiter.byte(),
            next: Some(0),
            number: 0,
        }
    }
}

impl Iterator for FieldSpans<'_> {
    type Item = FieldSpan;

    fn next(&mut self) -> Option<FieldSpan> {
        let start = self.next?;
        let closed = self.text[start..]
            .starts_with(b"\"")
            .then(|| behind_quoted(self.text, start));
        let from = closed.unwrap_or(start);
        let delimiter = memchr(self.delimiter, &self.text[from..]).map(|at| from + at);
        self.next = delimiter.map(|at| at + 1);
        self.number += 1;
        Some(FieldSpan {
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

impl FieldSpan {
    /// Whether a closing quote ends it that nothing has opened.
    pub fn is_orphan(&self, text: &[u8]) -> bool {
        let field = &text[self.start..self.end];
        let quotes = field.iter().filter(|byte| **byte == b'"').count();
        self.closed.is_none() && field.ends_with(b"\"") && quotes % 2 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(
                seems_closed(record.as_bytes(), Delimiter::default()),
                closed,
                "{record}"
            );
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
            assert_eq!(
                has_orphan(record.as_bytes(), Delimiter::default()),
                orphan,
                "{record}"
            );
        }
    }

    #[test]
    fn line_ends_count_as_lines_do() {
        for (text, ends) in [("", 0), ("a", 0), ("a\nb\r\nc\rd", 3), ("\r\r\n\n", 3)] {
            assert_eq!(line_ends(text.as_bytes()), ends, "{text:?}");
        }
    }
}
