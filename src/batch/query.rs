//! The query string that stands for a command inside a batch.
//!
//! The server splits it with PHP's `parse_str`; every byte of a value but the unreserved ones is
//! percent-encoded, so that PHP returns exactly our bytes (bitrix24-rest.md §5). Brackets of the
//! structure stay as they are. The output is plain ASCII without quotes or backslashes, hence fit
//! to stand in a JSON string as it is.

use std::convert::Infallible;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Command, Value, base64_len};

/// All but RFC 3986's unreserved characters, which stand as they are.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Shows each leaf of a command's parameters in order, with its name in PHP's bracket form.
///
/// # Errors
/// The first that `show` returns, which ends it.
pub(super) fn each_leaf<'a, E>(
    command: &'a Command,
    mut show: impl FnMut(&str, &'a Value) -> Result<(), E>,
) -> Result<(), E> {
    let mut name = String::with_capacity(32);
    for (top, value) in &command.params {
        name.clear();
        name.push_str(top);
        each_below(&mut name, value, &mut show)?;
    }
    Ok(())
}

fn each_below<'a, E>(
    name: &mut String,
    value: &'a Value,
    show: &mut impl FnMut(&str, &'a Value) -> Result<(), E>,
) -> Result<(), E> {
    let end = name.len();
    let mut below = |key: &str, value| {
        name.extend(["[", key, "]"]);
        let shown = each_below(name, value, show);
        name.truncate(end);
        shown
    };
    match value {
        Value::Text(_) | Value::File { .. } => show(name, value),
        Value::List(values) => (values.iter().enumerate())
            .try_for_each(|(number, value)| below(&number.to_string(), value)),
        Value::Map(pairs) => pairs.iter().try_for_each(|(key, value)| below(key, value)),
        // PHP decodes names as it does values: such a one may hold `=` or `%`.
        Value::Named(pairs) => pairs.iter().try_for_each(|(key, value)| {
            below(&utf8_percent_encode(key, RESERVED).to_string(), value)
        }),
    }
}

/// Appends a text in percent-encoding.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len());
    for piece in utf8_percent_encode(text, RESERVED) {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// How many bytes the command will take in a batch: exact for texts; files are counted with the
/// 1 in 16 that percent-encoding adds to base64 of evenly spread bytes.
pub fn encoded_size(command: &Command) -> u64 {
    let mut size = command.method.len() as u64;
    let Ok(()) = each_leaf(command, |name, value| {
        let value = match value {
            Value::Text(text) => text_size(text),
            Value::File { size, .. } => base64_len(*size) / 16 * 17 + 6,
            Value::List(_) | Value::Map(_) | Value::Named(_) => 0,
        };
        size += name.len() as u64 + 2 + value;
        Ok::<(), Infallible>(())
    });
    size
}

fn text_size(text: &str) -> u64 {
    let pieces = utf8_percent_encode(text, RESERVED);
    pieces.map(|piece| piece.len() as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_hold_signs_are_encoded() {
        let filter = Value::Named(vec![("=%title".to_owned(), Value::Text("%a%".into()))]);
        let command = Command {
            method: "m",
            params: vec![("filter", filter)],
        };
        let mut names = Vec::new();
        let Ok(()) = each_leaf(&command, |name, _| {
            names.push(name.to_owned());
            Ok::<(), Infallible>(())
        });
        assert_eq!(names, ["filter[%3D%25title]"]);
    }

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
        let mut names = Vec::new();
        let Ok(()) = each_leaf(&command, |name, _| {
            names.push(name.to_owned());
            Ok::<(), Infallible>(())
        });
        assert_eq!(names, ["fields[A]", "fields[L][0][0]"]);
    }

    proptest::proptest! {
        #[test]
        fn the_size_of_a_text_is_foretold(text in "\\PC{0,40}[\u{0}-\u{20}+%&~._-]{0,9}") {
            let mut out = Vec::new();
            push_text(&mut out, &text);
            proptest::prop_assert_eq!(out.len() as u64, text_size(&text));
        }
    }
}
