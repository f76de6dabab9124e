//! Names of columns as they are compared.

/// Names of objects that only wrap those within them, as `properties.hs_note_body`.
const WRAPPERS: &[&str] = &[
    "properties",
    "fields",
    "attributes",
    "data",
    "note",
    "comment",
];

/// A name without what doesn't count: letter case, and all that stands between words.
pub(super) fn folded(name: &str) -> String {
    let letters = name.chars().flat_map(char::to_lowercase);
    let letters = letters.map(|letter| if letter == 'ё' { 'е' } else { letter });
    letters.filter(|letter| letter.is_alphanumeric()).collect()
}

/// The names under which a column may be known, the most telling first. Those behind the first one
/// leave out what stands in brackets, as in `Created (UTC)`, and the object around a key of JSON.
pub(super) fn known_as(name: &str) -> Vec<String> {
    let mut names = vec![folded(name)];
    if let Some((before, _)) = name.split_once(['(', '[']) {
        names.push(folded(before));
    }
    if let Some((wrapper, inner)) = name.split_once('.')
        && WRAPPERS.contains(&folded(wrapper).as_str())
    {
        names.push(folded(inner));
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The name of a column that has fellows, and its number among them: `Note 2`, `Note (2)`, `note_2`
/// and `Note#2` are the second `note`.
pub(super) fn family(name: &str) -> (String, u32) {
    let name = name.trim().trim_end_matches([')', ']']);
    let base = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let number = name[base.len()..].parse().ok();
    match (number, folded(base)) {
        (Some(number), base) if number > 0 && number < 100 && !base.is_empty() => (base, number),
        _ => (folded(name), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_and_digits_count() {
        assert_eq!(folded(" Note_Title"), folded("note-title "));
        assert_eq!(folded("Отчёт"), "отчет");
        assert_eq!(known_as("Created (UTC)"), ["createdutc", "created"]);
        assert_eq!(
            known_as("properties.hs_note_body"),
            ["propertieshsnotebody", "hsnotebody"]
        );
        assert_eq!(known_as("deal.title"), ["dealtitle"]);
        assert_eq!(known_as("---"), [""; 0]);
    }

    #[test]
    fn fellows_are_numbered() {
        for (name, number) in [
            ("Примечание", 1),
            ("Примечание 2", 2),
            ("примечание (2)", 2),
            ("Примечание#12", 12),
            ("примечание_3", 3),
        ] {
            assert_eq!(family(name), ("примечание".to_owned(), number), "{name}");
        }
        assert_eq!(family("2019"), ("2019".to_owned(), 1));
        assert_eq!(family("x0"), ("x0".to_owned(), 1));
    }
}
