//! A file's text as UTF-8, decoded as it is read.

use encoding_rs::{Decoder, DecoderResult, Encoding};

use super::undecodable::{mark_controls, marker};

/// Decodes a file from its start to its end; holds two small buffers, however long the file is.
pub(in crate::manifest) struct Transcoder {
    decoder: Decoder,
    is_single_byte: bool,
    raw: Vec<u8>,
    /// How much of the raw bytes is decoded, and how much of the buffer holds any.
    done: usize,
    filled: usize,
    /// Room for what is decoded, how much of it holds any, and how much of that is handed out.
    text: Vec<u8>,
    decoded: usize,
    taken: usize,
    /// What came before the raw bytes in hand, up to as much as a broken character takes.
    before: Vec<u8>,
    ended: bool,
    finished: bool,
}

/// Bytes that are read and decoded at once.
const AT_ONCE: usize = 64 << 10;
/// Bytes of the longest broken character, and those that are read behind it before it shows.
const LONGEST: usize = 16;

impl Transcoder {
    pub fn new(encoding: &'static Encoding) -> Transcoder {
        Transcoder {
            decoder: encoding.new_decoder_without_bom_handling(),
            is_single_byte: encoding.is_single_byte(),
            raw: vec![0; AT_ONCE],
            done: 0,
            filled: 0,
            // Three bytes for each is the worst case.
            text: vec![0; 3 * AT_ONCE + LONGEST],
            decoded: 0,
            taken: 0,
            before: Vec::new(),
            ended: false,
            finished: false,
        }
    }

    /// Fills some of the space with what comes next; nothing only at the end. `read` gives the file's
    /// next bytes.
    ///
    /// # Errors
    /// What `read` says.
    pub fn read<E>(
        &mut self,
        space: &mut [u8],
        read: impl FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        if self.taken == self.decoded {
            self.decode_more(read)?;
        }
        let text = &self.text[self.taken..self.decoded];
        let length = space.len().min(text.len());
        space[..length].copy_from_slice(&text[..length]);
        self.taken += length;
        Ok(length)
    }

    fn decode_more<E>(
        &mut self,
        mut read: impl FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        (self.decoded, self.taken) = (0, 0);
        while self.decoded == 0 && !self.finished {
            if self.done == self.filled && !self.ended {
                self.keep_end();
                self.filled = read(&mut self.raw)?;
                self.done = 0;
                self.ended = self.filled == 0;
            }
            self.decode();
        }
        Ok(())
    }

    /// Decodes the raw bytes in hand, or as many as there is room for.
    fn decode(&mut self) {
        while self.text.len() - self.decoded >= LONGEST {
            let raw = &self.raw[self.done..self.filled];
            let space = &mut self.text[self.decoded..];
            let (result, read, written) = self
                .decoder
                .decode_to_utf8_without_replacement(raw, space, self.ended);
            if self.is_single_byte {
                mark_controls(&mut space[..written]);
            }
            self.done += read;
            self.decoded += written;
            match result {
                DecoderResult::Malformed(length, behind) => {
                    self.mark(usize::from(length), usize::from(behind));
                }
                DecoderResult::InputEmpty => {
                    self.finished = self.ended;
                    return;
                }
                DecoderResult::OutputFull => return,
            }
        }
    }

    /// Puts the markers of a broken character into the text, which ended so many bytes before what is
    /// done.
    fn mark(&mut self, length: usize, behind: usize) {
        let end = (self.before.len() + self.done).saturating_sub(behind);
        let bytes = self.before.iter().chain(&self.raw);
        let broken = bytes.take(end).skip(end.saturating_sub(length));
        for byte in broken {
            if let Some(space) = self.text.get_mut(self.decoded..self.decoded + 2) {
                space.copy_from_slice(&marker(*byte));
                self.decoded += 2;
            }
        }
    }

