//! The mapping file: which columns of a foreign export give which field.
mod error;
mod faults;
mod field_reader;
mod nearest;
mod parse;
mod place;
mod row_rules;
mod rules;
mod section;
mod settings;
mod template;
mod times;

pub use error::{MappingError, MappingErrors, MappingFault, Origin};
pub use parse::Mapping;
pub use place::{Place, Placed};
pub use row_rules::{RecordsRule, SkipRule};
pub use rules::{
    FieldRule, MapKind, MessageFormat, Missing, TimeNotation, ValueRules, ValueSource,
};
pub use settings::FileSettings;
pub use template::{Template, TemplateColumn, TemplateFault, TemplatePiece};
