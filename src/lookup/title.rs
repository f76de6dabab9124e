//! When two titles are the same, and the pattern by which a portal finds those that may be.

/// Legal forms of one word, without dots and in small letters.
const FORMS: [&str; 44] = [
    "ооо",
    "оао",
    "зао",
    "пао",
    "ао",
    "нпао",
    "ип",
    "чп",
    "нко",
    "ано",
    "тоо",
    "одо",
    "муп",
    "гуп",
    "фгуп",
    "фгбу",
    "llc",
    "ooo",
    "oao",
    "zao",
    "pao",
    "ltd",
    "limited",
    "llp",
    "lp",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "jsc",
    "ojsc",
    "cjsc",
    "pjsc",
    "plc",
    "gmbh",
    "ag",
    "kg",
    "ug",
    "sro",
    "srl",
    "bv",
    "oy",
    "pty",
];

/// Legal forms of several words.
const LONG_FORMS: [&[&str]; 8] = [
    &["s", "r", "o"],
    &["общество", "с", "ограниченной", "ответственностью"],
    &["публичное", "акционерное", "общество"],
    &["открытое", "акционерное", "общество"],
    &["закрытое", "акционерное", "общество"],
    &["акционерное", "общество"],
    &["индивидуальный", "предприниматель"],
    &["sp", "z", "oo"],
];

/// Letters of a word by which alone titles are looked for that may be meant.
const TELLING: usize = 4;

/// The title as it is compared: without letter case, ё/е, quotes, blanks and legal form.
pub fn compared(title: &str) -> String {
    core(title).into_iter().map(small).collect()
}

/// A pattern in which `%` is any text and `_` any letter; it fits all titles that are the same as
/// this one, and others that hold its words. None where nothing is left to look for.
pub fn pattern(title: &str) -> Option<String> {
    let words = core(title);
    (!words.is_empty()).then(|| as_pattern(&words))
}

/// A pattern for titles that may be meant where none fits: its longest word.
pub fn broad_pattern(title: &str) -> Option<String> {
    let words = core(title);
    let length = |word: &&&str| word.chars().count();
    let longest = words.iter().max_by_key(length)?;
    let tells = words.len() > 1 && length(&longest) >= TELLING;
    tells.then(|| as_pattern(std::slice::from_ref(longest)))
}

/// How alike two titles are, from 0 to 1.
pub fn likeness(one: &str, other: &str) -> f64 {
    strsim::jaro_winkler(&compared(one), &compared(other))
}

/// The words keep their letters, since some databases tell small from capital ones; `е` may be
/// written as `ё`. Other signs that mean something in a pattern, and `$`, by which a
/// batch refers to results, stand for any letter too.
fn as_pattern(words: &[&str]) -> String {
    let letter = |letter: char| match letter {
        'е' | 'ё' | 'Е' | 'Ё' | '%' | '_' | '\\' | '$' => '_',
        letter => letter,
    };
    let words = words.iter().map(|word| word.chars().map(letter).collect());
    let words: Vec<String> = words.collect();
    format!("%{}%", words.join("%"))
}

/// The words between the legal forms, as they are written.
fn core(title: &str) -> Vec<&str> {
    let is_gap = |letter: char| letter.is_whitespace() || is_quote(letter);
    let written: Vec<&str> = title
        .split(is_gap)
        // Behind a quote a comma stands alone.
        .filter(|word| !bare(word).is_empty())
        .collect();
    let words: Vec<String> = written.iter().map(|word| small(word)).collect();
    let (mut start, mut end) = (0, words.len());
    loop {
        let rest = &words[start..end];
        let (front, back) = (form_in_front(rest), form_at_the_end(rest));
        if front > 0 && front < rest.len() {
            start += front;
        } else if back > 0 && back < rest.len() {
            end -= back;
        } else {
            break;
        }
    }
    let rest = written[start..end].iter();
    let rest = rest.map(|word| word.trim_matches([',', ';']));
    rest.filter(|word| !word.is_empty()).collect()
}

/// A word in small letters, `ё` as `е`.
fn small(word: &str) -> String {
    word.to_lowercase().replace('ё', "е")
}

fn is_quote(letter: char) -> bool {
    matches!(
        letter,
        '"' | '\'' | '`' | '«' | '»' | '‹' | '›' | '´' | '″' | '′'
    ) || ('\u{2018}'..='\u{201f}').contains(&letter)
}

