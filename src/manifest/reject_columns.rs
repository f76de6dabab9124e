//! The columns that a rejects file has besides those of its manifest. Every command knows them: they
//! are no part of what a row says.

/// A column of a rejects file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectColumn {
    /// The codes of what is wrong.
    Code,
    /// The same in words.
    Reason,
    /// The ledger to which the row belongs.
    Ledger,
    /// What the row is called there; of several posts, a JSON object.
    Key,
}

/// What their names begin with.
const PREFIX: &str = "b24post_";

impl RejectColumn {
    /// All of them, in the order in which they are written.
    pub const ALL: [RejectColumn; 4] = [
        RejectColumn::Code,
        RejectColumn::Reason,
        RejectColumn::Ledger,
        RejectColumn::Key,
    ];

    /// The column's name.
    pub const fn name(self) -> &'static str {
        match self {
            RejectColumn::Code => "b24post_code",
            RejectColumn::Reason => "b24post_reason",
            RejectColumn::Ledger => "b24post_ledger",
            RejectColumn::Key => "b24post_key",
        }
    }

    /// The column of that name, in any letter case and without outer blanks.
    pub fn of_name(name: &str) -> Option<RejectColumn> {
        let name = name.trim();
        let start = name.get(..PREFIX.len())?;
        if !start.eq_ignore_ascii_case(PREFIX) {
            return None;
        }
        let mut all = RejectColumn::ALL.into_iter();
        all.find(|column| column.name().eq_ignore_ascii_case(name))
    }
}

/// Where a manifest has these columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RejectPlaces {
    /// Of CSV, for each column its number, from 0.
    columns: [Option<usize>; RejectColumn::ALL.len()],
    /// Whether the rows of a JSONL manifest have them as keys.
    in_json: bool,
}

impl RejectPlaces {
    /// In a header of these names. Of two columns of one name the first counts.
    pub fn in_header<'h>(names: impl IntoIterator<Item = &'h str>) -> RejectPlaces {
        let mut places = RejectPlaces::default();
        for (number, name) in names.into_iter().enumerate() {
            if let Some(column) = RejectColumn::of_name(name) {
                places.columns[column as usize].get_or_insert(number);
            }
        }
        places
    }

    /// In a JSONL manifest that begins so. What is written here stands first in its objects.
    pub fn in_json(beginning: &[u8]) -> RejectPlaces {
        let key = format!("\"{}\"", RejectColumn::Key.name());
        RejectPlaces {
            in_json: memchr::memmem::find(beginning, key.as_bytes()).is_some(),
            ..RejectPlaces::default()
        }
    }

    /// Whether the manifest is a rejects file, corrected or not: whether its rows are bound to
    /// their entries in a ledger.
    pub fn are_there(&self) -> bool {
        self.in_json || self.of(RejectColumn::Key).is_some()
    }

    /// The number of a CSV column, from 0.
    pub fn of(&self, column: RejectColumn) -> Option<usize> {
        self.columns[column as usize]
    }

    /// The column that has that number, from 0.
    pub fn at(&self, number: usize) -> Option<RejectColumn> {
        let mut all = RejectColumn::ALL.into_iter();
        all.find(|column| self.of(*column) == Some(number))
    }

    /// Whether the rows have them as keys.
    pub fn are_keys(&self) -> bool {
        self.in_json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_known_by_name() {
        for (name, column) in [
            ("b24post_key", Some(RejectColumn::Key)),
            (" B24POST_Code", Some(RejectColumn::Code)),
            ("b24post_keys", None),
            ("ключ", None),
            ("key", None),
            ("", None),
        ] {
            assert_eq!(RejectColumn::of_name(name), column, "{name}");
        }
    }

    #[test]
    fn a_rejects_file_is_one_with_keys() {
        let places = RejectPlaces::in_header(["message", "b24post_reason", "b24post_key"]);
        assert!(places.are_there());
        assert_eq!(places.of(RejectColumn::Key), Some(2));
        assert_eq!(places.at(1), Some(RejectColumn::Reason));
        assert!(!RejectPlaces::in_header(["message", "b24post_code"]).are_there());
        assert!(RejectPlaces::in_json(br#"{"b24post_key":"x:1"}"#).are_there());
        assert!(!RejectPlaces::in_json(br#"{"message":"\"b24post_key\""}"#).are_keys());
    }
}
