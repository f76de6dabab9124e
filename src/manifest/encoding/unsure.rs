//! That the encoding can't be told, with what helps the user to name it.

use std::fmt;

/// An encoding that can't be told, and how the candidates read one line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsureEncoding {
    /// The likeliest first.
    pub candidates: Vec<ReadAs>,
}

/// A candidate, and a piece of the file as it reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadAs {
    /// The encoding's name in small letters.
    pub name: String,
    pub text: String,
}

impl fmt::Display for UnsureEncoding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.candidates.iter().map(|read| read.name.len()).max();
        let width = width.unwrap_or_default();
        for ReadAs { name, text } in &self.candidates {
            write!(out, "\n  {name:width$}  {text}")?;
        }
        Ok(())
    }
}
