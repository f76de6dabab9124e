//! What is wrong with a line of JSONL that is no row, in words that say what to do.

use serde::de::IgnoredAny;

use crate::manifest::RowFault;
use crate::manifest::warning::cut;

use super::broken::one_line;

/// The fault of a line that is no JSON at all; none if it is some.
pub(in crate::manifest) fn no_json(line: &str) -> Option<RowFault> {
    error_of(line).map(|error| json_fault(line, error))
}

/// The fault of a line that `error` has found to be no JSON object.
pub(in crate::manifest) fn json_fault(line: &str, error: serde_json::Error) -> RowFault {
    if is_part_of_array(line, &error) {
        return RowFault::ArrayPart;
    }
    let error = match error.is_data() {
        false => error,
        // It is no object; whether it is JSON at all is another question.
        true => match serde_json::from_str::<IgnoredAny>(line) {
            Ok(_) => return RowFault::NotAnObject,
            Err(error) => error,
        },
    };
    RowFault::InvalidJson {
        column: error.column(),
        reason: reason(line, &error),
    }
}

/// The fault of a value that begins on that line and that `error` has found to be no JSON.
pub(in crate::manifest) fn value_fault(
    first_line: u64,
    text: &str,
    error: &serde_json::Error,
) -> RowFault {
    let (below, column) = (error.line().saturating_sub(1), error.column());
    let line = text.split('\n').nth(below).unwrap_or_default();
    let found = error.to_string();
    let found = found.split(" at line ").next().unwrap_or_default();
    let reason = match foreign_word(line, column.saturating_sub(1)) {
        Some((word, instead)) => format!("`{word}` is no JSON; write {instead}"),
        None => {
            let ahead = near(line, column);
            match is_comment(ahead) {
                true => "a comment is no JSON; remove it".to_owned(),
                false => format!("{found}, at `{}`; mend it there", one_line(ahead)),
            }
        }
    };
    RowFault::InvalidValue {
        line: first_line + below as u64,
        reason,
    }
}

/// A few letters of a line from that column on, counted from 1 in bytes.
fn near(line: &str, column: usize) -> &str {
    const MOST: usize = 20;
    let at = column.saturating_sub(1).min(line.len());
    let start = (0..=at).rev().find(|at| line.is_char_boundary(*at));
    cut(&line[start.unwrap_or_default()..], MOST)
}

fn is_comment(text: &str) -> bool {
    ["#", "//", "/*"].iter().any(|mark| text.starts_with(mark))
}

/// Whether the line opens an array, closes one, or has a comma behind a value as within one.
fn is_part_of_array(line: &str, error: &serde_json::Error) -> bool {
    let line = line.trim();
    if line.starts_with([']', ','])
        || (line.starts_with('[') && error_of(line).is_some_and(|e| e.is_eof()))
    {
        return true;
    }
    let object = line.strip_suffix(',').filter(|_| !error.is_data());
    object.is_some_and(|object| object.starts_with('{') && error_of(object).is_none())
}

fn error_of(text: &str) -> Option<serde_json::Error> {
    serde_json::from_str::<IgnoredAny>(text).err()
}

/// What is wrong and what to do.
fn reason(line: &str, error: &serde_json::Error) -> String {
    const ONE_EACH: &str = "write one JSON object on each line";
    let start = line.trim_start();
    let is = |marks: &[&str]| marks.iter().any(|mark| start.starts_with(mark));
    if is_comment(start) {
        return "a comment is no JSON; remove the line".to_owned();
    }
    if is(&["}", "\""]) {
        return format!("this is a part of an object written over several lines; {ONE_EACH}");
    }
    let inner = start.strip_prefix('{').map(str::trim_start);
    if inner.is_some_and(|inner| inner.starts_with('\'')) {
        return "names and texts stand in double quotes in JSON; write them so".to_owned();
    }
    if error.is_eof() {
        return format!(
            "the line ends within an object, which may be written over several lines; {ONE_EACH}"
        );
    }
    let at = error.column().saturating_sub(1);
    let text = error.to_string();
    let is_object = || line.get(at..).is_some_and(|rest| rest.starts_with('{'));
    if text.starts_with("trailing characters") && is_object() {
        return format!("another object begins there; {ONE_EACH}");
    }
    match foreign_word(line, at) {
        Some((word, instead)) => format!("`{word}` is no JSON; write {instead}"),
        None => {
            let found = text.split(" at line ").next().unwrap_or_default();
            format!("{found}; {ONE_EACH}")
        }
    }
}

/// A word of another language at that byte, and what JSON has for it.
fn foreign_word(line: &str, at: usize) -> Option<(&'static str, &'static str)> {
    const WORDS: [(&str, &str); 7] = [
        ("NaN", "null"),
        ("nan", "null"),
        ("Infinity", "null"),
        ("undefined", "null"),
        ("None", "null"),
        ("True", "true"),
        ("False", "false"),
    ];
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
    let bytes = line.as_bytes();
    let at = at.min(bytes.len());
    let start = at
        - bytes[..at]
            .iter()
            .rev()
            .take_while(|byte| is_letter(byte))
            .count();
    let start = start
        + bytes[start..]
            .iter()
            .take_while(|byte| **byte == b'-')
            .count();
    let length = bytes[start..]
        .iter()
        .take_while(|byte| is_letter(byte))
        .count();
    let word = &bytes[start..start + length];
    WORDS
        .into_iter()
        .find(|(known, _)| known.as_bytes() == word)
}
