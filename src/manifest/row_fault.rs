//! Why one record can't be taken apart. What keeps a whole manifest from being read is a
//! [`ManifestError`](super::ManifestError).

use encoding_rs::{Encoding, UTF_8};

use super::{OddQuote, Undecodable};

/// Why a record can't be taken apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    #[error("the record is longer than {limit} bytes")]
    TooLong {
        /// Bytes.
        limit: u64,
    },
    #[error("the quote opened on line {line} is never closed")]
    UnclosedQuote {
        line: u64,
        /// The last line of the file.
        last_line: u64,
    },
    #[error("{0}")]
    OddQuote(Box<OddQuote>),
    #[error("the quoted text holds line {line}, which looks like a row of its own")]
    TakesRows { line: u64 },
    #[error("a quote on line {line} ends a text that no quote has begun")]
    NeverOpened { line: u64 },
    #[error("the quotes of the row on line {line} may have taken this line into its text")]
    Swallowed { line: u64 },
    /// The same, and the record's quotes leave open where it ends.
    #[error("{fault}")]
    Suspect {
        fault: Box<RowFault>,
        /// The last line that may belong to it.
        last_line: u64,
    },
    #[error("{found} fields where the header has {expected}")]
    FieldCount { expected: usize, found: usize },
    #[error("invalid JSON at column {column}: {reason}")]
    InvalidJson {
        /// Byte within the line, from 1.
        column: usize,
        /// What is wrong there and what to do.
        reason: String,
    },
    /// In a value that needs no line of its own.
    #[error("invalid JSON on line {line}: {reason}")]
    InvalidValue {
        line: u64,
        /// What is wrong there and what to do.
        reason: String,
    },
    #[error("the line is valid JSON but no object")]
    NotAnObject,
    #[error("the row is no JSON object")]
    ValueNotAnObject,
    #[error("the line is a part of a JSON array")]
    ArrayPart,
    #[error("`{first}` and `{second}` both give the same field")]
    RepeatedField { first: String, second: String },
    #[error("byte {} of the line, {}", .0.place, .0)]
    Undecodable(Box<Undecodable>),
    #[error("the line is not UTF-8 at column {column}")]
    NotUtf8 {
        /// Byte within the line, from 1.
        column: usize,
    },
}

impl RowFault {
    /// The fault of a line whose bytes are no text in the file's encoding.
    pub(super) fn undecodable(line: &[u8], encoding: &'static Encoding) -> RowFault {
        let found = (encoding != UTF_8).then(|| Undecodable::find(line, encoding));
        match found.flatten() {
            Some(found) => RowFault::Undecodable(Box::new(found)),
            None => RowFault::NotUtf8 {
                column: 1 + str::from_utf8(line).map_or_else(|e| e.valid_up_to(), str::len),
            },
        }
    }
}
