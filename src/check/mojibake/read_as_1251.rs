//! Traces of UTF-8 that was read as Windows-1251.

/// Whether some of it is UTF-8 that was read as Windows-1251. Each Cyrillic letter then is `Р` or `С` and
/// a character from the upper half of that encoding's table; one such pair can stand in a text by chance.
pub(super) fn has_utf8_as_1251(text: &str) -> bool {
    const PAIRS: usize = 3;
    let (mut before, mut pairs) = (None, 0);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().filter(|next| is_upper_1251(*next));
        match (letter, next) {
            ('Р' | 'С', Some(_)) => {
                pairs += 1;
                letters.next();
            }
            // The beginning of a dash or a quotation mark.
            ('в', Some('Ђ')) => return true,
            // Letters such as `ü` and `é`, in Latin words.
            ('Г', Some(_)) => {
                letters.next();
                let is_ascii = |near: Option<char>| near.is_some_and(|l| l.is_ascii_alphabetic());
                if is_ascii(before) || is_ascii(letters.peek().copied()) {
                    return true;
                }
                pairs = 0;
            }
            // The beginning of an emoji.
            ('р', Some('џ')) => {
                letters.next();
                if letters
                    .peek()
                    .is_some_and(|next| EMOJI_1251.contains(*next))
                {
                    return true;
                }
                pairs = 0;
            }
            _ => pairs = 0,
        }
        if pairs == PAIRS {
            return true;
        }
        before = Some(letter);
    }
    false
}

/// Whether it is one of the characters that Windows-1251 has from 0x80 to 0xBF.
fn is_upper_1251(letter: char) -> bool {
    const CHARACTERS: &str =
        "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{98}™љ›њќћџ\u{a0}ЎўЈ¤Ґ¦\u{a7}Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕї";
    !letter.is_ascii() && CHARACTERS.contains(letter)
}

/// What follows the first two bytes of an emoji and is no letter.
const EMOJI_1251: &str = "‘’“”•–—„…†‡€‰¤¦\u{a7}";
