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

/// Kept of a file without letters beyond ASCII.
const ASCII: &str = "ascii";

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

    /// The name to keep: of what is plain ASCII so far, more than one encoding is true.
    pub fn kept_name(&self) -> String {
        match self.basis {
            EncodingBasis::Ascii => ASCII.to_owned(),
            _ => self.name(),
        }
    }

    /// Whether a file reads as it did when that name was kept.
    pub fn reads_like(&self, kept: &str) -> bool {
        let is_ascii_compatible = |name: &str| match Encoding::for_label(name.as_bytes()) {
            Some(encoding) => encoding.is_ascii_compatible(),
            None => false,
        };
        match self.basis {
            _ if kept == ASCII => self.encoding.is_ascii_compatible(),
            EncodingBasis::Ascii => is_ascii_compatible(kept),
            _ => self.name() == kept,
        }
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

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_16LE, WINDOWS_1251};

    use super::*;

    #[test]
    fn plain_ascii_reads_like_every_encoding_that_holds_it() {
        let ascii = FoundEncoding::utf8(EncodingBasis::Ascii);
        let utf8 = FoundEncoding::utf8(EncodingBasis::ValidUtf8);
        let cyrillic = FoundEncoding::new(WINDOWS_1251, EncodingBasis::Letters);
        let wide = FoundEncoding::new(UTF_16LE, EncodingBasis::Mark);
        for one in [ascii, utf8, cyrillic, wide] {
            assert!(one.reads_like(&one.kept_name()), "{one}");
        }
        for other in [utf8, cyrillic] {
            assert!(other.reads_like(&ascii.kept_name()), "{other}");
            assert!(ascii.reads_like(&other.kept_name()), "{other}");
            assert!(!wide.reads_like(&other.kept_name()), "{other}");
        }
        assert!(!wide.reads_like("ascii") && !ascii.reads_like("utf-16le"));
        assert!(!utf8.reads_like("windows-1251") && !cyrillic.reads_like("utf-8"));
        assert!(!utf8.reads_like("no encoding"));
    }
}
