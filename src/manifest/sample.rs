//! Some rows of a file whose columns nobody has named yet, for those who want to know what they hold.
//!
//! The file is read as a manifest is, but for one thing: no column has to be a field. Its first rows
//! are taken, and of those behind them as many again, evenly spread, since a file's first rows often
//! come from one month or one person.

use super::{Dialect, EncodingBasis, FoundEncoding, mapping};

/// Some rows of a file, column by column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    pub encoding: FoundEncoding,
    /// Whether its columns are paths within JSON rows.
    pub has_paths: bool,
    /// Where its rows are, if that is at a path of a JSON file.
    pub rows_at: Option<String>,
    /// How the file is written, if it is CSV.
    pub dialect: Option<Dialect>,
    pub columns: Vec<SampleColumn>,
    /// Rows in the sample; each column has as many cells.
    pub rows: usize,
    /// Rows of the file.
    pub of_rows: u64,
    /// Rows that would be in the sample if they could be read.
    pub unreadable: usize,
}

/// A column of a header, or a path within the rows of JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleColumn {
    /// The name by which a mapping finds it: of columns of one name the second is `Name#2`. Empty if
    /// the header has none.
    pub name: String,
    /// The name as the header has it, without outer blanks.
    pub written: String,
    /// What it holds, row by row; long texts are cut.
    pub cells: Vec<String>,
}

impl Sample {
    /// Characters of a cell that are kept.
    pub(super) const LONGEST_CELL: usize = 2_000;

    /// A sample of a table with that header.
    pub fn of_table(header: &[&str], rows: &[Vec<String>]) -> Sample {
        let names = mapping::unique_names(header.iter().copied());
        let columns = header.iter().zip(names).enumerate();
        let columns = columns.map(|(place, (written, name))| SampleColumn {
            name,
            written: written.trim().to_owned(),
            cells: rows
                .iter()
                .map(|row| row.get(place).cloned().unwrap_or_default())
                .collect(),
        });
        Sample {
            has_paths: false,
            rows_at: None,
            encoding: FoundEncoding::utf8(EncodingBasis::Ascii),
            dialect: None,
            columns: columns.collect(),
            rows: rows.len(),
            of_rows: rows.len() as u64,
            unreadable: 0,
        }
    }
}
