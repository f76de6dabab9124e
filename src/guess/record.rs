//! Which columns name the CRM records that the posts go to.

use std::collections::BTreeMap;

use crate::post::{EntityKind, Field};

use super::column::{Column, Table};
use super::draft::{Part, Section, Setting};
use super::ids::{is_id, salesforce_kind, separator};
use super::meaning::Meaning;
use super::message::Texts;
use super::system::System;
use super::toml_text::{Value, key_of, quoted};

/// What a row of the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A note, a comment, an activity.
    Note,
    /// A record, with its notes in some of its columns.
    Record(Option<EntityKind>),
}

/// What the kinds of records are called, for remarks.
pub(super) const KINDS: &str = "lead, deal, contact or company; in the timeline also order, quote, smart_invoice or dynamic_131";

/// Kinds of which columns may name records.
const KNOWN_KINDS: [EntityKind; 4] = EntityKind::CLASSIC;

impl Subject {
    /// Whether the rows are notes, or records with notes.
    pub fn of(table: &Table<'_>, texts: &Texts<'_, '_>) -> Subject {
        let kind = table.shown_kind();
        let names_records = table.columns.iter().any(|column| {
            let is_id = matches!(
                column.meaning,
                Some(Meaning::Record(_) | Meaning::Gives(Field::EntityId))
            );
            is_id && !column.is_empty()
        });
        let has_id = table.gives(Field::ExternalId).is_some();
        let own = kind.and_then(|kind| table.first(Meaning::Record(kind)));
        let is_own = !has_id && own.is_some_and(Column::is_unique);
        let has_fellows = match &texts.columns[..] {
            [first, second, ..] => first.family.0 == second.family.0,
            _ => false,
        };
        match kind {
            Some(kind) if !names_records || is_own || has_fellows => Subject::Record(Some(kind)),
            None if has_fellows && !names_records => Subject::Record(None),
            _ => Subject::Note,
        }
    }

    /// What it is called in a remark.
    pub fn noun(self) -> String {
        match self {
            Subject::Note => "note".to_owned(),
            Subject::Record(Some(kind)) => kind.to_string(),
            Subject::Record(None) => "record".to_owned(),
        }
    }
}

/// The column of the row's own ID.
pub(super) fn own_id<'t, 's>(table: &'t Table<'s>, subject: Subject) -> Option<&'t Column<'s>> {
    let own = match subject {
        Subject::Record(Some(kind)) => table.first(Meaning::Record(kind)),
        _ => None,
    };
    own.filter(|column| !column.is_empty())
        .or_else(|| table.gives(Field::ExternalId))
}

/// What the mapping says of the records.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    pub part: Part,
    /// Whether the rows name records, as far as that is known.
    pub are_named: bool,
    /// Whether they are named by what the old system calls them.
    pub are_mapped: bool,
    /// A column that names the record in some rows only; others may belong to the one above them.
    pub may_be_above: Option<String>,
}

impl Records {
    pub fn find(table: &Table<'_>, subject: Subject) -> Records {
        if let Subject::Record(kind) = subject {
            return Records::of_rows(table, subject, kind);
        }
        let types = table.gives(Field::EntityType);
        let types = types.filter(|types| !types.is_empty() || table.system.has_our_ids());
        let ids = table.gives(Field::EntityId);
        if let (Some(types), Some(ids)) = (types, ids) {
            return Records::by_type(table, types, ids);
        }
        let columns = columns_by_kind(table);
        let is_told =
            |ids: &&Column<'_>| columns.iter().any(|naming| naming.column.name == ids.name);
        if let Some(ids) = ids.filter(|ids| !ids.is_empty() && !is_told(ids)) {
            return Records::of_unknown_kind(table, ids);
        }
        match &columns[..] {
            [] => match ids {
                Some(ids) => Records::of_unknown_kind(table, ids),
                None => Records::unnamed(table),
            },
            [only] if only.separator.is_none() && !only.is_list && only.kinds.len() == 1 => {
                let mut records = Records::new(table);
                let kind = only.kinds[0].to_string();
                records.push("entity_type", Value::table([("value", &kind)]));
                records.push_id(only.column);
                records.may_be_above =
                    (!only.column.is_full()).then(|| only.column.name.to_owned());
                records
            }
            several => Records::several(table, several),
        }
    }

    fn new(table: &Table<'_>) -> Records {
        Records {
            part: Part::default(),
            are_named: true,
            are_mapped: !table.system.has_our_ids(),
            may_be_above: None,
        }
    }

