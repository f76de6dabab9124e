//! Which of the names that there are may have been meant.

/// How many names are proposed.
const MOST: usize = 3;
/// Names looked at; a header with more is data.
const LOOKED_AT: usize = 10_000;
/// Letters of a name that are compared.
const LONGEST: usize = 60;
/// How alike names must be, from 0 to 1.
const ALIKE: f64 = 0.6;

/// The names most like that one, the nearest first; none if nothing is like it.
pub(super) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let wanted = folded(name);
    let mut near: Vec<(f64, &str)> = known
        .into_iter()
        .take(LOOKED_AT)
        .map(|known| (likeness(&wanted, &folded(known)), known))
        .filter(|(likeness, known)| *likeness >= ALIKE && !known.is_empty())
        .collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0));
    near.truncate(MOST);
    near.into_iter()
        .map(|(_, known)| known.chars().take(LONGEST).collect())
        .collect()
}

/// The time zones most like that name or the name of that city.
pub(super) fn nearest_zones(name: &str) -> Vec<String> {
    let zones: Vec<String> = jiff::tz::db()
        .available()
        .map(|zone| zone.to_string())
        .collect();
    let city = |zone: &str| zone.rsplit('/').next().is_some_and(|city| same(city, name));
    let of_city: Vec<String> = zones.iter().filter(|zone| city(zone)).cloned().collect();
    match of_city.is_empty() {
        false => of_city.into_iter().take(MOST).collect(),
        true => nearest(name, zones.iter().map(String::as_str)),
    }
}

fn same(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// Without what doesn't count: letter case, and what stands between words.
fn folded(name: &str) -> String {
    let letters = name.chars().take(LONGEST).flat_map(char::to_lowercase);
    letters.filter(|letter| letter.is_alphanumeric()).collect()
}

fn likeness(wanted: &str, known: &str) -> f64 {
    if wanted.is_empty() || known.is_empty() {
        return 0.0;
    }
    let least = wanted.chars().count().min(known.chars().count());
    match least > 2 && (known.contains(wanted) || wanted.contains(known)) {
        true => 0.8_f64.max(strsim::normalized_damerau_levenshtein(wanted, known)),
        false => strsim::normalized_damerau_levenshtein(wanted, known),
    }
}

/// `; perhaps A, B`, or nothing.
pub(super) fn perhaps(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!("; perhaps {}", listed(near)),
    }
}

/// Names in a row, each in quotes.
pub(super) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let quoted = |name: &S| format!("`{}`", name.as_ref().escape_debug());
    names.iter().map(quoted).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_differ_by_a_few_letters_or_hold_one_another() {
        let header = ["ID", "Примечание", "Примечание 2", "Дата создания сделки"];
        assert_eq!(
            nearest("Примечаниe", header),
            ["Примечание", "Примечание 2"]
        );
        assert_eq!(nearest("дата создания", header), ["Дата создания сделки"]);
        assert_eq!(nearest("Body", header), [""; 0]);
        assert_eq!(nearest("", header), [""; 0]);
    }

    #[test]
    fn zones_are_found_by_their_city() {
        assert_eq!(nearest_zones("moscow"), ["Europe/Moscow"]);
        assert!(nearest_zones("Europe/Moskow").contains(&"Europe/Moscow".to_owned()));
        assert!(nearest_zones("Asia/Almati").contains(&"Asia/Almaty".to_owned()));
    }
}
