//! The problem of a record that can't be taken apart.

use crate::manifest::{OddKind, OddQuote, Position, RowFault};

use super::problem::shortened;
use super::{Code, Place, Problem};

/// The one problem of a record that has this fault.
pub fn unreadable(at: Position, fault: &RowFault) -> Problem {
    let record = |code, advice: &str| Problem::of_record(at, code, format!("{fault}; {advice}"));
    match fault {
        RowFault::TooLong { .. } => record(
            Code::RecordTooLong,
            "look for a stray quote, or raise --max-record",
        ),
        RowFault::UnclosedQuote { line, last_line } => {
            let took = match last_line.saturating_sub(*line) + 1 {
                1 => "it takes the rest of the last line".to_owned(),
                lines => format!("it takes {lines} lines, up to line {last_line}, the last"),
            };
            let advice = format!("{took}; close it, and {TWICE}");
            Problem {
                line: *line,
                ..record(Code::QuoteUnclosed, &advice)
            }
        }
        RowFault::OddQuote(quote) => odd(at, quote),
        RowFault::TakesRows { .. } => record(
            Code::QuoteSuspect,
            "close the quote where the text ends; if that line is text, put a blank before it",
        ),
        RowFault::NeverOpened { .. } => record(
            Code::QuoteSuspect,
            "put a quote before the text too, and write a quote within it twice",
        ),
        RowFault::Swallowed { .. } => record(Code::QuoteSwallowed, "mend the quotes there first"),
        RowFault::Suspect { fault, last_line } => {
            let problem = unreadable(at, fault);
            let (advice, first) = (problem.advice, at.line);
            Problem {
                advice: format!("{advice}; lines {first} to {last_line} may be its text"),
                ..problem
            }
        }
        RowFault::FieldCount { .. } => record(
            Code::FieldCount,
            "put a text that holds commas in double quotes, and write a quote within it twice",
        ),
        RowFault::InvalidJson { .. } => {
            Problem::of_record(at, Code::JsonInvalid, fault.to_string())
        }
        RowFault::InvalidValue { line, .. } => Problem {
            line: *line,
            ..Problem::of_record(at, Code::JsonInvalid, fault.to_string())
        },
        RowFault::ValueNotAnObject => record(
            Code::JsonNotObject,
            "a row is written as { } with names and values, such as {\"message\": \"text\"}",
        ),
        RowFault::NotAnObject => record(Code::JsonNotObject, "write one JSON object on each line"),
        RowFault::ArrayPart => record(
            Code::JsonArray,
            "nothing of this file is sent; write one object on each line, without brackets around \
             them and commas between them",
        ),
        RowFault::RepeatedField { first, second, .. } => {
            let place = Place { at, column: second };
            let advice = format!("`{first}` gives this field already; remove one of the two");
            Problem::of_column(place, Code::FieldRepeated, second, advice)
        }
        RowFault::Undecodable(found) => record(Code::Utf8Invalid, found.advice()),
        RowFault::NotUtf8 { .. } => record(
            Code::Utf8Invalid,
            "save the file as UTF-8, or name its encoding with --encoding",
        ),
    }
}

const TWICE: &str = "write a quote within a quoted text twice";

/// The problem of a quote that breaks the rule.
fn odd(at: Position, quote: &OddQuote) -> Problem {
    let (line, remedy) = match quote.kind {
        OddKind::TextBehind => (quote.line, TWICE.to_owned()),
        OddKind::AfterBackslash => (
            quote.line,
            format!("{TWICE} (\"\"), not with a backslash (\\\") as some CRMs and databases do"),
        ),
        OddKind::OpensAnother => (quote.opened, format!("close it, and {TWICE}")),
        OddKind::BlankBefore => (
            quote.line,
            format!("remove it, or put the whole field in quotes and {TWICE}"),
        ),
        OddKind::NotOpened => (quote.line, format!("put one there, and {TWICE}")),
        OddKind::DoubledUnquoted => (
            quote.line,
            "put the whole field in quotes, or write the quote once".to_owned(),
        ),
    };
    Problem {
        line,
        column: quote.name.clone(),
        value: shortened(&quote.text),
        ..Problem::of_record(at, Code::QuoteStray, format!("{quote}; {remedy}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_code_and_place() {
        let at = Position::of_record(4, 9);
        let repeated = RowFault::RepeatedField {
            first: "message".to_owned(),
            second: "MESSAGE".to_owned(),
        };
        let json = RowFault::InvalidJson {
            column: 5,
            reason: "expected value".to_owned(),
        };
        let count = RowFault::FieldCount {
            expected: 3,
            found: 2,
        };
        for (fault, code, line, said) in [
            (
                RowFault::TooLong { limit: 99 },
                Code::RecordTooLong,
                9,
                "99 bytes",
            ),
            (
                RowFault::UnclosedQuote {
                    line: 12,
                    last_line: 14,
                },
                Code::QuoteUnclosed,
                12,
                "on line 12",
            ),
            (
                count,
                Code::FieldCount,
                9,
                "2 fields where the header has 3",
            ),
            (json, Code::JsonInvalid, 9, "column 5: expected value"),
            (RowFault::NotAnObject, Code::JsonNotObject, 9, "no object"),
            (
                RowFault::InvalidValue {
                    line: 11,
                    reason: "expected value".to_owned(),
                },
                Code::JsonInvalid,
                11,
                "on line 11: expected value",
            ),
            (
                RowFault::ValueNotAnObject,
                Code::JsonNotObject,
                9,
                "no JSON object",
            ),
            (RowFault::ArrayPart, Code::JsonArray, 9, "JSON array"),
            (
                repeated,
                Code::FieldRepeated,
                9,
                "`message` gives this field",
            ),
            (
                RowFault::NotUtf8 { column: 2 },
                Code::Utf8Invalid,
                9,
                "column 2",
            ),
        ] {
            let problem = unreadable(at, &fault);
            assert_eq!((problem.code, problem.row, problem.line), (code, 4, line));
            assert!(problem.advice.contains(said), "{}", problem.advice);
        }
    }
}
