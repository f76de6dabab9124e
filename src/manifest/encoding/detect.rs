//! The encoding of a sample of a file's own lines, by its letters.
//!
//! Two judges that know different things have to agree: `chardetng`, which browsers use, and the cost
//! of the text (`plausibility`). Where they don't, or another reading is nearly as good, the user is
//! asked.

use std::collections::BTreeSet;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, IBM866, ISO_8859_2, ISO_8859_4, ISO_8859_5,
    ISO_8859_6, ISO_8859_7, ISO_8859_8, ISO_8859_13, ISO_8859_15, ISO_8859_16, KOI8_R, KOI8_U,
    MACINTOSH, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
    WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, X_MAC_CYRILLIC,
};

use super::bytes_seen::Sample;
use super::found::{EncodingBasis, FoundEncoding};
use super::name::lower_name;
use super::plausibility::{Plausibility, is_broken};
use super::unsure::{ReadAs, UnsureEncoding};

/// Encodings that are tried. Of those that read a sample alike the first one is named.
const CANDIDATES: &[&Encoding] = &[
    WINDOWS_1251,
    WINDOWS_1252,
    KOI8_R,
    KOI8_U,
    IBM866,
    ISO_8859_5,
    WINDOWS_1250,
    ISO_8859_2,
    ISO_8859_15,
    WINDOWS_1254,
    WINDOWS_1253,
    ISO_8859_7,
    WINDOWS_1257,
    ISO_8859_4,
    ISO_8859_13,
    ISO_8859_16,
    WINDOWS_1255,
    ISO_8859_8,
    WINDOWS_1256,
    ISO_8859_6,
    WINDOWS_874,
    MACINTOSH,
    X_MAC_CYRILLIC,
    GB18030,
    BIG5,
    SHIFT_JIS,
    EUC_JP,
    EUC_KR,
];

/// Encodings that hardly any file has any more.
const RARE: &[&Encoding] = &[MACINTOSH, X_MAC_CYRILLIC];

/// What `chardetng` never says.
const UNKNOWN_TO_CHARDETNG: &[&Encoding] = &[
    ISO_8859_13,
    ISO_8859_15,
    ISO_8859_16,
    MACINTOSH,
    X_MAC_CYRILLIC,
];

/// How much likelier than any other reading the best one has to be, as a logarithm: where both judges
/// agree,
const AGREED: f64 = 5.0;
/// the same where the other encoding is a rare one,
const AGREED_ON_USUAL: f64 = 3.0;
/// where `chardetng` doesn't know the encoding,
const UNKNOWN: f64 = 14.0;
/// and where the judges disagree.
const DISAGREED: f64 = 40.0;
/// What a character of a good text costs at the most, on average.
const WELL: f64 = 8.0;
/// Readings that cost no more than that beyond the best are shown to the user.
const NEAR: f64 = 25.0;
/// Candidates that are shown at the most.
const SHOWN: usize = 4;
/// So few bytes that are no UTF-8 are problems of their rows, if no other encoding clearly explains them.
const SLIPS: usize = 3;

/// The encoding of the sample.
///
/// # Errors
/// When more than one may be meant.
pub(in crate::manifest) fn by_letters(sample: &Sample) -> Result<FoundEncoding, UnsureEncoding> {
    let utf8 = Utf8Counts::of(&sample.lines);
    match utf8 {
        Utf8Counts { good: 0, bad: 0 } => return Ok(FoundEncoding::utf8(EncodingBasis::Ascii)),
        Utf8Counts { bad: 0, .. } => return Ok(FoundEncoding::utf8(EncodingBasis::ValidUtf8)),
        Utf8Counts { good, bad } if good > bad => {
            return Ok(FoundEncoding::utf8(EncodingBasis::MostlyUtf8));
        }
        _ => {}
    }
    let words = distinct_words(&sample.lines);
    let readings = readings(&words);
    match readings.first() {
        Some(_) if has_utf8_line(&sample.lines) => Err(unsure(&readings, &sample.lines)),
        Some(best) if is_clear(&readings, &sample.lines) => {
            Ok(FoundEncoding::new(best.encoding, EncodingBasis::Letters))
        }
        Some(_) if utf8.bad > SLIPS => Err(unsure(&readings, &sample.lines)),
        _ => Ok(FoundEncoding::utf8(EncodingBasis::MostlyUtf8)),
    }
}

/// Characters of UTF-8 of more than one byte, and bytes that are none of it.
#[derive(Clone, Copy, Debug, Default)]
struct Utf8Counts {
    good: usize,
    bad: usize,
}

impl Utf8Counts {
    fn of(bytes: &[u8]) -> Utf8Counts {
        let mut counts = Utf8Counts::default();
        for chunk in bytes.utf8_chunks() {
            counts.good += chunk
                .valid()
                .chars()
                .filter(|letter| !letter.is_ascii())
                .count();
            counts.bad += chunk.invalid().len();
        }
        counts
    }
}

