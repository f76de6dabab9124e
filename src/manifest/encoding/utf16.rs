//! UTF-16 without a byte order mark, known by where NUL bytes stand.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// NULs that are too few to tell.
const FEWEST: usize = 4;

/// The order of the bytes if some bytes are UTF-16: its ASCII characters have a NUL each, all on the
/// same side, and no line of text is without any.
pub(in crate::manifest) fn by_nuls(head: &[u8]) -> Option<&'static Encoding> {
    let (units, _) = head.as_chunks::<2>();
    let nuls = |place: usize| units.iter().filter(|unit| unit[place] == 0).count();
    let (first, second) = (nuls(0), nuls(1));
    let encoding = match (first, second) {
        (0, FEWEST..) => UTF_16LE,
        (FEWEST.., 0) => UTF_16BE,
        _ => return None,
    };
    let is_often = first.max(second) * 32 >= units.len();
    (is_often && reads_well(units, encoding)).then_some(encoding)
}

/// Whether nearly all of it are characters of a text.
fn reads_well(units: &[[u8; 2]], encoding: &'static Encoding) -> bool {
    let read = |unit: &[u8; 2]| match encoding == UTF_16LE {
        true => u16::from_le_bytes(*unit),
        false => u16::from_be_bytes(*unit),
    };
    let is_odd = |letter: &Result<char, _>| match letter {
        Ok(letter) => letter.is_control() && !matches!(letter, '\t' | '\n' | '\r'),
        Err(_) => true,
    };
    let letters = char::decode_utf16(units.iter().map(read));
    letters.filter(is_odd).count() * 50 <= units.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn both_orders_are_known_also_where_most_letters_have_no_nul() {
        for text in [
            "message,title\nПривет",
            "Название;Примечание\r\nПоставка;Клиент просил перезвонить\r\n",
        ] {
            assert_eq!(by_nuls(&bytes(text, u16::to_le_bytes)), Some(UTF_16LE));
            assert_eq!(by_nuls(&bytes(text, u16::to_be_bytes)), Some(UTF_16BE));
        }
    }

    #[test]
    fn other_bytes_with_nuls_are_not() {
        let ab = bytes("ab", u16::to_le_bytes);
        for other in [
            &ab[..],
            b"message,title\na\0b\0c,\0\n",
            b"a\0\0\0b\0\0\0c\0\0\0d\0\0\0",
            b"\x01\0\x02\0\x03\0\x04\0\x05\0",
        ] {
            assert_eq!(by_nuls(other), None, "{other:?}");
        }
    }
}
