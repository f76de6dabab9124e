//! PHP's array: an ordered map whose keys are numbers or texts.

use std::collections::HashMap;

use bytes::Bytes;

use super::Php;

/// A key. A text that is a number in plain decimal form never stays a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Int(i64),
    Text(Bytes),
}

impl Key {
    /// The key that PHP makes of a text: `"5"` and `"-5"` are numbers; `"05"`, `"-0"`, `"+5"` and
    /// what does not fit 64 bits are texts.
    pub fn from_text(text: &[u8]) -> Key {
        plain_number(text).map_or_else(|| Key::Text(Bytes::copy_from_slice(text)), Key::Int)
    }

    /// The key as PHP prints it.
    pub fn to_text(&self) -> Bytes {
        match self {
            Key::Int(number) => Bytes::from(number.to_string()),
            Key::Text(text) => text.clone(),
        }
    }
}

fn plain_number(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let plain = match digits {
        [b'0'] => digits.len() == text.len(),
        [b'1'..=b'9', rest @ ..] => rest.len() < 19 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if !plain {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// From this many entries on, keys are found by an index instead of one by one.
const INDEXED: usize = 16;

/// An ordered map that remembers the number the next unnamed value gets.
#[derive(Clone, Debug, Default)]
pub struct Array {
    entries: Vec<(Key, Php)>,
    /// Where each key stands; empty while there are few.
    index: HashMap<Key, usize>,
    /// The highest number ever used as a key.
    highest: Option<i64>,
}

/// Equal keys with equal values in the same order, as in PHP's `===`.
impl PartialEq for Array {
    fn eq(&self, other: &Array) -> bool {
        self.entries == other.entries
    }
}

impl Array {
    pub fn new() -> Array {
        Array::default()
    }

    /// An array with the given names as keys, in this order.
    pub fn from_names<const N: usize>(pairs: [(&'static str, Php); N]) -> Array {
        let mut array = Array::new();
        for (name, value) in pairs {
            array.insert(Key::Text(Bytes::from_static(name.as_bytes())), value);
        }
        array
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn get(&self, key: &Key) -> Option<&Php> {
        self.position(key).map(|at| &self.entries[at].1)
    }

    /// The value under a name, which must not be a number.
    pub fn named(&self, name: &'static str) -> Option<&Php> {
        self.get(&Key::Text(Bytes::from_static(name.as_bytes())))
    }

    /// Sets a key. A key that was there keeps its place.
    pub fn insert(&mut self, key: Key, value: Php) {
        match self.position(&key) {
            Some(at) => self.entries[at].1 = value,
            None => self.append(key, value),
        }
    }

    fn append(&mut self, key: Key, value: Php) {
        if let Key::Int(number) = key {
            self.highest = self.highest.max(Some(number));
        }
        if self.entries.len() >= INDEXED {
            self.index.insert(key.clone(), self.entries.len());
        }
        self.entries.push((key, value));
        if self.entries.len() == INDEXED {
            self.build_index();
        }
    }

    /// `$array[] = value`: the number after the highest one, 0 at first. False if there is none
    /// left; the value is lost then.
    pub fn push(&mut self, value: Php) -> bool {
        match self.next_number() {
            Some(number) => {
                self.append(Key::Int(number), value);
                true
            }
            None => false,
        }
    }

    /// The array under a key, to be filled; anything else there is replaced by an empty one.
    pub fn array_at(&mut self, key: Key) -> Option<&mut Array> {
        let at = match self.position(&key) {
            Some(at) => at,
            None => {
                self.append(key, Php::Null);
                self.entries.len() - 1
            }
        };
        let value = &mut self.entries[at].1;
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

    pub fn remove(&mut self, key: &Key) {
        if let Some(at) = self.position(key) {
            self.entries.remove(at);
            self.build_index();
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Php)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    pub fn values(&self) -> impl Iterator<Item = &Php> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Whether the keys are 0, 1, 2 … in order: PHP prints such an array as a JSON list.
    pub fn is_list(&self) -> bool {
        (0..)
            .zip(&self.entries)
            .all(|(number, (key, _))| *key == Key::Int(number))
    }

    fn position(&self, key: &Key) -> Option<usize> {
        if self.entries.len() < INDEXED {
            return self.entries.iter().position(|(known, _)| known == key);
        }
        self.index.get(key).copied()
    }

    fn build_index(&mut self) {
        self.index.clear();
        if self.entries.len() >= INDEXED {
            let keys = self.entries.iter().map(|(key, _)| key.clone());
            self.index.extend(keys.zip(0..));
        }
    }

    fn next_number(&self) -> Option<i64> {
        self.highest
            .map_or(Some(0), |highest| highest.checked_add(1))
    }
}

impl IntoIterator for Array {
    type Item = (Key, Php);
    type IntoIter = std::vec::IntoIter<(Key, Php)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_decimals_become_numbers() {
        for (text, number) in [
            ("0", 0),
            ("5", 5),
            ("-5", -5),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(Key::from_text(text.as_bytes()), Key::Int(number), "{text}");
        }
        for text in [
            "",
            "-",
            "05",
            "-0",
            "+5",
            " 5",
            "5 ",
            "5.0",
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999",
        ] {
            assert!(
                matches!(Key::from_text(text.as_bytes()), Key::Text(_)),
                "{text}"
            );
        }
    }

    #[test]
    fn unnamed_values_follow_the_highest_number() {
        let mut array = Array::new();
        array.insert(Key::Int(-5), Php::Null);
        array.insert(Key::Int(-7), Php::Null);
        assert!(array.push(Php::Int(1)));
        assert_eq!(array.get(&Key::Int(-4)), Some(&Php::Int(1)));
        array.insert(Key::Int(i64::MAX), Php::Null);
        assert!(!array.push(Php::Null));
        assert!(array.push_array().is_none());
        assert_eq!(array.len(), 4);
    }

    #[test]
    fn a_list_has_no_gap_and_is_in_order() {
        let mut array = Array::new();
        assert!(array.is_list());
        array.push(Php::Null);
        array.push(Php::Null);
        assert!(array.is_list());
        array.insert(Key::Int(3), Php::Null);
        assert!(!array.is_list());
        let mut backwards = Array::new();
        backwards.insert(Key::Int(1), Php::Null);
        backwards.insert(Key::Int(0), Php::Null);
        assert!(!backwards.is_list());
    }

    #[test]
    fn keys_are_found_among_few_and_among_many() {
        for count in [1, INDEXED - 1, INDEXED, INDEXED + 1, 1000] {
            let mut array = Array::new();
            for number in 0..count {
                let key = Key::from_text(format!("k{number}").as_bytes());
                array.insert(key.clone(), Php::Null);
                array.insert(key, Php::Int(number as i64));
            }
            assert_eq!(array.len(), count);
            array.remove(&Key::from_text(b"k0"));
            assert_eq!(array.named("k0"), None);
            let last = Key::from_text(format!("k{}", count - 1).as_bytes());
            let kept = (count > 1).then_some(Php::Int(count as i64 - 1));
            assert_eq!(array.get(&last), kept.as_ref());
            assert_eq!(array.len(), count - 1);
        }
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
}
