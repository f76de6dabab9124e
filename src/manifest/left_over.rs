//! What stands in columns and under keys that have no use.

use std::borrow::Cow;

use super::{Position, UnknownKeys};

/// Something in a column or under a key that has no use.
#[derive(Clone, Copy, Debug)]
pub(super) enum LeftOver<'a> {
    /// The cell of a column, by its number from 0, with its name.
    Cell(usize, &'a str, &'a [u8]),
    Key(&'a str, &'a str),
}

impl LeftOver<'_> {
    /// Takes note of it; tells whether what it says was probably meant for a field.
    pub fn see(self, unknown: &mut UnknownKeys, at: Position) -> bool {
        match self {
            LeftOver::Key(key, value) => unknown.see(key, at, said(value)),
            LeftOver::Cell(place, name, cell) => match text_of(cell) {
                None => false,
                Some(_) if name.is_empty() => {
                    unknown.add_unnamed(place + 1);
                    false
                }
                value => unknown.see(name, at, value),
            },
        }
    }
}

/// What a CSV cell says, if it is not blank.
fn text_of(cell: &[u8]) -> Option<Cow<'_, str>> {
    let text = String::from_utf8_lossy(cell);
    (!text.trim().is_empty()).then_some(text)
}

/// A JSON value that says something: no `null`, no blank text and nothing empty.
fn said(value: &str) -> Option<Cow<'_, str>> {
    let is_edge = |letter: char| letter.is_whitespace() || "\"[]{}".contains(letter);
    let says_nothing = value == "null" || value.chars().all(is_edge);
    (!says_nothing).then_some(Cow::Borrowed(value))
}
