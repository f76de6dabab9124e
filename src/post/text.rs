//! Reading short texts: without the blanks around them, and as an ID.

use super::MAX_ID;

/// The text without outer blanks; most have none, and that shows at once.
pub fn trimmed(text: &str) -> &str {
    let is_plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    match is_plain(bytes.first()) && is_plain(bytes.last()) {
        true => text,
        false => text.trim(),
    }
}

/// The ID that a text of nothing but digits gives: positive, and no more than [`MAX_ID`].
pub fn parse_id(digits: &str) -> Option<u64> {
    // Rust's own reading lets a plus sign pass.
    let starts_well = digits.as_bytes().first()?.is_ascii_digit();
    let id = digits.parse().ok().filter(|_| starts_well)?;
    (1..=MAX_ID).contains(&id).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_of_every_kind_are_outside() {
        for text in ["a b", " a b", "a b\n", "\u{a0}a b\u{2003}"] {
            assert_eq!(trimmed(text), "a b");
        }
        assert_eq!(
            (trimmed("\u{e9} "), trimmed(" "), trimmed("")),
            ("\u{e9}", "", "")
        );
    }

    #[test]
    fn ids_are_digits_and_nothing_else() {
        assert_eq!(parse_id("42"), Some(42));
        assert_eq!(parse_id("9223372036854775807"), Some(MAX_ID));
        for text in [
            "",
            "0",
            "+1",
            "-1",
            "1 ",
            "1x",
            "1.5",
            "9223372036854775808",
            "99999999999999999999",
        ] {
            assert_eq!(parse_id(text), None, "{text}");
        }
    }
}
