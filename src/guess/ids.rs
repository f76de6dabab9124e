//! What the form of a value tells: IDs, their kinds, lists of them, paths, names.

use crate::post::EntityKind;

/// The kind of record that an ID of Salesforce names by its first three characters.
pub(super) fn salesforce_kind(id: &str) -> Option<EntityKind> {
    let is_id = matches!(id.len(), 15 | 18) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match id.get(..3).filter(|_| is_id)? {
        "001" => Some(EntityKind::Company),
        "003" => Some(EntityKind::Contact),
        "006" => Some(EntityKind::Deal),
        "00Q" => Some(EntityKind::Lead),
        _ => None,
    }
}

/// Whether a value is an ID rather than a name: it has digits, no blanks, and few letters beside
/// hexadecimal ones, or is as long as an ID of Salesforce.
pub(super) fn is_id(value: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let is_uuid = value.len() >= 32 && value.bytes().all(is_hex);
    let is_plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_long = matches!(value.len(), 15 | 18) && is_plain;
    let after_prefix = value.rsplit(['_', 'x']).next().unwrap_or_default();
    is_number(value) || (has_digit && (is_uuid || is_long || is_number(after_prefix)))
}

/// What stands between several values of one cell, by what they are like; none if no cell has more
/// than one.
pub(super) fn separator<'v>(
    values: impl Iterator<Item = &'v str>,
    is_one: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    const SEPARATORS: [&str; 5] = [";", ",", "|", "\n", " "];
    let mut counts = [0; SEPARATORS.len()];
    for value in values.filter(|value| !is_one(value)) {
        for (count, separator) in counts.iter_mut().zip(SEPARATORS) {
            let mut parts = value
                .split(separator)
                .map(str::trim)
                .filter(|part| !part.is_empty());
            *count += usize::from(value.contains(separator) && parts.all(&is_one));
        }
    }
    let found = SEPARATORS
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0);
    // Of equally good ones the first.
    let best = found.rev().max_by_key(|(_, count)| *count);
    best.map(|(separator, _)| *separator)
}

/// Whether a value is a file's path or name: it ends with an extension.
pub(super) fn is_path(value: &str) -> bool {
    let Some((name, extension)) = value.rsplit_once('.') else {
        return false;
    };
    let is_extension = (1..=5).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && extension.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_extension && !name.is_empty() && value.chars().count() < 300 && !value.contains('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_salesforce_tell_the_kind_of_record() {
        for (id, kind) in [
            ("0065g00000ABCdE", Some(EntityKind::Deal)),
            ("0065g00000ABCdEAAW", Some(EntityKind::Deal)),
            ("00Q5g00000ABCdE", Some(EntityKind::Lead)),
            ("5005g00000ABCdE", None),
            ("006", None),
            ("0065g00000ABC-E", None),
        ] {
            assert_eq!(salesforce_kind(id), kind, "{id}");
        }
    }

    #[test]
    fn ids_are_told_from_names() {
        for id in [
            "7",
            "0055g00000ABCdE",
            "2f4a1c1e-5b0f-4c64-9b1e-0a1b2c3d4e5f",
            "zcrm_554023000000",
            "11x34",
            "D_5",
        ] {
            assert!(is_id(id), "{id}");
        }
        for name in ["Ann Example", "ann", "a.b@example.test", "Поставка 5", ""] {
            assert!(!is_id(name), "{name}");
        }
    }

    #[test]
    fn a_separator_leaves_values_of_one_kind() {
        let of = |values: &[&str]| separator(values.iter().copied(), is_id);
        assert_eq!(of(&["101;102", "55"]), Some(";"));
        assert_eq!(of(&["101, 102"]), Some(","));
        assert_eq!(of(&["101 102"]), Some(" "));
        assert_eq!(of(&["101", "Smith, Ann"]), None);
        assert_eq!(of(&[]), None);
    }
}
