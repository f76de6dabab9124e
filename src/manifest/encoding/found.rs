//! The encoding that a manifest is read in, and how that is known.

use std::fmt;

use encoding_rs::{Encoding, UTF_8};

use super::name::{is_utf16, lower_name};

/// The encoding that a manifest is read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundEncoding {
    pub(super) encoding: &'static Encoding,
    pub basis: EncodingBasis,
}

/// How an encoding is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodingBasis {
    /// By the option.
    Given,
    /// By the byte order mark at the start of the file.
    Mark,
    /// By where NUL bytes stand.
    Nuls,
    /// What was looked at has no letters beyond ASCII.
    Ascii,
    /// What was looked at is valid UTF-8 and could hardly be so by chance.
    ValidUtf8,
    /// The same but for a few bytes.
    MostlyUtf8,
    /// By the letters of the file's own lines.
    Letters,
}

impl FoundEncoding {
    pub(in crate::manifest) fn new(
        encoding: &'static Encoding,
        basis: EncodingBasis,
    ) -> FoundEncoding {
        FoundEncoding { encoding, basis }
    }

    pub(in crate::manifest) fn utf8(basis: EncodingBasis) -> FoundEncoding {
        FoundEncoding::new(UTF_8, basis)
    }

    /// The name in small letters, such as `windows-1251`.
    pub fn name(&self) -> String {
        lower_name(self.encoding)
    }

    pub fn is_utf8(&self) -> bool {
        self.encoding == UTF_8
    }

    pub(in crate::manifest) fn is_utf16(&self) -> bool {
        is_utf16(self.encoding)
    }

    pub(in crate::manifest) fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    /// The text of some bytes, for a look at it.
    pub(in crate::manifest) fn decoded(&self, bytes: &[u8]) -> String {
        let (text, _) = self.encoding.decode_without_bom_handling(bytes);
        text.into_owned()
    }
}

impl fmt::Display for FoundEncoding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.basis {
            EncodingBasis::Given => "as you say",
            EncodingBasis::Mark => "certain: by its byte order mark",
            EncodingBasis::Nuls => "certain: by its bytes",
            EncodingBasis::Ascii => "certain: it begins as plain ASCII",
            EncodingBasis::ValidUtf8 => "certain: by its bytes",
            EncodingBasis::MostlyUtf8 => "likely: all but a few of its bytes fit",
            EncodingBasis::Letters => "likely: by its letters",
        };
        write!(out, "{} ({how})", self.name())
    }
}
