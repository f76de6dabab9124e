//! The portal's web filter, which on some portals goes over the texts of a batch, and of nothing
//! else: what looks like script, SQL or PHP is broken up (bitrix24-rest.md §4.4).
//!
//! docs/bitrix24-rest.md knows that it is there, not what exactly it does; this is a filter of its
//! kind.

use bytes::Bytes;

use super::php::{Array, Php};

/// What is broken up, in lower case, with the place for the blank.
const MARKS: [(&[u8], usize); 6] = [
    (b"<script", 3),
    (b"<iframe", 3),
    (b"javascript:", 4),
    (b"<?php", 3),
    (b"union select", 2),
    (b"drop table", 2),
];

/// The same parameters with all texts filtered, at all depths.
pub(super) fn filter(params: Array) -> Array {
    let mut filtered = Array::new();
    for (key, value) in params {
        let value = match value {
            Php::Array(array) => Php::Array(filter(array)),
            Php::Text(text) => Php::Text(break_up(text)),
            scalar => scalar,
        };
        filtered.insert(key, value);
    }
    filtered
}

/// Puts a blank into each mark.
fn break_up(text: Bytes) -> Bytes {
    let mut broken = Vec::new();
    let mut done = 0;
    for at in 0..text.len() {
        if let Some((_, offset)) = MARKS.iter().find(|(mark, _)| begins(&text[at..], mark)) {
            broken.extend_from_slice(&text[done..at + offset]);
            broken.push(b' ');
            done = at + offset;
        }
    }
    if broken.is_empty() {
        return text;
    }
    broken.extend_from_slice(&text[done..]);
    Bytes::from(broken)
}

/// Whether a text begins with a mark, in any letter case.
fn begins(text: &[u8], mark: &[u8]) -> bool {
    text.get(..mark.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_broken_up_in_any_letter_case() {
        for (text, expected) in [
            ("<script>alert(1)</script>", "<sc ript>alert(1)</script>"),
            ("a <SCRIPT src>", "a <SC RIPT src>"),
            ("javascript:JavaScript:", "java script:Java Script:"),
            ("<?php 1", "<?p hp 1"),
            ("1 UNION SELECT 2", "1 UN ION SELECT 2"),
            ("drop table x", "dr op table x"),
            ("a description, a union, <b>", "a description, a union, <b>"),
            ("<scrip", "<scrip"),
            ("", ""),
        ] {
            assert_eq!(break_up(Bytes::from(text)), expected, "{text}");
        }
    }

    #[test]
    fn texts_are_found_at_all_depths_and_numbers_stay() {
        let with = |text| {
            let inner = Php::map([("B", Php::text(text)), ("C", Php::Int(1))]);
            Array::from_names([("A", inner)])
        };
        assert_eq!(filter(with("<iframe")), with("<if rame"));
    }
}
