//! From a sample to a draft of its mapping: each question is asked of the sample's columns in turn.

use crate::manifest::{Delimiter, KnownBy, Sample, Warning};
use crate::post::{EntityKind, Field};

use super::authors::Authors;
use super::column::Table;
use super::details::{attachments, external_id, has_audience, news_fields, skips, title};
use super::draft::{Draft, Part, Section, Setting};
use super::message::Texts;
use super::record::{Records, Subject};
use super::system::System;
use super::times::Times;
use super::toml_text::{Value, quoted};

/// Columns that are named at most where they are only told.
const MOST_TOLD: usize = 100;

/// What is known of a file beside the sample.
#[derive(Clone, Copy, Debug)]
pub struct FileFacts<'f> {
    /// The file as it is named in commands.
    pub manifest: &'f str,
    /// The mapping file that is to be written, in a shell command.
    pub mapping: &'f str,
    /// The file's name without its folder.
    pub file_name: &'f str,
    /// Its encoding, where that is not the usual one.
    pub encoding: Option<&'f str>,
}

/// What columns most likely hold, as a mapping file in the making.
pub fn guess(sample: &Sample, facts: FileFacts<'_>) -> Draft {
    let table = Table::new(sample);
    let texts = Texts::find(&table);
    let subject = Subject::of(&table, &texts);
    let records = Records::find(&table, subject);
    let times = Times::find(&table, subject);
    let authors = Authors::find(&table, subject);
    let (files, maps_files) = attachments(&table);
    let is_news = has_audience(&table) && !records.are_named;
    let text_part = texts.part(&table);
    let mut part = external_id(&table, subject);
    part.add(title(&table, subject, &text_part.used));
    part.add(text_part);
    if !is_news {
        part.add(records.part);
    }
    part.add(news_fields(&table, is_news));
    part.add(files);
    part.add(times.part);
    part.add(authors.part);
    part.add(skips(&table));
    let asked = FileQuestions {
        target: target(records.are_named, has_audience(&table)),
        lacks_zone: times.lack_zone,
        maps_entities: records.are_mapped,
        may_map_users: authors.may_be_mapped,
        maps_files,
    };
    let mut file = asked.settings(&table, sample, facts);
    file.extend(records.may_be_above.map(fill_down));
    let (ignored, left_over) = rest(&table, &part);
    file.extend(ignored);
    let mut sections = vec![
        Section::new("[file]", file),
        Section::new("[fields]", part.fields),
    ];
    sections.extend(part.sections);
    Draft {
        preface: preface(&table, subject, sample, facts),
        sections,
        afterword: left_over,
    }
}

fn preface(
    table: &Table<'_>,
    subject: Subject,
    sample: &Sample,
    facts: FileFacts<'_>,
) -> Vec<String> {
    let what = match subject {
        Subject::Record(Some(EntityKind::Company)) => "companies".to_owned(),
        Subject::Record(Some(kind)) => format!("{kind}s"),
        Subject::Record(None) => "records".to_owned(),
        Subject::Note => "notes".to_owned(),
    };
    let from = match table.system {
        System::Unknown => String::new(),
        System::Manifest => " Its columns are named as b24post's own fields.".to_owned(),
        system => format!(" It looks like a list of {what} from {system}."),
    };
    let rows = match sample.rows as u64 == sample.of_rows {
        true => format!("all rows ({})", sample.rows),
        false => format!("{} of {} rows", sample.rows, sample.of_rows),
    };
    let mut preface =
        vec![
        format!("Guessed by `b24post guess {}` from the header and {rows}.{from}", facts.manifest),
        "Read it through and correct it. A line that begins with # and a key or a bracket is a \
         proposal: remove the # to take it."
            .to_owned(),
    ];
    match sample.unreadable {
        0 => {}
        1 => preface.push("1 row of the sample could not be read; check names it.".to_owned()),
        count => {
            preface.push(format!(
                "{count} rows of the sample could not be read; check names them."
            ));
        }
    }
    let titles = sample.dialect.iter().flat_map(|dialect| &dialect.titles);
    if let Some(first) = titles.clone().next() {
        let count = titles.count();
        preface.push(format!(
            "Lines above the header are left out ({count}); the first says {}.",
            quoted(first)
        ));
    }
    preface
}

/// The target that takes what there is, and why; none where the default may be right.
fn target(has_records: bool, has_audience: bool) -> Setting {
    let key = "target";
    match (has_records, has_audience) {
        (true, false) => Setting::new(key, Value::text("timeline")).because(
            "The rows name CRM records: each post becomes a comment in the record's timeline.",
        ),
        (false, true) => Setting::new(key, Value::text("news-feed"))
            .because("The rows name readers and no CRM records."),
        (true, true) => Setting::proposed(key, Value::text("crm-feed"))
            .because("The default, crm-feed, takes both records and readers."),
        (false, false) => Setting::proposed(key, Value::text("timeline"))
            .because("timeline (comments on CRM records), crm-feed (the default) or news-feed."),
    }
}

/// What `[file]` has to say.
struct FileQuestions {
    target: Setting,
    lacks_zone: bool,
    maps_entities: bool,
    may_map_users: bool,
    maps_files: bool,
}

