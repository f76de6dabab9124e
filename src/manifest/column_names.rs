//! Which column or key is which field by its name, and which names the user expects in a header.

use crate::post::Field;

use super::folded::folded;
use super::mapping::Mapping;

/// What the user says of columns and keys, in any letter case.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnNames {
    /// Names of columns that options and mapping use, as they are compared.
    expected: Vec<String>,
    /// Those that are no fields.
    ignored: Vec<String>,
}

/// What a column or key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnMeaning {
    Field(Field),
    /// The user has named it as one to ignore.
    Ignored,
    Unknown,
}

impl ColumnNames {
    /// Columns that options give to fields, those of a mapping, and columns that are no fields.
    pub fn new(
        mapped: &[(Field, String)],
        mapping: Option<&Mapping>,
        ignored: &[String],
    ) -> ColumnNames {
        let of_mapping = mapping.into_iter().flat_map(Mapping::column_names);
        let named = mapped.iter().map(|(_, name)| name.as_str());
        ColumnNames {
            expected: named.chain(of_mapping).map(folded).collect(),
            ignored: ignored.iter().map(|name| folded(name)).collect(),
        }
    }

    /// What a column or key of that name is, where no mapping says it.
    pub fn meaning(&self, name: &str) -> ColumnMeaning {
        if !self.ignored.is_empty() && self.ignored.contains(&folded(name)) {
            return ColumnMeaning::Ignored;
        }
        match Field::from_name(name) {
            Some(field) => ColumnMeaning::Field(field),
            None => ColumnMeaning::Unknown,
        }
    }

    /// Whether options or mapping use a column of that name.
    pub fn are_expected(&self, name: &str) -> bool {
        !self.expected.is_empty() && self.expected.contains(&folded(name))
    }
}

/// A field that is named twice, or whose column is another field's too.
pub fn mapped_twice(mapped: &[(Field, String)]) -> Option<Field> {
    let is_known = |place: usize, (field, name): &(Field, String)| {
        let mut before = mapped[..place].iter();
        before.any(|(other, column)| other == field || folded(column) == folded(name))
    };
    let twice = mapped.iter().enumerate();
    let mut twice = twice.filter(|(place, pair)| is_known(*place, pair));
    twice.next().map(|(_, (field, _))| *field)
}

/// What stands for a column's name in the hash of a record: letter case and outer blanks don't count.
pub(super) fn name_hash(name: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(folded(name).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_word_comes_before_a_columns_name() {
        let mapped = [(Field::Message, "Текст".to_owned())];
        let text =
            b"[fields]\ntitle = { template = '{Deal}: {Stage}' }\n[[skip]]\ncolumn = 'Deleted'\n\
            equals = '1'";
        let mapping = Mapping::parse("m.toml".as_ref(), text).unwrap();
        let names = ColumnNames::new(&mapped, Some(&mapping), &[" AUDIENCE".to_owned()]);
        for (name, meaning) in [
            ("message", ColumnMeaning::Field(Field::Message)),
            ("audience", ColumnMeaning::Ignored),
            ("other", ColumnMeaning::Unknown),
        ] {
            assert_eq!(names.meaning(name), meaning, "{name}");
        }
        for (name, is_expected) in [
            (" текст", true),
            ("DEAL", true),
            ("Stage", true),
            ("deleted", true),
            ("message", false),
        ] {
            assert_eq!(names.are_expected(name), is_expected, "{name}");
        }
    }
}
