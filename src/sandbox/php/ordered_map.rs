//! PHP's array: an ordered map whose keys are numbers or texts.

use bytes::Bytes;

/// A key. A text that is a number in plain decimal form never stays a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A number, also one that was written as a text.
    Int(i64),
    /// Any other text.
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

/// An ordered map that remembers the number the next unnamed value gets. Keys are looked for one by
/// one: a request has a few, or some thousand at most.
#[derive(Clone, Debug)]
pub struct OrderedMap<V> {
    entries: Vec<(Key, V)>,
    /// The highest number ever used as a key.
    highest: Option<i64>,
}

impl<V> Default for OrderedMap<V> {
    fn default() -> OrderedMap<V> {
        OrderedMap {
            entries: Vec::new(),
            highest: None,
        }
    }
}

/// Equal keys with equal values in the same order, as in PHP's `===`.
impl<V: PartialEq> PartialEq for OrderedMap<V> {
    fn eq(&self, other: &OrderedMap<V>) -> bool {
        self.entries == other.entries
    }
}

impl<V> OrderedMap<V> {
    pub fn new() -> OrderedMap<V> {
        OrderedMap::default()
    }

    /// An array with the given names as keys, in this order.
    pub fn from_names<const N: usize>(pairs: [(&'static str, V); N]) -> OrderedMap<V> {
        let mut array = OrderedMap::new();
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

    pub fn get(&self, key: &Key) -> Option<&V> {
        self.position(key).map(|at| &self.entries[at].1)
    }

    /// The value under a name, which must not be a number.
    pub fn named(&self, name: &'static str) -> Option<&V> {
        self.get(&Key::Text(Bytes::from_static(name.as_bytes())))
    }

    /// Sets a key. A key that was there keeps its place.
    pub fn insert(&mut self, key: Key, value: V) {
        match self.position(&key) {
            Some(at) => self.entries[at].1 = value,
            None => self.append(key, value),
        }
    }

    fn append(&mut self, key: Key, value: V) {
        if let Key::Int(number) = key {
            self.highest = self.highest.max(Some(number));
        }
        self.entries.push((key, value));
    }

    /// `$array[] = value`: the number after the highest one, 0 at first. False if there is none
    /// left; the value is lost then.
    pub fn push(&mut self, value: V) -> bool {
        match self.next_number() {
            Some(number) => {
                self.append(Key::Int(number), value);
                true
            }
            None => false,
        }
    }

    /// The value under a key, set to this one where there is none.
    pub(super) fn get_or_insert(&mut self, key: Key, value: V) -> &mut V {
        let at = self.position(&key).unwrap_or_else(|| {
            self.append(key, value);
            self.entries.len() - 1
        });
        &mut self.entries[at].1
    }

    pub fn remove(&mut self, key: &Key) {
        if let Some(at) = self.position(key) {
            self.entries.remove(at);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Key, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Whether the keys are 0, 1, 2 … in order: PHP prints such an array as a JSON list.
    pub fn is_list(&self) -> bool {
        (0..)
            .zip(&self.entries)
            .all(|(number, (key, _))| *key == Key::Int(number))
    }

    fn position(&self, key: &Key) -> Option<usize> {
        self.entries.iter().position(|(known, _)| known == key)
    }

    pub(super) fn next_number(&self) -> Option<i64> {
        self.highest
            .map_or(Some(0), |highest| highest.checked_add(1))
    }
}

impl<V> IntoIterator for OrderedMap<V> {
    type Item = (Key, V);
    type IntoIter = std::vec::IntoIter<(Key, V)>;

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
        let mut array = OrderedMap::new();
        array.insert(Key::Int(-5), 0);
        array.insert(Key::Int(-7), 0);
        assert!(array.push(1));
        assert_eq!(array.get(&Key::Int(-4)), Some(&1));
        array.insert(Key::Int(i64::MAX), 0);
        assert!(!array.push(0));
        assert_eq!(array.len(), 4);
    }

    #[test]
    fn a_list_has_no_gap_and_is_in_order() {
        let mut array = OrderedMap::new();
        assert!(array.is_list());
        array.push(0);
        array.push(0);
        assert!(array.is_list());
        array.insert(Key::Int(3), 0);
        assert!(!array.is_list());
        let mut backwards = OrderedMap::new();
        backwards.insert(Key::Int(1), 0);
        backwards.insert(Key::Int(0), 0);
        assert!(!backwards.is_list());
    }

    #[test]
    fn keys_are_found_among_few_and_among_many() {
        for count in [1, 15, 1000] {
            let mut array = OrderedMap::new();
            for number in 0..count {
                let key = Key::from_text(format!("k{number}").as_bytes());
                array.insert(key.clone(), 0);
                array.insert(key, number as i64);
            }
            assert_eq!(array.len(), count);
            array.remove(&Key::from_text(b"k0"));
            assert_eq!(array.named("k0"), None);
            let last = Key::from_text(format!("k{}", count - 1).as_bytes());
            let kept = (count > 1).then_some(count as i64 - 1);
            assert_eq!(array.get(&last), kept.as_ref());
            assert_eq!(array.len(), count - 1);
        }
    }
}
