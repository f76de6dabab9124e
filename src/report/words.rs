//! Words that several reports use.

use indicatif::HumanCount;
use jiff::Timestamp;

/// `1 row`, `1,200 rows`.
pub fn rows(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{} rows", HumanCount(count)),
    }
}

/// Unix milliseconds as RFC 3339, to the second.
pub fn time(milliseconds: i64) -> Option<String> {
    let time = Timestamp::from_millisecond(milliseconds).ok()?;
    Some(format!("{time:.0}"))
}
