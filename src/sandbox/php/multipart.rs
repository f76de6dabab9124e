//! Bodies of the type `multipart/form-data`, which PHP takes apart before any script runs.

use bytes::Bytes;
use memchr::memmem;

use super::query::{MAX_INPUT_VARS, register};
use super::{Array, Php};

/// Reads the fields of a body; their names build arrays as in a query string, their values are
/// taken as they are. A part with a file name is an upload, which is no field.
///
/// Without a boundary in the media type PHP reads nothing.
pub fn parse_multipart(content_type: &str, body: &Bytes) -> Array {
    let mut vars = Array::new();
    let Some(boundary) = parameter(content_type, "boundary") else {
        return vars;
    };
    let delimiter = format!("--{boundary}");
    let begins_line = |at: &usize| *at == 0 || body[at - 1] == b'\n';
    let begins: Vec<usize> = memmem::find_iter(body, &delimiter)
        .filter(begins_line)
        .collect();
    // The last part is read to the end of the body where no delimiter ends it.
    let ends = begins.iter().skip(1).copied().chain([body.len()]);
    let parts = begins
        .iter()
        .zip(ends)
        .map(|(begin, end)| body.slice(begin + delimiter.len()..end));
    let fields = parts.filter_map(|part| field(&part));
    for (name, value) in fields.take(MAX_INPUT_VARS) {
        register(&mut vars, name.as_bytes(), Php::Text(value));
    }
    vars
}

/// Name and value of a part; the line break at its end is the delimiter's.
fn field(part: &Bytes) -> Option<(String, Bytes)> {
    let head_end = memmem::find(part, b"\r\n\r\n")?;
    let value = part.get(head_end + 4..)?;
    let value = value.strip_suffix(b"\r\n").unwrap_or(value);
    let head = String::from_utf8_lossy(&part[..head_end]);
    let disposition = head.lines().find(|line| {
        let name = line.split(':').next().unwrap_or_default();
        name.eq_ignore_ascii_case("content-disposition")
    })?;
    if parameter(disposition, "filename").is_some() {
        return None;
    }
    Some((parameter(disposition, "name")?, part.slice_ref(value)))
}

/// A parameter of a header.
fn parameter(header: &str, name: &str) -> Option<String> {
    let (_, mut rest) = header.split_once(';')?;
    while let Some((found, after)) = rest.split_once('=') {
        let (value, after) = read_value(after.trim_start());
        if found.trim().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        (_, rest) = after.split_once(';')?;
    }
    None
}

/// A value, out of its quotes, and what follows it. In quotes a backslash frees a quote or another
/// backslash.
fn read_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return (text[..end].trim().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        let next = characters.as_str().chars().next();
        match (character, next) {
            ('\\', Some(freed @ ('"' | '\\'))) => {
                value.push(freed);
                characters.next();
            }
            ('"', _) => return (value, &quoted[at + 1..]),
            _ => value.push(character),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::super::json_encode;
    use super::*;

    fn read(content_type: &str, body: &str) -> String {
        let fields = parse_multipart(content_type, &Bytes::copy_from_slice(body.as_bytes()));
        String::from_utf8(json_encode(&Php::Array(fields)).unwrap()).unwrap()
    }

    fn part(head: &str, value: &str) -> String {
        format!("--b-7\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n")
    }

    #[test]
    fn fields_are_taken_as_they_are_and_uploads_are_none() {
        let body = [
            part("name=\"fields[SPERM][U][]\"", "U1"),
            part("name=\"fields[SPERM][U][]\"", "U2"),
            part(
                "name=\"fields[MESSAGE]\"",
                "a+b %41\r\n--b or x--b-7 is no end",
            ),
            part("name=empty", ""),
            part("name=\"upload\"; filename=\"a.txt\"", "content"),
            part("nameless=\"x\"", "x"),
            "--b-7\r\nContent-Type: text/plain\r\n\r\nx\r\n".to_owned(),
            "--b-7--\r\n".to_owned(),
        ]
        .concat();
        let expected = r#"{"fields":{"SPERM":{"U":["U1","U2"]},"MESSAGE":"a+b %41\r\n--b or x--b-7 is no end"},"empty":""}"#;
        for content_type in [
            "multipart/form-data; boundary=b-7",
            "multipart/form-data;charset=utf-8; BOUNDARY=\"b-7\"",
        ] {
            assert_eq!(read(content_type, &body), expected, "{content_type}");
        }
        assert_eq!(read("multipart/form-data", &body), "[]");
    }

    #[test]
    fn a_part_that_is_not_closed_ends_with_the_body() {
        let content_type = "multipart/form-data; boundary=b-7";
        let whole = part("name=\"a\"", "1");
        let cut = part("name=\"b\"", "2");
        let both = r#"{"a":"1","b":"2"}"#;
        assert_eq!(read(content_type, &format!("{whole}{cut}")), both);
        for body in ["", "--b-7", "--b-7--", "--b-7\r\n\r\n--b-7--", "text"] {
            assert_eq!(read(content_type, body), "[]", "{body}");
        }
    }

    #[test]
    fn names_may_hold_what_separates_parameters() {
        let body = [
            part(r#"name="a;b=c""#, "1"),
            part(r#"name="q\"x""#, "2"),
            part(r#"x="filename=y"; name="a.b c""#, "3"),
        ]
        .concat();
        assert_eq!(
            read("multipart/form-data; boundary=b-7", &body),
            r#"{"a;b=c":"1","q\"x":"2","a_b_c":"3"}"#
        );
    }
}
