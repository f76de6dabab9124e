//! When two names of a user are the same.

/// The text as it is compared: without outer blanks, runs of blanks as one, in small letters, `ё`
/// as `е`.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        let letters = word.chars().flat_map(char::to_lowercase);
        folded.extend(letters.map(|letter| if letter == 'ё' { 'е' } else { letter }));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_blanks_and_dots_do_not_matter() {
        for text in ["Семёнов Пётр", " семенов\u{a0} ПЕТР ", "СЕМЁНОВ\tпетр"]
        {
            assert_eq!(folded(text), "семенов петр", "{text}");
        }
        assert_ne!(folded("Семенов"), folded("Семенова"));
        assert_eq!(folded("  "), "");
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in ".{0,20}") {
            let once = folded(&text);
            proptest::prop_assert_eq!(folded(&once), once);
        }
    }
}
