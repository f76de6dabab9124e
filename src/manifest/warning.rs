//! What is odd about a manifest but stops nothing: names that mean nothing to us.

use std::collections::BTreeSet;
use std::fmt;

use crate::post::Field;

/// Something that the user should hear of once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A column or key that is no field; it is ignored.
    UnknownColumn {
        name: String,
        /// The field that may be meant.
        nearest: Option<Field>,
    },
    /// A column without a name, by its number from 1; it is ignored.
    UnnamedColumn { number: usize },
    /// So many of them that the rest are not listed.
    ManyUnknown { listed: usize },
}

impl Warning {
    /// The warning for a name that is no field's; a long one is cut.
    pub fn unknown(name: &str) -> Warning {
        let name = UnknownKeys::cut(name);
        Warning::UnknownColumn {
            name: name.to_owned(),
            nearest: nearest_field(name),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::UnknownColumn { name, nearest } => {
                write!(
                    out,
                    "column `{}` is unknown and ignored",
                    name.escape_debug()
                )?;
                match nearest {
                    Some(field) => write!(out, "; did you mean `{}`?", field.name()),
                    None => Ok(()),
                }
            }
            Warning::UnnamedColumn { number } => {
                write!(out, "column {number} has no name and is ignored")
            }
            Warning::ManyUnknown { listed } => {
                write!(
                    out,
                    "more than {listed} columns are unknown; the rest are not listed"
                )
            }
        }
    }
}

/// How alike two names must be, from 0 to 1, for one to be offered for the other. Found by trial:
/// `titel`, `mesage`, `publish_date` and `attachement` pass, `fields` for `FILES` doesn't.
const LIKENESS: f64 = 0.7;

/// What Bitrix24's other methods call a field that has another name here.
const OTHER_NAMES: [(&str, Field); 3] = [
    ("post_message", Field::Message),
    ("comment", Field::Message),
    ("dest", Field::Audience),
];

fn nearest_field(name: &str) -> Option<Field> {
    let name = name.trim().to_ascii_lowercase();
    if let Some((_, field)) = OTHER_NAMES.iter().find(|(other, _)| *other == name) {
        return Some(*field);
    }
    let likeness = |field: &Field| {
        std::iter::once(&field.name())
            .chain(field.aliases())
            .map(|known| strsim::normalized_damerau_levenshtein(&name, &known.to_ascii_lowercase()))
            .fold(0.0, f64::max)
    };
    let best = Field::ALL
        .into_iter()
        .map(|field| (likeness(&field), field))
        .max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (best.0 >= LIKENESS).then_some(best.1)
}

/// Keys of JSONL rows that are no fields, each once, and no more than [`UnknownKeys::MOST`].
#[derive(Clone, Debug, Default)]
pub struct UnknownKeys {
    names: BTreeSet<String>,
    overflowed: bool,
}

impl UnknownKeys {
    /// How many keys are remembered: a manifest whose keys are data must not fill the memory.
    pub const MOST: usize = 100;

    /// Longest key that is remembered as it is; longer ones are cut. Characters.
    const LONGEST: usize = 100;

    /// Remembers a key; returns whether it is a new one.
    pub fn add(&mut self, name: &str) -> bool {
        let name = Self::cut(name);
        if self.names.contains(name) {
            return false;
        }
        if self.names.len() == Self::MOST {
            self.overflowed = true;
            return false;
        }
        self.names.insert(name.to_owned())
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether a key is remembered.
    pub fn knows(&self, name: &str) -> bool {
        self.names.contains(Self::cut(name))
    }

    fn cut(name: &str) -> &str {
        match name.char_indices().nth(Self::LONGEST) {
            Some((cut, _)) => &name[..cut],
            None => name,
        }
    }

    /// Takes over the keys of another set; returns a warning for each that is new, in the order of
    /// their names, and one more when the limit is passed for the first time.
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
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_field_is_offered_only_when_it_is_near() {
        for (name, field) in [
            ("mesage", Some(Field::Message)),
            ("Titel", Some(Field::Title)),
            ("attachement", Some(Field::Attachments)),
            ("publish_date", Some(Field::PublishAt)),
            ("POST_TITEL", Some(Field::Title)),
            ("fields", None),
            ("POST_MESSAGE", Some(Field::Message)),
            ("Comment", Some(Field::Message)),
            ("DEST", Some(Field::Audience)),
            ("department", None),
            ("", None),
        ] {
            assert_eq!(nearest_field(name), field, "{name}");
        }
        let warning = Warning::unknown("mesage").to_string();
        assert_eq!(
            warning,
            "column `mesage` is unknown and ignored; did you mean `message`?"
        );
    }

    #[test]
    fn each_key_warns_once_and_their_number_is_limited() {
        let keys = |range: std::ops::Range<u32>| {
            let mut keys = UnknownKeys::default();
            range.for_each(|n| {
                keys.add(&format!("key-{n:03}"));
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
}