impl FileQuestions {
    fn settings(self, table: &Table<'_>, sample: &Sample, facts: FileFacts<'_>) -> Vec<Setting> {
        let lookup = |what: &str| {
            let (manifest, mapping) = (facts.manifest, facts.mapping);
            format!("`b24post lookup {manifest} --mapping {mapping} {what}`")
        };
        let beside = |ending: &str| format!("{}.{ending}.csv", facts.file_name);
        let mut settings = vec![self.target];
        if let Some(encoding) = facts.encoding {
            settings.push(Setting::new("encoding", Value::text(encoding)));
        }
        settings.extend(delimiter(sample));
        settings.extend(list_of_rows(table, sample));
        if self.lacks_zone {
            settings.push(zone(table.system));
        }
        if self.maps_entities {
            let reason = format!(
                "The IDs of the old system are not those of Bitrix24. This file has both (columns: \
                 type, old_id, id); {} asks the portal and writes it, by the field that has the old ID \
                 there (or originId, xmlId, title).",
                lookup("--by UF_CRM_OLD_ID")
            );
            settings.push(map("entity_map", &beside("entities"), reason));
        }
        if self.may_map_users {
            let reason = format!(
                "Users of the old system and of Bitrix24 (columns: old, id); {} writes it.",
                lookup("--users")
            );
            settings.push(map("user_map", &beside("users"), reason));
        }
        if self.maps_files {
            let reason = "The old system's IDs of files and their paths (columns: id, path).";
            settings.push(map("file_map", &beside("files"), reason.to_owned()));
        }
        settings
    }
}

fn map(key: &str, file: &str, reason: String) -> Setting {
    Setting::proposed(key, Value::text(file)).because(reason)
}

fn delimiter(sample: &Sample) -> Option<Setting> {
    let dialect = sample.dialect.as_ref()?;
    let is_usual =
        dialect.delimiter == Delimiter::default() || dialect.known_by == KnownBy::OneColumn;
    let value = Value::text(dialect.delimiter.to_string());
    (!is_usual).then(|| Setting::new("delimiter", value))
}

fn fill_down(column: String) -> Setting {
    let reason = format!(
        "{} is empty in some rows; if that means the value above it, then:",
        quoted(&column)
    );
    Setting::proposed("fill_down", Value::List(vec![column])).because(reason)
}

/// Where JSON has its rows in a list within one object.
fn list_of_rows(table: &Table<'_>, sample: &Sample) -> Option<Setting> {
    if let Some(path) = &sample.rows_at {
        return Some(Setting::new("rows", Value::text(path.as_str())));
    }
    let is_list = |value: &str| value.starts_with("[{");
    let mut columns = table.columns.iter();
    let column = columns.find(|column| table.has_paths && column.is_all(is_list))?;
    let reason = "This holds a list of objects; if those are the rows, they are found by:";
    Some(Setting::proposed("rows", Value::text(column.name)).because(reason))
}

fn zone(system: System) -> Setting {
    let (zone, reason) = match system {
        System::Pipedrive => (
            "UTC",
            "Times don't say their offset. Pipedrive's API gives them in UTC, its lists in the zone of \
             the user. check goes on only once the zone is known.",
        ),
        _ => (
            "Europe/Moscow",
            "Times don't say their offset. Give the zone in which the old system showed them, such as \
             Asia/Almaty; check goes on only once it is known.",
        ),
    };
    Setting::proposed("timezone", Value::text(zone)).because(reason)
}

/// Columns that are not used: those that nearly look like fields are ignored by name, the others told.
fn rest(table: &Table<'_>, part: &Part) -> (Option<Setting>, Vec<String>) {
    let top = |name: &str| match table.has_paths {
        true => name.split('.').next().unwrap_or(name).trim().to_owned(),
        false => name.to_owned(),
    };
    let used: Vec<String> = part.used.iter().map(|name| top(name)).collect();
    let (mut ignored, mut others) = (Vec::new(), Vec::new());
    for column in &table.columns {
        if part.used.iter().any(|used| used == column.name) {
            continue;
        }
        let key = top(column.name);
        match like_field(&key).filter(|_| !used.contains(&key)) {
            Some(field) if !ignored.contains(&(key.clone(), field)) => ignored.push((key, field)),
            Some(_) => {}
            None => others.push(quoted(column.name)),
        }
    }
    (ignoring(ignored), not_posted(&others))
}

fn ignoring(ignored: Vec<(String, Field)>) -> Option<Setting> {
    if ignored.is_empty() {
        return None;
    }
    let told = ignored
        .iter()
        .map(|(name, field)| format!("{} ({})", quoted(name), field.name()));
    let reason = format!(
        "Not posted, though named much like fields: {}. check would ask about them.",
        told.collect::<Vec<_>>().join(", ")
    );
    let names = ignored.into_iter().map(|(name, _)| name).collect();
    Some(Setting::new("ignore_columns", Value::List(names)).because(reason))
}

fn not_posted(names: &[String]) -> Vec<String> {
    let shown = &names[..names.len().min(MOST_TOLD)];
    match names.len() - shown.len() {
        _ if names.is_empty() => Vec::new(),
        0 => vec![format!("Not posted: {}.", shown.join(", "))],
        more => vec![format!(
            "Not posted: {} and {more} more columns.",
            shown.join(", ")
        )],
    }
}

/// The field for which a column would be taken, or nearly so.
fn like_field(name: &str) -> Option<Field> {
    let written = name.rsplit_once('#').map_or(name, |(written, _)| written);
    let near = |name: &str| match Warning::unknown(name) {
        Warning::UnknownColumn { nearest, .. } => nearest,
        _ => None,
    };
    let mut names = [name, written].into_iter();
    names.find_map(|name| Field::from_name(name).or_else(|| near(name)))
}