    fn keep_end(&mut self) {
        let start = self.filled.saturating_sub(LONGEST);
        self.before.extend_from_slice(&self.raw[start..self.filled]);
        let too_many = self.before.len().saturating_sub(LONGEST);
        self.before.drain(..too_many);
    }
}

impl std::fmt::Debug for Transcoder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let encoding = self.decoder.encoding().name();
        out.debug_struct("Transcoder")
            .field("encoding", &encoding)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_KR, GB18030, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252};

    use super::super::undecodable::Undecodable;
    use super::*;

    /// The text of some bytes, read in pieces of that size.
    fn text(bytes: &[u8], encoding: &'static Encoding, at_once: usize) -> Vec<u8> {
        let mut stream = Transcoder::new(encoding);
        let (mut text, mut rest) = (Vec::new(), bytes);
        loop {
            let mut space = vec![0; at_once];
            let mut read = |raw: &mut [u8]| {
                let length = rest.len().min(at_once).min(raw.len());
                raw[..length].copy_from_slice(&rest[..length]);
                rest = &rest[length..];
                Ok::<usize, ()>(length)
            };
            match stream.read(&mut space, &mut read).unwrap() {
                0 => return text,
                length => text.extend_from_slice(&space[..length]),
            }
        }
    }

    #[test]
    fn a_byte_that_is_no_character_is_marked_wherever_the_file_is_cut() {
        let high: &[u8] = &[0x41, 0, 0x3d, 0xd8, 0x42, 0];
        let cases: [(&[u8], &Encoding, &str); 8] = [
            (b"\xcf\x98\xf0", WINDOWS_1251, "2 0x98, is no"),
            (b"ab\x81\x8d", WINDOWS_1252, "3 0x81, is no"),
            (high, UTF_16LE, "3 0x3D 0xD8, is half"),
            (
                &[0, 0x41, 0xdc, 0, 0, 0x42],
                UTF_16BE,
                "3 0xDC 0x00, is half",
            ),
            (&[0, 0x41, 0], UTF_16BE, "3 0x00, is half"),
            (b"a\xb0", EUC_KR, "2 0xB0, is no"),
            (b"a\x82\n", SHIFT_JIS, "2 0x82, is no"),
            (b"a\x81\x30\x81\x41b", GB18030, "2 0x81, is no"),
        ];
        for (bytes, encoding, says) in cases {
            for at_once in [1, 2, 3, 100] {
                let text = text(bytes, encoding, at_once);
                let found = Undecodable::find(&text, encoding);
                let found = found.unwrap_or_else(|| panic!("{} {text:x?}", encoding.name()));
                let said = format!("{} {found}", found.place);
                assert!(said.starts_with(says), "{said}, {at_once} at once");
            }
        }
        let text = text(high, UTF_16LE, 1);
        assert_eq!((text.first(), text.last()), (Some(&b'A'), Some(&b'B')));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_decoded_however_it_is_cut(
            content in "[a-zа-яёЁ№€«»,\n\u{1f600}\u{4e00}]{0,60}", at_once in 1_usize..9,
        ) {
            for encoding in [WINDOWS_1251, GB18030] {
                let (bytes, _, _) = encoding.encode(&content);
                let (whole, _) = encoding.decode_without_bom_handling(&bytes);
                let pieces = text(&bytes, encoding, at_once);
                proptest::prop_assert_eq!(pieces, whole.as_bytes());
            }
            let bytes: Vec<u8> = content.encode_utf16().flat_map(u16::to_be_bytes).collect();
            proptest::prop_assert_eq!(text(&bytes, UTF_16BE, at_once), content.as_bytes());
        }
    }

    #[test]
    fn a_long_text_of_nothing_good_takes_no_more_memory() {
        let bytes = vec![0x98; 5 * AT_ONCE];
        let text = text(&bytes, WINDOWS_1251, 100_000);
        assert_eq!(text.len(), 2 * bytes.len());
    }
}
