//! The tables of a mapping that make posts of a row, or leave it out: `[explode]`, `[[records]]`,
//! `[[skip]]`.

use toml::Spanned;
use toml::de::DeValue;

use crate::post::{EntityKind, Field};

use super::faults::Faults;
use super::field_reader::{missing, separator};
use super::section::{Section, literal_of};
use super::{MapKind, MappingFault, Missing, Placed};

/// A column that names records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordsRule {
    /// What its records are.
    pub kind: EntityKind,
    /// The column.
    pub column: Placed<String>,
    /// What stands between several IDs.
    pub separator: Option<String>,
    /// Whether the IDs are old ones, to be looked up.
    pub map: Option<MapKind>,
    /// What becomes of an ID that the map doesn't have; never a value.
    pub missing: Missing,
}

/// Rows that have one of these values in a column are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkipRule {
    /// The column.
    pub column: Placed<String>,
    /// The values, in their own letter case; outer blanks don't count.
    pub equals: Vec<String>,
}

const COLUMN: &str = "a column's name in quotes";

/// The columns that `[explode]` names.
pub(super) fn read_explode(
    value: &Spanned<DeValue<'_>>,
    faults: &mut Faults<'_>,
) -> Vec<Placed<String>> {
    let Some(section) = Section::open("`[explode]`".to_owned(), value, &["columns"], faults) else {
        return Vec::new();
    };
    let expected = "the columns that each make a post";
    let Some(entry) = section.entry("columns") else {
        let what = "`columns` of `[explode]`".to_owned();
        faults.add(&section.span, MappingFault::Missing { what, expected });
        return Vec::new();
    };
    let columns = entry.texts(COLUMN, faults);
    if entry.list().is_empty() {
        let what = entry.what.clone();
        faults.add(&entry.span(), MappingFault::Empty { what, expected });
    }
    columns
}

/// An entry of `[[records]]`.
pub(super) fn read_records(
    value: &Spanned<DeValue<'_>>,
    faults: &mut Faults<'_>,
) -> Option<RecordsRule> {
    let keys = &["type", "column", "separator", "map", "missing"];
    let section = Section::open("`[[records]]`".to_owned(), value, keys, faults)?;
    let kind = record_kind(&section, faults);
    let column = required_column(&section, faults);
    let map = section.entry("map").and_then(|entry| {
        let map = entry.word(&["entity"], MapKind::parse, faults)?;
        if map != MapKind::Entity {
            let (field, key, takes) = (Field::EntityId, "map", "the map of records is \"entity\"");
            let fault = MappingFault::NotForField { field, key, takes };
            faults.add(&entry.span(), fault);
        }
        Some(map)
    });
    Some(RecordsRule {
        separator: section
            .entry("separator")
            .and_then(|entry| separator(&entry, faults)),
        missing: records_missing(&section, faults),
        kind: kind?,
        column: column?,
        map,
    })
}

fn records_missing(section: &Section<'_>, faults: &mut Faults<'_>) -> Missing {
    let Some(entry) = section.entry("missing") else {
        return Missing::Problem;
    };
    let parse = |word: &str| match missing(word) {
        Missing::Value(_) => None,
        missing => Some(missing),
    };
    let word = entry.word(&["problem", "skip", "warn"], parse, faults);
    if !section.has("map") {
        let fault = MappingFault::Missing {
            what: "`map` beside `missing`".to_owned(),
            expected: "map = \"entity\", since otherwise nothing can be missing",
        };
        faults.add(&entry.span(), fault);
    }
    word.unwrap_or_default()
}

fn record_kind(section: &Section<'_>, faults: &mut Faults<'_>) -> Option<EntityKind> {
    let expected = "a type of records such as \"deal\"";
    let Some(entry) = section.entry("type") else {
        let what = format!("`type` of {}", section.name);
        faults.add(&section.span, MappingFault::Missing { what, expected });
        return None;
    };
    let word = entry.literal(faults)?;
    let kind = EntityKind::parse(&word);
    if kind.is_none() {
        faults.add(&entry.span(), MappingFault::UnknownRecordType { word });
    }
    kind
}

fn required_column(section: &Section<'_>, faults: &mut Faults<'_>) -> Option<Placed<String>> {
    match section.entry("column") {
        Some(entry) => entry.text(COLUMN, faults),
        None => {
            let (what, expected) = (format!("`column` of {}", section.name), COLUMN);
            faults.add(&section.span, MappingFault::Missing { what, expected });
            None
        }
    }
}

/// An entry of `[[skip]]`.
pub(super) fn read_skip(value: &Spanned<DeValue<'_>>, faults: &mut Faults<'_>) -> Option<SkipRule> {
    let section = Section::open(
        "`[[skip]]`".to_owned(),
        value,
        &["column", "equals"],
        faults,
    )?;
    let column = required_column(&section, faults);
    let expected = "the values by which rows are left out";
    let Some(entry) = section.entry("equals") else {
        let what = "`equals` of `[[skip]]`".to_owned();
        faults.add(&section.span, MappingFault::Missing { what, expected });
        return None;
    };
    let mut equals = Vec::new();
    for value in entry.list() {
        match literal_of(value.value.get_ref()) {
            Some(text) => equals.push(text.trim().to_owned()),
            None => value.wrong_type("a text in quotes", faults),
        }
    }
    if entry.list().is_empty() {
        let what = entry.what.clone();
        faults.add(&entry.span(), MappingFault::Empty { what, expected });
    }
    let column = column?;
    Some(SkipRule { column, equals })
}
