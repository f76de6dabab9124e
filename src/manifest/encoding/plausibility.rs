//! How well a text reads: what its characters cost, as the negative logarithm of how likely they are.
//!
//! A text that was decoded in a wrong encoding has rare letters, letters of several scripts in a word,
//! capitals within words, and symbols between letters. The same bytes are compared as several encodings
//! read them, so ASCII counts only where it stands in a word with other letters.

use std::collections::HashMap;

use super::languages::LANGUAGES;

/// What a text costs, and how many of its characters were judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plausibility {
    pub cost: f64,
    pub judged: usize,
}

impl Plausibility {
    /// Judges a text; of a good one all words belong to one language.
    pub fn of(text: &str) -> Plausibility {
        let mut seen = Seen::default();
        let is_gap = |letter: char| letter.is_ascii() && !letter.is_ascii_alphabetic();
        for word in text.split(is_gap).filter(|word| !word.is_ascii()) {
            seen.word(word);
        }
        let languages = LANGUAGES.iter().map(|language| {
            let letters = seen.letters.iter();
            let cost: f64 = letters
                .map(|(letter, count)| language.cost(*letter) * f64::from(*count))
                .sum();
            cost + language.ascii * f64::from(seen.ascii)
        });
        Plausibility {
            cost: seen.cost + languages.fold(f64::INFINITY, f64::min),
            judged: seen.judged,
        }
    }

    /// What a character costs on average.
    pub fn average(self) -> f64 {
        self.cost / self.judged.max(1) as f64
    }
}

/// What is counted of a text.
#[derive(Default)]
struct Seen {
    /// Small letters beyond ASCII of alphabets.
    letters: HashMap<char, u32>,
    /// ASCII letters in words with others.
    ascii: u32,
    /// What costs the same in all languages.
    cost: f64,
    /// Characters beyond ASCII.
    judged: usize,
}

impl Seen {
    fn word(&mut self, word: &str) {
        let mut before: Option<char> = None;
        let mut letters = word.chars().peekable();
        while let Some(letter) = letters.next() {
            let is_letter = is_letter_char(letter);
            if is_letter {
                self.letter(letter, before);
            } else {
                let next = letters.peek().is_some_and(|next| is_letter_char(*next));
                let is_odd = match before {
                    Some(_) => (next && !BETWEEN_WORDS.contains(letter)) || letter == '–',
                    None => next && !BEFORE_WORDS.contains(letter),
                };
                self.symbol(letter, is_odd);
            }
            self.judged += usize::from(!letter.is_ascii());
            before = is_letter.then_some(letter);
        }
    }

    fn letter(&mut self, letter: char, before: Option<char>) {
        let is_capital = letter.is_uppercase();
        self.cost += match before.map(char::is_uppercase) {
            Some(false) if is_capital => CAPITAL_WITHIN,
            Some(true) if is_capital => 0.3,
            None if is_capital => 1.0,
            _ => 0.1,
        };
        if letter.is_ascii() {
            self.ascii += 1;
        } else if let Some(cost) = ideograph(letter) {
            self.cost += cost;
        } else {
            let small = letter.to_lowercase().next().unwrap_or(letter);
            *self.letters.entry(small).or_default() += 1;
        }
    }

    fn symbol(&mut self, symbol: char, is_odd: bool) {
        self.cost += match symbol {
            _ if is_broken(symbol) => return self.cost += BROKEN,
            _ if USUAL.contains(symbol) => 4.0,
            _ if RARE.contains(symbol) => 7.0,
            _ => 9.0,
        };
        if is_odd {
            self.cost += 4.0;
        }
    }
}

const CAPITAL_WITHIN: f64 = 5.0;
/// The cost of what no text has.
const BROKEN: f64 = 10.0;
/// Symbols that texts have.
const USUAL: &str = "«»“”„‘’‚–—…№°\u{a7}€\u{a0}\u{ad}·•²³©®™±×½£";
const RARE: &str = "‹›¼¾¹¡¿´¨¢¥¶†‡‰÷¬¦ªº\u{200b}\u{200e}\u{200f}";
/// Symbols that may stand right before a word.
const BEFORE_WORDS: &str = "«“„‘‹№\u{a7}©€£¿¡…•\u{a0}\u{ad}";
/// Symbols that may stand between two words without a blank.
const BETWEEN_WORDS: &str = "«»“”„‘’…\u{a0}\u{ad}·";

/// Whether a character stands for a byte that the encoding doesn't have, or is nothing in a text.
pub(super) fn is_broken(letter: char) -> bool {
    letter.is_control() || letter == '\u{fffd}'
}

/// Whether it is a letter, or a mark on one.
fn is_letter_char(letter: char) -> bool {
    letter.is_alphabetic() && !matches!(letter, 'ª' | 'º' | 'ˆ' | 'ˇ' | '\u{2d8}'..='\u{2dd}')
}

/// What a character costs of the scripts that have thousands of them.
fn ideograph(letter: char) -> Option<f64> {
    match letter {
        '\u{3041}'..='\u{30ff}' => Some(4.5),
        '\u{4e00}'..='\u{9fff}' => Some(8.5),
        '\u{ac00}'..='\u{d7a3}' => Some(7.0),
        '\u{ff00}'..='\u{ffef}' => Some(6.5),
        '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'.. => Some(12.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_wrongly_costs_more() {
        for (right, wrong) in [
            ("Привет", "Ïðèâåò"),
            ("Привет, мир", "оПХБЕР, ЛХП"),
            ("Клиент просил", "╩ышхэЄ яЁюёшы"),
            ("déjà été à", "déjŕ été ŕ"),
            ("łąka", "³¹ka"),
            ("Größe", "Größe".replace('ß', "Ÿ").as_str()),
            ("«Привет»", "ЂПриветї"),
            ("АДРЕС СКЛАДА МОСКВА", "юдпея яйкюдю лняйбю"),
        ] {
            let cost = |text| Plausibility::of(text).cost;
            assert!(cost(right) + 3.0 < cost(wrong), "{right} {wrong}");
        }
    }

    #[test]
    fn plain_words_are_not_judged() {
        let judged = Plausibility::of("one, two; Größe 5°");
        assert_eq!(judged.judged, 3);
        assert_eq!(Plausibility::of("plain").judged, 0);
    }
}
