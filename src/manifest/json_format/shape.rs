//! How a file of JSON is written, by how it begins.

use std::fmt;

use serde::de::IgnoredAny;

use crate::post::Field;

use super::fault::no_json;
use crate::manifest::RowFault;

/// How a file's JSON is written, or what the file is instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonShape {
    Array,
    /// Objects written over several lines.
    SeveralLines,
    /// Several objects on the first line.
    OneLine,
    /// Objects with commas behind them; the first on that line.
    Commas {
        line: usize,
    },
    /// RFC 7464.
    Sequence,
    /// `{'message': 'a'}`
    Python,
    Csv,
    NoJson,
    /// None of its first lines is JSON, the first of all for that reason.
    Broken {
        line: usize,
        fault: RowFault,
    },
    /// One object a line, but the file was taken for something else.
    Lines,
}

impl fmt::Display for JsonShape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JsonShape::Array => out.write_str("is a JSON array; give --input-format json"),
            JsonShape::SeveralLines => {
                out.write_str("holds JSON written over several lines; give --input-format json")
            }
            JsonShape::OneLine => {
                out.write_str("holds several JSON objects on one line; give --input-format json")
            }
            JsonShape::Commas { line } => write!(
                out,
                "has a comma behind the object on line {line}, as within a JSON array; remove the \
                 commas at the ends of the lines"
            ),
            JsonShape::Sequence => out.write_str(
                "is a JSON text sequence (RFC 7464); remove its record separators, as with: \
                 tr -d '\\036' < OLD > NEW.jsonl",
            ),
            JsonShape::Python => out.write_str(
                "holds Python's notation with single quotes, which is no JSON; write each row with \
                 json.dumps",
            ),
            JsonShape::Csv => out.write_str("looks like CSV; give --input-format csv"),
            JsonShape::NoJson => out.write_str("is no JSON: no line of it begins with { or ["),
            JsonShape::Broken { line, fault } => write!(
                out,
                "has no line of JSON among its first {FEW}; on line {line}: {fault}"
            ),
            JsonShape::Lines => {
                out.write_str("looks like JSON with one object a line; give --input-format jsonl")
            }
        }
    }
}

impl JsonShape {
    /// Whether it is JSON, if not one object a line.
    pub(in crate::manifest) fn is_json(&self) -> bool {
        match self {
            JsonShape::Array | JsonShape::SeveralLines | JsonShape::OneLine | JsonShape::Lines => {
                true
            }
            JsonShape::Commas { .. }
            | JsonShape::Sequence
            | JsonShape::Python
            | JsonShape::Csv
            | JsonShape::NoJson
            | JsonShape::Broken { .. } => false,
        }
    }
}

/// Whether a file holds JSON values in any shape rather than one object a line; `has_rows` where
/// the rows are said to be at a path.
///
/// # Errors
/// When it is neither, with what it is.
pub(in crate::manifest) fn values_not_lines(
    head: &[u8],
    is_whole: bool,
    has_rows: bool,
) -> Result<bool, JsonShape> {
    match not_lines(head) {
        Some(shape) if shape.is_json() => Ok(true),
        Some(shape) => Err(shape),
        None => Ok(has_rows || is_whole && is_one_object(head)),
    }
}

/// Whether the text is one object on one line, which may hold the rows.
fn is_one_object(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let has_lines = memchr::memchr2(b'\n', b'\r', text).is_some();
    // What was cut off by the end of the beginning is taken for one.
    let is_json = || match serde_json::from_slice::<IgnoredAny>(text) {
        Ok(_) => true,
        Err(error) => error.is_eof() && text.len() > LONG,
    };
    text.starts_with(b"{") && !has_lines && is_json()
}

/// Bytes of a line that is no usual one.
const LONG: usize = 32 << 10;

/// What is wrong with a JSONL file as a whole, by how it begins. None also where only its first
/// line is bad.
pub(in crate::manifest) fn not_lines(head: &[u8]) -> Option<JsonShape> {
    let text = String::from_utf8_lossy(head);
    let start = text.trim_start();
    match start.as_bytes().first()? {
        0x1e => Some(JsonShape::Sequence),
        b'[' | b'{' if is_python(start) => Some(JsonShape::Python),
        b'[' if is_array(start) => Some(JsonShape::Array),
        b'{' => {
            let line = 1 + line_ends(&text[..text.len() - start.len()]);
            objects(start, line).or_else(|| broken(start, line))
        }
        _ if has_object_line(start) => None,
        _ if is_csv(start) => Some(JsonShape::Csv),
        _ => Some(JsonShape::NoJson),
    }
}

/// How the JSON of a file is written that was to be CSV, or whose name doesn't tell; none if it
/// begins as no JSON does.
pub(in crate::manifest) fn json_in_csv(head: &[u8]) -> Option<JsonShape> {
    let mut bytes = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    match (bytes.next()?, bytes.next()) {
        (b'[', Some(b'{' | b'[' | b']')) => Some(JsonShape::Array),
        (b'{', Some(b'"' | b'\'' | b'}')) => not_lines(head).or(Some(JsonShape::Lines)),
        _ => None,
    }
}

/// Whether a text that begins with a bracket is one array, not a line with one among other lines.
fn is_array(text: &str) -> bool {
    let (line, rest) = first_line(text);
    match serde_json::from_str::<IgnoredAny>(line) {
        Ok(_) => rest.trim().is_empty(),
        Err(error) => error.is_eof(),
    }
}

/// Whether a text begins as a list or dictionary of Python's does, with a single quote.
fn is_python(text: &str) -> bool {
    let inner =
        text.trim_start_matches(|letter: char| letter.is_whitespace() || "[{".contains(letter));
    inner.starts_with('\'')
}

