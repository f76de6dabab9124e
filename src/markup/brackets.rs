//! Square brackets of a text that are no tags, and must not become some.

use std::borrow::Cow;

/// Stands behind a `[` that would begin a tag. It is not seen, so the text reads the same whether
/// or not tags are rendered, and no version of Bitrix24 takes `[` and this for a tag. There is no
/// escape of its own for brackets: `&#91;` is shown as it is where entities are not decoded
/// (bitrix24-rest.md §10).
pub const NO_TAG: char = '\u{200b}';

/// Whether a `[` before this letter may begin a tag: CRM on mobile devices drops every word in
/// brackets that is none of the tags it knows.
pub fn may_begin_tag(next: char) -> bool {
    next.is_alphanumeric() || matches!(next, '_' | '/' | '*')
}

/// Appends a text whose brackets are no tags.
pub fn push_text(out: &mut String, text: &str) {
    let follows = out.ends_with('[');
    if follows && text.starts_with(may_begin_tag) {
        out.push(NO_TAG);
    }
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'[', rest.as_bytes()) {
        let (before, after) = rest.split_at(at + 1);
        out.push_str(before);
        if after.starts_with(may_begin_tag) {
            out.push(NO_TAG);
        }
        rest = after;
    }
    out.push_str(rest);
}

/// The text with all its brackets as text; borrowed where none could be taken for a tag.
pub fn without_tags(text: &str) -> Cow<'_, str> {
    let is_harmless = memchr::memchr_iter(b'[', text.as_bytes())
        .all(|at| !text[at + 1..].starts_with(may_begin_tag));
    if is_harmless {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 64);
    push_text(&mut out, text);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::has_mention;

    #[test]
    fn brackets_before_a_word_are_kept_from_being_tags() {
        for (text, kept) in [
            ("[b]x[/b]", "[\u{200b}b]x[\u{200b}/b]"),
            ("[user=5]Ann[/user]", "[\u{200b}user=5]Ann[\u{200b}/user]"),
            ("[*] [ ] [] [", "[\u{200b}*] [ ] [] ["),
            ("[[b]]", "[[\u{200b}b]]"),
            ("[важно]", "[\u{200b}важно]"),
        ] {
            assert_eq!(without_tags(text), kept, "{text}");
            assert!(!has_mention(kept));
        }
        assert!(matches!(without_tags("no tags [ ]"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_bracket_at_the_end_of_one_piece_is_seen_by_the_next() {
        let mut out = String::new();
        for piece in ["[", "user=5]", "Ann"] {
            push_text(&mut out, piece);
        }
        assert_eq!(out, "[\u{200b}user=5]Ann");
    }
}
