//! The text of a manifest from its start or from behind its header, as UTF-8.

use super::ManifestError;
use super::encoding::{FoundEncoding, Transcoder};
use super::input_file::InputFile;

/// A place in a text, by bytes of its UTF-8.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextPlace {
    pub encoding: FoundEncoding,
    /// Bytes of the file before its text: the byte order mark.
    pub mark: u64,
    /// Bytes of the text before this place.
    pub offset: u64,
    /// Bytes of the file up to where its text ends.
    pub end: u64,
}

/// Reads a text on from a place. UTF-8 is read as it is, straight to where it is wanted.
#[derive(Debug)]
pub(super) struct TextStream {
    /// None for UTF-8.
    transcoder: Option<Box<Transcoder>>,
    /// Offset in the file.
    offset: u64,
    end: u64,
    /// Bytes of the text that are still to be left out.
    to_skip: u64,
}

impl TextStream {
    pub fn new(from: TextPlace) -> TextStream {
        match from.encoding.is_utf8() {
            true => TextStream {
                transcoder: None,
                offset: from.mark + from.offset,
                end: from.end,
                to_skip: 0,
            },
            false => TextStream {
                transcoder: Some(Box::new(Transcoder::new(from.encoding.encoding()))),
                offset: from.mark,
                end: from.end,
                to_skip: from.offset,
            },
        }
    }

    /// Reads what comes next; 0 only at the end of the file.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn read(&mut self, source: &InputFile, space: &mut [u8]) -> Result<usize, ManifestError> {
        let (offset, end) = (&mut self.offset, self.end);
        let mut read = |space: &mut [u8]| {
            let left = usize::try_from(end.saturating_sub(*offset)).unwrap_or(usize::MAX);
            let most = space.len().min(left);
            let length = source.read_at(*offset, &mut space[..most])?;
            *offset += length as u64;
            Ok(length)
        };
        let Some(transcoder) = &mut self.transcoder else {
            return read(space);
        };
        while self.to_skip > 0 {
            let most = space.len().min(self.to_skip as usize);
            match transcoder.read(&mut space[..most], &mut read)? {
                0 => return Ok(0),
                length => self.to_skip -= length as u64,
            }
        }
        transcoder.read(space, read)
    }
}
