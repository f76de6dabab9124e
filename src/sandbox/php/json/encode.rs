//! `json_encode` with PHP's defaults: `/` escaped, everything beyond ASCII as `\u`.

use super::super::{Array, Php};

/// A text that is not UTF-8, or a number that JSON has no form for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unencodable;

/// The JSON text of a value. An array is a list when its keys are 0, 1, 2 …, so an empty one is
/// always `[]` (bitrix24-rest.md §4.2).
///
/// # Errors
/// PHP gives nothing at all for a value with one bad text somewhere in it.
pub fn json_encode(value: &Php) -> Result<Vec<u8>, Unencodable> {
    let mut out = Vec::with_capacity(256);
    write_value(&mut out, value)?;
    Ok(out)
}

fn write_value(out: &mut Vec<u8>, value: &Php) -> Result<(), Unencodable> {
    match value {
        Php::Null => out.extend_from_slice(b"null"),
        Php::Bool(true) => out.extend_from_slice(b"true"),
        Php::Bool(false) => out.extend_from_slice(b"false"),
        Php::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Php::Float(number) => write_float(out, *number)?,
        Php::Text(text) => write_text(out, text)?,
        Php::Array(array) if array.is_list() => write_list(out, array)?,
        Php::Array(array) => write_object(out, array)?,
    }
    Ok(())
}

fn write_list(out: &mut Vec<u8>, array: &Array) -> Result<(), Unencodable> {
    out.push(b'[');
    for (position, value) in array.values().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_value(out, value)?;
    }
    out.push(b']');
    Ok(())
}

fn write_object(out: &mut Vec<u8>, array: &Array) -> Result<(), Unencodable> {
    out.push(b'{');
    for (position, (key, value)) in array.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_text(out, &key.to_text())?;
        out.push(b':');
        write_value(out, value)?;
    }
    out.push(b'}');
    Ok(())
}

/// Shortest digits, without a fraction when it is zero: a float may look like an int.
fn write_float(out: &mut Vec<u8>, number: f64) -> Result<(), Unencodable> {
    if !number.is_finite() {
        return Err(Unencodable);
    }
    let text = if number == 0.0 || (1e-4..1e17).contains(&number.abs()) {
        number.to_string()
    } else {
        exponent_form(number)
    };
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// PHP writes `1.0e+25` where Rust writes `1e25`.
fn exponent_form(number: f64) -> String {
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let fraction = if digits.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format!("{digits}{fraction}e{sign}{exponent}")
}

fn write_text(out: &mut Vec<u8>, text: &[u8]) -> Result<(), Unencodable> {
    let text = std::str::from_utf8(text).map_err(|_| Unencodable)?;
    out.push(b'"');
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '/' => out.extend_from_slice(b"\\/"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            ' '..='\u{7f}' => out.push(character as u8),
            _ => write_units(out, character),
        }
    }
    out.push(b'"');
    Ok(())
}

fn write_units(out: &mut Vec<u8>, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Key;
    use super::*;

    fn encoded(value: &Php) -> String {
        String::from_utf8(json_encode(value).unwrap()).unwrap()
    }

    fn keyed(keys: &[i64]) -> Php {
        let mut array = Array::new();
        for key in keys {
            array.insert(Key::Int(*key), Php::Int(*key));
        }
        Php::Array(array)
    }

    #[test]
    fn numbers_print_as_in_php() {
        for (number, text) in [
            (1.0, "1"),
            (0.0, "0"),
            (-0.0, "-0"),
            (0.1, "0.1"),
            (1e25, "1.0e+25"),
            (1.5e300, "1.5e+300"),
            (1e16, "10000000000000000"),
            (1e17, "1.0e+17"),
            (1e-5, "1.0e-5"),
            (0.0001, "0.0001"),
            (100_000.25, "100000.25"),
            (1_700_000_000.123, "1700000000.123"),
        ] {
            assert_eq!(encoded(&Php::Float(number)), text);
        }
        assert_eq!(json_encode(&Php::Float(f64::NAN)), Err(Unencodable));
        assert_eq!(json_encode(&Php::Float(f64::INFINITY)), Err(Unencodable));
    }

    #[test]
    fn texts_are_escaped_as_in_php() {
        assert_eq!(
            encoded(&Php::text("é/\"<\u{1F600}\u{7f}\u{1}\n\\")),
            "\"\\u00e9\\/\\\"<\\ud83d\\ude00\u{7f}\\u0001\\n\\\\\""
        );
        assert_eq!(json_encode(&Php::text(b"\xff")), Err(Unencodable));
    }

    #[test]
    fn keys_decide_between_list_and_object() {
        assert_eq!(encoded(&keyed(&[])), "[]");
        assert_eq!(encoded(&keyed(&[0, 1])), "[0,1]");
        assert_eq!(encoded(&keyed(&[1])), r#"{"1":1}"#);
        assert_eq!(encoded(&keyed(&[0, 2])), r#"{"0":0,"2":2}"#);
        assert_eq!(encoded(&keyed(&[1, 0])), r#"{"1":1,"0":0}"#);
        assert_eq!(encoded(&Php::map([("a", Php::Null)])), r#"{"a":null}"#);
    }

    #[test]
    fn one_bad_key_spoils_all() {
        let mut array = Array::new();
        array.insert(Key::from_text(b"\xff"), Php::Null);
        assert_eq!(json_encode(&Php::Array(array)), Err(Unencodable));
    }
}
