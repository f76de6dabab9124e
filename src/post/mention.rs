//! Mentions of users in a text, `[user=5]Ann[/user]`, for which Bitrix24 notifies them (WIRE §10).

use std::borrow::Cow;
use std::ops::Range;

/// Whether a text mentions somebody.
pub fn has_mention(text: &str) -> bool {
    opening_tag(text).is_some()
}

/// The text with the names of the mentioned in place of their mentions.
pub fn without_mentions(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    // What a removed tag has parted may make another one.
    while let Some(tag) = opening_tag(&text) {
        let plain = text.to_mut();
        let closing = closing_tag(plain, tag.end);
        if let Some(closing) = closing {
            plain.replace_range(closing, "");
        }
        plain.replace_range(tag, "");
    }
    text
}

/// The first `[user=N]`, in any letter case, blanks around the `=` allowed as Bitrix24 does. One
/// without an end to it counts too: it is no mention for sure, but no loss either.
fn opening_tag(text: &str) -> Option<Range<usize>> {
    memchr::memchr_iter(b'[', text.as_bytes()).find_map(|start| {
        let name = text.get(start + 1..start + 5)?;
        let rest = text.get(start + 5..)?.trim_start();
        let rest = rest.strip_prefix('=').filter(|_| is_user(name))?;
        let value = rest.trim_start();
        let close = value.find(']')?;
        let is_id = value.starts_with(|letter: char| letter.is_ascii_digit());
        is_id.then(|| start..text.len() - value.len() + close + 1)
    })
}

/// The first `[/user]` from there on.
fn closing_tag(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let at = memchr::memchr_iter(b'[', rest.as_bytes()).find(|at| {
        let tag = rest.get(*at..at + "[/user]".len());
        tag.is_some_and(|tag| tag.eq_ignore_ascii_case("[/user]"))
    })?;
    Some(from + at..from + at + "[/user]".len())
}

fn is_user(name: &str) -> bool {
    name.eq_ignore_ascii_case("user")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_and_tags_go() {
        for (text, plain) in [
            ("Hi", "Hi"),
            (
                "[user=5]Ann[/user], see [b]this[/b]",
                "Ann, see [b]this[/b]",
            ),
            ("[USER = 5 ]Ann[/User] [user=6]Ян[/user]", "Ann Ян"),
            ("[user=5]Ann", "Ann"),
            ("[us[user=1]er=2]x[/user]", "x"),
            (
                "[user=]a[/user] [user=x]b[/user] [user",
                "[user=]a[/user] [user=x]b[/user] [user",
            ),
            ("[/user] [usér=5] [", "[/user] [usér=5] ["),
        ] {
            assert_eq!(without_mentions(text), plain, "{text}");
            assert_eq!(has_mention(text), text != plain, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_left_to_notify(parts in proptest::collection::vec(
            proptest::sample::select(vec!["[", "user", "=", "5", "]", "[/user]", "[user=7]", "я", " "]), 0..16)
        ) {
            let text = parts.concat();
            proptest::prop_assert!(!has_mention(&without_mentions(&text)));
        }
    }
}
