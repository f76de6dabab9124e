//! The query string that stands for a command inside a batch.
//!
//! The server splits it with PHP's `parse_str`; every byte of a value but the unreserved ones is
//! percent-encoded, so that PHP returns exactly our bytes (WIRE §5). Brackets of the structure stay
//! as they are. The output is plain ASCII without quotes or backslashes, hence fit to stand in a
//! JSON string as it is.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::{Command, Value, base64_len};

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A leaf of a command's parameters: its name in PHP's bracket form, and its value.
pub(super) struct Leaf<'a> {
    pub name: String,
    pub value: &'a Value,
}

/// The leaves of a command, in order.
pub(super) fn leaves(command: &Command) -> Vec<Leaf<'_>> {
    let mut leaves = Vec::new();
    for (name, value) in &command.params {
        collect(&mut leaves, (*name).to_owned(), value);
    }
    leaves
}

fn collect<'a>(leaves: &mut Vec<Leaf<'a>>, name: String, value: &'a Value) {
    match value {
        Value::Text(_) | Value::File { .. } => leaves.push(Leaf { name, value }),
        Value::List(values) => {
            for (place, value) in values.iter().enumerate() {
                collect(leaves, format!("{name}[{place}]"), value);
            }
        }
        Value::Map(pairs) => {
            for (key, value) in pairs {
                collect(leaves, format!("{name}[{key}]"), value);
            }
        }
    }
}

/// Appends a text in percent-encoding.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    for piece in percent_encode(text.as_bytes(), RESERVED) {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// Appends base64 text with its `+`, `/` and `=` percent-encoded.
pub(super) fn push_base64(out: &mut Vec<u8>, base64: &[u8]) {
    let mut rest = base64;
    while let Some(at) = memchr::memchr3(b'+', b'/', b'=', rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(match rest[at] {
            b'+' => b"%2B",
            b'/' => b"%2F",
            _ => b"%3D",
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// How many bytes the command will take in a batch: exact for texts; files are counted with the
/// 1 in 16 that percent-encoding adds to base64 of evenly spread bytes.
pub fn encoded_size(command: &Command) -> u64 {
    let leaves = leaves(command);
    let sizes = leaves.iter().map(|leaf| {
        let value = match leaf.value {
            Value::Text(text) => text_size(text),
            Value::File { size, .. } => base64_len(*size) / 16 * 17 + 6,
            Value::List(_) | Value::Map(_) => 0,
        };
        leaf.name.len() as u64 + 2 + value
    });
    command.method.len() as u64 + sizes.sum::<u64>()
}

fn text_size(text: &str) -> u64 {
    percent_encode(text.as_bytes(), RESERVED)
        .map(|piece| piece.len() as u64)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stand_as_they_are() {
        let mut out = Vec::new();
        push_text(&mut out, "aZ9-._~ +%&=?#[]/\n\u{e9}\u{1f600}\"\\");
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "aZ9-._~%20%2B%25%26%3D%3F%23%5B%5D%2F%0A%C3%A9%F0%9F%98%80%22%5C"
        );
    }

    #[test]
    fn base64_keeps_its_letters_and_loses_its_signs() {
        let mut out = Vec::new();
        push_base64(&mut out, b"+a/b==");
        assert_eq!(out, b"%2Ba%2Fb%3D%3D");
    }

    #[test]
    fn leaves_are_named_as_php_nests_them() {
        let command = Command {
            method: "m",
            params: vec![(
                "fields",
                Value::Map(vec![
                    ("A", Value::Text("x".into())),
                    (
                        "L",
                        Value::List(vec![Value::List(vec![Value::Text("y".into())])]),
                    ),
                ]),
            )],
        };
        let names: Vec<_> = leaves(&command).into_iter().map(|leaf| leaf.name).collect();
        assert_eq!(names, ["fields[A]", "fields[L][0][0]"]);
    }
}
