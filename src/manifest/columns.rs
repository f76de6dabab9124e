//! The header: which column holds which field.

use crate::post::{Field, FieldSet};

use super::{RowFault, UnknownKeys, Warning};

/// Which column of a CSV manifest holds which field. A JSONL manifest has none: its keys are the
/// row's own.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// For each column in order its field, if it is one.
    fields: Vec<Option<Field>>,
    /// For each field its column, if it has one.
    places: [Option<usize>; Field::ALL.len()],
    /// The fields that have one.
    given: FieldSet,
    /// For each field the name that the header gives it.
    names: [Option<String>; Field::ALL.len()],
}

/// What is wrong with a CSV header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    #[error("the file is empty; a CSV manifest begins with a header row")]
    Missing,
    #[error("the header row can't be read: {0}")]
    Unreadable(RowFault),
    #[error("the name of column {number} is not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// From 1.
        number: usize,
    },
    #[error("the columns `{first}` and `{second}` both give the field `{field}`; remove one",
        field = .field.name())]
    SameField {
        field: Field,
        first: String,
        second: String,
    },
    #[error("no column is named `message`; the header has {found}")]
    NoMessage { found: String },
    #[error(
        "no column is named `message`; the columns seem to be separated by {delimiter}, save the file with commas"
    )]
    OtherDelimiter { delimiter: &'static str },
}

