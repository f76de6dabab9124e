//! The table `[fields]`: where each field's value comes from.

use std::collections::HashMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use crate::manifest::near::nearest_field;
use crate::post::{Field, MessageFormat};

use super::faults::Faults;
use super::nearest::nearest;
use super::rules::FieldKind;
use super::section::{Entry, Section, literal_of};
use super::{
    FieldRule, MapKind, MappingFault, Missing, Placed, Template, ValueRules, ValueSource, times,
};

/// A rule for each field that the mapping sets.
pub(super) type FieldRules = [Option<FieldRule>; Field::ALL.len()];

const KEYS: &[&str] = &[
    "column",
    "template",
    "value",
    "default",
    "values",
    "map",
    "missing",
    "separator",
    "format",
    "timezone",
];
const COLUMN: &str = "a column's name in quotes";
const FORM: &str = "a column's name in quotes, or a table such as { column = \"Name\" }";

/// Reads `[fields]`. With `[explode]` the message may do without a source.
pub(super) fn read_fields(
    value: &Spanned<DeValue<'_>>,
    explodes: bool,
    faults: &mut Faults<'_>,
) -> FieldRules {
    let mut rules = FieldRules::default();
    let Some(table) = value.get_ref().as_table() else {
        let what = "`fields`".to_owned();
        Entry { what, value }.wrong_type("a table with a key for each field", faults);
        return rules;
    };
    let mut named: HashMap<Field, String> = HashMap::new();
    for (key, value) in table {
        let Some(field) = field_of(key.get_ref(), &key.span(), faults) else {
            continue;
        };
        let second = key.get_ref().to_string();
        if let Some(first) = named.insert(field, second.clone()) {
            let [first, second] = [first, second].map(|name| format!("`{name}`"));
            faults.add(
                &key.span(),
                MappingFault::SameField {
                    field,
                    first,
                    second,
                },
            );
        }
        let mut reader = FieldReader {
            field,
            explodes,
            faults,
        };
        rules[field as usize] = reader.rule(value);
    }
    rules
}

fn field_of(name: &str, span: &Range<usize>, faults: &mut Faults<'_>) -> Option<Field> {
    let field = Field::from_name(name);
    if field.is_none() {
        let mut near = nearest(name, Field::ALL.map(Field::name));
        if let Some(meant) = nearest_field(name).map(Field::name) {
            near.retain(|name| name != meant);
            near.insert(0, meant.to_owned());
        }
        let name = name.to_owned();
        faults.add(span, MappingFault::UnknownField { name, near });
    }
    field
}

struct FieldReader<'f, 't> {
    field: Field,
    explodes: bool,
    faults: &'f mut Faults<'t>,
}

impl FieldReader<'_, '_> {
    fn rule(&mut self, value: &Spanned<DeValue<'_>>) -> Option<FieldRule> {
        let name = format!("`{}`", self.field.name());
        if value.get_ref().is_table() {
            let section = Section::open(name, value, KEYS, self.faults)?;
            return Some(FieldRule {
                source: self.source(&section)?,
                rules: self.rules(&section),
            });
        }
        let entry = Entry { what: name, value };
        Some(FieldRule {
            source: ValueSource::Column(entry.text(FORM, self.faults)?),
            rules: ValueRules::default(),
        })
    }

    fn source(&mut self, section: &Section<'_>) -> Option<ValueSource> {
        let field = self.field;
        let mut found = ["column", "template", "value"]
            .into_iter()
            .filter(|key| section.has(key));
        let Some(first) = found.next() else {
            if field == Field::Message && self.explodes {
                return Some(ValueSource::Explode);
            }
            self.faults
                .add(&section.span, MappingFault::NoSource { field });
            return None;
        };
        if let Some(second) = found.next() {
            let fault = MappingFault::TwoSources {
                field,
                first,
                second,
            };
            self.faults.add(&section.span, fault);
            return None;
        }
        let entry = section.entry(first)?;
        match first {
            "column" => Some(ValueSource::Column(entry.text(COLUMN, self.faults)?)),
            "template" => Some(ValueSource::Template(self.template(&entry)?)),
            _ => {
                self.constant(section);
                Some(ValueSource::Value(entry.literal(self.faults)?))
            }
        }
    }

    /// A value that is the same for every row needs no table and no other in its place.
    fn constant(&mut self, section: &Section<'_>) {
        for key in ["values", "default"] {
            if let Some(entry) = section.entry(key) {
                let fault = MappingFault::Contradiction {
                    first: entry.what,
                    second: "`value`".to_owned(),
                    advice: "a value that is the same for every row is written as it is to be",
                };
                self.faults.add(&entry.value.span(), fault);
            }
        }
    }

