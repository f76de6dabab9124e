//! Where something stands in the mapping file.

use std::fmt;

/// A place in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

/// A value of the mapping file, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// What is written there.
    pub value: T,
    /// Where it begins.
    pub place: Place,
}

impl Place {
    /// The place of a byte.
    pub(super) fn of(text: &str, byte: usize) -> Place {
        let is_start = |at: &usize| text.is_char_boundary(*at);
        let end = (0..=byte.min(text.len())).rev().find(is_start);
        let before = &text[..end.unwrap_or(0)];
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Place {
            line: 1 + before.matches('\n').count(),
            column: 1 + before[start..].chars().count(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_a_byte_within_one_is_at_its_beginning() {
        let text = "a\nТема = 1\r\nx";
        for (byte, line, column) in [
            (0, 1, 1),
            (1, 1, 2),
            (2, 2, 1),
            (3, 2, 1),
            (4, 2, 2),
            (text.len(), 3, 2),
            (99, 3, 2),
        ] {
            assert_eq!(Place::of(text, byte), Place { line, column }, "{byte}");
        }
    }
}
