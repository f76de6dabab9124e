//! The header: which column holds which field.

use std::collections::HashMap;

use crate::post::Field;

use super::column_names::{ColumnMeaning, ColumnNames, name_hash};
use super::mapping::BoundMapping;
use super::near::nearest_field;
use super::odd_quote::odd_quote;
use super::quotes::Quotes;
use super::reject_columns::{RejectColumn, RejectPlaces};
use super::{Delimiter, OddQuote, RowFault, UnknownKeys, Warning};

/// Which column of a CSV manifest holds which field. A JSONL manifest has none: its keys are the
/// row's own.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    delimiter: Delimiter,
    /// The first names in order.
    listed: Vec<String>,
    /// For each column in order its field, if it is one.
    fields: Vec<Option<Field>>,
    /// For each field its column, if it has one.
    places: [Option<usize>; Field::ALL.len()],
    /// For each field the name that the header gives it.
    names: [Option<String>; Field::ALL.len()],
    /// Columns, from 0, of which it matters whether they hold something: those whose names are
    /// nearly a field's, and those without a name.
    watched: Vec<(usize, String)>,
    /// All columns, from 0, by what stands for their names: see [`Columns::by_name`].
    by_name: Vec<(u64, usize)>,
    /// The columns of a rejects file.
    rejects: RejectPlaces,
}

/// What a header says.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub columns: Columns,
    /// The columns that are no fields.
    pub unknown: UnknownKeys,
    /// What is odd about it, but for columns of which that depends on what they hold.
    pub warnings: Vec<Warning>,
}

/// What is wrong with a CSV header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    #[error("the file is empty; a CSV manifest begins with a header row")]
    Missing,
    #[error("the header row can't be read: {0}")]
    Unreadable(RowFault),
    #[error(
        "the name of column {number} holds bytes that are no text in the file's encoding; save the file as \
         UTF-8, or name its encoding with --encoding"
    )]
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
    #[error(
        "no column is named `message`; the header has {found}; name the one with the text so, or \
         say which it is: --map message={}",
        likely.as_ref().map_or("COLUMN".to_owned(), |name| format!("{name:?}"))
    )]
    NoMessage {
        found: String,
        /// The column that is probably meant.
        likely: Option<String>,
    },
}

impl Columns {
    /// Reads the header's names.
    ///
    /// # Errors
    /// When a field is named twice, or there is no message.
    pub(super) fn from_header(
        names: &[&str],
        delimiter: Delimiter,
        said: &ColumnNames,
    ) -> Result<Header, HeaderFault> {
        let mut header = Header::of(names, delimiter);
        for (place, name) in names.iter().enumerate() {
            if header.columns.rejects.at(place).is_some() {
                header.columns.fields.push(None);
                continue;
            }
            let meaning = said.meaning(name);
            let field = match meaning {
                ColumnMeaning::Field(field) => Some(field),
                ColumnMeaning::Ignored | ColumnMeaning::Unknown => None,
            };
            match field {
                Some(field) => {
                    header.columns.claim(field, name)?;
                    header.columns.places[field as usize] = Some(place);
                }
                None if meaning == ColumnMeaning::Ignored => header.unknown.add_named(name),
                None => header.add_unknown(place, name),
            }
            header.columns.fields.push(field);
        }
        match header.columns.names[Field::Message as usize] {
            Some(_) => Ok(header),
            None => Err(no_message(names)),
        }
    }