/// The shape of a text that begins with a brace.
fn objects(text: &str, line: usize) -> Option<JsonShape> {
    let (first, rest) = first_line(text);
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match values.next()? {
        Ok(_) => {
            let end = values.byte_offset();
            let behind = || text[end..].trim_start_matches([' ', '\t']);
            match end > first.len() {
                true => Some(JsonShape::SeveralLines),
                false if behind().starts_with(',') => Some(JsonShape::Commas { line }),
                false => behind().starts_with('{').then_some(JsonShape::OneLine),
            }
        }
        Err(error) => {
            let goes_on = error.is_eof() && !rest.trim().is_empty();
            (goes_on || first.trim() == "{").then_some(JsonShape::SeveralLines)
        }
    }
}

/// So many lines at a file's beginning must be bad for it to be no JSONL.
const FEW: usize = 10;

/// What is wrong with the first line, if it and those behind it are all no JSON.
fn broken(text: &str, line: usize) -> Option<JsonShape> {
    let is_blank = |line: &&str| line.trim().is_empty();
    let lines = || text.split_inclusive(['\n', '\r']);
    let whole = lines().filter(|line| line.ends_with(['\n', '\r']) && !is_blank(line));
    let faults: Vec<RowFault> = whole
        .take(FEW)
        .map_while(|line| no_json(line.trim_end()))
        .collect();
    let fault = faults.first().filter(|_| faults.len() == FEW)?.clone();
    Some(JsonShape::Broken { line, fault })
}

/// Whether a line further on begins with a brace.
fn has_object_line(text: &str) -> bool {
    let mut lines = text.split(['\n', '\r']);
    lines.any(|line| line.trim_start().starts_with('{'))
}

/// Whether the first line names a message as a CSV header does.
fn is_csv(text: &str) -> bool {
    let names = first_line(text).0.split([',', ';', '\t', '|']);
    let is_message = |name: &str| {
        let name = name.trim().trim_matches('"');
        Field::from_name(name) == Some(Field::Message)
    };
    names.into_iter().any(is_message)
}

fn first_line(text: &str) -> (&str, &str) {
    text.split_once(['\n', '\r']).unwrap_or((text, ""))
}

/// How many lines end in a text; CR LF is one end.
fn line_ends(text: &str) -> usize {
    text.matches('\n').count().max(text.matches('\r').count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_no_jsonl_as_a_whole_has_a_shape() {
        for (text, shape) in [
            ("", None),
            (" \n", None),
            ("{}", None),
            ("{\"a\":1}\n{\"a\":2}\n", None),
            ("{\"a\":1}{\"a\":2}\n", Some(JsonShape::OneLine)),
            ("{\"a\":\"x\n{\"a\":2}\n", None),
            ("{\"a\":1\n{\"a\":2}\n", None),
            ("{\"a\":1\n", None),
            ("{\"a\":1 x}\n{}", None),
            ("[1]\n{}\n", None),
            ("# comment\n{}\n", None),
            ("7\n{}\n", None),
            ("[1]", Some(JsonShape::Array)),
            ("[\n{}\n]", Some(JsonShape::Array)),
            ("[{\"a\":", Some(JsonShape::Array)),
            ("{\n\"a\":1\n}", Some(JsonShape::SeveralLines)),
            ("{\"a\":[\n{},\n{}\n]}", Some(JsonShape::SeveralLines)),
            ("{\"a\":[\n{},\n", Some(JsonShape::SeveralLines)),
            ("{\r\n?", Some(JsonShape::SeveralLines)),
            ("{\"a\":\n{\"a\":2}\n", Some(JsonShape::SeveralLines)),
            ("\r\n\n{\"a\":1},\n{}", Some(JsonShape::Commas { line: 3 })),
            ("{\"a\":1}, {}", Some(JsonShape::Commas { line: 1 })),
            ("{ 'a':1}", Some(JsonShape::Python)),
            ("[{'a':1},", Some(JsonShape::Python)),
            ("[package]\nname\n", Some(JsonShape::NoJson)),
            ("\u{1e}{}\n", Some(JsonShape::Sequence)),
            ("\"Title\";\"Message\"\n", Some(JsonShape::Csv)),
            ("hello\n", Some(JsonShape::NoJson)),
        ] {
            assert_eq!(not_lines(text.as_bytes()), shape, "{text:?}");
        }
    }

    #[test]
    fn one_object_on_one_line_may_hold_the_rows() {
        let values = |text: &str| values_not_lines(text.as_bytes(), true, false);
        for (text, expected) in [
            ("{\"a\":[{}]}\n", true),
            ("[{}]", true),
            ("{} {}", true),
            ("{\"a\":1}\n{\"a\":2}\n", false),
            ("{\"a\":NaN}\n", false),
            ("", false),
        ] {
            assert_eq!(values(text), Ok(expected), "{text}");
        }
        assert_eq!(values("{'a':1}"), Err(JsonShape::Python));
        assert_eq!(values_not_lines(b"{}\n{}", true, true), Ok(true));
        assert_eq!(values_not_lines(b"{}", false, false), Ok(false));
    }

    #[test]
    fn a_csv_header_is_no_json() {
        for text in [
            "message\n",
            "[message],{x}\n",
            "{message}",
            "\"{\"\"a\"\n",
            "",
        ] {
            assert_eq!(json_in_csv(text.as_bytes()), None, "{text}");
        }
        assert_eq!(json_in_csv(b"\n{\"a\":1}"), Some(JsonShape::Lines));
        assert_eq!(json_in_csv(b"[ {\"a\":1}"), Some(JsonShape::Array));
    }
}
