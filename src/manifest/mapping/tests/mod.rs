//! Mappings over whole rows.

mod apply;
mod bind;
mod corrections;
mod documents;
mod fill_down;
mod json;

use std::path::Path;

use super::*;
use crate::manifest::Cell;
use crate::post::Field;

fn parse(text: &str) -> Mapping {
    Mapping::parse(Path::new("m.toml"), text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn bind(text: &str, header: &[&str]) -> BoundMapping {
    let bound = parse(text).bind_header(header.iter().copied(), ColumnOptions::default());
    bound.unwrap_or_else(|errors| panic!("{errors}"))
}

/// The cells of a record in the order of the mapping's sources.
fn cells<'a>(mapping: &BoundMapping, record: &[&'a str]) -> Vec<Cell<'a>> {
    let cell = |source: &Source| match source {
        Source::Column(column) => Cell::Text(record[*column]),
        Source::Path(_) | Source::FieldKey(_) => panic!("{source:?}"),
    };
    mapping.sources().map(cell).collect()
}

/// What is made of a record: the text of each field of each post, by the post's name.
fn map(mapping: &BoundMapping, record: &[&str]) -> Vec<String> {
    shown(mapping, &cells(mapping, record))
}

fn shown(mapping: &BoundMapping, cells: &[Cell<'_>]) -> Vec<String> {
    let mut buffer = PartBuffer::default();
    let parts = match mapping.apply(cells, &mut buffer) {
        Applied::Skipped => return vec!["skipped".to_owned()],
        Applied::Empty => return vec!["empty".to_owned()],
        Applied::Parts(parts) => parts,
    };
    let told = |problem: &MappingProblem| format!("{}: {}", problem.column, problem.kind);
    let mut shown: Vec<String> = parts.problems().iter().map(told).collect();
    let warnings = parts.warnings().iter();
    shown.extend(warnings.map(|warning| format!("warning, {}", told(warning))));
    for part in parts.iter() {
        let fields = Field::ALL.into_iter().filter_map(|field| {
            let text = cells::text_of(part.cell(field)).unwrap_or("?".into());
            // Marked where its value is looked up in the map that the mapping names for it.
            let kind = part.rules(field).and_then(|rules| rules.map);
            let is_of_record = field == Field::EntityId && part.rules(field).is_none();
            let kind =
                kind.or(
                    (is_of_record && mapping.names_map(MapKind::Entity)).then_some(MapKind::Entity)
                );
            let is_looked_up = kind.is_some_and(|kind| part.looks_up(field, kind).is_some());
            let map = if is_looked_up { "→" } else { "" };
            (!text.is_empty()).then(|| format!("{}={text:?}{map}", field.name()))
        });
        let fields: Vec<String> = fields.collect();
        shown.push(format!(
            "{}[{}]",
            part.name().unwrap_or_default(),
            fields.join(" ")
        ));
    }
    shown
}
