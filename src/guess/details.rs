//! The other fields: ID, title, files, readers, tags, and rows that are left out.

use crate::post::{AudienceCode, Field};

use super::column::{Column, Table};
use super::draft::{Part, Section, Setting};
use super::ids::{is_id, is_path, separator};
use super::meaning::Meaning;
use super::record::{Subject, own_id};
use super::system::System;
use super::toml_text::{Value, quoted};

/// Values of a column that are listed at most.
const MOST_VALUES: usize = 12;

/// Of so many rows one may have the ID of another by mistake.
const FEW: usize = 20;

/// By what a row is known again.
pub(super) fn external_id(table: &Table<'_>, subject: Subject) -> Part {
    let mut part = Part::default();
    let Some(column) = own_id(table, subject) else {
        part.fields.push(Setting::remark(
            "No column is known to have the row's own ID. Rows are then known again by what they say, \
             so don't edit them once they are posted; better give an external_id.",
        ));
        return part;
    };
    let setting = Setting::new("external_id", Value::text(column.name));
    if column.is_unique() {
        part.take(setting, column.name);
        return part;
    }
    let mut repeated = column.counted();
    repeated.retain(|_, count| *count > 1);
    let rows: usize = repeated.values().sum();
    let shown: String = repeated
        .keys()
        .next()
        .map_or("", |value| value)
        .chars()
        .take(40)
        .collect();
    let shown = quoted(&shown);
    if FEW * rows < column.filled() {
        let reason =
            format!("{rows} rows of the sample share an ID, such as {shown}; check names them.");
        part.take(setting.because(reason), column.name);
        return part;
    }
    let reason =
        format!("Several rows have the same here, such as {shown}, so it is not the row's own ID.");
    let setting = Setting {
        is_active: false,
        ..setting
    };
    part.fields.push(setting.because(reason));
    part
}

pub(super) fn title(table: &Table<'_>, subject: Subject, texts: &[String]) -> Part {
    let mut part = Part::default();
    let is_text = |column: &Column<'_>| texts.iter().any(|name| name == column.name);
    let column = table.gives(Field::Title).filter(|column| !is_text(column));
    let of_record =
        table.all(|column| matches!(column.meaning, Some(Meaning::OfRecord(Field::Title, _))));
    match (column, subject) {
        (Some(column), Subject::Note) => {
            part.take(Setting::new("title", Value::text(column.name)), column.name);
        }
        (column, _) => {
            for column in column.into_iter().chain(of_record).take(1) {
                let reason = "This is the title of the record, where the note is shown anyway.";
                let setting = Setting::proposed("title", Value::text(column.name));
                part.fields.push(setting.because(reason));
            }
        }
    }
    part
}

/// What the mapping says of files, and whether it needs a map of them.
pub(super) fn attachments(table: &Table<'_>) -> (Part, bool) {
    let mut part = Part::default();
    let Some(column) = table.gives(Field::Attachments) else {
        return (part, false);
    };
    if column.is_empty() && table.system != System::Manifest {
        let setting = Setting::proposed("attachments", Value::text(column.name));
        part.fields
            .push(setting.because("It is empty in the sample."));
        return (part, false);
    }
    let is_ids = column.is_mostly(|value| value.split([';', ',']).all(|one| is_id(one.trim())));
    let of_one = if is_ids { is_id } else { is_path };
    let between = separator(column.values(), of_one).filter(|separator| *separator != ";");
    let mut value = Value::table([("column", column.name)]);
    if let Some(between) = between {
        value = value.with("separator", between);
    }
    if is_ids {
        value = value.with("map", "file");
        let reason = "These are IDs of files in the old system.";
        part.take(
            Setting::new("attachments", value).because(reason),
            column.name,
        );
        return (part, true);
    }
    let value = if between.is_some() {
        value
    } else {
        Value::text(column.name)
    };
    part.take(Setting::new("attachments", value), column.name);
    (part, false)
}

/// Whether a column has codes of readers.
pub(super) fn has_audience(table: &Table<'_>) -> bool {
    table.gives(Field::Audience).is_some_and(is_audience)
}

fn is_audience(column: &Column<'_>) -> bool {
    let is_code = |code: &str| AudienceCode::parse(code.trim()).is_ok();
    column.is_mostly(|value| value.starts_with(['[', '{']) || value.split(',').all(is_code))
}

/// Fields that only some targets take.
pub(super) fn news_fields(table: &Table<'_>, is_news: bool) -> Part {
    let mut part = Part::default();
    let is_manifest = table.system == System::Manifest;
    if let Some(column) = table.gives(Field::Audience) {
        let setting = Setting::new("audience", Value::text(column.name));
        if is_manifest || is_audience(column) {
            part.take(setting, column.name);
        } else {
            let setting = Setting {
                is_active: false,
                ..setting
            };
            part.fields.push(setting.because(
                "Its values are no codes such as UA, U1 or SG5, which say who may see a post.",
            ));
        }
    }
    for field in [Field::Important, Field::Tags] {
        let Some(column) = table.gives(field) else {
            continue;
        };
        let setting = Setting::new(field.name(), Value::text(column.name));
        if is_manifest || is_news {
            part.take(setting, column.name);
        } else {
            let setting = Setting {
                is_active: false,
                ..setting
            };
            part.fields
                .push(setting.because("Only the News Feed takes it."));
        }
    }
    part
}

/// Rows that are left out, and those that might be.
pub(super) fn skips(table: &Table<'_>) -> Part {
    let mut part = Part::default();
    for column in &table.columns {
        let section = |values: Vec<String>| {
            let settings = vec![
                Setting::new("column", Value::text(column.name)),
                Setting::new("equals", Value::List(values)),
            ];
            Section::new("[[skip]]", settings)
        };
        match column.meaning {
            Some(Meaning::Deleted(values)) => {
                let values = values.iter().map(|value| (*value).to_owned()).collect();
                let reason = "Rows that were deleted in the old system.";
                part.sections.push(section(values).because(reason));
                part.used.push(column.name.to_owned());
            }
            Some(Meaning::NoteKind) => {
                let values: Vec<String> = column.counted().into_keys().map(str::to_owned).collect();
                if (2..=MOST_VALUES).contains(&values.len()) {
                    let reason = "To leave out some kinds of rows: those that the sample has.";
                    let section = section(values).because(reason);
                    part.sections.push(Section {
                        is_active: false,
                        ..section
                    });
                }
            }
            _ => {}
        }
    }
    part
}
