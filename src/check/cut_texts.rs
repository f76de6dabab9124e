//! Texts that the old system, or the program that wrote the export, has probably cut.

use super::OddRows;

/// Where a text seems to have been cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// At the 32,767 characters that a cell of Excel holds.
    Excel,
    /// At the 65,535 bytes that a column of many a database holds.
    Database,
}

/// Characters, as Excel counts them, of a cell that is full.
const EXCEL: usize = 32_767;

/// Bytes of a column that is full. The last character may not have fitted.
const DATABASE: usize = 65_535;

/// The rows whose texts seem cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CutTexts {
    /// At the limit of Excel.
    pub excel: OddRows,
    /// At the limit of a database.
    pub database: OddRows,
}

impl Cut {
    /// Where a text seems to have been cut. Short ones, nearly all, cost nothing.
    pub(super) fn of(text: &str) -> Option<Cut> {
        if text.len() < EXCEL {
            return None;
        }
        if (DATABASE - 3..=DATABASE).contains(&text.len()) {
            return Some(Cut::Database);
        }
        let is_full = text.len() <= 3 * EXCEL && text.encode_utf16().count() == EXCEL;
        is_full.then_some(Cut::Excel)
    }
}

impl CutTexts {
    pub(super) fn add(&mut self, row: u64, cut: Option<Cut>) {
        match cut {
            None => {}
            Some(Cut::Excel) => self.excel.add(row),
            Some(Cut::Database) => self.database.add(row),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_exactly_that_length_seem_cut() {
        for (text, cut) in [
            ("a".repeat(32_766), None),
            ("a".repeat(32_767), Some(Cut::Excel)),
            ("я".repeat(32_767), Some(Cut::Database)),
            ("я".repeat(32_765), None),
            ("я".repeat(32_000) + &"a".repeat(767), Some(Cut::Excel)),
            ("a".repeat(65_535), Some(Cut::Database)),
            ("a".repeat(65_536), None),
        ] {
            assert_eq!(Cut::of(&text), cut, "{}", text.len());
        }
    }
}
