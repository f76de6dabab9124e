//! `json_decode($body, true)`: objects become arrays, and anything wrong makes all of it null.

use std::fmt;

use bytes::Bytes;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::super::{Array, Key, Php};

/// The value in a JSON text, or nothing when it is not JSON or not UTF-8.
///
/// Two corners differ from PHP, both far from what a client sends: nesting ends at 127 levels
/// rather than 511, and a number beyond a float's range is refused rather than infinite.
pub fn json_decode(body: &Bytes) -> Option<Php> {
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = JsonReader(body).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

/// Reads one value; texts without escapes stay slices of the body.
#[derive(Clone, Copy)]
struct JsonReader<'a>(&'a Bytes);

impl<'de> DeserializeSeed<'de> for JsonReader<'de> {
    type Value = Php;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Php, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonReader<'de> {
    type Value = Php;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Php, E> {
        Ok(Php::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Php, E> {
        Ok(Php::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Php, E> {
        Ok(Php::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Php, E> {
        Ok(i64::try_from(value).map_or(Php::Float(value as f64), Php::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Php, E> {
        Ok(Php::Float(value))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Php, E> {
        Ok(Php::Text(self.0.slice_ref(text.as_bytes())))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Php, E> {
        Ok(Php::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Php, A::Error> {
        let mut array = Array::new();
        while let Some(value) = items.next_element_seed(self)? {
            array.push(value);
        }
        Ok(Php::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Php, A::Error> {
        let mut array = Array::new();
        while let Some(name) = entries.next_key_seed(self)? {
            let name = name.to_text().unwrap_or_default();
            let value = entries.next_value_seed(self)?;
            array.insert(Key::from_text(&name), value);
        }
        Ok(Php::Array(array))
    }
}

#[cfg(test)]
mod tests {
    use super::super::json_encode;
    use super::*;
    use proptest::prelude::*;

    fn decoded(text: &'static str) -> Option<Php> {
        json_decode(&Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn values_have_phps_types() {
        for (text, value) in [
            ("null", Php::Null),
            ("true", Php::Bool(true)),
            ("-7", Php::Int(-7)),
            ("1.0", Php::Float(1.0)),
            ("1.5E3", Php::Float(1500.0)),
            (
                "12345678901234567890",
                Php::Float(12_345_678_901_234_567_890.0),
            ),
            (r#" "a\u00e9\n" "#, Php::text("aé\n")),
            ("[]", Php::Array(Array::new())),
            ("{}", Php::Array(Array::new())),
            (r#"{"a":1,"a":2}"#, Php::map([("a", Php::Int(2))])),
        ] {
            assert_eq!(decoded(text), Some(value), "{text}");
        }
    }

    #[test]
    fn numeric_names_are_numbers() {
        let value = decoded(r#"{"1":1,"01":2,"":3}"#).unwrap();
        let array = value.as_array().unwrap();
        assert_eq!(array.get(&Key::Int(1)), Some(&Php::Int(1)));
        assert_eq!(array.get(&Key::from_text(b"01")), Some(&Php::Int(2)));
        assert_eq!(array.named(""), Some(&Php::Int(3)));
    }

    #[test]
    fn anything_wrong_spoils_all() {
        for text in [
            "",
            "TRUE",
            "[1,]",
            "[1,2",
            "01",
            "-",
            "\"a",
            "\"a\tb\"",
            r#""\x01""#,
            "{}{}",
            r#"{"a":"\ud800"}"#,
            "\u{feff}{}",
        ] {
            assert_eq!(decoded(text), None, "{text:?}");
        }
        assert_eq!(json_decode(&Bytes::from_static(b"\"\xff\"")), None);
    }

    #[test]
    fn a_plain_text_is_a_slice_of_the_body() {
        let body = Bytes::from_static(br#"{"a":"plain"}"#);
        let value = json_decode(&body).unwrap();
        let Some(Php::Text(text)) = value.as_array().unwrap().named("a") else {
            panic!("a is a text");
        };
        assert_eq!(text.as_ptr(), body[6..].as_ptr());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..100)) {
            json_decode(&Bytes::from(body));
        }

        #[test]
        fn what_was_encoded_is_read_back(text in any::<String>()) {
            let value = Php::map([("a", Php::text(&text))]);
            let body = Bytes::from(json_encode(&value).unwrap());
            prop_assert_eq!(json_decode(&body), Some(value));
        }
    }
}
