//! Which columns hold the texts.

use crate::post::Field;

use super::column::{Column, Table};
use super::draft::{Part, Section, Setting};
use super::ids::is_path;
use super::meaning::Meaning;
use super::texts::{Markup, likeliest};
use super::toml_text::{Value, quoted};

/// The columns that hold the texts of posts.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts<'t, 's> {
    /// One, or several of which each makes a post.
    pub columns: Vec<&'t Column<'s>>,
    /// Whether it is only known by what it holds.
    is_by_content: bool,
    /// Columns that may hold texts as well.
    others: Vec<&'t Column<'s>>,
}

impl<'t, 's> Texts<'t, 's> {
    /// Finds them by their names, else by what they hold.
    pub fn find(table: &'t Table<'s>) -> Texts<'t, 's> {
        let known = table.of(Meaning::Gives(Field::Message));
        let Some(first) = known.first().copied() else {
            let unknown = table.all(|column| column.meaning.is_none());
            return Texts {
                columns: likeliest(&unknown).into_iter().collect(),
                is_by_content: true,
                others: Vec::new(),
            };
        };
        let is_fellow = |column: &&&Column<'_>| column.family.0 == first.family.0;
        let mut columns: Vec<&Column<'_>> = known.iter().filter(is_fellow).copied().collect();
        columns.sort_by_key(|column| column.family.1);
        if columns.len() == 1 {
            // Texts of which each row has one: those of calls beside those of notes.
            for other in &known[1..] {
                let is_apart = !other.is_empty() && columns.iter().all(|one| one.is_apart(other));
                if is_apart && !first.is_empty() {
                    columns.push(other);
                }
            }
        }
        let is_other = |column: &&Column<'_>| {
            !column.is_empty() && !columns.iter().any(|one| one.name == column.name)
        };
        Texts {
            others: known.iter().copied().filter(is_other).collect(),
            columns,
            is_by_content: false,
        }
    }

    /// What the mapping says of them.
    pub fn part(&self, table: &Table<'_>) -> Part {
        let mut part = Part::default();
        let mut setting = match &self.columns[..] {
            [] => {
                part.fields.push(nothing(table));
                return part;
            }
            [only] => self.single(only),
            several => {
                part.sections.push(exploded(several));
                Setting {
                    reasons: Vec::new(),
                    ..Setting::remark("")
                }
            }
        };
        self.add_markup(&mut setting);
        self.add_others(&mut setting);
        if setting.is_active || setting.value.is_none() {
            let names = self.columns.iter().map(|column| column.name.to_owned());
            part.used.extend(names);
        }
        if setting.value.is_some() || !setting.reasons.is_empty() {
            part.fields.push(setting);
        }
        part
    }

    fn single(&self, column: &Column<'_>) -> Setting {
        let setting = Setting::new("message", Value::text(column.name));
        if self.is_by_content {
            return setting.because(
                "No column has the name of a text that is known. This one has the longest texts; is \
                 it the right one?",
            );
        }
        match column.is_mostly(is_path) {
            true => Setting {
                is_active: false,
                ..setting
            }
            .because(
                "Most of its values are paths, probably of files that hold the texts, not the texts \
                 themselves. Put the texts in their place.",
            ),
            false => setting,
        }
    }

    fn add_markup(&self, setting: &mut Setting) {
        let with = |format: &str| match &self.columns[..] {
            [only] => Value::table([("column", only.name), ("format", format)]),
            _ => Value::table([("format", format)]),
        };
        let reason = match Markup::of(&self.columns) {
            Markup::None => return,
            Markup::Html => {
                "message".clone_into(&mut setting.key);
                setting.value = Some(with("html"));
                setting.is_active |= self.columns.len() > 1;
                return;
            }
            Markup::SomeHtml(count) => format!(
                "{count} of the texts in the sample have HTML tags; if they are HTML, add format = \
                 \"html\"."
            ),
            Markup::Escaped(count) => format!(
                "{count} of the texts in the sample have HTML tags written as &lt;p&gt;, as some \
                 exports do; Bitrix24 would show them."
            ),
        };
        setting.reasons.push(reason);
    }

    fn add_others(&self, setting: &mut Setting) {
        if self.others.is_empty() {
            return;
        }
        let names: Vec<String> = self
            .others
            .iter()
            .map(|column| quoted(column.name))
            .collect();
        setting.reasons.push(format!(
            "These may be texts too and are not posted: {}. To post them as well, name all of them in \
             [explode], or in a template.",
            names.join(", ")
        ));
    }
}

fn exploded(columns: &[&Column<'_>]) -> Section {
    let names = columns
        .iter()
        .map(|column| column.name.to_owned())
        .collect();
    let settings = vec![Setting::new("columns", Value::List(names))];
    Section::new("[explode]", settings).because(
        "A row has several notes: each of these columns that holds something makes a post.",
    )
}

fn nothing(table: &Table<'_>) -> Setting {
    let names: Vec<String> = table
        .columns
        .iter()
        .map(|column| quoted(column.name))
        .collect();
    let choices = match names.is_empty() {
        true => "no column has a name".to_owned(),
        false => format!(
            "the columns are {}",
            names[..names.len().min(30)].join(", ")
        ),
    };
    let first = table.columns.first().map_or("COLUMN", |column| column.name);
    Setting::proposed("message", Value::text(first)).because(format!(
        "Which column holds the text can't be told; {choices}."
    ))
}
