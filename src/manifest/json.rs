//! Reading JSON without copying it: values stay slices of the text they stand in.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Shows each key of a JSON object with its value in JSON, in the order written, repeats included.
///
/// # Errors
/// When the text is no valid JSON, or (a data error) no object.
pub fn each_pair<'a>(
    text: &'a str,
    visit: impl FnMut(Cow<'a, str>, &'a str),
) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_map(Pairs(visit))?;
    json.end()
}

/// The items of a JSON list, each in JSON.
///
/// # Errors
/// When the text is no valid JSON, or (a data error) no list.
pub fn items(text: &str) -> Result<Vec<&str>, serde_json::Error> {
    let items: Vec<&RawValue> = serde_json::from_str(text)?;
    Ok(items.into_iter().map(RawValue::get).collect())
}

/// The text that a JSON string stands for; borrowed unless something in it is escaped.
///
/// # Errors
/// When the text is no JSON string, or holds half of a surrogate pair.
pub fn string(json: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    serde_json::from_str::<Text>(json).map(|text| text.0)
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

struct Pairs<F>(F);

impl<'a, F: FnMut(Cow<'a, str>, &'a str)> Visitor<'a> for Pairs<F> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<Text<'a>, &'a RawValue>()? {
            (self.0)(key.0, value.get());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Result<Vec<(String, &str)>, serde_json::Error> {
        let mut pairs = Vec::new();
        each_pair(text, |key, value| pairs.push((key.into_owned(), value)))?;
        Ok(pairs)
    }

    #[test]
    fn pairs_come_in_order_with_their_repeats() {
        let found = pairs(r#" {"a": [1, {"b":2}], "\u0062": "x\n", "a":null} "#).unwrap();
        let expected = [("a", r#"[1, {"b":2}]"#), ("b", r#""x\n""#), ("a", "null")];
        assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value)));
        assert!(pairs("[1]").unwrap_err().is_data());
        assert!(pairs("{} x").unwrap_err().is_syntax());
        assert!(pairs("{").unwrap_err().is_eof());
    }

    #[test]
    fn plain_strings_are_borrowed() {
        assert!(matches!(string(r#""plain""#), Ok(Cow::Borrowed("plain"))));
        assert_eq!(string(r#""a\u00e9""#).unwrap(), "aé");
        assert!(string(r#""\ud800""#).is_err());
    }

    #[test]
    fn items_stay_json() {
        assert_eq!(
            items(r#"["a", {"b": 1}]"#).unwrap(),
            [r#""a""#, r#"{"b": 1}"#]
        );
        assert!(items("{}").is_err());
    }
}
