//! Cells of any format as text.

use std::borrow::Cow;

use crate::manifest::{Cell, json};

/// Why a cell is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoText {
    NotUtf8,
    List,
    Object,
    /// A JSON string that stands for no text, such as half of a surrogate pair.
    BrokenString,
}

/// What a cell says; empty where it says nothing. Numbers, `true` and `false` of JSON are texts.
pub(super) fn text_of<'a>(cell: Cell<'a>) -> Result<Cow<'a, str>, NoText> {
    match cell {
        Cell::Absent | Cell::Json { value: "null", .. } => Ok(Cow::Borrowed("")),
        Cell::Text(text) => Ok(Cow::Borrowed(text)),
        Cell::Csv(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(_) => Err(NoText::NotUtf8),
        },
        Cell::Json { value, .. } => match value.as_bytes().first() {
            Some(b'"') => json::string(value).map_err(|_| NoText::BrokenString),
            Some(b'[') => Err(NoText::List),
            Some(b'{') => Err(NoText::Object),
            _ => Ok(Cow::Borrowed(value)),
        },
    }
}

/// Whether a cell says nothing: it is empty or holds blanks alone.
pub(super) fn is_blank(cell: Cell<'_>) -> bool {
    if cell.is_empty() {
        return true;
    }
    match cell {
        Cell::Text(text) => text.trim().is_empty(),
        cell => text_of(cell).is_ok_and(|text| text.trim().is_empty()),
    }
}

/// The room of a list of cells for those of another record. Their lifetimes differ, so a list can't
/// simply be cleared; this gives its memory on without copying anything.
pub fn emptied<'b>(mut cells: Vec<Cell<'_>>) -> Vec<Cell<'b>> {
    cells.clear();
    cells.into_iter().map(|_| Cell::Absent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: &str) -> Cell<'_> {
        Cell::Json { key: "k", value }
    }

    #[test]
    fn cells_of_every_format_are_texts() {
        for (cell, text) in [
            (Cell::Absent, Ok("")),
            (Cell::Text(" a "), Ok(" a ")),
            (Cell::Csv("é".as_bytes()), Ok("é")),
            (Cell::Csv(b"\xff"), Err(NoText::NotUtf8)),
            (json("null"), Ok("")),
            (json("12"), Ok("12")),
            (json("true"), Ok("true")),
            (json(r#""a\n""#), Ok("a\n")),
            (json(r#""\ud800""#), Err(NoText::BrokenString)),
            (json("[]"), Err(NoText::List)),
            (json("{}"), Err(NoText::Object)),
        ] {
            assert_eq!(
                text_of(cell).as_deref(),
                text.as_ref().map(|t| *t),
                "{cell:?}"
            );
        }
        let blank = [
            Cell::Text("\u{a0} "),
            Cell::Csv(b" "),
            json("\"\\n\""),
            Cell::Absent,
        ];
        assert!(blank.into_iter().all(is_blank));
        assert!(
            ![Cell::Text("a"), Cell::Csv(b"\xff"), json("[]")]
                .into_iter()
                .any(is_blank)
        );
    }

    #[test]
    fn an_emptied_list_keeps_its_room() {
        let cells = vec![Cell::Text("a"); 100];
        let (room, at) = (cells.capacity(), cells.as_ptr() as usize);
        let again = emptied(cells);
        assert_eq!(
            (again.len(), again.capacity(), again.as_ptr() as usize),
            (0, room, at)
        );
    }
}
