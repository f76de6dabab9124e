//! Words that several reports use.

use indicatif::HumanCount;

/// `1 row`, `1,200 rows`.
pub fn rows(count: u64) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{} rows", HumanCount(count)),
    }
}