/// Whether a line is UTF-8 and can't be so by chance, though others are not: two files in one.
fn has_utf8_line(bytes: &[u8]) -> bool {
    const LETTERS: usize = 6;
    let mut lines = bytes.split(|byte| *byte == b'\n').map(Utf8Counts::of);
    lines.any(|counts| counts.bad == 0 && counts.good >= LETTERS)
}

/// The words with letters beyond ASCII, each once: repeated it is no more evidence.
fn distinct_words(bytes: &[u8]) -> Vec<u8> {
    let is_gap = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphabetic();
    let words = bytes.split(is_gap).filter(|word| !word.is_ascii());
    let words: BTreeSet<&[u8]> = words.collect();
    words.into_iter().collect::<Vec<_>>().join(&b'\n')
}

/// A candidate's reading of the words.
struct Reading {
    encoding: &'static Encoding,
    text: String,
    judged: Plausibility,
}

/// The different texts that the candidates make of it, the likeliest first.
fn readings(bytes: &[u8]) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::new();
    for encoding in CANDIDATES {
        let text = decoded(bytes, encoding);
        if readings.iter().all(|reading| reading.text != text) {
            let judged = Plausibility::of(&text);
            readings.push(Reading {
                encoding,
                text,
                judged,
            });
        }
    }
    readings.sort_by(|one, other| one.judged.cost.total_cmp(&other.judged.cost));
    readings
}

/// Whether the first of the readings is good, and far better than any other.
fn is_clear(readings: &[Reading], lines: &[u8]) -> bool {
    let Some((best, others)) = readings.split_first() else {
        return false;
    };
    let sound = sound_bytes(lines, best.encoding);
    let guess = guess(&sound);
    let agreed = guess == best.encoding || decoded(&sound, guess) == decoded(&sound, best.encoding);
    let margin = |other: &Reading| match agreed {
        true if RARE.contains(&other.encoding) => AGREED_ON_USUAL,
        true => AGREED,
        false if UNKNOWN_TO_CHARDETNG.contains(&best.encoding) => UNKNOWN,
        false => DISAGREED,
    };
    let is_worse = |other: &Reading| other.judged.cost - best.judged.cost >= margin(other);
    best.judged.average() <= WELL && others.iter().all(is_worse)
}

/// The bytes without those that the encoding doesn't have: one such byte is enough for `chardetng` to
/// exclude it.
fn sound_bytes(bytes: &[u8], encoding: &'static Encoding) -> Vec<u8> {
    if !encoding.is_single_byte() {
        return bytes.to_owned();
    }
    let text = decoded(bytes, encoding);
    let pairs = bytes.iter().zip(text.chars());
    let sound = pairs.filter(|(byte, letter)| byte.is_ascii() || !is_broken(*letter));
    sound.map(|(byte, _)| *byte).collect()
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny)
}

fn decoded(bytes: &[u8], encoding: &'static Encoding) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// What the user is asked: the likeliest readings of the line that tells most, with what `chardetng`
/// says and the commonest encodings.
fn unsure(readings: &[Reading], bytes: &[u8]) -> UnsureEncoding {
    let beyond_ascii = |line: &&[u8]| line.iter().filter(|byte| !byte.is_ascii()).count();
    let line = bytes.split(|byte| *byte == b'\n').max_by_key(beyond_ascii);
    let piece = piece(line.unwrap_or_default());
    let best = readings.first().map_or(0.0, |best| best.judged.cost);
    let near = readings.iter().enumerate().take(SHOWN);
    let near = near.filter(|(place, reading)| *place < 2 || reading.judged.cost - best <= NEAR);
    let mut shown: Vec<&'static Encoding> = near.map(|(_, reading)| reading.encoding).collect();
    if Utf8Counts::of(bytes).good > 0 {
        // Parts of it are.
        shown.insert(0, UTF_8);
    }
    for other in [guess(bytes), WINDOWS_1251, WINDOWS_1252] {
        if !shown.contains(&other) {
            shown.push(other);
        }
    }
    let read = |encoding: &'static Encoding| ReadAs {
        name: lower_name(encoding),
        text: on_one_line(&decoded(piece, encoding)),
    };
    UnsureEncoding {
        candidates: shown.into_iter().map(read).collect(),
    }
}

/// A piece of a line from a little before its first letter beyond ASCII.
fn piece(line: &[u8]) -> &[u8] {
    let first = line.iter().position(|byte| !byte.is_ascii());
    let start = first.unwrap_or_default().saturating_sub(20);
    let end = line.len().min(start + 80);
    &line[start..end]
}

/// The text on one line, without anything that a terminal would act on.
fn on_one_line(text: &str) -> String {
    let escape = |letter: char| match letter {
        '"' | '\'' | '\\' => vec![letter],
        _ => letter.escape_debug().collect(),
    };
    text.chars().flat_map(escape).collect()
}

#[cfg(test)]
mod tests;
