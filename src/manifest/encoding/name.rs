//! The names of encodings, as people type them.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

use super::utf16::by_nuls;

/// An encoding that the user has named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodingName {
    pub(super) encoding: &'static Encoding,
    /// Whether only `utf-16` was said, and the file tells the order of the bytes.
    pub(super) either_order: bool,
}

/// Names that are offered where another one was typed; each label of the WHATWG standard is taken.
const OFFERED: &[&str] = &[
    "utf-8",
    "utf-16",
    "utf-16le",
    "utf-16be",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "windows-874",
    "koi8-r",
    "koi8-u",
    "ibm866",
    "cp866",
    "cp1251",
    "cp1252",
    "latin1",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-5",
    "iso-8859-7",
    "iso-8859-9",
    "iso-8859-13",
    "iso-8859-15",
    "macintosh",
    "x-mac-cyrillic",
    "gbk",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-jp",
    "euc-kr",
];

impl EncodingName {
    /// The encoding with that label of the WHATWG standard, in any letter case.
    ///
    /// # Errors
    /// With the names that are nearest, when there is none.
    pub fn parse(label: &str) -> Result<EncodingName, String> {
        match Encoding::for_label_no_replacement(label.as_bytes()) {
            Some(encoding) => Ok(EncodingName {
                encoding,
                either_order: is_utf16(encoding) && !names_order(label),
            }),
            None => Err(format!("no such encoding; {}", near(label))),
        }
    }

    /// Whether a file in that encoding is what the name says.
    pub(in crate::manifest) fn allows(self, encoding: &'static Encoding) -> bool {
        self.encoding == encoding || (self.either_order && is_utf16(encoding))
    }

    /// The encoding of a file without a byte order mark that begins like this.
    pub(in crate::manifest) fn of_file(self, head: &[u8]) -> &'static Encoding {
        let by_nuls = self.either_order.then(|| by_nuls(head)).flatten();
        by_nuls.unwrap_or(self.encoding)
    }

    /// The encoding's own name, in small letters.
    pub fn name(self) -> String {
        match self.either_order {
            true => "utf-16".to_owned(),
            false => lower_name(self.encoding),
        }
    }
}

/// An encoding's name as it is told.
pub(super) fn lower_name(encoding: &'static Encoding) -> String {
    encoding.name().to_ascii_lowercase()
}

pub(super) fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

fn names_order(label: &str) -> bool {
    let label = label.trim().to_ascii_lowercase();
    label.ends_with("le") || label.ends_with("be")
}

/// The names that look like the label.
fn near(label: &str) -> String {
    let wanted = bare(label);
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let mut likest: Vec<(f64, &str)> = OFFERED
        .iter()
        .map(|name| {
            let same_number = f64::from(u8::from(digits(&bare(name)) == digits(&wanted)));
            let likeness = strsim::jaro_winkler(&bare(name), &wanted);
            (likeness + same_number / 4.0, *name)
        })
        .filter(|(likeness, _)| *likeness > 0.8)
        .collect();
    likest.sort_by(|one, other| other.0.total_cmp(&one.0));
    let names: Vec<&str> = likest.iter().take(3).map(|(_, name)| *name).collect();
    match names.is_empty() {
        true => {
            "there are utf-8, utf-16, windows-1251, koi8-r, cp866, windows-1252 and the others \
                 that web browsers know"
                .to_owned()
        }
        false => format!("did you mean {}?", names.join(" or ")),
    }
}

fn bare(label: &str) -> String {
    let letters = label.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_taken_as_browsers_take_them() {
        for (label, name) in [
            ("UTF-8", "utf-8"),
            ("utf8", "utf-8"),
            ("cp1251", "windows-1251"),
            ("Windows-1251", "windows-1251"),
            ("KOI8-R", "koi8-r"),
            ("cp866", "ibm866"),
            ("latin1", "windows-1252"),
            ("iso-8859-15", "iso-8859-15"),
            ("utf-16", "utf-16"),
            ("utf-16be", "utf-16be"),
            ("UTF-16LE", "utf-16le"),
        ] {
            assert_eq!(EncodingName::parse(label).unwrap().name(), name, "{label}");
        }
    }

    #[test]
    fn a_wrong_name_is_told_with_those_that_are_near() {
        for (label, near) in [
            ("win-1251", "windows-1251"),
            ("windows1251", "windows-1251"),
            ("latin-1", "latin1"),
            ("utf-8-sig", "utf-8"),
            ("koi-8r", "koi8-r"),
            ("iso-8859-51", "iso-8859-5"),
        ] {
            let error = EncodingName::parse(label).unwrap_err();
            assert!(error.contains(near), "{label}: {error}");
        }
        let error = EncodingName::parse("russian").unwrap_err();
        assert!(error.contains("there are utf-8"), "{error}");
        assert!(EncodingName::parse("replacement").is_err());
    }
}