    fn push(&mut self, key: &str, value: Value) {
        self.part.fields.push(Setting::new(key, value));
    }

    fn push_id(&mut self, column: &Column<'_>) {
        let setting = Setting::new("entity_id", self.id_value(column));
        self.part.take(setting, column.name);
    }

    fn id_value(&self, column: &Column<'_>) -> Value {
        match self.are_mapped {
            true => Value::table([("column", column.name), ("map", "entity")]),
            false => Value::text(column.name),
        }
    }

    /// Each row is a record.
    fn of_rows(table: &Table<'_>, subject: Subject, kind: Option<EntityKind>) -> Records {
        let Some(id) = own_id(table, subject) else {
            return Records::unnamed(table);
        };
        let mut records = Records::new(table);
        match kind {
            Some(kind) => {
                let setting =
                    Setting::new("entity_type", Value::table([("value", &kind.to_string())]));
                let reason = format!("Each row is a {kind} with its notes.");
                records.part.fields.push(setting.because(reason));
            }
            None => records.part.fields.push(type_choice()),
        }
        records.push_id(id);
        records
    }

    /// One column has the type, another one the ID.
    fn by_type(table: &Table<'_>, types: &Column<'_>, ids: &Column<'_>) -> Records {
        let mut records = Records::new(table);
        let (known, unknown): (Vec<_>, Vec<_>) = types
            .counted()
            .into_iter()
            .map(|(word, count)| (word, count, table.system.kind_of(word)))
            .partition(|(_, _, kind)| kind.is_some());
        let is_plain = |word: &str| EntityKind::parse(word).is_some();
        // What already is as in Bitrix24 says that the IDs are Bitrix24's.
        let is_ours = types.is_empty() || types.is_all(is_plain) && table.system != System::AmoCrm;
        if is_ours {
            records.are_mapped &= table.system != System::Unknown;
            let setting = Setting::new("entity_type", Value::text(types.name));
            records.part.take(setting, types.name);
        } else {
            records.part.used.push(types.name.to_owned());
            records
                .part
                .fields
                .extend(table_of_types(types, &known, &unknown));
        }
        records.push_id(ids);
        records
    }

    /// Nothing tells what the IDs are IDs of.
    fn of_unknown_kind(table: &Table<'_>, ids: &Column<'_>) -> Records {
        let mut records = Records::new(table);
        records.part.fields.push(type_choice());
        records.push_id(ids);
        records
    }

    fn unnamed(table: &Table<'_>) -> Records {
        let id = table
            .gives(Field::ExternalId)
            .map_or("COLUMN", |column| column.name);
        let reason = "No column is known to name the CRM record that a post goes to. If one does, give \
                      it here; if all go to one, give { value = \"521\" }.";
        let mut first = type_choice();
        first.reasons.insert(0, reason.to_owned());
        let fields = vec![
            first,
            Setting::proposed(
                "entity_id",
                Value::table([("column", id), ("map", "entity")]),
            ),
        ];
        Records {
            part: Part {
                fields,
                ..Part::default()
            },
            ..Records::default()
        }
    }

    /// Several columns name records, or one names several in a cell.
    fn several(table: &Table<'_>, columns: &[Naming<'_, '_>]) -> Records {
        let mut records = Records::new(table);
        for naming in columns {
            for kind in &naming.kinds {
                let section = naming.section(*kind, records.are_mapped);
                records.part.sections.push(section);
            }
            records.part.used.push(naming.column.name.to_owned());
        }
        if let Some(first) = records.part.sections.first_mut() {
            let reason = "A row may name several records: it makes a post for each of them.";
            first.reasons.insert(0, reason.to_owned());
        }
        records
    }
}

fn type_choice() -> Setting {
    Setting::proposed("entity_type", Value::table([("value", "deal")]))
        .because(format!("What the records are: {KINDS}."))
}