    /// The same where a mapping tells which columns are which fields.
    ///
    /// # Errors
    /// When there is nothing that could be a message.
    pub(super) fn mapped(
        names: &[&str],
        delimiter: Delimiter,
        mapping: &BoundMapping,
    ) -> Result<Header, HeaderFault> {
        if !mapping.may_have(Field::Message) {
            return Err(no_message(names));
        }
        let mut header = Header::of(names, delimiter);
        for field in Field::ALL {
            let name = mapping.column_of(field);
            header.columns.names[field as usize] = name.map(str::to_owned);
        }
        header.columns.fields = vec![None; names.len()];
        for field in KNOWN_BY_FORM {
            if let Some(place) = mapping.plain_column(field) {
                header.columns.places[field as usize] = Some(place);
                header.columns.fields[place] = Some(field);
            }
        }
        for name in &mapping.columns().ignored {
            header.unknown.add_named(name);
        }
        let before = header.warnings.len();
        for (place, name) in &mapping.columns().left_over {
            // A column named like a field that the mapping takes from elsewhere.
            match Field::from_name(names[*place]) {
                Some(_) => header.unknown.add_named(name),
                None => header.add_unknown(*place, names[*place]),
            }
        }
        // An export has dozens of columns that nobody wants to post.
        if header.warnings.len() > before + 1 {
            header.warnings.truncate(before);
            header
                .warnings
                .push(Warning::not_mapped(&header.unknown.all()));
        }
        Ok(header)
    }

    /// All columns, from 0, by what stands for their names. The second of two columns of one name
    /// is known as `NAME#2`.
    pub(super) fn by_name(&self) -> &[(u64, usize)] {
        &self.by_name
    }

