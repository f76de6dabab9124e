//! The columns and keys of a manifest that are no fields.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::post::Field;

use super::near::nearest_field;
use super::warning::cut;
use super::{Position, Warning};

/// Columns of a header, or keys of JSONL rows, that are no fields: each once, and no more than
/// [`UnknownKeys::MOST`] of a kind, since a manifest whose keys are data must not fill the memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnknownKeys {
    /// Those like no field's name.
    names: BTreeSet<String>,
    overflowed: bool,
    /// Those that are nearly a field's name.
    near: BTreeMap<String, NearKey>,
    /// Those that the user has named as ones to ignore.
    named: BTreeSet<String>,
    /// Numbers, from 1, of columns without a name that hold something.
    unnamed: BTreeSet<usize>,
}

/// A column or key that is nearly a field's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearKey {
    /// The field that is probably meant.
    pub field: Field,
    /// The first row that says something there, and what it says, cut.
    pub first: Option<(Position, String)>,
}

impl UnknownKeys {
    /// How many names of a kind are remembered.
    pub const MOST: usize = 100;

    /// Longest name that is remembered as it is; longer ones are cut. Characters.
    const LONGEST: usize = 100;

    /// Takes note of a key and of what a row says there. Tells whether that is something that was
    /// probably meant for a field.
    pub fn see(&mut self, name: &str, at: Position, value: Option<Cow<'_, str>>) -> bool {
        let name = cut(name, Self::LONGEST);
        if self.names.contains(name) {
            return false;
        }
        if !self.near.contains_key(name) {
            let Some(field) = nearest_field(name) else {
                self.add(name);
                return false;
            };
            self.add_near(name, field);
        }
        let says_something = value.is_some();
        if let (Some(key), Some(value)) = (self.near.get_mut(name), value) {
            let shown = || (at, cut(&value, Self::LONGEST).to_owned());
            key.first.get_or_insert_with(shown);
        }
        says_something
    }

    /// Remembers a name like no field's; returns whether it is a new one.
    pub(super) fn add(&mut self, name: &str) -> bool {
        let name = cut(name, Self::LONGEST);
        if self.names.contains(name) {
            return false;
        }
        if self.names.len() == Self::MOST {
            self.overflowed = true;
            return false;
        }
        self.names.insert(name.to_owned())
    }

    /// Remembers a name that is nearly that field's.
    pub(super) fn add_near(&mut self, name: &str, field: Field) {
        if self.near.len() < Self::MOST {
            let key = || NearKey { field, first: None };
            let name = cut(name, Self::LONGEST).to_owned();
            self.near.entry(name).or_insert_with(key);
        }
    }

    /// Remembers a name that the user has named as one to ignore.
    pub(super) fn add_named(&mut self, name: &str) {
        let name = cut(name, Self::LONGEST);
        if self.named.len() < Self::MOST && !self.named.contains(name) {
            self.named.insert(name.to_owned());
        }
    }

    /// Remembers a column, by its number from 1, that holds something and has no name.
    pub(super) fn add_unnamed(&mut self, number: usize) {
        if self.unnamed.len() < Self::MOST {
            self.unnamed.insert(number);
        }
    }

    /// Whether a name like no field's is remembered.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.names.contains(cut(name, Self::LONGEST))
    }

    /// Takes over the names of rows further on; returns a warning for each that is new and like no
    /// field's, in their order, for each column without a name that is new, and one more when the
    /// limit is passed for the first time.
    pub fn merge(&mut self, other: &UnknownKeys) -> Vec<Warning> {
        let overflowed = self.overflowed;
        let mut warnings = Vec::new();
        for name in &other.names {
            if self.add(name) {
                warnings.push(Warning::unknown(name));
            }
        }
        self.overflowed |= other.overflowed;
        if self.overflowed && !overflowed {
            warnings.push(Warning::ManyUnknown { listed: Self::MOST });
        }
        for (name, key) in &other.near {
            self.add_near(name, key.field);
            if let Some(known) = self
                .near
                .get_mut(name)
                .filter(|known| known.first.is_none())
            {
                known.first.clone_from(&key.first);
            }
        }
        other.named.iter().for_each(|name| self.add_named(name));
        for number in &other.unnamed {
            if self.unnamed.len() < Self::MOST && self.unnamed.insert(*number) {
                warnings.push(Warning::UnnamedColumn { number: *number });
            }
        }
        warnings
    }

    /// Those that are nearly a field's name, by name.
    pub fn near(&self) -> impl Iterator<Item = (&str, &NearKey)> {
        self.near.iter().map(|(name, key)| (name.as_str(), key))
    }

    /// The warnings of those that are nearly a field's name and hold nothing.
    pub fn empty_near(&self) -> impl Iterator<Item = Warning> {
        let empty = self.near().filter(|(_, key)| key.first.is_none());
        empty.map(|(name, _)| Warning::unknown(name))
    }

    /// All names, by name: nothing of what they hold is posted.
    pub fn all(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self
            .names
            .iter()
            .chain(self.near.keys())
            .chain(&self.named)
            .collect();
        all.into_iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u64) -> Position {
        Position::of_record(number, number)
    }

    #[test]
    fn each_key_warns_once_and_their_number_is_limited() {
        let keys = |range: std::ops::Range<u32>| {
            let mut keys = UnknownKeys::default();
            range.for_each(|n| {
                assert!(!keys.see(&format!("key-{n:03}"), at(1), Some("x".into())));
            });
            keys
        };
        let mut seen = UnknownKeys::default();
        assert_eq!(seen.merge(&keys(0..2)).len(), 2);
        assert_eq!(seen.merge(&keys(1..3)), [Warning::unknown("key-002")]);
        let warnings = seen.merge(&keys(0..500));
        assert_eq!(warnings.len(), UnknownKeys::MOST - 3 + 1);
        assert_eq!(
            warnings.last(),
            Some(&Warning::ManyUnknown {
                listed: UnknownKeys::MOST
            })
        );
        assert_eq!(seen.merge(&keys(500..600)), []);
    }

    #[test]
    fn of_a_key_nearly_a_fields_the_first_value_is_kept() {
        let (mut one, mut two) = (UnknownKeys::default(), UnknownKeys::default());
        assert!(!one.see("file", at(1), None));
        assert!(!one.see("titel", at(1), None));
        assert!(two.see("file", at(2), Some("a".into())));
        assert!(two.see("file", at(3), Some("b".into())));
        two.add_named("x");
        assert_eq!(one.merge(&two), []);
        let near: Vec<_> = one.near().collect();
        assert_eq!(near[0].0, "file");
        assert_eq!(near[0].1.first, Some((at(2), "a".to_owned())));
        assert!(one.empty_near().eq([Warning::unknown("titel")]));
        assert_eq!(one.all(), ["file", "titel", "x"]);
    }

    #[test]
    fn one_like_a_fields_is_noticed_behind_any_number_of_others() {
        let mut keys = UnknownKeys::default();
        for n in 0..500 {
            keys.see(&format!("key-{n}"), at(1), None);
        }
        assert!(keys.see("file", at(2), Some("a".into())));
        assert_eq!(keys.near().count(), 1);
    }
}