impl Columns {
    /// Reads the header's names.
    ///
    /// # Errors
    /// When a name is no UTF-8, a field is named twice, or there is no message.
    pub(super) fn from_header<'h>(
        names: impl Iterator<Item = &'h [u8]>,
    ) -> Result<(Columns, Vec<Warning>), HeaderFault> {
        let names = names
            .enumerate()
            .map(|(place, name)| {
                let fault = HeaderFault::NotUtf8 { number: place + 1 };
                std::str::from_utf8(name).map(str::trim).map_err(|_| fault)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut columns = Columns::default();
        let mut ignored = Ignored::default();
        for (place, name) in names.iter().enumerate() {
            let field = Field::from_name(name);
            match field {
                Some(field) => {
                    columns.claim(field, name)?;
                    columns.places[field as usize] = Some(place);
                    columns.given.insert(field);
                }
                None => ignored.add(place + 1, name),
            }
            columns.fields.push(field);
        }
        match columns.names[Field::Message as usize] {
            Some(_) => Ok((columns, ignored.into_warnings())),
            None => Err(no_message(&names)),
        }
    }

    fn claim(&mut self, field: Field, name: &str) -> Result<(), HeaderFault> {
        match self.names[field as usize].replace(name.to_owned()) {
            None => Ok(()),
            Some(first) => Err(HeaderFault::SameField {
                field,
                first,
                second: name.to_owned(),
            }),
        }
    }

    /// How many columns a record must have.
    pub fn count(&self) -> usize {
        self.fields.len()
    }

    /// The name that the header gives the field, else the field's own.
    pub fn name(&self, field: Field) -> &str {
        match &self.names[field as usize] {
            Some(name) => name,
            None => field.name(),
        }
    }

    /// The name of the column with that number, from 0, if it is a field's.
    pub(super) fn name_at(&self, number: usize) -> Option<&str> {
        let field = (*self.fields.get(number)?)?;
        Some(self.name(field))
    }

    /// The fields that have a column.
    pub(super) fn given(&self) -> FieldSet {
        self.given
    }

    /// The field's column, from 0, if it has one.
    pub(super) fn place(&self, field: Field) -> Option<usize> {
        self.places[field as usize]
    }

    /// For each column in order its field, if it is one.
    #[cfg(test)]
    fn fields(&self) -> &[Option<Field>] {
        &self.fields
    }
}

/// Columns that are no fields. A header of data, not of names, has very many of them.
#[derive(Default)]
struct Ignored {
    names: UnknownKeys,
    warnings: Vec<Warning>,
    more: bool,
}

impl Ignored {
    fn add(&mut self, number: usize, name: &str) {
        if !name.is_empty() && self.names.knows(name) {
            return;
        }
        if self.warnings.len() == UnknownKeys::MOST {
            self.more = true;
        } else if name.is_empty() {
            self.warnings.push(Warning::UnnamedColumn { number });
        } else {
            self.names.add(name);
            self.warnings.push(Warning::unknown(name));
        }
    }

    fn into_warnings(mut self) -> Vec<Warning> {
        let listed = UnknownKeys::MOST;
        let more = self.more.then_some(Warning::ManyUnknown { listed });
        self.warnings.extend(more);
        self.warnings
    }
}

/// The fault of a header without a message column: perhaps its names are separated otherwise.
fn no_message(names: &[&str]) -> HeaderFault {
    let names_fields_when_split_at = |mark: char| {
        let is_field = |part: &str| Field::from_name(part.trim_matches('"')).is_some();
        names
            .iter()
            .any(|name| name.contains(mark) && name.split(mark).any(is_field))
    };
    let marks = [(';', "`;`"), ('\t', "tabs"), ('|', "`|`")];
    match marks
        .into_iter()
        .find(|(mark, _)| names_fields_when_split_at(*mark))
    {
        Some((_, delimiter)) => HeaderFault::OtherDelimiter { delimiter },
        None => HeaderFault::NoMessage {
            found: shown(names),
        },
    }
}

/// The first few names, for a message.
fn shown(names: &[&str]) -> String {
    const MOST: usize = 8;
    let mut shown: Vec<String> = names
        .iter()
        .take(MOST)
        .map(|name| {
            format!(
                "`{}`",
                name.chars().take(30).collect::<String>().escape_debug()
            )
        })
        .collect();
    if names.len() > MOST {
        shown.push(format!("{} more", names.len() - MOST));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Result<(Columns, Vec<Warning>), HeaderFault> {
        Columns::from_header(names.iter().map(|name| name.as_bytes()))
    }

    #[test]
    fn names_and_aliases_are_found_in_any_letter_case() {
        let (columns, warnings) = header(&[" Message ", "note", "SPERM", "post_title"]).unwrap();
        assert_eq!(warnings, [Warning::unknown("note")]);
        assert_eq!(
            columns.fields(),
            [
                Some(Field::Message),
                None,
                Some(Field::Audience),
                Some(Field::Title)
            ]
        );
        assert_eq!(columns.name(Field::Message), "Message");
        assert_eq!(columns.name(Field::Audience), "SPERM");
        assert_eq!(columns.name(Field::Tags), "tags");
    }

    #[test]
    fn unknown_names_warn_once_and_empty_ones_by_number() {
        let (columns, warnings) = header(&["message", "x", "", "x", "titel"]).unwrap();
        assert_eq!(columns.count(), 5);
        let expected = [
            Warning::unknown("x"),
            Warning::UnnamedColumn { number: 3 },
            Warning::unknown("titel"),
        ];
        assert_eq!(warnings, expected);
    }

    #[test]
    fn a_header_of_data_warns_of_its_first_columns_only() {
        let data: Vec<String> = (0..200_000).map(|n| format!("d{n}")).collect();
        let long = "x".repeat(1 << 24);
        let mut names = vec!["message", &long];
        names.extend(data.iter().map(String::as_str));
        let (columns, warnings) = header(&names).unwrap();
        assert_eq!(columns.count(), 200_002);
        assert_eq!(warnings.len(), UnknownKeys::MOST + 1);
        assert!(warnings[0].to_string().len() < 200);
        let mut unnamed = vec![""; 1_000];
        unnamed[0] = "message";
        assert_eq!(header(&unnamed).unwrap().1.len(), UnknownKeys::MOST + 1);
        assert_eq!(
            warnings.last(),
            Some(&Warning::ManyUnknown {
                listed: UnknownKeys::MOST
            })
        );
    }

    #[test]
    fn a_field_named_twice_is_refused_with_both_names() {
        let fault = header(&["message", "audience", "Sperm"]).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the columns `audience` and `Sperm` both give the field `audience`; remove one"
        );
    }

    #[test]
    fn a_header_without_message_says_what_it_has() {
        assert_eq!(
            header(&["titel", "text"]).unwrap_err().to_string(),
            "no column is named `message`; the header has `titel`, `text`"
        );
        for (name, delimiter) in [
            ("title;message;audience", "`;`"),
            ("title\tmessage", "tabs"),
            ("\"title\"|\"message\"", "`|`"),
        ] {
            assert_eq!(
                header(&[name]).unwrap_err(),
                HeaderFault::OtherDelimiter { delimiter }
            );
        }
        let no_field = header(&["a;b"]).unwrap_err();
        assert!(matches!(no_field, HeaderFault::NoMessage { .. }));
    }

    #[test]
    fn a_name_that_is_no_utf8_is_named_by_its_number() {
        let names: [&[u8]; 2] = [b"message", b"t\xe9xt"];
        let fault = Columns::from_header(names.into_iter()).unwrap_err();
        assert_eq!(fault, HeaderFault::NotUtf8 { number: 2 });
    }
}
