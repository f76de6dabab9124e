//! The hash by which a post that is read back is recognised as the one that was sent.
//!
//! Portals give line ends, outer blanks, emoji and HTML entities back in another form than they
//! were sent in (bitrix24-rest.md §2.2, §3.2, §11.2), so a text is brought into one form before it
//! is hashed. Texts that differ in anything else must never get the same hash.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

use crate::post::ContentHash;

/// Characters of a title that portals keep.
const TITLE: usize = 255;

/// The hash by which a post is recognised: of its text and, where the portal keeps one, its title.
pub fn fingerprint(title: Option<&str>, text: &str) -> ContentHash {
    let title = title.map(|title| normal(title).chars().take(TITLE).collect::<String>());
    let title = title.unwrap_or_default();
    let whole = [title.as_str(), "\0", &normal(text)].concat();
    ContentHash::of_bytes(whole.as_bytes())
}

/// The text in one form, whichever of its forms it comes in; borrowed if it is in that one.
pub fn normal(text: &str) -> Cow<'_, str> {
    let mut text = match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(text),
    };
    // What comes out of a token or an entity may be the start of another one.
    while let Cow::Owned(plainer) = decoded(&text) {
        text = Cow::Owned(plainer);
    }
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(is_blank)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(is_blank).to_owned()),
    }
}

/// PHP's idea of a blank, and Unicode's.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter == '\0'
}

/// The text without the first layer of tokens and entities; borrowed when there is none.
fn decoded(text: &str) -> Cow<'_, str> {
    #[expect(clippy::expect_used, reason = "the pattern is a literal")]
    static CODED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("&(?:lt|gt|quot|apos|amp);|:[0-9a-fA-F]{8}:").expect("the pattern is valid")
    });
    // Most texts hold neither, and a look at all their letters takes long.
    if !text.contains('&') && !text.contains(':') {
        return Cow::Borrowed(text);
    }
    let is_plain = CODED
        .find_iter(text)
        .all(|code| plain(code.as_str()).is_none());
    if is_plain {
        return Cow::Borrowed(text);
    }
    CODED.replace_all(text, |code: &Captures<'_>| {
        plain(&code[0]).unwrap_or_else(|| code[0].to_owned())
    })
}

/// What an entity or a token stands for; nothing where it is no real token.
fn plain(code: &str) -> Option<String> {
    let entity = match code {
        "&lt;" => "<",
        "&gt;" => ">",
        "&quot;" => "\"",
        "&apos;" => "'",
        "&amp;" => "&",
        token => return emoji(token.trim_matches(':')),
    };
    Some(entity.to_owned())
}

/// The character of four bytes in these eight digits.
fn emoji(digits: &str) -> Option<String> {
    let bytes = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    let text = std::str::from_utf8(&bytes).ok()?;
    (text.chars().count() == 1).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_in_every_form_that_a_portal_gives_back() {
        let forms = [
            "a <b> & \u{1f389}\nend",
            " a &lt;b&gt; &amp; \u{1f389}\r\nend\n",
            "\ta &amp;lt;b&amp;gt; & :f09f8e89:\rend\0",
        ];
        for form in forms {
            assert_eq!(normal(form), forms[0]);
            assert_eq!(fingerprint(None, form), fingerprint(None, forms[0]));
        }
        for other in ["a <b> & \u{1f389}end", "A <b> & \u{1f389}\nend"] {
            assert_ne!(fingerprint(None, other), fingerprint(None, forms[0]));
        }
    }

    #[test]
    fn what_looks_like_a_token_and_is_none_stays() {
        for text in [":deadbeef:", ":41424344:", "&nbsp;", ":f09f8e8:"] {
            assert_eq!(normal(text), text);
        }
    }

    #[test]
    fn a_title_counts_as_far_as_portals_keep_it() {
        let long = "t".repeat(300);
        let kept = "t".repeat(TITLE);
        assert_eq!(fingerprint(Some(&long), "x"), fingerprint(Some(&kept), "x"));
        assert_ne!(fingerprint(Some("a"), "x"), fingerprint(None, "x"));
        assert_ne!(fingerprint(Some("a"), "x"), fingerprint(None, "ax"));
    }

    proptest::proptest! {
        #[test]
        fn the_form_is_the_last_one(text in "[ \r\n&;:a-z0-9\u{1f389}<]{0,60}") {
            let once = normal(&text);
            proptest::prop_assert_eq!(normal(&once), &*once);
        }
    }
}
