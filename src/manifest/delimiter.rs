//! What separates the fields of a CSV record.

use std::fmt;
use std::str::FromStr;

/// The byte between two fields: any ASCII character but a quote, a letter, a digit or a line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiter(u8);

impl Delimiter {
    /// Those that exports are written with, the most usual first.
    pub const USUAL: [Delimiter; 4] = [
        Delimiter(b','),
        Delimiter(b';'),
        Delimiter(b'\t'),
        Delimiter(b'|'),
    ];

    /// The byte itself.
    pub const fn byte(self) -> u8 {
        self.0
    }

    /// The delimiter that this byte is, if it can be one.
    pub fn of_byte(byte: u8) -> Option<Delimiter> {
        let can_be = byte == b'\t' || byte.is_ascii_punctuation() && byte != b'"' || byte == b' ';
        can_be.then_some(Delimiter(byte))
    }
}

impl Default for Delimiter {
    fn default() -> Delimiter {
        Delimiter(b',')
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b'\t' => out.write_str("tab"),
            byte => write!(out, "{}", char::from(byte)),
        }
    }
}

impl FromStr for Delimiter {
    type Err = String;

    /// One character, or `tab`.
    fn from_str(text: &str) -> Result<Delimiter, String> {
        let byte = match text.as_bytes() {
            _ if text.eq_ignore_ascii_case("tab") || text == "\\t" => Some(b'\t'),
            [byte] => Some(*byte),
            _ => None,
        };
        byte.and_then(Delimiter::of_byte).ok_or_else(|| {
            "give one character between the fields, such as `;`, or `tab`".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_one_character_or_a_tab() {
        for (text, shown) in [
            (";", ";"),
            ("tab", "tab"),
            ("\\t", "tab"),
            ("\t", "tab"),
            ("^", "^"),
        ] {
            assert_eq!(text.parse::<Delimiter>().unwrap().to_string(), shown);
        }
        for wrong in ["", ";;", "\"", "a", "1", "\n", "é"] {
            assert!(wrong.parse::<Delimiter>().is_err(), "{wrong:?}");
        }
    }
}
