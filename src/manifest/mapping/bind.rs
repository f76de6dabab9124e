//! From a mapping and the columns of a manifest to a mapping whose columns have been found.

use crate::manifest::folded::folded;
use crate::manifest::reject_columns::RejectColumn;
use crate::post::Field;

use super::bound::{BoundField, BoundOrigin, BoundPiece, BoundRecords, BoundSkip, ExplodedColumn};
use super::header::HeaderNames;
use super::nearest::nearest;
use super::part_name::endings;
use super::source::NamedSource;
use super::template::EXPLODE;
use super::{
    BoundMapping, ColumnUse, FieldRule, JsonPath, Mapping, MappingError, MappingErrors,
    MappingFault, Origin, Place, Placed, Source, Template, TemplatePiece, ValueRules, ValueSource,
};

/// What the command line says of columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct ColumnOptions<'o> {
    /// Columns by the fields that they hold; they go before the mapping's. A field keeps what the
    /// mapping says of its values.
    pub mapped: &'o [(Field, String)],
    /// Columns that are no fields; where there are none, the mapping's own list holds.
    pub ignored: &'o [String],
}

impl Mapping {
    /// Finds the mapping's columns in a header.
    ///
    /// # Errors
    /// When a column is not there, or two give one field.
    pub fn bind_header<'h>(
        &self,
        names: impl IntoIterator<Item = &'h str>,
        options: ColumnOptions<'_>,
    ) -> Result<BoundMapping, MappingErrors> {
        let header = HeaderNames::new(names);
        Binder::new(self, Some(&header), options).bind()
    }

    /// Takes the mapping's columns as paths within JSON rows, which may or may not have them.
    ///
    /// # Errors
    /// When a field is given twice.
    pub fn bind_json(&self, options: ColumnOptions<'_>) -> Result<BoundMapping, MappingErrors> {
        Binder::new(self, None, options).bind()
    }
}

struct Binder<'m> {
    mapping: &'m Mapping,
    /// None for JSON.
    header: Option<&'m HeaderNames<'m>>,
    options: ColumnOptions<'m>,
    bound: BoundMapping,
    /// Columns that the mapping gives to a field as they are, and that so are no other field.
    given: Vec<usize>,
    errors: Vec<MappingError>,
}

