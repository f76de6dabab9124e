//! How often languages use the letters beyond ASCII.
//!
//! Rough shares of running text, in thousandths or in any other unit: only their proportions within a
//! language count. Small differences don't matter, since the wrong encodings of a text miss by far.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A language, or all of a script.
pub(super) struct Language {
    /// What a letter costs: the negative logarithm of its share.
    letters: HashMap<char, f64>,
    /// What an ASCII letter costs in a word that has others.
    pub ascii: f64,
}

impl Language {
    /// What a small letter costs.
    pub fn cost(&self, letter: char) -> f64 {
        self.letters.get(&letter).copied().unwrap_or(FOREIGN)
    }
}

/// The cost of a letter that a language doesn't have.
const FOREIGN: f64 = 11.0;

/// The share of letters beyond ASCII in words that have some; letters with their numbers.
const SHARES: &[(f64, &str)] = &[
    // Russian, Ukrainian, Belarusian, Bulgarian, Serbian and Macedonian
    (
        0.99,
        "о110 е85 а80 и74 н67 т63 с55 р47 в45 л43 к35 м32 д30 п28 у26 я20 ы19 ь17 г17 з16 б16 ч14 \
         й12 х10 ж9 ш7 ю6 ц5 щ4 э3 ф3 ё2 ъ0.4",
    ),
    (
        0.99,
        "о94 а83 и61 н68 і57 в54 т53 е49 р45 с41 к35 л36 у34 д35 м31 п29 я22 з23 ь18 г16 ч14 б18 \
         й12 х12 ц8 ї6 ж8 є6 ю8 ш7 щ4 ф3 ґ0.3",
    ),
    (
        0.99,
        "а150 н62 о60 і60 е50 т45 р48 с50 к40 д45 л40 у38 м32 п28 в28 ц25 я35 ы35 з28 г18 ў22 б16 ч14 \
         ж10 х12 ш8 й10 ё8 э15 ь15 ю8 ф2",
    ),
    (
        0.99,
        "а120 и90 о87 е85 н73 т70 р50 с50 в43 л33 к33 п29 д34 м24 я20 г16 з21 ъ16 у15 ч14 б15 щ7 ж7 \
         ц6 х6 й7 ш5 ю2 ф2 ь0.2",
    ),
    (
        0.99,
        "а115 и98 о90 е90 н55 р53 с55 т47 ј47 у43 в37 к36 д37 п29 м36 л27 з17 г16 ч11 ш10 ц7 љ5 б15 х7 \
         њ6 ћ6 ж6 ђ2 ф2 џ0.3 ѓ1 ќ1 ѕ1",
    ),
    // German; French; Spanish; Portuguese; Italian; Dutch
    (0.14, "ü420 ä260 ö200 ß120"),
    (
        0.18,
        "é560 à150 è90 ê60 ç30 ù12 û15 â15 î15 ô15 œ8 ë4 ï4 ü1 æ1 ÿ0.2",
    ),
    (0.13, "ó260 í230 á180 é150 ñ90 ú60 ü5"),
    (0.17, "ã200 ç140 á110 é110 í100 ó80 õ60 ê60 ú30 â20 à25 ô10"),
    (0.16, "à300 è270 ù120 ò110 é60 ì50"),
    (0.12, "ë400 é250 ï150 è60 ö50 ü50"),
    // Swedish; Danish and Norwegian; Finnish; Icelandic
    (0.18, "ä400 å300 ö290 é10"),
    (0.18, "ø370 å350 æ260 é15"),
    (0.20, "ä850 ö130 å10"),
    (0.22, "í160 ð170 á150 ö110 þ100 æ80 é70 ú60 ó100 ý20"),
    // Polish; Czech; Slovak; Hungarian; Romanian; Croatian and Slovene; Albanian
    (0.22, "ł230 ę160 ą150 ó120 ż120 ś100 ć60 ń35 ź12"),
    (
        0.25,
        "í185 á165 é90 ě110 ř90 š60 č70 ž70 ý60 ů45 ú12 ň5 ť4 ď3 ó3",
    ),
    (
        0.22,
        "á200 í150 é110 č100 ž90 š80 ú90 ý90 ľ35 ť30 ô20 ň15 ä12 ó10 ď12 ĺ2 ŕ1",
    ),
    (0.20, "á320 é290 ö100 ő90 ü60 ó100 í50 ú30 ű20"),
    (0.18, "ă400 ş150 ţ170 ș150 ț170 î130 â150"),
    (0.14, "č350 š300 ž200 ć120 đ50"),
    (0.15, "ë800 ç200"),
    // Turkish; Lithuanian; Latvian; Estonian
    (0.22, "ı300 ü120 ş120 ğ80 ç80 ö70 â5"),
    (0.20, "ė250 š200 ų180 į100 ž120 č60 ū60 ą80 ę40"),
    (0.25, "ā350 ī180 ē130 š100 ū50 ņ50 ļ40 ž30 č20 ķ20 ģ15"),
    (0.14, "ä350 õ350 ü230 ö70 š8 ž5"),
    // Greek
    (
        0.98,
        "α90 ο70 ι60 ε65 τ80 ν68 σ50 ς40 η35 ρ43 π42 κ41 μ34 λ28 υ30 ω15 γ18 δ17 χ12 θ11 φ9 β7 ξ5 \
         ζ4 ψ2 ά25 ό25 ί25 έ20 ή15 ύ12 ώ8 ϊ1 ΐ1",
    ),
    // Hebrew, Arabic and Thai, as if all letters were as frequent
    (0.98, "אבגדהוזחטיכלמנסעפצקרשתךםןףץ"),
    (0.98, "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئ"),
    (0.98, "กขคงจฉชซญฎฐณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮฯะัาำิีึืุูเแโใไๅๆ็่้๊๋์"),
];

/// All languages.
pub(super) static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let languages = SHARES.iter();
    languages
        .map(|(share, letters)| language(*share, letters))
        .collect()
});

fn language(share: f64, letters: &str) -> Language {
    let mut numbers: Vec<(char, f64)> = Vec::new();
    for word in letters.split_whitespace() {
        let end = word.find(|letter: char| letter.is_ascii_digit());
        let (letters, number) = word.split_at(end.unwrap_or(word.len()));
        let number = number.parse().unwrap_or(1.0);
        numbers.extend(letters.chars().map(|letter| (letter, number)));
    }
    let all: f64 = numbers.iter().map(|(_, number)| number).sum();
    let cost = |(letter, number): (char, f64)| (letter, -(share * number / all).ln());
    Language {
        letters: numbers.into_iter().map(cost).collect(),
        ascii: -(1.0 - share).ln(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_letters_stand_once() {
        for ((_, letters), language) in SHARES.iter().zip(LANGUAGES.iter()) {
            let shares: f64 = language.letters.values().map(|cost| (-cost).exp()).sum();
            assert!((shares + (-language.ascii).exp() - 1.0).abs() < 1e-6);
            let count = letters.chars().filter(|letter| !letter.is_ascii()).count();
            assert_eq!(count, language.letters.len(), "{letters}");
        }
    }

    #[test]
    fn a_foreign_letter_costs_most() {
        for language in LANGUAGES.iter() {
            assert!(language.letters.values().all(|cost| *cost < FOREIGN));
        }
    }
}
