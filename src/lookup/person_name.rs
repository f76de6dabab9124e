//! When a name in the old system is a person's on the portal.

use crate::maps::folded;

/// The words of a name as they are compared, in any order.
pub fn words(name: &str) -> Vec<String> {
    let folded = folded(name);
    let parts = folded.split(|letter: char| letter == ',' || letter.is_whitespace());
    parts
        .filter(|part| !part.is_empty())
        .map(String::from)
        .collect()
}

/// The words of a name as they are written: some databases tell small from capital letters.
pub fn written_words(name: &str) -> Vec<String> {
    let parts = name.split(|letter: char| letter == ',' || letter.is_whitespace());
    let parts = parts.filter(|part| !part.is_empty());
    parts.map(String::from).collect()
}

/// Whether the words are all of a person's first and last name, with or without the middle one.
pub fn is_same(name: &[String], first: &str, middle: &str, last: &str) -> bool {
    let sorted = |mut words: Vec<String>| {
        words.sort_unstable();
        words
    };
    let name = sorted(name.to_vec());
    let short = words(&format!("{first} {last}"));
    let full = words(&format!("{first} {middle} {last}"));
    !name.is_empty() && (name == sorted(short) || name == sorted(full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_any_order_with_or_without_the_middle_one() {
        let is = |name: &str| is_same(&words(name), "Пётр", "Ильич", "Семёнов");
        for same in [
            "петр семенов",
            "Семёнов, Пётр",
            "Семенов Петр Ильич",
            "ПЕТР  ИЛЬИЧ СЕМЁНОВ",
        ] {
            assert!(is(same), "{same}");
        }
        for other in [
            "Семенов",
            "Семенов П.И.",
            "Пётр Семёнова",
            "",
            "Пётр Пётр Семёнов",
        ] {
            assert!(!is(other), "{other}");
        }
        assert!(!is_same(&[], "", "", ""));
    }
}