    fn template(&mut self, entry: &Entry<'_>) -> Option<Placed<Template>> {
        let Some(text) = entry.value.get_ref().as_str() else {
            entry.wrong_type("a text in quotes with columns in braces", self.faults);
            return None;
        };
        let span = entry.span();
        // Behind one quote stands the text itself, unless something in it is escaped.
        let is_plain = self
            .faults
            .written(&(span.start + 1..span.end.saturating_sub(1)))
            == text;
        let start = if is_plain { span.start + 1 } else { span.start };
        let at = |byte: usize| if is_plain { start + byte } else { start };
        match Template::parse(text) {
            Ok(mut template) => {
                template.set_places(|byte| self.faults.place(&(at(byte)..span.end)));
                let place = self.faults.place(&(start..span.end));
                let value = template;
                Some(Placed { value, place })
            }
            Err((byte, fault)) => {
                let (field, at) = (self.field, at(byte)..span.end);
                self.faults
                    .add(&at, MappingFault::Template { field, fault });
                None
            }
        }
    }

    fn rules(&mut self, section: &Section<'_>) -> ValueRules {
        let mut rules = ValueRules {
            values: self.values(section),
            map: self.map(section),
            default: section
                .entry("default")
                .and_then(|entry| entry.literal(self.faults)),
            separator: self.separator(section),
            ..ValueRules::default()
        };
        rules.missing = self.missing(section);
        self.format(section, &mut rules);
        rules
    }

    fn values(&mut self, section: &Section<'_>) -> Option<HashMap<String, String>> {
        let entry = section.entry("values")?;
        let Some(table) = entry.value.get_ref().as_table() else {
            entry.wrong_type("a table such as { \"old\" = \"new\" }", self.faults);
            return None;
        };
        let mut values = HashMap::new();
        for (from, to) in table {
            let to_what = format!("{:?} in {}", from.get_ref(), entry.what);
            match literal_of(to.get_ref()) {
                Some(to) => drop(values.insert(from.get_ref().trim().to_owned(), to.into_owned())),
                None => Entry {
                    what: to_what,
                    value: to,
                }
                .wrong_type("a text in quotes", self.faults),
            }
        }
        if table.is_empty() {
            let (what, expected) = (entry.what.clone(), "at least one value");
            self.faults
                .add(&entry.span(), MappingFault::Empty { what, expected });
        }
        Some(values)
    }

    fn map(&mut self, section: &Section<'_>) -> Option<MapKind> {
        let entry = section.entry("map")?;
        let map = entry.word(MapKind::NAMES, MapKind::parse, self.faults)?;
        if !map.is_for(self.field) {
            self.not_for_field(&entry, "map", MapKind::taken_by(self.field));
        }
        Some(map)
    }

    fn separator(&mut self, section: &Section<'_>) -> Option<String> {
        let entry = section.entry("separator")?;
        if FieldKind::of(self.field) != FieldKind::List {
            let takes = "only attachments, audience and tags hold several values";
            self.not_for_field(&entry, "separator", takes);
        }
        separator(&entry, self.faults)
    }

    fn missing(&mut self, section: &Section<'_>) -> Missing {
        let Some(entry) = section.entry("missing") else {
            return Missing::Problem;
        };
        if !section.has("values") && !section.has("map") {
            let takes =
                "without values or map nothing can be missing; for empty cells there is default";
            self.not_for_field(&entry, "missing", takes);
        }
        let word = entry.literal(self.faults);
        word.map_or(Missing::Problem, |word| missing(&word))
    }

    fn format(&mut self, section: &Section<'_>, rules: &mut ValueRules) {
        let kind = FieldKind::of(self.field);
        if let Some(entry) = section.entry("format") {
            match kind {
                FieldKind::Message => {
                    let (names, parse) = (MessageFormat::NAMES, MessageFormat::parse);
                    rules.message_format = entry.word(names, parse, self.faults);
                }
                FieldKind::Time => rules.time_format = times::notation(&entry, self.faults),
                FieldKind::List | FieldKind::Single => {
                    let takes = "formats are for message and for times";
                    self.not_for_field(&entry, "format", takes);
                }
            }
        }
        if let Some(entry) = section.entry("timezone") {
            rules.timezone = times::zone(&entry, self.faults);
            if kind != FieldKind::Time {
                let takes = "zones are for times";
                self.not_for_field(&entry, "timezone", takes);
            }
        }
    }

    fn not_for_field(&mut self, entry: &Entry<'_>, key: &'static str, takes: &'static str) {
        let field = self.field;
        let fault = MappingFault::NotForField { field, key, takes };
        self.faults.add(&entry.span(), fault);
    }
}

/// What `missing` says.
pub(super) fn missing(word: &str) -> Missing {
    match word {
        "problem" => Missing::Problem,
        "skip" => Missing::Skip,
        "warn" => Missing::Warn,
        value => Missing::Value(value.to_owned()),
    }
}

/// What stands between values; blanks count.
pub(super) fn separator(entry: &Entry<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let text = entry.literal(faults)?;
    if text.is_empty() {
        let (what, expected) = (entry.what.clone(), "what stands between two values");
        faults.add(&entry.span(), MappingFault::Empty { what, expected });
        return None;
    }
    Some(text)
}
