//! `base64_decode` without its strict flag: PHP skips what it does not know.

use base64::engine::DecodePaddingMode;
use base64::{Engine, alphabet, engine::GeneralPurpose, engine::GeneralPurposeConfig};

/// Characters decoded at a time: a whole number of groups, small enough to stay in the cache.
const PIECE: usize = 48 * 1024;

/// Groups without padding; a last group may carry bits that no byte needs.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// Hands the decoded bytes to `sink`, piece by piece, so that a large file is never held twice.
///
/// Characters outside the alphabet are skipped, padding too wherever it stands; a single
/// character left over at the end is lost. It cannot fail.
pub fn base64_decode(text: &[u8], mut sink: impl FnMut(&[u8])) {
    let mut symbols = Vec::new();
    let mut decoded = vec![0; PIECE];
    for piece in text.chunks(PIECE) {
        if symbols.is_empty() && piece.len() == PIECE && decode(piece, &mut decoded, &mut sink) {
            continue;
        }
        symbols.extend(piece.iter().copied().filter(|byte| is_symbol(*byte)));
        let whole = symbols.len() / 4 * 4;
        decode(&symbols[..whole], &mut decoded, &mut sink);
        symbols.drain(..whole);
    }
    if symbols.len() > 1 {
        decode(&symbols, &mut decoded, &mut sink);
    }
}

/// Whether the symbols were clean; nothing was handed on if not.
fn decode(symbols: &[u8], decoded: &mut [u8], sink: &mut impl FnMut(&[u8])) -> bool {
    let length = ENGINE.decode_slice(symbols, decoded);
    if let Ok(length) = length {
        sink(&decoded[..length]);
    }
    length.is_ok()
}

fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    fn decoded(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        base64_decode(text.as_bytes(), |piece| bytes.extend_from_slice(piece));
        bytes
    }

    #[test]
    fn what_php_does_not_know_is_skipped() {
        for text in [
            "aGVsbG8=",
            "aGVsbG8",
            "aGVs bG8=",
            "=aGVsbG8",
            "aGV=sbG8",
            "aGVsbG8-_",
        ] {
            assert_eq!(decoded(text), b"hello", "{text}");
        }
        for nothing in ["", "a", "!!!", "====", "я"] {
            assert_eq!(decoded(nothing), b"", "{nothing}");
        }
        assert_eq!(decoded("aG"), b"h");
        assert_eq!(decoded("aH"), b"h");
        assert_eq!(
            decoded("data:;base64,aGk="),
            b"\x75\xab\x5a\x6d\xab\x1e\xeb\x86\x86"
        );
    }

    #[test]
    fn pieces_join_without_a_seam() {
        let bytes: Vec<u8> = (0..PIECE * 3).map(|n| (n % 251) as u8).collect();
        let mut text = STANDARD.encode(&bytes);
        assert_eq!(decoded(&text), bytes);
        text.insert(7, '\n');
        text.insert(PIECE + 1, '\n');
        assert_eq!(decoded(&text), bytes);
    }

    proptest! {
        #[test]
        fn encoded_bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(decoded(&STANDARD.encode(&bytes)), bytes);
        }

        #[test]
        fn any_text_decodes(text in ".{0,80}") {
            decoded(&text);
        }
    }
}
