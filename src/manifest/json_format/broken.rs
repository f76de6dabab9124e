//! What can be wrong with JSON around its rows, in words that say what to do.

use std::fmt;

/// Where the JSON of a file is broken, so that its rows can't be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenJson {
    /// Physical line, from 1.
    pub line: u64,
    pub(super) defect: Defect,
    /// The line of the first text that has a line end in it, which JSON doesn't allow: perhaps its
    /// quote is missing.
    pub(super) long_text: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Defect {
    /// Before that bracket.
    CommaBefore(char),
    CommaOutside,
    Comment,
    /// The bracket closes what another one has opened, on that line or below.
    Mismatch {
        bracket: char,
        line: u64,
    },
    Unexpected {
        text: String,
        place: &'static str,
    },
    TooDeep,
    /// The file ends within what began on that line.
    Ends {
        what: &'static str,
        line: u64,
    },
}

impl fmt::Display for BrokenJson {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "on line {}, ", self.line)?;
        match &self.defect {
            Defect::CommaBefore(bracket) => {
                write!(out, "a comma stands before `{bracket}`; remove the comma")?;
            }
            Defect::CommaOutside => out.write_str(
                "a comma stands between objects that are in no list; remove the commas, or put [ ] \
                 around all",
            )?,
            Defect::Comment => out.write_str("there is a comment, which is no JSON; remove it")?,
            Defect::Mismatch { bracket, line } => write!(
                out,
                "`{bracket}` stands where another bracket is to be closed, in what begins on line \
                 {line}; mend the brackets"
            )?,
            Defect::Unexpected { text, place } => {
                write!(out, "`{}` stands {place}; mend it", one_line(text))?;
            }
            Defect::TooDeep => out.write_str("brackets are nested too deep to be data")?,
            Defect::Ends { what, line } => write!(
                out,
                "the file ends within the {what} that begins on line {line}; perhaps it was cut off: \
                 get it anew, or close the brackets"
            )?,
        }
        match self.long_text {
            Some(line) => write!(
                out,
                "; the text on line {line} is not closed on its line, which may be the reason"
            ),
            None => Ok(()),
        }
    }
}

/// A piece of a file for a message: control characters are shown as blanks.
pub(super) fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}
