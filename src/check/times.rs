//! How the times of each field are written.

use crate::manifest::mapping::BoundMapping;
use crate::post::{Field, TimeFormat};

/// How times are written: all alike, but for fields of which a mapping says more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times {
    usual: TimeFormat,
    of_fields: Vec<(Field, TimeFormat)>,
}

impl Times {
    /// What the mapping says of a field goes before what holds for all.
    pub fn new(usual: TimeFormat, mapping: Option<&BoundMapping>) -> Times {
        let of_field = |field: Field| {
            let rules = mapping?.rules(field)?;
            let (notation, zone) = (&rules.time_format, &rules.timezone);
            let is_own = notation.is_some() || zone.is_some();
            is_own.then(|| {
                let format = TimeFormat {
                    notation: notation.clone().or_else(|| usual.notation.clone()),
                    zone: zone.clone().or_else(|| usual.zone.clone()),
                };
                (field, format)
            })
        };
        Times {
            of_fields: Field::ALL.into_iter().filter_map(of_field).collect(),
            usual,
        }
    }

    /// How the times of that field are written.
    pub fn of(&self, field: Field) -> &TimeFormat {
        let mut own = self.of_fields.iter();
        let own = own.find(|(other, _)| *other == field);
        own.map_or(&self.usual, |(_, format)| format)
    }
}
