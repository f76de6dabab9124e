//! The mapping file: which columns of a foreign export give which field of a post.
//!
//! ```toml
//! [file]
//! delimiter = ";"
//! timezone = "Europe/Moscow"
//!
//! [fields]
//! external_id = "ID"
//! message     = { template = "{Название сделки}\n\n{explode}", format = "text" }
//! entity_type = { value = "deal" }
//! entity_id   = { column = "ID", map = "entity" }
//! created_at  = { column = "Дата", format = "%d.%m.%Y %H:%M", timezone = "Asia/Almaty" }
//!
//! [explode]
//! columns = ["Примечание", "Примечание 2"]
//!
//! [[skip]]
//! column = "Удалено"
//! equals = ["1", "да"]
//! ```
//!
//! It is used in three steps. [`Mapping::parse`] reads the file and finds all that is wrong with it.
//! [`Mapping::bind_header`] or [`Mapping::bind_json`] finds its columns in a manifest, once. Then
//! [`BoundMapping::apply`] makes the posts of each row: what each field has as written, whether it goes
//! through a map, and the name that tells the post from the others of its row. Looking values up
//! in maps and reading times is left to whoever reads the fields.
//!
//! ```
//! use b24post::manifest::{Cell, mapping::{Applied, ColumnOptions, Mapping, PartBuffer, Source}};
//! use b24post::post::Field;
//!
//! let text = b"[fields]\nexternal_id = 'ID'\n[explode]\ncolumns = ['Note', 'Note#2']";
//! let mapping = Mapping::parse("notes.toml".as_ref(), text)?;
//! let bound = mapping.bind_header(["ID", "Note", "Note"], ColumnOptions::default())?;
//!
//! let record = ["51", "first", "second"];
//! let cell = |source: &Source| match source {
//!     Source::Column(column) => Cell::Text(record[*column]),
//!     Source::Path(_) | Source::FieldKey(_) => Cell::Absent, // of JSON: `BoundMapping::json_cells`
//! };
//! let cells: Vec<Cell> = bound.sources().map(cell).collect();
//! let mut buffer = PartBuffer::default(); // used again for each row
//! let Applied::Parts(parts) = bound.apply(&cells, &mut buffer) else { panic!() };
//! assert!(parts.problems().is_empty());
//! let second = parts.iter().nth(1).unwrap();
//! assert_eq!(second.name(), Some("51/Note#2"));
//! assert_eq!(second.cell(Field::Message), Cell::Text("second"));
//! # Ok::<(), b24post::manifest::mapping::MappingErrors>(())
//! ```
//!
//! `fill_down` is done before, by a [`Carry`].

mod apply;
mod bind;
mod bound;
mod cells;
mod error;
mod faults;
mod field_reader;
mod fill_down;
mod header;
mod json_cells;
mod nearest;
mod parse;
mod part;
mod part_buffer;
mod part_name;
mod place;
mod problem;
mod records;
mod row_mapper;
mod row_rules;
mod rules;
mod section;
mod settings;
mod source;
mod template;
mod times;
mod values;

pub use bind::ColumnOptions;
pub use bound::{BoundMapping, ColumnUse};
pub use cells::emptied;
pub use error::{MappingError, MappingErrors, MappingFault, Origin};
pub use fill_down::{Carry, Passing};
pub use header::unique_names;
pub use json_cells::JsonCellsFault;
pub use parse::Mapping;
pub use part::{Applied, Part, Parts};
pub use part_buffer::PartBuffer;
pub use place::{Place, Placed};
pub use problem::{MappingProblem, ProblemKind};
pub use row_rules::{RecordsRule, SkipRule};
pub use rules::{FieldRule, MapKind, Missing, ValueRules, ValueSource};
pub use settings::FileSettings;
pub use source::{JsonPath, Source};
pub use template::{Template, TemplateColumn, TemplateFault, TemplatePiece};

#[cfg(test)]
mod tests;
