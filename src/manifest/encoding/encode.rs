//! A decoded text back as bytes of its file.

use encoding_rs::{EncoderResult, Encoding, UTF_8, UTF_16BE};

use super::name::is_utf16;
use super::undecodable::unmarked;

/// The bytes that a decoded text has in a file of that encoding. A byte that could not be decoded is
/// itself again. A character that the encoding doesn't have becomes a question mark; of decoded text
/// there is none.
///
/// An encoding of several bytes a character may have had another spelling of the same character.
pub(in crate::manifest) fn encoded(text: &[u8], encoding: &'static Encoding) -> Vec<u8> {
    if encoding == UTF_8 {
        return text.to_vec();
    }
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text);
    while !rest.is_empty() {
        let valid = match std::str::from_utf8(rest) {
            Ok(_) => rest.len(),
            Err(error) => error.valid_up_to(),
        };
        let (good, bad) = rest.split_at(valid);
        encode_valid(
            str::from_utf8(good).unwrap_or_default(),
            encoding,
            &mut bytes,
        );
        let marked = bad.first_chunk().and_then(|pair| unmarked(*pair));
        let length = if marked.is_some() { 2 } else { 1 };
        bytes.extend(marked.or(bad.first().copied()));
        rest = bad.get(length..).unwrap_or_default();
    }
    bytes
}

/// Whether an encoding has every character of a text.
pub(in crate::manifest) fn can_encode(text: &str, encoding: &'static Encoding) -> bool {
    is_utf16(encoding) || !encoding.encode(text).2
}

fn encode_valid(text: &str, encoding: &'static Encoding, bytes: &mut Vec<u8>) {
    if is_utf16(encoding) {
        let is_big = encoding == UTF_16BE;
        let units = text.encode_utf16();
        let pair = |unit: u16| {
            if is_big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        bytes.extend(units.flat_map(pair));
        return;
    }
    let (mut encoder, mut rest) = (encoding.new_encoder(), text);
    loop {
        let needed = encoder.max_buffer_length_from_utf8_without_replacement(rest.len());
        bytes.reserve(needed.unwrap_or(rest.len()));
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, bytes, true);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => return,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(_) => bytes.push(b'?'),
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{GB18030, KOI8_R, UTF_16LE, WINDOWS_1251, WINDOWS_1252};

    use super::super::transcoder::Transcoder;
    use super::*;

    fn decoded(bytes: &[u8], encoding: &'static Encoding) -> Vec<u8> {
        let (mut transcoder, mut rest, mut text) = (Transcoder::new(encoding), bytes, Vec::new());
        loop {
            let mut space = vec![0; 100];
            let read = |raw: &mut [u8]| {
                let length = rest.len().min(raw.len());
                raw[..length].copy_from_slice(&rest[..length]);
                rest = &rest[length..];
                Ok::<usize, ()>(length)
            };
            match transcoder.read(&mut space, read).unwrap() {
                0 => return text,
                length => text.extend_from_slice(&space[..length]),
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_come_back(bytes in proptest::collection::vec(0_u8.., 0..60)) {
            for encoding in [WINDOWS_1251, WINDOWS_1252, KOI8_R, UTF_16LE, UTF_16BE] {
                let text = decoded(&bytes, encoding);
                proptest::prop_assert_eq!(&encoded(&text, encoding), &bytes, "{}", encoding.name());
            }
        }
    }

    #[test]
    fn what_an_encoding_does_not_have_is_a_question_mark() {
        assert_eq!(encoded("aя€".as_bytes(), WINDOWS_1252), b"a?\x80");
        assert!(can_encode("я", WINDOWS_1251) && !can_encode("é", WINDOWS_1251));
        assert!(can_encode("é", UTF_16LE));
        let text = "中文".as_bytes();
        assert_eq!(decoded(&encoded(text, GB18030), GB18030), text);
    }
}
