//! From the text of a mapping file to its meaning.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::post::Field;

use super::faults::Faults;
use super::field_reader::{FieldRules, read_fields};
use super::row_rules::{read_explode, read_records, read_skip};
use super::section::{Entry, Section};
use super::settings::read_settings;
use super::template::EXPLODE;
use super::{
    FieldRule, FileSettings, MappingError, MappingErrors, MappingFault, Origin, Place, Placed,
    RecordsRule, SkipRule, ValueSource,
};

/// What a mapping file says, before the columns of a manifest are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// The mapping file, if there is one.
    pub path: Option<PathBuf>,
    /// What it says of the manifest as a whole.
    pub file: FileSettings,
    /// For each field where its value comes from, if the mapping says it.
    pub fields: FieldRules,
    /// Columns of which each that holds something makes a post.
    pub explode: Vec<Placed<String>>,
    /// The records that a row names; a post for each of them.
    pub records: Vec<RecordsRule>,
    /// Rows that are left out knowingly.
    pub skips: Vec<SkipRule>,
}

const SECTIONS: &[&str] = &["file", "fields", "explode", "records", "skip"];

impl Mapping {
    /// Reads the content of a mapping file. The path is for messages, and for the paths in it.
    ///
    /// # Errors
    /// All that is wrong with it, each with its place.
    pub fn parse(path: &Path, content: &[u8]) -> Result<Mapping, MappingErrors> {
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let fail = |errors: Vec<(Place, MappingFault)>| {
            let errors = errors.into_iter().map(|(place, fault)| MappingError {
                origin: Origin::File(place),
                fault,
            });
            MappingErrors {
                path: Some(path.to_owned()),
                errors: errors.collect(),
            }
        };
        let text = std::str::from_utf8(content).map_err(|error| {
            let good = String::from_utf8_lossy(&content[..error.valid_up_to()]);
            fail(vec![(Place::of(&good, good.len()), MappingFault::NotUtf8)])
        })?;
        let mut faults = Faults::new(text);
        let document = DeTable::parse(text).map_err(|error| {
            let place = Place::of(text, error.span().map_or(0, |span| span.start));
            let message = error.message().to_owned();
            fail(vec![(place, MappingFault::Syntax { message })])
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mapping = read_document(&document, folder, &mut faults);
        let found = faults.into_sorted();
        match found.is_empty() {
            true => Ok(Mapping {
                path: Some(path.to_owned()),
                ..mapping
            }),
            false => Err(fail(found)),
        }
    }

    /// The columns that the mapping uses, as it names them.
    pub fn column_names(&self) -> impl Iterator<Item = &str> {
        let of_fields = self
            .fields
            .iter()
            .flatten()
            .flat_map(|rule| match &rule.source {
                ValueSource::Column(column) => vec![column.value.as_str()],
                ValueSource::Template(template) => {
                    let columns = template.value.columns();
                    columns.map(|column| column.name.as_str()).collect()
                }
                ValueSource::Value(_) | ValueSource::Explode => Vec::new(),
            });
        let exploded = self.explode.iter();
        let placed = exploded
            .chain(self.records.iter().map(|rule| &rule.column))
            .chain(self.skips.iter().map(|rule| &rule.column))
            .chain(&self.file.fill_down);
        of_fields.chain(placed.map(|column| column.value.as_str()))
    }

    /// The error of a setting that only its user can judge, such as a target's name.
    pub fn setting_error(&self, what: &'static str, place: Place, reason: String) -> MappingErrors {
        MappingErrors {
            path: self.path.clone(),
            errors: vec![MappingError {
                origin: Origin::File(place),
                fault: MappingFault::Setting { what, reason },
            }],
        }
    }
}

fn read_document(
    document: &Spanned<DeTable<'_>>,
    folder: &Path,
    faults: &mut Faults<'_>,
) -> Mapping {
    let name = "the mapping file".to_owned();
    let (span, table) = (document.span(), document.get_ref());
    let whole = Section::of_table(name, span, table, SECTIONS, faults);
    let explode = whole.entry("explode");
    let mut mapping = Mapping::default();
    if let Some(entry) = whole.entry("file") {
        mapping.file = read_settings(entry.value, folder, faults);
    }
    if let Some(entry) = &explode {
        mapping.explode = read_explode(entry.value, faults);
    }
    if let Some(entry) = whole.entry("fields") {
        mapping.fields = read_fields(entry.value, explode.is_some(), faults);
        exploded_is_used(&mapping, &entry, faults);
        records_stand_alone(&mapping, &whole, &entry, faults);
    }
    for entry in tables(&whole, "records", faults) {
        mapping.add_records(entry.value, faults);
    }
    for entry in tables(&whole, "skip", faults) {
        mapping.skips.extend(read_skip(entry.value, faults));
    }
    mapping
}

/// The tables that stand under `[[name]]`; a single one under `[name]` is told what is missing.
fn tables<'d>(whole: &Section<'d>, name: &str, faults: &mut Faults<'_>) -> Vec<Entry<'d>> {
    let Some(entry) = whole.entry(name) else {
        return Vec::new();
    };
    if !entry.value.get_ref().is_array() {
        let expected =
            "one or more tables, each under its name in two brackets: [[records]], [[skip]]";
        entry.wrong_type(expected, faults);
        return Vec::new();
    }
    entry.list()
}

/// A message that is given must hold the exploded text, or another field must; not `external_id`.
fn exploded_is_used(mapping: &Mapping, fields: &Entry<'_>, faults: &mut Faults<'_>) {
    if mapping.explode.is_empty() {
        return;
    }
    let sets_message = mapping.fields[Field::Message as usize].is_some();
    if sets_message && !mapping.fields.iter().flatten().any(is_exploding) {
        let span = key_span(fields, Field::Message);
        faults.add(&span, MappingFault::ExplodeUnused);
    }
    let external_id = mapping.fields[Field::ExternalId as usize].as_ref();
    if external_id.is_some_and(is_exploding) {
        let fault = MappingFault::Contradiction {
            first: "`external_id`".to_owned(),
            second: "{explode}".to_owned(),
            advice: "it is that of the row; the name of each column is added to it",
        };
        faults.add(&key_span(fields, Field::ExternalId), fault);
    }
}

/// Whether a field is made of the exploded column.
fn is_exploding(rule: &FieldRule) -> bool {
    match &rule.source {
        ValueSource::Explode => true,
        ValueSource::Template(template) => {
            let mut columns = template.value.columns();
            columns.any(|column| column.name == EXPLODE)
        }
        ValueSource::Column(_) | ValueSource::Value(_) => false,
    }
}

/// The records take the place of `entity_type` and `entity_id`.
fn records_stand_alone(
    mapping: &Mapping,
    whole: &Section<'_>,
    fields: &Entry<'_>,
    faults: &mut Faults<'_>,
) {
    for field in [Field::EntityType, Field::EntityId] {
        if whole.has("records") && mapping.fields[field as usize].is_some() {
            let fault = MappingFault::beside_records(format!("`{}`", field.name()));
            faults.add(&key_span(fields, field), fault);
        }
    }
}

/// Where the key of that field stands.
fn key_span(fields: &Entry<'_>, field: Field) -> std::ops::Range<usize> {
    let keys = fields.value.get_ref().as_table().into_iter();
    let mut keys = keys.flat_map(|table| table.keys());
    let key = keys.find(|key| Field::from_name(key.get_ref()) == Some(field));
    key.map_or(fields.span(), |key| key.span())
}

impl Mapping {
    fn add_records(&mut self, value: &Spanned<DeValue<'_>>, faults: &mut Faults<'_>) {
        let Some(rule) = read_records(value, faults) else {
            return;
        };
        let same = |other: &RecordsRule| {
            let columns = [&other.column, &rule.column].map(|column| column.value.to_lowercase());
            other.kind == rule.kind && columns[0] == columns[1]
        };
        match self.records.iter().any(same) {
            true => faults.add_at(rule.column.place, MappingFault::RepeatedRecords),
            false => self.records.push(rule),
        }
    }
}

#[cfg(test)]
mod tests;
