//! CRM entities that a post can belong to.

use std::fmt;

use super::{parse_id, trimmed};

/// A kind of CRM entity that has a timeline.
#[allow(missing_docs, reason = "the names are Bitrix24's own")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntityKind {
    Lead,
    Deal,
    Contact,
    Company,
    Quote,
    Order,
    SmartInvoice,
    /// A smart process, by the number of its type.
    Dynamic(u64),
}

/// What the name of a smart process begins with.
const DYNAMIC: &str = "dynamic_";

impl EntityKind {
    /// The kinds that Bitrix24 has had from the start; a manifest may give their numbers, 1 to 4.
    pub const CLASSIC: [EntityKind; 4] = [
        EntityKind::Lead,
        EntityKind::Deal,
        EntityKind::Contact,
        EntityKind::Company,
    ];

    const NAMED: [EntityKind; 7] = [
        EntityKind::Lead,
        EntityKind::Deal,
        EntityKind::Contact,
        EntityKind::Company,
        EntityKind::Quote,
        EntityKind::Order,
        EntityKind::SmartInvoice,
    ];

    /// Bitrix24's number for the kind (`ENTITYTYPEID`).
    pub const fn id(self) -> u64 {
        match self {
            EntityKind::Lead => 1,
            EntityKind::Deal => 2,
            EntityKind::Contact => 3,
            EntityKind::Company => 4,
            EntityKind::Quote => 7,
            EntityKind::Order => 14,
            EntityKind::SmartInvoice => 31,
            EntityKind::Dynamic(id) => id,
        }
    }

    /// Reads a name in any letter case, or the number of one of the classic kinds.
    pub fn parse(text: &str) -> Option<EntityKind> {
        let text = trimmed(text);
        let has_name = |kind: &EntityKind| text.eq_ignore_ascii_case(kind.name());
        if let Some(kind) = EntityKind::NAMED.iter().copied().find(has_name) {
            return Some(kind);
        }
        if let Some(number) = without_prefix(text, DYNAMIC) {
            return parse_id(number).map(EntityKind::Dynamic);
        }
        let number = text.parse::<u64>().ok()?;
        EntityKind::CLASSIC
            .into_iter()
            .find(|kind| kind.id() == number)
    }

    /// Its name; of a smart process, what all of those have in front of their number.
    pub(super) const fn name(self) -> &'static str {
        match self {
            EntityKind::Lead => "lead",
            EntityKind::Deal => "deal",
            EntityKind::Contact => "contact",
            EntityKind::Company => "company",
            EntityKind::Quote => "quote",
            EntityKind::Order => "order",
            EntityKind::SmartInvoice => "smart_invoice",
            EntityKind::Dynamic(_) => DYNAMIC,
        }
    }
}

/// What follows a prefix, in any letter case.
fn without_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let start = text.get(..prefix.len())?;
    start
        .eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

/// The kind's name in a manifest and in the REST API.
impl fmt::Display for EntityKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())?;
        match self {
            EntityKind::Dynamic(id) => write!(out, "{id}"),
            _ => Ok(()),
        }
    }
}

/// One CRM entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// Its number among those of its kind; never 0.
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
        assert_eq!(
            EntityKind::parse("Smart_Invoice"),
            Some(EntityKind::SmartInvoice)
        );
        let process = EntityKind::parse("DYNAMIC_131");
        assert_eq!(process, Some(EntityKind::Dynamic(131)));
        assert_eq!(EntityKind::Dynamic(131).to_string(), "dynamic_131");
        for wrong in [
            "",
            "0",
            "5",
            "31",
            "deals",
            "-1",
            "2.0",
            "dynamic",
            "dynamic_",
            "dynamic_0",
            "dynamic_+1",
            "dynamic_x",
        ] {
            assert_eq!(EntityKind::parse(wrong), None, "{wrong}");
        }
    }
}
