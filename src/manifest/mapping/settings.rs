//! The table `[file]`: what the mapping says of the manifest as a whole.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::DeValue;

use crate::manifest::Delimiter;

use super::faults::Faults;
use super::section::Section;
use super::{MappingFault, Placed, times};
use crate::post::{MessageFormat, TimeNotation};

/// What `[file]` says. Options of the command line go before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileSettings {
    /// The target's name, as written.
    pub target: Option<Placed<String>>,
    /// The encoding's name, as written.
    pub encoding: Option<Placed<String>>,
    /// What separates the fields of a record.
    pub delimiter: Option<Delimiter>,
    /// The zone of times without an offset.
    pub timezone: Option<TimeZone>,
    /// How times are written.
    pub date_format: Option<TimeNotation>,
    /// How messages are written.
    pub message_format: Option<MessageFormat>,
    /// Records by type and old ID; the path leads from the mapping file's folder.
    pub entity_map: Option<PathBuf>,
    /// Users by what the old system calls them.
    pub user_map: Option<PathBuf>,
    /// Files by old ID.
    pub file_map: Option<PathBuf>,
    /// Columns that are no fields, and of which nobody is warned.
    pub ignore_columns: Option<Vec<String>>,
    /// In JSON, the path to the list of rows.
    pub rows: Option<Placed<String>>,
    /// The sheet of a workbook.
    pub sheet: Option<Placed<String>>,
    /// Columns of which an empty cell has the value above it.
    pub fill_down: Vec<Placed<String>>,
}

const KEYS: &[&str] = &[
    "target",
    "encoding",
    "delimiter",
    "timezone",
    "date_format",
    "message_format",
    "entity_map",
    "user_map",
    "file_map",
    "ignore_columns",
    "rows",
    "sheet",
    "fill_down",
];
const COLUMNS: &str = "a list of columns' names, each in quotes";

/// Reads `[file]`; paths lead from that folder.
pub(super) fn read_settings(
    value: &Spanned<DeValue<'_>>,
    folder: &Path,
    faults: &mut Faults<'_>,
) -> FileSettings {
    let Some(section) = Section::open("`[file]`".to_owned(), value, KEYS, faults) else {
        return FileSettings::default();
    };
    let columns = |key: &str, faults: &mut Faults<'_>| {
        let entry = section.entry(key)?;
        Some(entry.texts(COLUMNS, faults))
    };
    let path = |key: &str, faults: &mut Faults<'_>| {
        let path = section.text(key, "a file's path in quotes", faults)?;
        Some(folder.join(path.value))
    };
    let ignored = columns("ignore_columns", faults);
    FileSettings {
        target: section.text("target", "a target's name in quotes", faults),
        encoding: section.text("encoding", "an encoding such as \"windows-1251\"", faults),
        delimiter: delimiter(&section, faults),
        timezone: section
            .entry("timezone")
            .and_then(|entry| times::zone(&entry, faults)),
        date_format: section
            .entry("date_format")
            .and_then(|entry| times::notation(&entry, faults)),
        message_format: section
            .entry("message_format")
            .and_then(|entry| entry.word(MessageFormat::NAMES, MessageFormat::parse, faults)),
        entity_map: path("entity_map", faults),
        user_map: path("user_map", faults),
        file_map: path("file_map", faults),
        ignore_columns: ignored
            .map(|columns| columns.into_iter().map(|column| column.value).collect()),
        rows: section.text("rows", "a path such as \"_embedded.notes\"", faults),
        sheet: section.text("sheet", "a sheet's name in quotes", faults),
        fill_down: columns("fill_down", faults).unwrap_or_default(),
    }
}

fn delimiter(section: &Section<'_>, faults: &mut Faults<'_>) -> Option<Delimiter> {
    let entry = section.entry("delimiter")?;
    match entry.literal(faults)?.parse() {
        Ok(delimiter) => Some(delimiter),
        Err(reason) => {
            let what = "`delimiter`";
            faults.add(&entry.span(), MappingFault::Setting { what, reason });
            None
        }
    }
}