impl<'m> Binder<'m> {
    fn new(
        mapping: &'m Mapping,
        header: Option<&'m HeaderNames<'m>>,
        options: ColumnOptions<'m>,
    ) -> Binder<'m> {
        let ignored = match options.ignored {
            [] => mapping.file.ignore_columns.as_deref().unwrap_or_default(),
            ignored => ignored,
        };
        let bound = BoundMapping {
            ignored: ignored.iter().map(|name| folded(name)).collect(),
            ..BoundMapping::default()
        };
        Binder {
            mapping,
            header,
            options,
            bound,
            given: Vec::new(),
            errors: Vec::new(),
        }
    }

    fn bind(mut self) -> Result<BoundMapping, MappingErrors> {
        self.explode();
        self.mapped_fields();
        self.fields_of_the_mapping();
        self.records();
        self.skips_and_filling();
        self.fields_by_name();
        self.count_columns();
        if self.errors.is_empty() {
            self.bound.fields.sort_by_key(|bound| bound.field);
            for (place, bound) in self.bound.fields.iter().enumerate() {
                self.bound.places[bound.field as usize] = Some(place);
            }
            let columns: Vec<&str> = self.bound.exploded_columns().collect();
            self.bound.endings = endings(&columns);
            return Ok(self.bound);
        }
        self.errors.sort_by_key(|error| match error.origin {
            Origin::File(place) => (1, place),
            Origin::Option { .. } | Origin::Header => (0, Place::default()),
        });
        Err(MappingErrors {
            path: self.mapping.path.clone(),
            errors: self.errors,
        })
    }

    fn explode(&mut self) {
        for column in &self.mapping.explode {
            let Some(slot) = self.slot(column) else {
                continue;
            };
            if self.bound.explode.iter().any(|other| other.slot == slot) {
                let fault = MappingFault::RepeatedExplode;
                self.fail(Origin::File(column.place), fault);
                continue;
            }
            let suffix = format!("/{}", self.bound.source_name(slot));
            self.bound.explode.push(ExplodedColumn { slot, suffix });
        }
    }

    /// The columns that the command line gives.
    fn mapped_fields(&mut self) {
        for (number, (field, column)) in self.options.mapped.iter().enumerate() {
            let (field, origin) = (*field, Origin::option(*field, column));
            let mut before = self.options.mapped[..number].iter();
            if let Some((_, first)) = before.find(|(other, _)| *other == field) {
                let [first, second] = [first, column].map(|name| format!("`{name}`"));
                self.fail(
                    origin,
                    MappingFault::SameField {
                        field,
                        first,
                        second,
                    },
                );
            } else if is_entity(field) && !self.mapping.records.is_empty() {
                self.fail(origin, MappingFault::beside_records("--map".to_owned()));
            } else if let Some(slot) = self.slot_at(column, origin) {
                let rule = self.mapping.fields[field as usize].as_ref();
                let rules = rule.map(|rule| rule.rules.clone()).unwrap_or_default();
                self.add(field, BoundOrigin::Column(slot), rules);
            }
        }
    }

    fn fields_of_the_mapping(&mut self) {
        for (field, rule) in Field::ALL.into_iter().zip(&self.mapping.fields) {
            let is_mapped = self.options.mapped.iter().any(|(other, _)| *other == field);
            if let Some(rule) = rule.as_ref().filter(|_| !is_mapped) {
                self.field_of_the_mapping(field, rule);
            }
        }
        self.exploded_text();
    }

    /// The text of the exploded columns is the message where none is given.
    fn exploded_text(&mut self) {
        let mut mapped = self.options.mapped.iter();
        let option = mapped.find(|(field, _)| *field == Field::Message);
        if self.mapping.explode.is_empty() || self.bound.exploding() > 0 {
            return;
        }
        match option {
            Some((field, column)) => {
                let origin = Origin::option(*field, column);
                self.fail(origin, MappingFault::ExplodeUnused);
            }
            None if self.is_set(Field::Message) => {}
            None => self.add(Field::Message, BoundOrigin::Explode, ValueRules::default()),
        }
    }

    fn field_of_the_mapping(&mut self, field: Field, rule: &FieldRule) {
        let origin = match &rule.source {
            ValueSource::Column(column) => self.slot(column).map(BoundOrigin::Column),
            ValueSource::Template(template) => Some(BoundOrigin::Template(self.pieces(template))),
            ValueSource::Value(text) => Some(BoundOrigin::Value(text.clone())),
            ValueSource::Explode => Some(BoundOrigin::Explode),
        };
        if let Some(origin) = origin {
            self.add(field, origin, rule.rules.clone());
        }
    }

    fn pieces(&mut self, template: &Placed<Template>) -> Vec<BoundPiece> {
        let explodes = !self.mapping.explode.is_empty();
        let mut pieces = Vec::new();
        for piece in &template.value.pieces {
            match piece {
                TemplatePiece::Text(text) => pieces.push(BoundPiece::Text(text.clone())),
                TemplatePiece::Column(column) if explodes && column.name == EXPLODE => {
                    pieces.push(BoundPiece::Explode);
                }
                TemplatePiece::Column(column) => {
                    let origin = Origin::File(column.place);
                    pieces.extend(self.slot_at(&column.name, origin).map(BoundPiece::Column));
                }
            }
        }
        pieces
    }

    fn records(&mut self) {
        for rule in &self.mapping.records {
            if let Some(slot) = self.slot(&rule.column) {
                self.bound.records.push(BoundRecords {
                    slot,
                    kind: rule.kind.to_string(),
                    separator: rule.separator.clone(),
                    map: rule.map,
                    missing: rule.missing.clone(),
                });
            }
        }
    }

    fn skips_and_filling(&mut self) {
        for rule in &self.mapping.skips {
            if let Some(slot) = self.slot(&rule.column) {
                let equals = rule.equals.clone();
                self.bound.skips.push(BoundSkip { slot, equals });
            }
        }
        for column in &self.mapping.file.fill_down {
            if let Some(slot) = self
                .slot(column)
                .filter(|slot| !self.bound.fill_down.contains(slot))
            {
                self.bound.fill_down.push(slot);
            }
        }
    }

    /// Columns that are named like fields which nothing else gives.
    fn fields_by_name(&mut self) {
        let has_records = !self.mapping.records.is_empty();
        let free: Vec<Field> = Field::ALL
            .into_iter()
            .filter(|field| !(self.is_set(*field) || has_records && is_entity(*field)))
            .collect();
        match self.header {
            Some(header) => self.columns_named_like(&free, header),
            None => {
                for field in free {
                    let slot = self.slot_of(Source::FieldKey(field), field.name());
                    self.add(field, BoundOrigin::Column(slot), ValueRules::default());
                }
            }
        }
    }

    fn columns_named_like(&mut self, fields: &[Field], header: &HeaderNames<'_>) {
        let mut taken: Vec<(Field, usize)> = Vec::new();
        for column in 0..header.count() {
            let field = Field::from_name(header.written(column));
            let Some(field) = field.filter(|field| fields.contains(field)) else {
                continue;
            };
            if self.is_ignored(column, header) || self.given.contains(&column) {
                continue;
            }
            if let Some((_, first)) = taken.iter().find(|(other, _)| *other == field) {
                let [first, second] =
                    [*first, column].map(|column| format!("`{}`", header.unique(column)));
                let fault = MappingFault::SameField {
                    field,
                    first,
                    second,
                };
                self.fail(Origin::Header, fault);
                continue;
            }
            taken.push((field, column));
            let slot = self.slot_of(Source::Column(column), header.unique(column));
            self.add(field, BoundOrigin::Column(slot), ValueRules::default());
        }
    }

    fn count_columns(&mut self) {
        let Some(header) = self.header else { return };
        let mut columns = ColumnUse::default();
        for column in 0..header.count() {
            let name = header.unique(column).to_owned();
            let is_used = |named: &NamedSource| named.source == Source::Column(column);
            if self.bound.sources.iter().any(is_used) {
                columns.used.push(name);
            } else if RejectColumn::of_name(header.written(column)).is_some() {
                // One of a rejects file is neither used nor unknown.
            } else if self.is_ignored(column, header) {
                columns.ignored.push(name);
            } else {
                columns.left_over.push((column, name));
            }
        }
        self.bound.columns = columns;
    }

    fn is_ignored(&self, column: usize, header: &HeaderNames<'_>) -> bool {
        let names = [header.written(column), header.unique(column)];
        let is_ignored = |name: &str| self.bound.ignored.contains(&folded(name));
        !self.bound.ignored.is_empty() && names.into_iter().any(is_ignored)
    }

    fn is_set(&self, field: Field) -> bool {
        self.bound.fields.iter().any(|bound| bound.field == field)
            || self.mapping.fields[field as usize].is_some()
    }

    fn add(&mut self, field: Field, origin: BoundOrigin, rules: ValueRules) {
        if let BoundOrigin::Column(slot) = origin
            && let Source::Column(column) = self.bound.sources[slot].source
        {
            self.given.push(column);
        }
        let is_exploding = match &origin {
            BoundOrigin::Explode => true,
            BoundOrigin::Template(pieces) => {
                let explodes = |piece: &BoundPiece| matches!(piece, BoundPiece::Explode);
                pieces.iter().any(explodes)
            }
            BoundOrigin::Column(_) | BoundOrigin::Value(_) => false,
        };
        let exploding = is_exploding.then(|| self.bound.exploding());
        self.bound.fields.push(BoundField {
            field,
            origin,
            rules,
            exploding,
        });
    }

    fn slot(&mut self, column: &Placed<String>) -> Option<usize> {
        self.slot_at(&column.value, Origin::File(column.place))
    }

    /// The slot of a column or path of that name.
    fn slot_at(&mut self, name: &str, origin: Origin) -> Option<usize> {
        let Some(header) = self.header else {
            let path = JsonPath::new(name);
            return Some(self.slot_of(Source::Path(path), name.trim()));
        };
        if let Some(column) = header.find(name) {
            return Some(self.slot_of(Source::Column(column), header.unique(column)));
        }
        let fault = MappingFault::UnknownColumn {
            name: name.to_owned(),
            near: nearest(name, header.all()),
            some: header.all().take(8).map(str::to_owned).collect(),
        };
        self.fail(origin, fault);
        None
    }

    fn slot_of(&mut self, source: Source, name: &str) -> usize {
        let sources = &mut self.bound.sources;
        if let Some(slot) = sources.iter().position(|named| named.source == source) {
            return slot;
        }
        let name = name.to_owned();
        sources.push(NamedSource { source, name });
        sources.len() - 1
    }

    fn fail(&mut self, origin: Origin, fault: MappingFault) {
        self.errors.push(MappingError { origin, fault });
    }
}

fn is_entity(field: Field) -> bool {
    matches!(field, Field::EntityType | Field::EntityId)
}