    /// Where the columns of a rejects file are.
    pub fn rejects(&self) -> RejectPlaces {
        self.rejects
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

    /// Of no names yet, between whose fields stands that.
    pub(super) fn separated_by(delimiter: Delimiter) -> Columns {
        Columns {
            delimiter,
            ..Columns::default()
        }
    }

    /// What stands between the fields.
    pub fn delimiter(&self) -> Delimiter {
        self.delimiter
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

    /// A header with more columns is data; the rest of its names are not kept.
    const LISTED: usize = 10_000;

    /// Whether the column of that number, from 0, gives a field.
    pub fn is_field(&self, number: usize) -> bool {
        self.fields.get(number).is_some_and(Option::is_some)
    }

    /// The names of the first columns in order.
    pub fn names(&self) -> &[String] {
        &self.listed
    }

    /// Columns, from 0, of which it matters whether they hold something, with their names.
    pub(super) fn watched(&self) -> &[(usize, String)] {
        &self.watched
    }

    /// The name of the column with that number, from 0, if it is a field's.
    fn name_at(&self, number: usize) -> Option<&str> {
        let field = (*self.fields.get(number)?)?;
        Some(self.name(field))
    }

    /// The fault of a record, given without its line end, whose quotes break the rule.
    pub(super) fn quote_fault(
        &self,
        text: &[u8],
        first_line: u64,
        quotes: Quotes,
    ) -> Option<RowFault> {
        let (odd, number) = odd_quote(text, first_line, quotes, self.delimiter)?;
        let name = self.name_at(number).map(str::to_owned);
        Some(RowFault::OddQuote(Box::new(OddQuote { name, ..odd })))
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

/// Fields whose cells, where they go through no table or map, have the same form in every manifest:
/// by them a line is known as a row where its quotes can't tell.
const KNOWN_BY_FORM: [Field; 5] = [
    Field::ExternalId,
    Field::Message,
    Field::EntityType,
    Field::EntityId,
    Field::Audience,
];

/// Names of columns as text.
///
/// # Errors
/// When one is no UTF-8.
pub(super) fn texts<'h>(
    names: impl Iterator<Item = &'h [u8]>,
) -> Result<Vec<&'h str>, HeaderFault> {
    let text = |(place, name)| {
        let fault = HeaderFault::NotUtf8 { number: place + 1 };
        std::str::from_utf8(name).map(str::trim).map_err(|_| fault)
    };
    names.enumerate().map(text).collect()
}

impl Header {
    /// Of these names, of which nothing more is known yet.
    fn of(names: &[&str], delimiter: Delimiter) -> Header {
        let mut before: HashMap<&str, usize> = HashMap::new();
        let mut by_name = Vec::with_capacity(names.len());
        let rejects = RejectPlaces::in_header(names.iter().copied());
        for (place, name) in names.iter().enumerate() {
            if RejectColumn::of_name(name).is_some() {
                continue;
            }
            let number = before.entry(name).and_modify(|number| *number += 1);
            let hash = match *number.or_insert(1) {
                1 => name_hash(name),
                number => name_hash(&format!("{name}#{number}")),
            };
            by_name.push((hash, place));
        }
        by_name.sort_unstable();
        let listed = names.iter().take(Columns::LISTED);
        Header {
            columns: Columns {
                delimiter,
                listed: listed.map(|name| (*name).to_owned()).collect(),
                by_name,
                rejects,
                ..Columns::default()
            },
            ..Header::default()
        }
    }

    /// Of a JSONL manifest, whose keys are its rows' own.
    pub(super) fn of_json(rejects: RejectPlaces) -> Header {
        Header {
            columns: Columns {
                rejects,
                ..Columns::default()
            },
            ..Header::default()
        }
    }

    /// Takes note of a column that is no field. A header of data, not of names, has very many.
    fn add_unknown(&mut self, place: usize, name: &str) {
        if self.unknown.knows(name) {
            return;
        }
        let near = nearest_field(name);
        if let Some(field) = near {
            self.unknown.add_near(name, field);
        }
        if near.is_some() || name.is_empty() {
            self.columns.watched.push((place, name.to_owned()));
            return;
        }
        let listed = UnknownKeys::MOST;
        let warning = match self.warnings.len() {
            count if count > listed => return,
            count if count == listed => Warning::ManyUnknown { listed },
            _ => Warning::unknown(name),
        };
        self.unknown.add(name);
        self.warnings.push(warning);
    }
}

/// The fault of a header without a message column.
fn no_message(names: &[&str]) -> HeaderFault {
    HeaderFault::NoMessage {
        found: shown(names),
        likely: names
            .iter()
            .take(Columns::LISTED)
            .find(|name| nearest_field(name) == Some(Field::Message))
            .map(|name| (*name).to_owned()),
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
        let names = texts(names.iter().map(|name| name.as_bytes()))?;
        let header = Columns::from_header(&names, Delimiter::default(), &ColumnNames::default())?;
        Ok((header.columns, header.warnings))
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
    fn unknown_names_warn_once_and_others_are_watched() {
        let (columns, warnings) = header(&["message", "x", "", "x", "titel"]).unwrap();
        assert_eq!(columns.count(), 5);
        assert_eq!(warnings, [Warning::unknown("x")]);
        let watched = [(2, String::new()), (4, "titel".to_owned())];
        assert_eq!(columns.watched(), watched);
    }

    #[test]
    fn ignored_names_are_no_fields_in_any_letter_case() {
        let names = ["message", "Title", "Файл", "title"];
        let ignored = ColumnNames::new(&[], None, &[" TITLE".to_owned(), "файл".to_owned()]);
        let header = Columns::from_header(&names, Delimiter::default(), &ignored).unwrap();
        assert_eq!(header.columns.place(Field::Title), None);
        assert!(header.columns.watched().is_empty() && header.warnings.is_empty());
        assert_eq!(header.unknown.all(), ["Title", "title", "Файл"]);
        assert_eq!(header.columns.names().len(), 4);
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
            "no column is named `message`; the header has `titel`, `text`; name the one with the text \
             so, or say which it is: --map message=\"text\""
        );
        let no_field = header(&["a;b"]).unwrap_err();
        assert!(matches!(no_field, HeaderFault::NoMessage { .. }));
    }

    #[test]
    fn a_name_that_is_no_utf8_is_named_by_its_number() {
        let names: [&[u8]; 2] = [b"message", b"t\xe9xt"];
        let fault = texts(names.into_iter()).unwrap_err();
        assert_eq!(fault, HeaderFault::NotUtf8 { number: 2 });
    }
}
