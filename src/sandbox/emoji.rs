//! Four-byte characters as a portal stores them: `:` and the bytes in hex and `:`, such as
//! `:f09f8e89:` (bitrix24-rest.md §5).

/// Bytes of a character that is stored as a token.
const LENGTH: usize = 4;
/// Bytes of a token: eight digits between two colons.
const TOKEN: usize = 2 * LENGTH + 2;

/// The text with a token for every four-byte character.
pub(super) fn encode(text: &[u8]) -> Vec<u8> {
    replace(text, |rest| {
        let character = rest.get(..LENGTH).filter(|bytes| is_character(bytes))?;
        let digits: String = character.iter().map(|byte| format!("{byte:02x}")).collect();
        Some((LENGTH, format!(":{digits}:").into_bytes()))
    })
}

/// The text with a character for every token, whether the portal wrote it or the author.
pub(super) fn decode(text: &[u8]) -> Vec<u8> {
    replace(text, |rest| {
        let token = rest.get(..TOKEN)?;
        let digits = token.strip_prefix(b":")?.strip_suffix(b":")?;
        let character: Vec<u8> = digits
            .chunks(2)
            .map(|pair| {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()
            })
            .collect::<Option<_>>()?;
        is_character(&character).then_some((TOKEN, character))
    })
}

fn is_character(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().count() == 1)
}

/// Asks at every place what stands there: how many bytes, and what they become.
fn replace(text: &[u8], found: impl Fn(&[u8]) -> Option<(usize, Vec<u8>)>) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        match found(rest) {
            Some((length, with)) => {
                replaced.extend_from_slice(&with);
                rest = &rest[length..];
            }
            None => {
                replaced.push(*first);
                rest = behind;
            }
        }
    }
    replaced
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_four_byte_characters_are_tokens() {
        for (text, stored) in [
            ("a🎉b", "a:f09f8e89:b"),
            ("🎉🎉", ":f09f8e89::f09f8e89:"),
            ("€ ё plain", "€ ё plain"),
            ("", ""),
        ] {
            assert_eq!(encode(text.as_bytes()), stored.as_bytes());
            assert_eq!(decode(stored.as_bytes()), text.as_bytes());
        }
        assert_eq!(encode(b"\xf0\x9f\x8e"), b"\xf0\x9f\x8e");
    }

    #[test]
    fn what_only_looks_like_a_token_stays() {
        for text in [
            ":f09f8e8:",
            ":61626364:",
            ":f09f8e89",
            ":ffffffff:",
            ":f09f8e8g:",
        ] {
            assert_eq!(decode(text.as_bytes()), text.as_bytes(), "{text}");
        }
        assert_eq!(decode(b":F09F8E89:"), "🎉".as_bytes());
        assert_eq!(decode(b"::f09f8e89:"), ":🎉".as_bytes());
    }

    proptest! {
        #[test]
        fn texts_without_tokens_survive(text in "[^:]*") {
            prop_assert_eq!(decode(&encode(text.as_bytes())), text.as_bytes());
        }
    }
}
