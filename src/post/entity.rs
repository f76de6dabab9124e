//! CRM records that a post can belong to.

use std::fmt;

/// A kind of CRM record, numbered as Bitrix24 numbers its owner types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntityKind {
    Lead = 1,
    Deal = 2,
    Contact = 3,
    Company = 4,
}

impl EntityKind {
    pub const ALL: [EntityKind; 4] = [
        EntityKind::Lead,
        EntityKind::Deal,
        EntityKind::Contact,
        EntityKind::Company,
    ];

    /// Bitrix24's number for the kind (`ENTITYTYPEID`).
    pub const fn id(self) -> u64 {
        self as u64
    }

    /// The kind's name in a manifest and in the REST API.
    pub const fn name(self) -> &'static str {
        match self {
            EntityKind::Lead => "lead",
            EntityKind::Deal => "deal",
            EntityKind::Contact => "contact",
            EntityKind::Company => "company",
        }
    }

    /// Reads a name in any letter case, or the number.
    pub fn parse(text: &str) -> Option<EntityKind> {
        let text = text.trim();
        EntityKind::ALL.into_iter().find(|kind| {
            kind.name().eq_ignore_ascii_case(text) || text.parse::<u64>() == Ok(kind.id())
        })
    }
}

impl fmt::Display for EntityKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// One CRM record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entity {
    pub kind: EntityKind,
    pub id: u64,
}

impl fmt::Display for Entity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_read_by_name_and_number() {
        assert_eq!(EntityKind::parse(" Deal "), Some(EntityKind::Deal));
        assert_eq!(EntityKind::parse("4"), Some(EntityKind::Company));
        for wrong in ["", "0", "5", "deals", "-1", "2.0"] {
            assert_eq!(EntityKind::parse(wrong), None, "{wrong}");
        }
    }
}
