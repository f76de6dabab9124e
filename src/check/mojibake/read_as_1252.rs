//! Traces of UTF-8 and of Windows-1251 that were read as Windows-1252 or Latin-1.

/// What a text with Latin letters beyond ASCII shows.
#[derive(Debug, Default)]
pub(super) struct LatinText {
    /// UTF-8 that was read as Windows-1252 or Latin-1.
    pub has_utf8: bool,
    /// Windows-1251 that was.
    pub has_1251: bool,
}

impl LatinText {
    pub fn of(text: &str) -> LatinText {
        let mut found = LatinText::default();
        let (mut before, mut pairs, mut run) = (None, 0, LetterRun::default());
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            found.has_1251 |= run.add(letter);
            let next = letters.peek().copied();
            if matches!(letter, 'Ð' | 'Ñ') && next.is_some_and(is_upper_1252) {
                // Each Cyrillic letter becomes such a pair.
                letters.next();
                pairs += 1;
                found.has_utf8 |= pairs == 2;
            } else {
                pairs = 0;
                let next = next.unwrap_or_default();
                found.has_utf8 |= is_latin_pair(before, letter, next);
            }
            before = Some(letter);
        }
        found
    }
}

/// Whether two letters are what is left of one, or the beginning of that.
fn is_latin_pair(before: Option<char>, letter: char, next: char) -> bool {
    let behind_small = before.is_some_and(char::is_lowercase);
    let behind_capital = before.is_some_and(char::is_uppercase);
    match letter {
        'Ã' => is_upper_1252(next) && (behind_small || !MAY_FOLLOW_WORD.contains(next)),
        'Ä' | 'Å' => is_upper_1252(next) && behind_small,
        'Â' => "°\u{a7}£©®·±²³«".contains(next) && !behind_capital,
        'â' => matches!(next, '€' | '\u{80}' | '‚' | '\u{82}'),
        'ð' => matches!(next, 'Ÿ' | '\u{9f}'),
        _ => false,
    }
}

/// Whether it is one of the characters that Windows-1252 or Latin-1 has from 0x80 to 0xBF.
fn is_upper_1252(letter: char) -> bool {
    ('\u{80}'..='\u{bf}').contains(&letter) || "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(letter)
}

/// Of those, what stands behind words in capitals too.
const MAY_FOLLOW_WORD: &str = "\u{a0}»«‚„…‹›‘’“”•–—·®™°";

/// Letters from `À` to `ÿ`, with `×` and `÷` (`Ч`, `ч`), without any other between them.
#[derive(Debug, Default)]
struct LetterRun {
    length: usize,
    /// The letters, a bit each.
    letters: u64,
}

impl LetterRun {
    /// Takes the next character; whether no language has a word with so many of them.
    fn add(&mut self, letter: char) -> bool {
        const LENGTH: usize = 5;
        const DIFFERENT: u32 = 3;
        match letter {
            'À'..='ÿ' => {
                self.length += 1;
                self.letters |= 1 << (letter as u32 - 'À' as u32);
            }
            _ => *self = LetterRun::default(),
        }
        self.length >= LENGTH && self.letters.count_ones() >= DIFFERENT
    }
}
