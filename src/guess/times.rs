//! When the notes were written, as far as columns tell.

use crate::post::{EntityKind, Field};

use super::column::{Column, Table};
use super::dates::{Dates, Notation, is_date};
use super::draft::{Part, Setting};
use super::meaning::Meaning;
use super::name::folded;
use super::record::Subject;
use super::toml_text::{Value, quoted};

/// What the mapping says of times.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    pub part: Part,
    /// Whether some don't say their offset and no zone is known.
    pub lack_zone: bool,
}

/// Columns of times that are proposed at most.
const MOST: usize = 3;

impl Times {
    pub fn find(table: &Table<'_>, subject: Subject) -> Times {
        let mut times = Times::default();
        for field in [Field::PublishAt, Field::ImportantUntil] {
            if let Some(column) = table.gives(field) {
                times.take(table, field, column);
            }
        }
        let of_notes = table.of(Meaning::Gives(Field::CreatedAt));
        let is_of_record = |column: &Column<'_>| {
            matches!(column.meaning, Some(Meaning::OfRecord(Field::CreatedAt, _)))
        };
        let of_records = table.all(is_of_record);
        if let Subject::Record(_) = subject {
            times.propose_all(
                table,
                of_notes.into_iter().chain(of_records),
                subject.noun(),
            );
            return times;
        }
        let is_readable = |column: &&&Column<'_>| dates_of(table, column).is_some();
        let found = of_notes.iter().find(is_readable).or(of_notes.first());
        match found {
            Some(column) => times.take(table, Field::CreatedAt, column),
            None => times.propose_unknown(table),
        }
        for column in of_records.into_iter().take(MOST) {
            if let Some(Meaning::OfRecord(_, kind)) = column.meaning {
                times.propose(table, column, &not_the_note(kind));
            }
        }
        times
    }

    /// The column that gives a field.
    fn take(&mut self, table: &Table<'_>, field: Field, column: &Column<'_>) {
        let Some(dates) = dates_of(table, column) else {
            let value = Value::text(column.name);
            let Some(first) = column.values().next() else {
                return self
                    .part
                    .take(Setting::new(field.name(), value), column.name);
            };
            let first: String = first.chars().take(40).collect();
            let reason = format!(
                "Its values, such as {}, are written in no way that is known here. Give a format, or \
                 correct them; with a # in front the column is left out.",
                quoted(&first)
            );
            let setting = Setting::new(field.name(), value).because(reason);
            return self.part.take(setting, column.name);
        };
        let is_utc = dates.is_utc || says_utc(column.name);
        self.lack_zone |= dates.lacks_offset && !is_utc;
        let mut setting = Setting::new(
            field.name(),
            value_of(column, &dates, dates.lacks_offset && is_utc),
        );
        if let Some(first) = &dates.first_unfit {
            setting = setting.because(format!(
                "{} of its values in the sample are written otherwise, such as {}; check names their \
                 rows.",
                dates.unfit,
                quoted(first)
            ));
        }
        if dates.other.is_some() {
            setting = setting.because(
                "As many values of the sample fit the other order of day and month, which stands below.",
            );
        }
        self.part.take(setting, column.name);
        if let Some(other) = dates.other {
            let swapped = Value::table([("column", column.name), ("format", &other)]);
            self.part
                .fields
                .push(Setting::proposed(field.name(), swapped));
        }
    }

    fn propose(&mut self, table: &Table<'_>, column: &Column<'_>, reason: &str) {
        let value = match dates_of(table, column) {
            Some(dates) => value_of(column, &dates, false),
            None => Value::text(column.name),
        };
        let setting = Setting::proposed(Field::CreatedAt.name(), value);
        self.part.fields.push(setting.because(reason));
    }

    fn propose_all<'t>(
        &mut self,
        table: &Table<'_>,
        columns: impl Iterator<Item = &'t Column<'t>>,
        noun: String,
    ) {
        let reason = format!("This is when the {noun} was created, not the note.");
        for column in columns.take(MOST) {
            self.propose(table, column, &reason);
        }
    }

    /// Columns of times whose names say nothing.
    fn propose_unknown(&mut self, table: &Table<'_>) {
        let unknown = table
            .columns
            .iter()
            .filter(|column| column.meaning.is_none());
        for column in unknown
            .filter(|column| column.is_mostly(is_date))
            .take(MOST)
        {
            self.propose(
                table,
                column,
                "It holds times. Is this when the note was written?",
            );
        }
    }
}

fn not_the_note(kind: EntityKind) -> String {
    format!("This is when the {kind} was created, not the note.")
}

fn dates_of(table: &Table<'_>, column: &Column<'_>) -> Option<Dates> {
    Dates::of(column.values(), table.is_russian())
}

fn value_of(column: &Column<'_>, dates: &Dates, names_utc: bool) -> Value {
    let format = match &dates.notation {
        Notation::Plain if !names_utc => return Value::text(column.name),
        Notation::Plain => None,
        Notation::Unix => Some("unix"),
        Notation::UnixMillis => Some("unix-ms"),
        Notation::Pattern(format) => Some(format.as_str()),
    };
    let mut value = Value::table([("column", column.name)]);
    if let Some(format) = format {
        value = value.with("format", format);
    }
    match names_utc {
        true => value.with("timezone", "UTC"),
        false => value,
    }
}

/// Whether a column's name says that its times are in UTC.
fn says_utc(name: &str) -> bool {
    let words = name
        .split(|letter: char| !letter.is_alphanumeric())
        .map(folded);
    words.into_iter().any(|word| word == "utc" || word == "gmt")
}
