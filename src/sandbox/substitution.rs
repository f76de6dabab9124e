//! `$result[key][field]` in a batch: every decoded value that looks like a reference is replaced by
//! what an earlier command answered. Nothing can escape it (bitrix24-rest.md §4.3).
//!
//! This is the newest copy's behaviour. Where it is silent the harsher reading was taken, since
//! the sandbox is there to show a client which of its texts would be altered.

use std::borrow::Cow;

use bytes::Bytes;
use memchr::{memchr, memmem};

use super::php::{Array, Key, Php};

/// The words that begin a reference, in the order in which they are tried.
const NAMES: [&str; 5] = ["result", "next", "total", "time", "error"];

/// What earlier commands of the batch have answered, each an array by command key.
#[derive(Debug, Default)]
pub(super) struct BatchResults {
    pub result: Array,
    pub next: Array,
    pub total: Array,
    pub time: Array,
    pub error: Array,
}

/// Replaces the references in all values of a command's parameters.
///
/// A portal runs over the keys as well, but `parse_str` leaves no key in which a bracket is
/// closed, so there is never anything to replace in them.
pub(super) fn substitute(params: Array, answered: &BatchResults) -> Array {
    let mut replaced = Array::new();
    for (key, value) in params {
        replaced.insert(key, answered.value(value));
    }
    replaced
}

/// A reference found in a text.
struct Reference<'a> {
    /// From `$` to the next blank.
    text: &'a [u8],
    name: &'static str,
    /// What stands in its brackets.
    path: Vec<&'a [u8]>,
}

impl BatchResults {
    fn value(&self, value: Php) -> Php {
        match value {
            Php::Array(array) => Php::Array(substitute(array, self)),
            Php::Text(text) => self.text(text),
            scalar => scalar,
        }
    }

    /// A text that is nothing but a reference becomes whatever the walk reached. Within other
    /// text only numbers and texts are put in, and anything else leaves it as it is.
    fn text(&self, text: Bytes) -> Php {
        let mut current = Cow::Borrowed(text.as_ref());
        for reference in references(&text) {
            let reached = self.walk(&reference);
            if reference.text == text.as_ref() {
                return reached.cloned().unwrap_or(Php::Null);
            }
            if let Some(inserted) = reached.and_then(insertable) {
                current = Cow::Owned(replace_all(&current, reference.text, &inserted));
            }
        }
        match current {
            Cow::Borrowed(_) => Php::Text(text),
            Cow::Owned(replaced) => Php::Text(Bytes::from(replaced)),
        }
    }

    /// Follows the path; a step that is not there leads to nothing. The word is looked up in
    /// lower case, however it was written.
    fn walk(&self, reference: &Reference<'_>) -> Option<&Php> {
        let array = match reference.name {
            "next" => &self.next,
            "total" => &self.total,
            "time" => &self.time,
            "error" => &self.error,
            _ => &self.result,
        };
        let (first, rest) = reference.path.split_first()?;
        rest.iter()
            .try_fold(array.get(&Key::from_text(first))?, |value, step| {
                value.as_array()?.get(&Key::from_text(step))
            })
    }
}

/// The references in a text, from left to right: `$`, one of the words in any letter case, then
/// everything up to a blank, if brackets with something inside are in it.
fn references(text: &[u8]) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = memchr(b'$', &text[from..]).map(|at| from + at) {
        from = at + 1;
        let Some(name) = name_at(&text[at + 1..]) else {
            continue;
        };
        let run_start = at + 1 + name.len();
        let end = text[run_start..]
            .iter()
            .position(|byte| matches!(byte, b' ' | b'\t'..=b'\r'))
            .map_or(text.len(), |length| run_start + length);
        let path = brackets(&text[run_start..end]);
        if !path.is_empty() {
            found.push(Reference {
                text: &text[at..end],
                name,
                path,
            });
        }
        from = end;
    }
    found
}

fn name_at(text: &[u8]) -> Option<&'static str> {
    NAMES.into_iter().find(|name| {
        text.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
    })
}

/// What stands in each `[…]` that is not empty.
fn brackets(run: &[u8]) -> Vec<&[u8]> {
    let mut groups = Vec::new();
    let mut rest = run;
    while let Some(open) = memchr(b'[', rest) {
        rest = &rest[open + 1..];
        match memchr(b']', rest) {
            Some(0) => {}
            Some(close) => {
                groups.push(&rest[..close]);
                rest = &rest[close + 1..];
            }
            None => break,
        }
    }
    groups
}

/// The text of a number or a text; nothing else is put into other text.
fn insertable(value: &Php) -> Option<Bytes> {
    match value {
        Php::Int(_) | Php::Float(_) | Php::Text(_) => value.to_text(),
        Php::Null | Php::Bool(_) | Php::Array(_) => None,
    }
}

fn replace_all(text: &[u8], what: &[u8], with: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut done = 0;
    for at in memmem::find_iter(text, what) {
        replaced.extend_from_slice(&text[done..at]);
        replaced.extend_from_slice(with);
        done = at + what.len();
    }
    replaced.extend_from_slice(&text[done..]);
    replaced
}

#[cfg(test)]
mod tests;
