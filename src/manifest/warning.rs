//! What is odd about a manifest but stops nothing: names that mean nothing to us.

use std::fmt;

use crate::post::Field;

use super::near::nearest_field;

/// Something that the user should hear of once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A column or key that is no field; it is ignored.
    UnknownColumn {
        name: String,
        /// The field that may be meant.
        nearest: Option<Field>,
    },
    /// A column without a name, by its number from 1; it is ignored.
    UnnamedColumn { number: usize },
    /// Columns of which a mapping makes no use.
    NotMapped {
        columns: usize,
        /// The first few.
        first: Vec<String>,
    },
    /// So many of them that the rest are not listed.
    ManyUnknown { listed: usize },
    /// Lines above the header that are left out, and what the first of them says.
    LinesAboveHeader { lines: usize, first: String },
    /// The last line, which is left out since it holds the totals of the rows, and what it says.
    TotalsLine { line: u64, text: String },
}

/// Characters of a name that are shown.
const SHOWN: usize = 100;

/// Columns without a use that are named.
const FIRST: usize = 4;

impl Warning {
    /// The warning for a name that is no field's; a long one is cut.
    pub fn unknown(name: &str) -> Warning {
        let name = cut(name, SHOWN);
        Warning::UnknownColumn {
            name: name.to_owned(),
            nearest: nearest_field(name),
        }
    }

    /// The warning of a line that is left out; a long one is cut.
    pub(super) fn totals(line: u64, text: &str) -> Warning {
        let text = cut(text, SHOWN).to_owned();
        Warning::TotalsLine { line, text }
    }

    /// The warning for columns of which a mapping makes no use.
    pub(super) fn not_mapped(names: &[String]) -> Warning {
        let first = names.iter().take(FIRST);
        Warning::NotMapped {
            columns: names.len(),
            first: first.map(|name| cut(name, SHOWN).to_owned()).collect(),
        }
    }

    /// The kind of warning, by a name that scripts can rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Warning::UnknownColumn { .. } => "column_ignored",
            Warning::UnnamedColumn { .. } => "column_unnamed",
            Warning::NotMapped { .. } => "columns_not_mapped",
            Warning::ManyUnknown { .. } => "columns_not_listed",
            Warning::LinesAboveHeader { .. } => "lines_above_header",
            Warning::TotalsLine { .. } => "totals_line",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::UnknownColumn { name, nearest } => {
                write!(
                    out,
                    "column `{}` is no field: what it holds is not posted",
                    name.escape_debug()
                )?;
                match nearest {
                    Some(field) => write!(out, "; did you mean `{}`?", field.name()),
                    None => Ok(()),
                }
            }
            Warning::UnnamedColumn { number } => {
                write!(
                    out,
                    "column {number} has no name: what it holds is not posted"
                )
            }
            Warning::LinesAboveHeader { lines, first } => write!(
                out,
                "above the header {} left out, beginning with `{}`",
                match lines {
                    1 => "a line is".to_owned(),
                    lines => format!("{lines} lines are"),
                },
                first.escape_debug()
            ),
            Warning::TotalsLine { line, text } => write!(
                out,
                "the last line (line {line}) holds totals and is no row; it is left out: `{}`",
                text.escape_debug()
            ),
            Warning::NotMapped { columns, first } => {
                let names: Vec<String> = first
                    .iter()
                    .map(|name| format!("`{}`", name.escape_debug()))
                    .collect();
                let more = match columns.saturating_sub(first.len()) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                write!(
                    out,
                    "the mapping makes no use of {columns} columns: {}{more}; what they hold is not posted",
                    names.join(", ")
                )
            }
            Warning::ManyUnknown { listed } => {
                write!(
                    out,
                    "more than {listed} columns are no fields; the rest are not listed, and not posted"
                )
            }
        }
    }
}

/// The beginning of a text, at most that many characters.
pub(super) fn cut(text: &str, most: usize) -> &str {
    match text.char_indices().nth(most) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_names_the_column_and_the_field_that_may_be_meant() {
        assert_eq!(
            Warning::unknown("mesage").to_string(),
            "column `mesage` is no field: what it holds is not posted; did you mean `message`?"
        );
        assert_eq!(
            Warning::unknown("a\nb").to_string(),
            "column `a\\nb` is no field: what it holds is not posted"
        );
    }
}
