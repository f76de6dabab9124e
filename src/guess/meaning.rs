//! What a column of an old system may hold.

use crate::post::{EntityKind, Field};

/// What a column holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// What is in a field of the post.
    Gives(Field),
    /// The same of the record: when the deal was created, not the note on it.
    OfRecord(Field, EntityKind),
    /// IDs of records of that kind.
    Record(EntityKind),
    /// Names of records of that kind.
    RecordName(EntityKind),
    /// What only exports of records of that kind have, such as the stage of a deal.
    Shows(EntityKind),
    /// What kind of note or activity the row is.
    NoteKind,
    /// Nothing for a post, though it tells the system.
    Ignored,
    /// That the row was deleted, where it holds one of these.
    Deleted(&'static [&'static str]),
}