/// A table of the types that were seen; those that are not known are proposed.
fn table_of_types(
    types: &Column<'_>,
    known: &[(&str, usize, Option<EntityKind>)],
    unknown: &[(&str, usize, Option<EntityKind>)],
) -> Vec<Setting> {
    const MOST: usize = 20;
    let kind = |kind: &Option<EntityKind>| kind.map_or(String::new(), |kind| kind.to_string());
    if unknown.is_empty() {
        let values = known
            .iter()
            .map(|(word, _, of)| ((*word).to_owned(), Value::Text(kind(of))));
        let pairs = vec![
            ("column".to_owned(), Value::text(types.name)),
            ("values".to_owned(), Value::Table(values.collect())),
        ];
        return vec![Setting::new("entity_type", Value::Table(pairs))];
    }
    let column = Setting {
        is_active: !known.is_empty(),
        ..Setting::new("entity_type.column", Value::text(types.name))
    };
    let key = |word: &str| format!("entity_type.values.{}", key_of(word));
    let known = known
        .iter()
        .map(|(word, _, of)| Setting::new(key(word), Value::Text(kind(of))));
    let mut settings: Vec<Setting> = std::iter::once(column).chain(known).collect();
    for (place, (word, count, _)) in unknown.iter().take(MOST).enumerate() {
        let setting = Setting::proposed(key(word), Value::text("deal"));
        settings.push(match place {
            0 => setting.because(format!(
                "Of these types it is not known what they are in Bitrix24 ({KINDS}); {} in the sample \
                 {} {}.",
                rows(*count),
                if *count == 1 { "has" } else { "have" },
                quoted(word)
            )),
            _ => setting.because(format!("{}:", rows(*count))),
        });
    }
    let missing = Setting::proposed("entity_type.missing", Value::text("skip"));
    settings.push(missing.because("Or leave out the rows that have another type:"));
    settings
}

fn rows(count: usize) -> String {
    match count {
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    }
}

/// A column that names records.
struct Naming<'t, 's> {
    column: &'t Column<'s>,
    /// What they are; several where IDs of several kinds stand in the column.
    kinds: Vec<EntityKind>,
    separator: Option<&'static str>,
    /// Whether a cell holds a list of JSON.
    is_list: bool,
}

impl Naming<'_, '_> {
    fn section(&self, kind: EntityKind, is_mapped: bool) -> Section {
        let mut settings = vec![
            Setting::new("type", Value::text(kind.to_string())),
            Setting::new("column", Value::text(self.column.name)),
        ];
        if let Some(separator) = self.separator {
            settings.push(Setting::new("separator", Value::text(separator)));
        }
        if is_mapped {
            settings.push(Setting::new("map", Value::text("entity")));
        }
        if self.kinds.len() < 2 {
            return Section::new("[[records]]", settings);
        }
        settings.push(Setting::new("missing", Value::text("warn")));
        let reason = format!(
            "{} holds IDs of several kinds; each is taken for what the map has it as.",
            quoted(self.column.name)
        );
        Section::new("[[records]]", settings).because(reason)
    }
}

/// The columns that name records and of which it is known what these are: by IDs, else by names.
fn columns_by_kind<'t, 's>(table: &'t Table<'s>) -> Vec<Naming<'t, 's>> {
    let mut found = Vec::new();
    for column in table.of(Meaning::Gives(Field::EntityId)) {
        let mut kinds: BTreeMap<EntityKind, usize> = BTreeMap::new();
        for kind in column.values().filter_map(salesforce_kind) {
            *kinds.entry(kind).or_insert(0) += 1;
        }
        if !kinds.is_empty() {
            found.push(naming(table, column, kinds.into_keys().collect(), is_id));
        }
    }
    // Beside those an account is only that of the record.
    let others = KNOWN_KINDS.iter().filter(|_| found.is_empty());
    let others: Vec<EntityKind> = others.copied().collect();
    for kind in others {
        if let Some(column) = table.first(Meaning::Record(kind)) {
            found.push(naming(table, column, vec![kind], is_id));
        }
    }
    if found.iter().all(|naming| naming.column.is_empty()) {
        for kind in KNOWN_KINDS {
            let column = table.first(Meaning::RecordName(kind));
            if let Some(column) = column.filter(|column| !column.is_empty()) {
                found.push(naming(table, column, vec![kind], |_| true));
            }
        }
    }
    found
}

fn naming<'t, 's>(
    table: &Table<'_>,
    column: &'t Column<'s>,
    kinds: Vec<EntityKind>,
    is_one: impl Fn(&str) -> bool,
) -> Naming<'t, 's> {
    let is_list = column.values().any(|value| value.starts_with('['));
    let usual = (table.system == System::HubSpot && !is_list).then_some(";");
    Naming {
        separator: separator(column.values(), is_one).or(usual),
        column,
        kinds,
        is_list,
    }
}
