//! Texts that were decoded wrongly before they were exported, such as `РџСЂРёРІРµС‚` for `Привет`.
//!
//! Nothing that reads the manifest can mend that, and each is valid text, so they are a warning. Which
//! texts look so is judged by what no language writes: characters in an order that only bytes of another
//! encoding give. A look at pairs of bytes, many at a time, first tells what a text can have at all, since
//! hardly any has something of it.

mod lost;
mod read_as_1251;
mod read_as_1252;

use lost::{has_excel_escape, has_lost_letters};
use read_as_1251::has_utf8_as_1251;
use read_as_1252::LatinText;

/// How a text was spoiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mojibake {
    /// UTF-8, read as Windows-1251: `РџСЂРё`.
    Utf8AsWindows1251,
    /// UTF-8, read as Windows-1252 or Latin-1: `Ð¿Ñ€`, `Ã¼`, `â€“`.
    Utf8AsWindows1252,
    /// Windows-1251, read as Windows-1252 or Latin-1: `Ïðèâåò`.
    Windows1251AsWindows1252,
    /// Letters that became question marks: `?????? ???`.
    QuestionMarks,
    /// Characters that became U+FFFD.
    ReplacementCharacter,
    /// Line ends as an Excel file writes them: `_x000D_`.
    ExcelEscape,
}

impl Mojibake {
    /// All kinds.
    pub const ALL: [Mojibake; 6] = [
        Mojibake::Utf8AsWindows1251,
        Mojibake::Utf8AsWindows1252,
        Mojibake::Windows1251AsWindows1252,
        Mojibake::QuestionMarks,
        Mojibake::ReplacementCharacter,
        Mojibake::ExcelEscape,
    ];

    /// The kind of warning, by a name that scripts can rely on.
    pub fn code(self) -> &'static str {
        match self {
            Mojibake::Utf8AsWindows1251 => "mojibake_utf8_as_windows_1251",
            Mojibake::Utf8AsWindows1252 => "mojibake_utf8_as_windows_1252",
            Mojibake::Windows1251AsWindows1252 => "mojibake_windows_1251_as_1252",
            Mojibake::QuestionMarks => "mojibake_question_marks",
            Mojibake::ReplacementCharacter => "mojibake_replacement_character",
            Mojibake::ExcelEscape => "mojibake_excel_escape",
        }
    }
}

/// The kinds that some texts show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MojibakeSet(u8);

impl MojibakeSet {
    /// What a text shows.
    pub fn of(text: &str) -> MojibakeSet {
        let mut found = MojibakeSet::default();
        // Most texts that are plain ASCII cost next to nothing.
        if text.is_ascii() && memchr::memchr2(b'?', b'_', text.as_bytes()).is_none() {
            return found;
        }
        let hints = hints(text.as_bytes());
        if hints == 0 {
            return found;
        }
        if hints & (CYRILLIC | DJE | DZHE | GHE) != 0 && has_utf8_as_1251(text) {
            found.insert(Mojibake::Utf8AsWindows1251);
        }
        if hints & LATIN != 0 {
            let latin = LatinText::of(text);
            if latin.has_utf8 {
                found.insert(Mojibake::Utf8AsWindows1252);
            }
            if latin.has_1251 {
                found.insert(Mojibake::Windows1251AsWindows1252);
            }
        }
        if hints & QUESTIONS != 0 && has_lost_letters(text) {
            found.insert(Mojibake::QuestionMarks);
        }
        if hints & REPLACEMENT != 0 && text.contains('\u{fffd}') {
            found.insert(Mojibake::ReplacementCharacter);
        }
        if hints & ESCAPE != 0 && has_excel_escape(text.as_bytes()) {
            found.insert(Mojibake::ExcelEscape);
        }
        found
    }

    /// The kinds of both.
    #[must_use]
    pub fn and(self, other: MojibakeSet) -> MojibakeSet {
        MojibakeSet(self.0 | other.0)
    }

    /// Whether a kind is among them.
    pub fn contains(self, kind: Mojibake) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    fn insert(&mut self, kind: Mojibake) {
        self.0 |= 1 << kind as u8;
    }
}

/// `Р` or `С`.
const CYRILLIC: u8 = 1;
/// `Ђ`.
const DJE: u8 = 1 << 1;
/// `џ`.
const DZHE: u8 = 1 << 2;
/// `Г`.
const GHE: u8 = 1 << 3;
/// A letter from `À` to `ÿ`.
const LATIN: u8 = 1 << 4;
const QUESTIONS: u8 = 1 << 5;
const REPLACEMENT: u8 = 1 << 6;
const ESCAPE: u8 = 1 << 7;

/// What a text can have at all, by pairs of its bytes. There is no way out of the loop, so that the
/// compiler looks at many pairs at once; it does so only in a function of its own.
#[inline(never)]
fn hints(bytes: &[u8]) -> u8 {
    let behind = bytes.get(1..).unwrap_or_default();
    bytes.iter().zip(behind).fold(0, |found, (one, other)| {
        let pair = u16::from_be_bytes([*one, *other]);
        let bit = |is: bool, bit: u8| u8::from(is).wrapping_neg() & bit;
        found
            | bit(pair & 0xfffe == 0xd0a0, CYRILLIC)
            | bit(pair == 0xd082, DJE)
            | bit(pair == 0xd19f, DZHE)
            | bit(pair == 0xd093, GHE)
            | bit(*one == 0xc3, LATIN)
            | bit(pair == u16::from_be_bytes(*b"??"), QUESTIONS)
            | bit(pair == 0xefbf, REPLACEMENT)
            | bit(pair == u16::from_be_bytes(*b"_x"), ESCAPE)
    })
}

#[cfg(test)]
mod tests;
