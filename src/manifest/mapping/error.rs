//! What is wrong with a mapping, where it stands, and what would be right.

use std::fmt;
use std::path::PathBuf;

use crate::post::Field;

use super::nearest::{listed, perhaps};
use super::{Place, TemplateFault};

/// All that is wrong with a mapping; never none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingErrors {
    /// The mapping file, if there is one.
    pub path: Option<PathBuf>,
    /// In the order of the file.
    pub errors: Vec<MappingError>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingError {
    /// Where.
    pub origin: Origin,
    /// What, and what would be right.
    pub fault: MappingFault,
}

/// Where a column or a rule is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the mapping file.
    File(Place),
    /// By `--map FIELD=COLUMN`.
    Option {
        /// The field.
        field: Field,
        /// The column as typed.
        column: String,
    },
    /// By the manifest's own header.
    Header,
}

/// What is wrong with a mapping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say what each one is")]
pub enum MappingFault {
    #[error("the file is not UTF-8 here; save it as UTF-8")]
    NotUtf8,
    #[error("this is no TOML: {message}")]
    Syntax { message: String },
    #[error("{section} has no key `{key}`; it has {}{}", listed(known), perhaps(near), key = key.escape_debug())]
    UnknownKey {
        section: String,
        key: String,
        near: Vec<String>,
        known: &'static [&'static str],
    },
    #[error("no field is named `{name}`; the fields are {}{}",
        listed(&Field::ALL.map(Field::name)), perhaps(near), name = name.escape_debug())]
    UnknownField { name: String, near: Vec<String> },
    #[error("{what} is {found}; give {expected}")]
    WrongType {
        what: String,
        found: &'static str,
        expected: &'static str,
    },
    #[error("{what} is empty; give {expected}")]
    Empty {
        what: String,
        expected: &'static str,
    },
    #[error("{what} is missing; give {expected}")]
    Missing {
        what: String,
        expected: &'static str,
    },
    #[error("in the template of `{field}`, {fault}", field = .field.name())]
    Template { field: Field, fault: TemplateFault },
    #[error("`{field}` has no source; give it one of column, template, value", field = .field.name())]
    NoSource { field: Field },
    #[error("`{field}` has both {first} and {second}; leave one of them out", field = .field.name())]
    TwoSources {
        field: Field,
        first: &'static str,
        second: &'static str,
    },
    #[error("{first} does not go with {second}; {advice}")]
    Contradiction {
        first: String,
        second: String,
        advice: &'static str,
    },
    #[error("`{field}` takes no `{key}`; {takes}", field = .field.name())]
    NotForField {
        field: Field,
        key: &'static str,
        takes: &'static str,
    },
    #[error("{what} is `{word}`; give one of {}{}", listed(known), perhaps(near), word = word.escape_debug())]
    UnknownWord {
        what: String,
        word: String,
        near: Vec<String>,
        known: &'static [&'static str],
    },
    #[error("no time zone is named `{name}`; give a name such as `Europe/Moscow`{}",
        perhaps(near), name = name.escape_debug())]
    UnknownZone { name: String, near: Vec<String> },
    #[error("no time can be read in the format `{format}`: {reason}", format = format.escape_debug())]
    BadTimeFormat { format: String, reason: String },
    #[error("no records are of the type `{word}`; give lead, deal, contact, company, quote, order, \
        smart_invoice or dynamic_N", word = word.escape_debug())]
    UnknownRecordType { word: String },
    #[error("an earlier entry gives the records of this column already; remove one")]
    RepeatedRecords,
    #[error("`{field}` is given twice, by {first} and {second}; leave one of them out",
        field = .field.name())]
    SameField {
        field: Field,
        first: String,
        second: String,
    },
    #[error("this column is exploded already; remove one")]
    RepeatedExplode,
    #[error(
        "the text of the exploded columns is not posted; write {{explode}} into the template of \
        `message`, or leave `message` out"
    )]
    ExplodeUnused,
    #[error("no column is named `{name}`{}", columns_to_choose(near, some), name = name.escape_debug())]
    UnknownColumn {
        name: String,
        near: Vec<String>,
        /// The first columns that there are.
        some: Vec<String>,
    },
    #[error("{what}: {reason}")]
    Setting { what: &'static str, reason: String },
}

impl Origin {
    pub(super) fn option(field: Field, column: &str) -> Origin {
        let column = column.to_owned();
        Origin::Option { field, column }
    }
}

impl MappingFault {
    /// What can't stand beside `[[records]]`.
    pub(super) fn beside_records(first: String) -> MappingFault {
        MappingFault::Contradiction {
            first,
            second: "`[[records]]`".to_owned(),
            advice: "the records take the place of entity_type and entity_id",
        }
    }
}

/// What there is in place of an unknown column: the nearest, else the first ones.
fn columns_to_choose(near: &[String], some: &[String]) -> String {
    match (near, some) {
        ([], []) => String::new(),
        ([], some) => format!("; the file begins with {}", listed(some)),
        (near, _) => perhaps(near),
    }
}

impl MappingErrors {
    /// How many are told at once.
    const TOLD: usize = 20;
}

impl std::error::Error for MappingErrors {}

/// One on each line.
impl fmt::Display for MappingErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, error) in self.errors.iter().take(Self::TOLD).enumerate() {
            if number > 0 {
                out.write_str("\n")?;
            }
            match (&error.origin, &self.path) {
                (Origin::File(place), Some(path)) => write!(out, "{}:{place}: ", path.display())?,
                (Origin::File(place), None) => write!(out, "{place}: ")?,
                (Origin::Option { field, column }, _) => {
                    write!(out, "--map {}={column:?}: ", field.name())?;
                }
                (Origin::Header, _) => {}
            }
            write!(out, "{}", error.fault)?;
        }
        match self.errors.len().saturating_sub(Self::TOLD) {
            0 => Ok(()),
            more => write!(out, "\nand {more} more"),
        }
    }
}
