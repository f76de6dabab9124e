//! The problem of a row whose CRM entity the portal doesn't show.

use crate::manifest::Columns;
use crate::post::{Entity, Field};

use super::{CheckedRow, Code, Place, Problem};

/// The problem of a row whose entity is not to be had; `refusal` is what the portal said where it
/// shows no entity of that kind at all.
pub fn entity_not_found(
    row: &CheckedRow,
    entity: Entity,
    refusal: Option<&str>,
    columns: &Columns,
) -> Problem {
    let (field, value, advice) = match refusal {
        None => (
            Field::EntityId,
            entity.id.to_string(),
            format!(
                "{entity} doesn't exist, or the user behind the credentials can't see it; correct \
                 the number, give the user access, or leave such rows out with --skip-invalid"
            ),
        ),
        Some(said) => (
            Field::EntityType,
            entity.kind.to_string(),
            format!(
                "the portal shows no entity of this kind to the user behind the credentials \
                 ({said}); correct the kind, give the user access, or leave such rows out with \
                 --skip-invalid"
            ),
        ),
    };
    let place = Place {
        at: row.at,
        column: columns.name(field),
    };
    Problem::of_column(place, Code::RecordNotFound, &value, advice)
}
