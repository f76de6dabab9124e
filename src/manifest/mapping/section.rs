//! A table of the mapping file: its keys with their places, and no others.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::Faults;
use super::nearest::nearest;
use super::{MappingFault, Placed};

/// A table of which it is known which keys it may have.
pub(super) struct Section<'d> {
    /// How it is named in messages.
    pub name: String,
    /// Where it stands.
    pub span: Range<usize>,
    table: &'d DeTable<'d>,
}

/// A value and the words that name it in messages.
pub(super) struct Entry<'d> {
    pub what: String,
    pub value: &'d Spanned<DeValue<'d>>,
}

impl<'d> Section<'d> {
    /// Takes a value as a table with some of these keys; any other is a fault.
    pub fn open(
        name: String,
        value: &'d Spanned<DeValue<'d>>,
        known: &'static [&'static str],
        faults: &mut Faults<'_>,
    ) -> Option<Section<'d>> {
        let Some(table) = value.get_ref().as_table() else {
            let found = type_of(value.get_ref());
            let expected = "a table with keys of its own";
            let what = name;
            faults.add(
                &value.span(),
                MappingFault::WrongType {
                    what,
                    found,
                    expected,
                },
            );
            return None;
        };
        Some(Section::of_table(name, value.span(), table, known, faults))
    }

    pub fn of_table(
        name: String,
        span: Range<usize>,
        table: &'d DeTable<'d>,
        known: &'static [&'static str],
        faults: &mut Faults<'_>,
    ) -> Section<'d> {
        for key in table.keys() {
            let text: &str = key.get_ref();
            if !known.contains(&text) {
                let fault = MappingFault::UnknownKey {
                    section: name.clone(),
                    key: text.to_owned(),
                    near: nearest(text, known.iter().copied()),
                    known,
                };
                faults.add(&key.span(), fault);
            }
        }
        Section { name, span, table }
    }

    pub fn has(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    pub fn entry(&self, key: &str) -> Option<Entry<'d>> {
        let (_, value) = self
            .table
            .iter()
            .find(|(known, _)| known.get_ref() == key)?;
        Some(Entry {
            what: format!("`{key}` of {}", self.name),
            value,
        })
    }

    /// A text that says something.
    pub fn text(
        &self,
        key: &str,
        expected: &'static str,
        faults: &mut Faults<'_>,
    ) -> Option<Placed<String>> {
        self.entry(key)?.text(expected, faults)
    }
}

impl<'d> Entry<'d> {
    pub fn span(&self) -> Range<usize> {
        self.value.span()
    }

    /// A text that says something, without outer blanks.
    pub fn text(&self, expected: &'static str, faults: &mut Faults<'_>) -> Option<Placed<String>> {
        let text = self.value.get_ref().as_str();
        let Some(text) = text else {
            self.wrong_type(expected, faults);
            return None;
        };
        if text.trim().is_empty() {
            let what = self.what.clone();
            faults.add(&self.span(), MappingFault::Empty { what, expected });
            return None;
        }
        Some(Placed {
            value: text.trim().to_owned(),
            place: faults.place(&self.span()),
        })
    }

    /// Any text, as it is; also a number, `true` or `false`.
    pub fn literal(&self, faults: &mut Faults<'_>) -> Option<String> {
        match literal_of(self.value.get_ref()) {
            Some(text) => Some(text.into_owned()),
            None => {
                self.wrong_type("a text in quotes", faults);
                None
            }
        }
    }

    /// The entries of a list; a single value is a list of one.
    pub fn list(&self) -> Vec<Entry<'d>> {
        let one = |value| Entry {
            what: self.what.clone(),
            value,
        };
        match self.value.get_ref().as_array() {
            Some(list) => list.iter().map(one).collect(),
            None => vec![one(self.value)],
        }
    }

    /// A list of texts that say something; a single one is a list of one.
    pub fn texts(&self, expected: &'static str, faults: &mut Faults<'_>) -> Vec<Placed<String>> {
        let list = self.list();
        list.iter()
            .filter_map(|entry| entry.text(expected, faults))
            .collect()
    }

    pub fn wrong_type(&self, expected: &'static str, faults: &mut Faults<'_>) {
        let fault = MappingFault::WrongType {
            what: self.what.clone(),
            found: type_of(self.value.get_ref()),
            expected,
        };
        faults.add(&self.span(), fault);
    }

    /// One of these words; any other is a fault.
    pub fn word<T>(
        &self,
        known: &'static [&'static str],
        parse: fn(&str) -> Option<T>,
        faults: &mut Faults<'_>,
    ) -> Option<T> {
        let text = self.text("one of the words in quotes", faults)?.value;
        let word = parse(&text);
        if word.is_none() {
            let fault = MappingFault::UnknownWord {
                what: self.what.clone(),
                near: nearest(&text, known.iter().copied()),
                word: text,
                known,
            };
            faults.add(&self.span(), fault);
        }
        word
    }
}

/// What a value says as a text, if it is no list, table or time.
pub(super) fn literal_of<'v>(value: &'v DeValue<'_>) -> Option<Cow<'v, str>> {
    match value {
        DeValue::String(text) => Some(Cow::Borrowed(text)),
        DeValue::Integer(number) if number.radix() == 10 => Some(Cow::Borrowed(number.as_str())),
        DeValue::Boolean(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        _ => None,
    }
}

fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date without quotes",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
