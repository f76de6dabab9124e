//! Why a target refuses a post.

use crate::post::Field;

/// What a target has against a post, and what the user can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The field to blame.
    pub field: Field,
    /// What is wrong with it.
    pub kind: ObjectionKind,
    /// What the user can do.
    pub advice: String,
}

/// What a target can have against a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectionKind {
    /// It has to belong to a CRM entity and names none.
    NoEntity,
    /// Nobody is named who may see it.
    NoAudience,
    /// The target carries the field, but not this value of it.
    Value,
    /// The field's text is longer than the target keeps.
    TooLong,
}

impl Objection {
    /// An objection to what a field holds, or to its absence.
    pub fn new(field: Field, kind: ObjectionKind, advice: impl Into<String>) -> Objection {
        Objection {
            field,
            kind,
            advice: advice.into(),
        }
    }

    /// Nobody is named who may see the post; the same for every target that asks.
    pub fn no_audience() -> Objection {
        let advice = "name who may see the post, such as U1 or SG5, or give --default-audience";
        Objection::new(Field::Audience, ObjectionKind::NoAudience, advice)
    }
}
