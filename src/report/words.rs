//! Words that several reports use.

use anstyle::Style;
use indicatif::HumanCount;
use jiff::Timestamp;

use crate::post::is_direction_mark;

use super::style::{of_rows, styled};

/// `1 row`, `1,200 rows`.
pub fn rows(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{} rows", HumanCount(count)),
    }
}

/// Lines under one name of a table, which stands before the first of them.
pub fn labelled(style: Style, name: &str, lines: Vec<String>) -> impl Iterator<Item = String> {
    let labels = std::iter::once(name).chain(std::iter::repeat(""));
    labels
        .zip(lines)
        .map(move |(label, line)| format!("  {}  {line}", styled(style, format!("{label:<11}"))))
}

/// A line that is shown only if there is something to say.
pub fn shown_if(is_shown: bool, text: String) -> Vec<String> {
    is_shown.then_some(text).into_iter().collect()
}

/// A line of a table of counts, coloured by what the count means.
pub fn count_line(name: &str, count: u64) -> String {
    let count = format!("{:>12}", HumanCount(count).to_string());
    format!("  {name:<14}{}", styled(of_rows(name), count))
}

/// `1 value`, `1,200 values`.
pub fn values(count: u64) -> String {
    match count {
        1 => "1 value".to_owned(),
        count => format!("{} values", HumanCount(count)),
    }
}

/// `1 folder of attachments`, `12 folders of attachments`.
pub fn folders(count: u64) -> String {
    match count {
        1 => "1 folder of attachments".to_owned(),
        count => format!("{} folders of attachments", HumanCount(count)),
    }
}

/// `1 attachment`, `1,200 attachments`.
pub fn attachments(count: u64) -> String {
    match count {
        1 => "1 attachment".to_owned(),
        count => format!("{} attachments", HumanCount(count)),
    }
}

/// A text from the manifest or the portal with its control characters escaped, so that a terminal
/// doesn't act upon them.
pub fn printable(text: &str) -> String {
    let shown = |letter: char| {
        if letter.is_control() || is_direction_mark(letter) {
            letter.escape_default().to_string()
        } else {
            letter.to_string()
        }
    };
    text.chars().map(shown).collect()
}

/// Unix milliseconds as RFC 3339, to the second.
pub fn time(milliseconds: i64) -> Option<String> {
    let time = Timestamp::from_millisecond(milliseconds).ok()?;
    Some(format!("{time:.0}"))
}
