//! One thing that is wrong with one row.

use serde::Serialize;

use crate::manifest::Position;
use crate::post::is_direction_mark;

use super::Code;

/// Something that keeps a row from being posted, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Its name for scripts.
    pub code: Code,
    /// Data record, from 1.
    pub row: u64,
    /// Physical line, from 1: where the record starts, or where the quote in question stands.
    pub line: u64,
    /// The column or key as the manifest spells it; absent when the whole record is concerned.
    pub column: Option<String>,
    /// The offending value, shortened, control characters escaped.
    pub value: String,
    /// What is wrong, by the code.
    pub message: &'static str,
    /// What is wrong with this value and what to do.
    pub advice: String,
}

/// A column of a row, to blame.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    /// The row, and the line where it starts.
    pub at: Position,
    /// The column or key as the manifest spells it.
    pub column: &'p str,
}

impl Problem {
    /// How many problems of one row's values are told, and how many of its files: a row of 16 MiB
    /// can hold millions.
    pub(super) const MOST: usize = 100;

    /// A problem of one column.
    pub fn of_column(
        place: Place<'_>,
        code: Code,
        value: &str,
        advice: impl Into<String>,
    ) -> Problem {
        Problem {
            column: Some(place.column.to_owned()),
            value: shortened(value),
            ..Problem::of_record(place.at, code, advice)
        }
    }

    /// A problem of a whole record.
    pub fn of_record(at: Position, code: Code, advice: impl Into<String>) -> Problem {
        Problem {
            code,
            row: at.row,
            line: at.line,
            column: None,
            value: String::new(),
            message: code.message(),
            advice: advice.into(),
        }
    }
}

/// Characters of a value that a problem shows.
const SHOWN: usize = 60;

/// The value's start on one line: control characters and bidirectional marks escaped, so that a
/// terminal shows what is there.
pub(super) fn shortened(value: &str) -> String {
    let mut shown = String::new();
    for (count, letter) in value.chars().enumerate() {
        if count == SHOWN {
            shown.push('…');
            break;
        }
        match letter {
            '\n' | '\r' | '\t' => shown.extend(letter.escape_default()),
            _ if letter.is_control() || is_direction_mark(letter) => {
                shown.extend(letter.escape_unicode());
            }
            _ => shown.push(letter),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_short_and_on_one_line() {
        assert_eq!(
            shortened("a\n\0\u{1b}[1m\u{202e}é"),
            "a\\n\\u{0}\\u{1b}[1m\\u{202e}é"
        );
        let long = shortened(&"é".repeat(100));
        assert_eq!(long, format!("{}…", "é".repeat(60)));
        assert_eq!(shortened(&"a".repeat(60)), "a".repeat(60));
    }

    #[test]
    fn the_json_keys_are_stable() {
        let at = Position::of_record(3, 7);
        let place = Place {
            at,
            column: "SPERM",
        };
        let problem = Problem::of_column(place, Code::AudienceInvalid, "X1", "fix it");
        assert_eq!(
            serde_json::to_string(&problem).unwrap(),
            r#"{"code":"audience_invalid","row":3,"line":7,"column":"SPERM","value":"X1","message":"no access code of Bitrix24","advice":"fix it"}"#
        );
    }
}
