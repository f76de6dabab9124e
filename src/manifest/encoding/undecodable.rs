//! Bytes that the file's encoding doesn't have.
//!
//! In the decoded text each of them stands as two bytes that UTF-8 never has, so that the text can't
//! be taken for good: a lead byte from 0xF8 to 0xFB with the upper two bits, and a byte with the rest.

use std::fmt;

use encoding_rs::{Encoding, UTF_8};

use super::name::{is_utf16, lower_name};

/// The two bytes that stand for a byte that can't be decoded.
pub(super) fn marker(byte: u8) -> [u8; 2] {
    [LEAD | (byte >> 6), 0x80 | (byte & 0x3f)]
}

/// Of decoded text: makes the control characters from U+0080 to U+009F markers. A single byte becomes
/// one of these where its encoding has no character for it.
pub(super) fn mark_controls(text: &mut [u8]) {
    let mut from = 0;
    while let Some(found) = memchr::memchr(0xc2, &text[from..]) {
        let at = from + found;
        if let Some(0x80..=0x9f) = text.get(at + 1) {
            text[at] = marker(text[at + 1])[0];
        }
        from = at + 1;
    }
}

const LEAD: u8 = 0xf8;

/// The first byte of a text that its file's encoding doesn't have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// Its place in the text, from 1, by bytes of the file.
    pub place: usize,
    /// The byte, or the two of half a surrogate pair.
    bytes: Vec<u8>,
    encoding: &'static Encoding,
}

impl Undecodable {
    /// The first such byte of a text as it was decoded.
    pub(in crate::manifest) fn find(
        text: &[u8],
        encoding: &'static Encoding,
    ) -> Option<Undecodable> {
        let error = std::str::from_utf8(text).err()?;
        let (before, rest) = text.split_at(error.valid_up_to());
        let before = str::from_utf8(before).unwrap_or_default();
        let most = if is_utf16(encoding) { 2 } else { 1 };
        let marked: Vec<u8> = rest
            .as_chunks::<2>()
            .0
            .iter()
            .map_while(|pair| unmarked(*pair))
            .take(most)
            .collect();
        let bytes = match marked.is_empty() {
            true => rest.iter().take(1).copied().collect(),
            false => marked,
        };
        Some(Undecodable {
            place: encoded_length(before, encoding) + 1,
            bytes,
            encoding,
        })
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self.encoding == UTF_8 {
            true => "save the file as UTF-8, or name its encoding with --encoding",
            false => "mend it, or name the right encoding with --encoding",
        }
    }
}

impl fmt::Display for Undecodable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: Vec<String> = self
            .bytes
            .iter()
            .map(|byte| format!("0x{byte:02X}"))
            .collect();
        let (bytes, name) = (bytes.join(" "), lower_name(self.encoding));
        match self.encoding {
            encoding if encoding == UTF_8 => write!(out, "{bytes}, is not UTF-8"),
            encoding if is_utf16(encoding) => write!(out, "{bytes}, is half a character of {name}"),
            _ => write!(out, "{bytes}, is no character of {name}"),
        }
    }
}

/// The byte that a marker stands for.
pub(super) fn unmarked(pair: [u8; 2]) -> Option<u8> {
    let [lead, rest] = pair;
    let is_marker = (LEAD..=LEAD | 3).contains(&lead) && (0x80..=0xbf).contains(&rest);
    is_marker.then_some((lead << 6) | (rest & 0x3f))
}

/// The bytes that a text has in the file.
fn encoded_length(text: &str, encoding: &'static Encoding) -> usize {
    match encoding {
        encoding if encoding == UTF_8 => text.len(),
        encoding if is_utf16(encoding) => 2 * text.encode_utf16().count(),
        encoding => encoding.encode(text).0.len(),
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_16LE, WINDOWS_1251};

    use super::*;

    #[test]
    fn every_byte_has_a_marker_that_is_never_utf8() {
        for byte in 0..=u8::MAX {
            let marker = marker(byte);
            assert_eq!(unmarked(marker), Some(byte));
            let text = [b"a", &marker[..], "я".as_bytes()].concat();
            assert_eq!(str::from_utf8(&text).unwrap_err().valid_up_to(), 1);
        }
    }

    #[test]
    fn its_place_counts_bytes_of_the_file() {
        let text = |before: &str, bytes: &[u8]| {
            let markers: Vec<u8> = bytes.iter().flat_map(|byte| marker(*byte)).collect();
            [before.as_bytes(), &markers, b"x"].concat()
        };
        let said = |text: &[u8], encoding| {
            let found = Undecodable::find(text, encoding).unwrap();
            format!("{} {found}", found.place)
        };
        let cyrillic = text("Да ", &[0x98, 0x98]);
        assert_eq!(
            said(&cyrillic, WINDOWS_1251),
            "4 0x98, is no character of windows-1251"
        );
        let wide = text("Да ", &[0x3d, 0xd8]);
        assert_eq!(
            said(&wide, UTF_16LE),
            "7 0x3D 0xD8, is half a character of utf-16le"
        );
        let plain = ["Да ".as_bytes(), b"\xe9x"].concat();
        assert_eq!(said(&plain, UTF_8), "6 0xE9, is not UTF-8");
        assert_eq!(Undecodable::find("Да".as_bytes(), UTF_8), None);
    }

    #[test]
    fn controls_of_the_upper_half_are_marked_in_place() {
        let mut text = "a\u{98}«\u{a0}я\u{c2}".as_bytes().to_vec();
        mark_controls(&mut text);
        assert_eq!(text[1..3], marker(0x98));
        assert_eq!(&text[3..], "«\u{a0}я\u{c2}".as_bytes());
    }
}
