//! One PHP value, and PHP's conversions between the types.

use bytes::Bytes;

use super::ordered_map::{Key, OrderedMap};

/// A PHP value. Texts are bytes, as in PHP; they share the request's buffer where they can.
#[allow(missing_docs, reason = "the names are PHP's own")]
#[derive(Clone, Debug, PartialEq)]
pub enum Php {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Bytes),
    Array(Array),
}

impl Php {
    /// A text.
    pub fn text(text: impl AsRef<[u8]>) -> Php {
        Php::Text(Bytes::copy_from_slice(text.as_ref()))
    }

    /// An array with the given names as keys, in this order.
    pub fn map<const N: usize>(pairs: [(&'static str, Php); N]) -> Php {
        Php::Array(Array::from_names(pairs))
    }

    /// The array, if it is one.
    pub fn as_array(&self) -> Option<&Array> {
        match self {
            Php::Array(array) => Some(array),
            _ => None,
        }
    }

    /// PHP's truth: `""`, `"0"`, `0`, `[]` and null are false; `"false"` is true.
    pub fn truthy(&self) -> bool {
        match self {
            Php::Null => false,
            Php::Bool(value) => *value,
            Php::Int(value) => *value != 0,
            Php::Float(value) => *value != 0.0,
            Php::Text(text) => !matches!(text.as_ref(), b"" | b"0"),
            Php::Array(array) => !array.is_empty(),
        }
    }

    /// PHP's `(string)`, but nothing for an array, on which PHP only warns or fails.
    ///
    /// A float is written with its shortest digits; PHP's exponents for huge ones are not copied.
    pub fn to_text(&self) -> Option<Bytes> {
        match self {
            Php::Null | Php::Bool(false) => Some(Bytes::new()),
            Php::Bool(true) => Some(Bytes::from_static(b"1")),
            Php::Int(value) => Some(Bytes::from(value.to_string())),
            Php::Float(value) => Some(Bytes::from(value.to_string())),
            Php::Text(text) => Some(text.clone()),
            Php::Array(_) => None,
        }
    }

    /// PHP's `intval` for decimal texts: leading blanks and a sign are read, what follows the
    /// digits is ignored, too large is the largest. Exponents are not read.
    pub fn to_int(&self) -> i64 {
        match self {
            Php::Null => 0,
            Php::Bool(value) => i64::from(*value),
            Php::Int(value) => *value,
            Php::Float(value) => *value as i64,
            Php::Text(text) => leading_int(text),
            Php::Array(array) => i64::from(!array.is_empty()),
        }
    }
}

/// PHP's array.
pub type Array = OrderedMap<Php>;

impl Array {
    /// The array under a key, to be filled; anything else there is replaced by an empty one.
    pub fn array_at(&mut self, key: Key) -> Option<&mut Array> {
        let value = self.get_or_insert(key, Php::Null);
        if !matches!(value, Php::Array(_)) {
            *value = Php::Array(Array::new());
        }
        match value {
            Php::Array(array) => Some(array),
            _ => None,
        }
    }

    /// A new empty array under the next number, if there is one left.
    pub fn push_array(&mut self) -> Option<&mut Array> {
        let key = Key::Int(self.next_number()?);
        self.array_at(key)
    }
}

fn leading_int(text: &[u8]) -> i64 {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .map(|byte| i64::from(byte - b'0'))
        .fold(0i64, |sum, digit| {
            let sum = sum.saturating_mul(10);
            if negative {
                sum.saturating_sub(digit)
            } else {
                sum.saturating_add(digit)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_is_phps() {
        for falsy in [
            Php::Null,
            Php::Bool(false),
            Php::Int(0),
            Php::Float(0.0),
            Php::text(""),
            Php::text("0"),
            Php::Array(Array::new()),
        ] {
            assert!(!falsy.truthy(), "{falsy:?}");
        }
        for truthy in [
            Php::Bool(true),
            Php::Int(-1),
            Php::Float(0.5),
            Php::text("false"),
            Php::text("0.0"),
            Php::text(" "),
            Php::map([("a", Php::Null)]),
        ] {
            assert!(truthy.truthy(), "{truthy:?}");
        }
    }

    #[test]
    fn texts_become_numbers_as_far_as_they_are_digits() {
        for (text, number) in [
            ("12", 12),
            ("12abc", 12),
            (" 12", 12),
            ("-3", -3),
            ("+5", 5),
            ("abc", 0),
            ("", 0),
            ("0x1A", 0),
            ("1.9", 1),
            ("9999999999999999999", i64::MAX),
            ("-9999999999999999999", i64::MIN),
        ] {
            assert_eq!(Php::text(text).to_int(), number, "{text}");
        }
        assert_eq!(Php::Bool(true).to_int(), 1);
        assert_eq!(Php::Float(-1.9).to_int(), -1);
    }

    #[test]
    fn scalars_have_a_text_and_arrays_none() {
        assert_eq!(Php::Int(-7).to_text().unwrap(), "-7");
        assert_eq!(Php::Float(1.0).to_text().unwrap(), "1");
        assert_eq!(Php::Bool(true).to_text().unwrap(), "1");
        assert_eq!(Php::Null.to_text().unwrap(), "");
        assert_eq!(Php::Array(Array::new()).to_text(), None);
    }

    #[test]
    fn a_scalar_gives_way_to_an_array() {
        let mut array = Array::from_names([("a", Php::Int(1))]);
        array
            .array_at(Key::from_text(b"a"))
            .unwrap()
            .insert(Key::from_text(b"b"), Php::Int(2));
        assert_eq!(array.named("a"), Some(&Php::map([("b", Php::Int(2))])));
    }

    #[test]
    fn there_is_no_number_after_the_highest() {
        let mut array = Array::new();
        array.insert(Key::Int(i64::MAX), Php::Null);
        assert!(array.push_array().is_none());
    }
}