/// Words in front that are a legal form.
fn form_in_front(words: &[String]) -> usize {
    let forms = LONG_FORMS.iter().filter(|form| {
        let same = |(word, part): (&String, &&str)| bare(word) == *part;
        words.len() > form.len() && words.iter().zip(form.iter()).all(same)
    });
    let long = forms.map(|form| form.len()).max();
    let is_form = |word: &String| FORMS.contains(&bare(word).as_str());
    long.unwrap_or_else(|| usize::from(words.first().is_some_and(is_form)))
}

/// Words at the end that are a legal form; with `&` before it, as in "GmbH & Co. KG".
fn form_at_the_end(words: &[String]) -> usize {
    let forms = LONG_FORMS.iter().filter(|form| {
        let Some(start) = words
            .len()
            .checked_sub(form.len())
            .filter(|start| *start > 0)
        else {
            return false;
        };
        let same = |(word, part): (&String, &&str)| bare(word) == *part;
        words[start..].iter().zip(form.iter()).all(same)
    });
    if let Some(long) = forms.map(|form| form.len()).max() {
        return long;
    }
    match words {
        [.., and, last] if and == "&" && FORMS.contains(&bare(last).as_str()) => 2,
        [.., last] if FORMS.contains(&bare(last).as_str()) => 1,
        _ => 0,
    }
}

/// A word without dots, commas and brackets.
fn bare(word: &str) -> String {
    let is_letter = |letter: &char| !matches!(letter, '.' | ',' | ';' | '(' | ')');
    word.chars().filter(is_letter).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_quotes_blanks_and_legal_forms_do_not_matter() {
        for (one, other) in [
            ("ООО «Ромашка»", "ромашка"),
            ("Ромашка, ООО", "ЗАО \"РОМАШКА\""),
            ("ООО \"Торговый дом «Берёза»\"", "Торговый  дом Береза"),
            ("Общество с ограниченной ответственностью Вектор", "Вектор"),
            ("Acme, Inc.", "ACME"),
            ("Acme Co., Ltd.", "Acme"),
            ("Müller GmbH & Co. KG", "MÜLLER"),
            ("Novák s.r.o.", "Novák"),
            ("Novák, s. r. o.", "novák"),
            ("ИП Иванов И.И.", "Иванов И.И."),
            ("O'Neil", "O’Neil"),
        ] {
            assert_eq!(compared(one), compared(other), "{one} and {other}");
        }
        for (one, other) in [
            ("Ромашка", "Ромашка Плюс"),
            ("Ромашка-2", "Ромашка 2"),
            ("ООО", "ЗАО"),
            ("Коромысло", "мысло"),
        ] {
            assert_ne!(compared(one), compared(other), "{one} and {other}");
        }
    }

    #[test]
    fn a_title_that_is_only_a_form_stays_and_an_empty_one_is_not_looked_for() {
        assert_eq!(compared("ООО"), "ооо");
        assert_eq!(compared("\"CO\", ООО"), "ооо");
        assert_eq!((pattern("«»"), pattern(" ")), (None, None));
        assert_eq!(
            (broad_pattern("Ромашка"), broad_pattern("а б в")),
            (None, None)
        );
    }

    #[test]
    fn patterns_hold_the_words_and_leave_open_what_may_differ() {
        let pattern = |title| pattern(title).unwrap();
        assert_eq!(
            pattern("ООО «Торговый дом \"Берёза\"»"),
            "%Торговый%дом%Б_р_за%"
        );
        assert_eq!(pattern("100% $result[a]_b"), "%100_%_result[a]_b%");
        assert_eq!(broad_pattern("Торговый дом Весна").unwrap(), "%Торговый%");
    }

    proptest! {
        #[test]
        fn whatever_a_title_is_wrapped_in_it_stays_the_same(
            name in "[а-яa-z]{2,6}( [а-яa-z0-9-]{2,6}){0,2}",
            form in prop::sample::select(vec!["ООО", "АО", "LLC", "Inc.", "s.r.o.", "GmbH", "Ltd."]),
            quote in prop::sample::select(vec!["\"", "", "'"]),
            in_front in any::<bool>(),
        ) {
            // A name that is a legal form itself can't be told from one.
            prop_assume!(!name.split(' ').any(|word| FORMS.contains(&word)));
            let upper = format!("{quote}{}{quote}", name.to_uppercase());
            let whole = match in_front {
                true => format!("{form} {upper}"),
                false => format!(" {upper}, {form}"),
            };
            prop_assert_eq!(compared(&whole), compared(&name));
        }

        #[test]
        fn no_title_stops_the_program(title in "\\PC{0,40}") {
            let once = compared(&title);
            prop_assert!(!once.contains(char::is_whitespace));
            prop_assert_eq!(pattern(&title).is_none(), once.is_empty());
        }
    }
}
