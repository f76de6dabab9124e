//! Who wrote the notes, as far as columns tell.

use crate::post::Field;

use super::column::{Column, Table};
use super::draft::{Part, Setting};
use super::ids::is_id;
use super::meaning::Meaning;
use super::name::folded;
use super::record::Subject;
use super::toml_text::Value;

/// What the mapping says of authors.
#[derive(Clone, Debug, Default)]
pub(super) struct Authors {
    pub part: Part,
    /// Whether a map of users is proposed.
    pub may_be_mapped: bool,
}

/// Columns of records' owners that are proposed at most.
const MOST: usize = 2;

impl Authors {
    pub fn find(table: &Table<'_>, subject: Subject) -> Authors {
        let mut authors = Authors::default();
        let is_author = |column: &Column<'_>| {
            matches!(
                column.meaning,
                Some(Meaning::Gives(Field::AuthorName | Field::AuthorId))
            )
        };
        let of_notes = table.all(is_author);
        match subject {
            Subject::Note => authors.of_notes(table, &of_notes),
            Subject::Record(_) => authors.of_records(&of_notes, &subject.noun()),
        }
        for kind in [Field::AuthorName, Field::AuthorId] {
            let of_records = table.all(|column| {
                matches!(column.meaning, Some(Meaning::OfRecord(field, _)) if field == kind)
            });
            authors.of_records(
                &of_records,
                &match table.shown_kind() {
                    Some(kind) => kind.to_string(),
                    None => "record".to_owned(),
                },
            );
        }
        authors
    }

    fn of_notes(&mut self, table: &Table<'_>, columns: &[&Column<'_>]) {
        let is_ours = |column: &Column<'_>| {
            let is_own = Field::from_name(column.name) == Some(Field::AuthorId);
            table.system.has_our_ids()
                && (is_own || column.meaning == Some(Meaning::Gives(Field::AuthorId)))
        };
        let names = columns.iter().find(|column| {
            !column.is_mostly(is_id) && column.meaning == Some(Meaning::Gives(Field::AuthorName))
        });
        if let Some(column) = names {
            let setting = Setting::new("author_name", Value::text(column.name));
            let setting = match is_responsible(column.name) {
                true => setting.because(
                    "This is who is responsible, who may not be who wrote the note; a # in front leaves \
                     it out.",
                ),
                false => setting,
            };
            self.part.take(setting, column.name);
        }
        let ids = columns
            .iter()
            .find(|column| column.is_mostly(is_id) || is_ours(column));
        match (ids, names) {
            (Some(ids), _) if is_ours(ids) => {
                let setting = Setting::new("author_id", Value::text(ids.name));
                self.part.take(setting, ids.name);
            }
            (Some(ids), _) => self.propose_user(
                ids,
                "These are IDs of users of the old system; a map of users says who they are in \
                 Bitrix24. Without it no author is named by them.",
            ),
            (None, Some(names)) if table.system != super::system::System::Manifest => self
                .propose_user(
                    names,
                    "To post as that user of Bitrix24, if the target keeps authors, give a map of \
                     users; until then the name stands in the first line.",
                ),
            _ => {}
        }
    }

    fn propose_user(&mut self, column: &Column<'_>, reason: &str) {
        self.may_be_mapped = true;
        let value = Value::table([
            ("column", column.name),
            ("map", "user"),
            ("missing", "warn"),
        ]);
        self.part
            .fields
            .push(Setting::proposed("author_id", value).because(reason));
    }

    fn of_records(&mut self, columns: &[&Column<'_>], noun: &str) {
        for column in columns.iter().take(MOST) {
            let reason = format!("This is who created or owns the {noun}, not who wrote the note.");
            let setting = Setting::proposed("author_name", Value::text(column.name));
            self.part.fields.push(setting.because(reason));
        }
    }
}

/// Whether a column's name speaks of an owner rather than a writer.
fn is_responsible(name: &str) -> bool {
    let name = folded(name);
    let words = ["owner", "assigned", "responsible", "ответствен", "менеджер"];
    words.into_iter().any(|word| name.contains(word))
}
