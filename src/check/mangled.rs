//! IDs that a spreadsheet has replaced: whatever they were, they no longer tell one row from
//! another.

/// Whether a text is what spreadsheets show in place of a long number, or of a formula that failed.
pub(super) fn is_mangled(id: &str) -> bool {
    is_exponential(id) || is_formula_error(id) || is_too_narrow(id)
}

/// `1.23E+17`: the sign is always there, so that a code such as `12E4` is none.
fn is_exponential(id: &str) -> bool {
    let Some((digits, exponent)) = id.split_once(['E', 'e']) else {
        return false;
    };
    let are_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let exponent = exponent.strip_prefix(['+', '-']);
    are_digits(whole) && are_digits(fraction) && exponent.is_some_and(are_digits)
}

/// `#REF!`, `#N/A` and the like, in English and Russian.
fn is_formula_error(id: &str) -> bool {
    const ERRORS: [&str; 16] = [
        "#REF!",
        "#N/A",
        "#VALUE!",
        "#NAME?",
        "#DIV/0!",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#ССЫЛКА!",
        "#Н/Д",
        "#ЗНАЧ!",
        "#ИМЯ?",
        "#ДЕЛ/0!",
        "#ЧИСЛО!",
        "#ПУСТО!",
        "#ПЕРЕНОС!",
    ];
    id.starts_with('#') && ERRORS.contains(&id.to_uppercase().as_str())
}

/// `########`: a number that did not fit its column.
fn is_too_narrow(id: &str) -> bool {
    id.len() > 2 && id.bytes().all(|byte| byte == b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spreadsheets_leave_is_told_from_ids() {
        for mangled in [
            "1.23E+17",
            "1,23457E+17",
            "1E+17",
            "9.9e-05",
            "-1.5E+20",
            "#REF!",
            "#n/a",
            "#Н/Д",
            "#ДЕЛ/0!",
            "###",
            "########",
        ] {
            assert!(is_mangled(mangled), "{mangled}");
        }
        for good in [
            "",
            "#",
            "##",
            "#1",
            "12E4",
            "1.5",
            "E+17",
            "1.E+17",
            "1E+",
            "31e4567",
            "a1.2E+3",
            "#REF",
            "1.23E+17a",
            "N/A",
        ] {
            assert!(!is_mangled(good), "{good}");
        }
    }
}
