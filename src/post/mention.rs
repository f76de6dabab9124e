//! Mentions of users in a text, `[user=5]Ann[/user]`, for which Bitrix24 notifies them
//! (bitrix24-rest.md §10).

use std::borrow::Cow;
use std::ops::Range;

use super::parse_id;

/// Whether a text mentions somebody.
pub fn has_mention(text: &str) -> bool {
    opening_tag(text).is_some()
}

/// The users whom a text mentions, in its order; one whose number no user can have is left out.
pub fn mentioned(mut text: &str) -> Vec<u64> {
    let mut users = Vec::new();
    while let Some(tag) = opening_tag(text) {
        let digits = text[tag.clone()].trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let end = digits.find(|letter: char| !letter.is_ascii_digit());
        let number = &digits[..end.unwrap_or(digits.len())];
        users.extend(parse_id(number));
        text = &text[tag.end..];
    }
    users
}

/// The text with the users that it mentions by other numbers; those for whom there is none are told,
/// and their mentions stay as they are.
pub fn translated_mentions(
    text: &str,
    number_of: impl Fn(u64) -> Option<u64>,
) -> (String, Vec<u64>) {
    let (mut translated, mut unknown, mut rest) = (String::new(), Vec::new(), text);
    while let Some(tag) = opening_tag(rest) {
        let is_digit = |letter: char| letter.is_ascii_digit();
        let digits = &rest[tag.clone()];
        let start = tag.start + digits.find(is_digit).unwrap_or_default();
        let length = rest[start..]
            .find(|letter| !is_digit(letter))
            .unwrap_or_default();
        let number = &rest[start..start + length];
        translated.push_str(&rest[..start]);
        match parse_id(number).map(|id| (id, number_of(id))) {
            Some((_, Some(id))) => translated.push_str(&id.to_string()),
            other => {
                translated.push_str(number);
                unknown.extend(other.map(|(id, _)| id));
            }
        }
        translated.push_str(&rest[start + length..tag.end]);
        rest = &rest[tag.end..];
    }
    translated.push_str(rest);
    (translated, unknown)
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
/// without a closing tag counts too: whether it notifies isn't certain (bitrix24-rest.md §10), and
/// nothing is lost by taking it out.
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

    #[test]
    fn mentions_take_other_numbers() {
        let number_of = |id| (id != 7).then_some(id + 100);
        let text = "[user=5]Ann[/user], [USER = 12 ]Bo[/user] [user=7]x [user=0]y";
        let (translated, unknown) = translated_mentions(text, number_of);
        assert_eq!(
            translated,
            "[user=105]Ann[/user], [USER = 112 ]Bo[/user] [user=7]x [user=0]y"
        );
        assert_eq!(unknown, [7]);
    }

    #[test]
    fn the_mentioned_are_known_by_their_numbers() {
        let text = "[user=5]Ann[/user] [USER = 12 ]Bo[/user] [user=0]x [user=99999999999999999999]y [user=7x]z";
        assert_eq!(mentioned(text), [5, 12, 7]);
        assert!(mentioned("nobody [user=]").is_empty());
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
