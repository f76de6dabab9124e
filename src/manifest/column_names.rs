//! Which column or key is which field: as the user says, else by the fields' own names.

use crate::post::Field;

/// What the user says of columns and keys, in any letter case.
#[derive(Clone, Debug, Default)]
pub(super) struct ColumnNames {
    /// As the user has written them.
    mapped: Vec<(Field, String)>,
    /// As they are compared.
    ignored: Vec<String>,
}

/// What a column or key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnMeaning {
    Field(Field),
    /// The user has named it as one to ignore, or has named another for its field.
    Ignored,
    Unknown,
}

impl ColumnNames {
    /// Columns by the fields that they hold, and columns that are no fields.
    pub fn new(mapped: &[(Field, String)], ignored: &[String]) -> ColumnNames {
        ColumnNames {
            mapped: mapped.to_vec(),
            ignored: ignored.iter().map(|name| folded(name)).collect(),
        }
    }

    /// What a column of that name is; `number` counts columns of one name, from 1.
    pub fn meaning(&self, name: &str, number: usize) -> ColumnMeaning {
        if self.mapped.is_empty() && self.ignored.is_empty() {
            return match Field::from_name(name) {
                Some(field) => ColumnMeaning::Field(field),
                None => ColumnMeaning::Unknown,
            };
        }
        let folded_name = folded(name);
        let known = match number {
            1 => folded_name.clone(),
            _ => format!("{folded_name}#{number}"),
        };
        let mapped = self.mapped().find(|(_, name)| folded(name) == known);
        if let Some((field, _)) = mapped {
            return ColumnMeaning::Field(field);
        }
        if self.ignored.contains(&folded_name) {
            return ColumnMeaning::Ignored;
        }
        match Field::from_name(name) {
            Some(field) if self.is_mapped(field) => ColumnMeaning::Ignored,
            Some(field) => ColumnMeaning::Field(field),
            None => ColumnMeaning::Unknown,
        }
    }

    /// Fields for which the user names a column, with that name.
    pub fn mapped(&self) -> impl Iterator<Item = (Field, &str)> {
        self.mapped
            .iter()
            .map(|(field, name)| (*field, name.as_str()))
    }

    /// Whether the user names a column for the field.
    pub fn is_mapped(&self, field: Field) -> bool {
        self.mapped().any(|(mapped, _)| mapped == field)
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

/// A name as it is compared: without outer blanks, in lower case.
pub(super) fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_word_comes_before_a_columns_name() {
        let mapped = [
            (Field::Message, "Текст".to_owned()),
            (Field::Title, "Note#2".to_owned()),
        ];
        let names = ColumnNames::new(&mapped, &[" AUDIENCE".to_owned()]);
        for (name, number, meaning) in [
            ("текст", 1, ColumnMeaning::Field(Field::Message)),
            ("message", 1, ColumnMeaning::Ignored),
            ("Note", 1, ColumnMeaning::Unknown),
            ("note", 2, ColumnMeaning::Field(Field::Title)),
            ("audience", 1, ColumnMeaning::Ignored),
            ("tags", 1, ColumnMeaning::Field(Field::Tags)),
            ("other", 1, ColumnMeaning::Unknown),
        ] {
            assert_eq!(names.meaning(name, number), meaning, "{name}");
        }
    }
}
