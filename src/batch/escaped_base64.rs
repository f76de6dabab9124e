//! Base64 with its `+`, `/` and `=` percent-encoded, as a file stands in a query string.
//!
//! Encoding and then escaping takes half as long again as this: letters are looked up two at a
//! time, already escaped. `benches/` holds the figures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Two letters for 12 bits, escaped: at most six bytes, and in the last place how many they are, so
/// that all eight can be copied at once.
type Pair = [u8; 8];

const COUNT: usize = 7;

static PAIRS: [Pair; 4096] = {
    let mut pairs = [[0; 8]; 4096];
    let mut bits = 0;
    while bits < pairs.len() {
        pairs[bits] = with_letter(with_letter([0; 8], bits >> 6), bits & 63);
        bits += 1;
    }
    pairs
};

const fn with_letter(mut pair: Pair, bits: usize) -> Pair {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let at = pair[COUNT] as usize;
    match alphabet[bits] {
        b'+' => [pair[at], pair[at + 1], pair[at + 2]] = *b"%2B",
        b'/' => [pair[at], pair[at + 1], pair[at + 2]] = *b"%2F",
        letter => pair[at] = letter,
    }
    pair[COUNT] += match alphabet[bits] {
        b'+' | b'/' => 3,
        _ => 1,
    };
    pair
}

/// Bytes that are encoded into a block on the stack before they are appended.
const BLOCK: usize = 3 * 512;

/// Appends bytes. Pieces join where all but the last are of a multiple of three bytes.
pub(super) fn push(out: &mut Vec<u8>, bytes: &[u8]) {
    // Each three bytes become four letters of at most three bytes.
    let mut block = [0; BLOCK * 4 + COUNT + 1];
    for part in bytes.chunks(BLOCK) {
        let mut at = 0;
        let (triples, rest) = part.as_chunks::<3>();
        for [a, b, c] in triples {
            let bits = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            for pair in [&PAIRS[bits >> 12], &PAIRS[bits & 4095]] {
                block[at..at + pair.len()].copy_from_slice(pair);
                at += usize::from(pair[COUNT]);
            }
        }
        out.extend_from_slice(&block[..at]);
        if !rest.is_empty() {
            push_end(out, rest);
        }
    }
}

/// The last one or two bytes.
fn push_end(out: &mut Vec<u8>, rest: &[u8]) {
    for letter in STANDARD.encode(rest).bytes() {
        match letter {
            b'+' => out.extend_from_slice(b"%2B"),
            b'/' => out.extend_from_slice(b"%2F"),
            b'=' => out.extend_from_slice(b"%3D"),
            letter => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(bytes: &[u8]) -> String {
        let base64 = STANDARD.encode(bytes);
        let escaped = base64.replace('+', "%2B").replace('/', "%2F");
        escaped.replace('=', "%3D")
    }

    fn encoded(pieces: &[&[u8]]) -> String {
        let mut out = Vec::new();
        pieces.iter().for_each(|piece| push(&mut out, piece));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_pair_of_letters_is_as_the_library_has_it() {
        let all: Vec<u8> = (0..4096_u32)
            .flat_map(|bits| (bits << 12 | (4095 - bits)).to_be_bytes()[1..].to_vec())
            .collect();
        assert_eq!(encoded(&[&all]), expected(&all));
    }

    proptest::proptest! {
        #[test]
        fn bytes_are_as_the_library_has_them(bytes in proptest::collection::vec(0_u8.., 0..3 * BLOCK)) {
            proptest::prop_assert_eq!(encoded(&[&bytes]), expected(&bytes));
            let (start, end) = bytes.split_at(bytes.len() / 6 * 3);
            proptest::prop_assert_eq!(encoded(&[start, end]), expected(&bytes));
        }
    }
}
