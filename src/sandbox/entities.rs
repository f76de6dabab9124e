//! Which CRM entities there are, and what the webhook's user may do with them.
//!
//! Entities are not kept one by one: every entity is there and may be changed, but for those that
//! a plan such as `deal:5=missing,lead:10-19=read-only,company:*=hidden` names.

use std::ops::RangeInclusive;

use super::owner::type_id;

/// What the webhook's user may do with an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Read and change it.
    Full,
    /// Read it.
    ReadOnly,
    /// Nothing, though it is there.
    Hidden,
    /// Nothing: there is no such entity.
    Missing,
}

impl Access {
    pub(super) fn exists(self) -> bool {
        self != Access::Missing
    }

    pub(super) fn may_read(self) -> bool {
        matches!(self, Access::Full | Access::ReadOnly)
    }

    pub(super) fn may_change(self) -> bool {
        self == Access::Full
    }
}

/// The kinds of access by the names they have in a plan.
const KINDS: [(&str, Access); 4] = [
    ("full", Access::Full),
    ("read-only", Access::ReadOnly),
    ("hidden", Access::Hidden),
    ("missing", Access::Missing),
];

/// A plan of entities that cannot be read.
#[allow(
    missing_docs,
    reason = "the messages say what the variants and fields are"
)]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntityPlanError {
    #[error("`{rule}` is no rule for records; write one such as deal:5=missing or deal:*=hidden")]
    NoRule { rule: String },
    #[error(
        "`{name}` in `{rule}` is no type of CRM record; there are lead, deal, contact, company, \
         quote, order, smart_invoice and dynamic_128 and up"
    )]
    UnknownType { rule: String, name: String },
    #[error("`{ids}` in `{rule}` is no ID or range; write 5, 5-9 or * for all")]
    BadIds { rule: String, ids: String },
    #[error("`{access}` in `{rule}` is no access; there are full, read-only, hidden and missing")]
    UnknownAccess { rule: String, access: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct EntityRule {
    owner_type: i64,
    ids: RangeInclusive<i64>,
    access: Access,
}

/// The rules, of which the first that names an entity counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntityPlan(Vec<EntityRule>);

impl EntityPlan {
    /// Reads a comma list of `TYPE:IDS=ACCESS`; an empty text is no rule.
    ///
    /// # Errors
    /// Names the rule that cannot be read, and what there is.
    pub fn parse(spec: &str) -> Result<EntityPlan, EntityPlanError> {
        spec.split(',')
            .map(str::trim)
            .filter(|rule| !rule.is_empty())
            .map(read)
            .collect::<Result<_, _>>()
            .map(EntityPlan)
    }

    /// What is allowed with an entity (owner type, ID).
    pub(super) fn access(&self, (owner_type, id): (i64, i64)) -> Access {
        self.0
            .iter()
            .find(|rule| rule.owner_type == owner_type && rule.ids.contains(&id))
            .map_or(Access::Full, |rule| rule.access)
    }
}

fn read(text: &str) -> Result<EntityRule, EntityPlanError> {
    let rule = || text.to_owned();
    let (entities, access) = text
        .split_once('=')
        .ok_or_else(|| EntityPlanError::NoRule { rule: rule() })?;
    let (name, ids) = entities
        .split_once(':')
        .ok_or_else(|| EntityPlanError::NoRule { rule: rule() })?;
    Ok(EntityRule {
        owner_type: type_id(name).ok_or_else(|| EntityPlanError::UnknownType {
            rule: rule(),
            name: name.into(),
        })?,
        ids: range(ids).ok_or_else(|| EntityPlanError::BadIds {
            rule: rule(),
            ids: ids.into(),
        })?,
        access: KINDS
            .iter()
            .find(|(known, _)| *known == access)
            .map(|(_, access)| *access)
            .ok_or_else(|| EntityPlanError::UnknownAccess {
                rule: rule(),
                access: access.into(),
            })?,
    })
}

fn range(text: &str) -> Option<RangeInclusive<i64>> {
    if text == "*" {
        return Some(1..=i64::MAX);
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (1 <= first && first <= last).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_names_a_record_counts() {
        let plan =
            EntityPlan::parse("deal:5=hidden, deal:4-6=read-only,deal:1-9=full,deal:*=missing");
        let plan = plan.unwrap();
        for (entity, access) in [
            ((2, 5), Access::Hidden),
            ((2, 6), Access::ReadOnly),
            ((2, 7), Access::Full),
            ((2, 10), Access::Missing),
            ((1, 5), Access::Full),
        ] {
            assert_eq!(plan.access(entity), access, "{entity:?}");
        }
        assert_eq!(EntityPlan::parse(" , "), Ok(EntityPlan::default()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (spec, said) in [
            ("deal:5", "`deal:5` is no rule"),
            ("deal=missing", "`deal=missing` is no rule"),
            ("task:5=missing", "`task` in `task:5=missing` is no type"),
            ("deal:0=missing", "`0` in `deal:0=missing` is no ID"),
            ("deal:9-5=missing", "`9-5` in"),
            ("deal:5=gone", "`gone` in `deal:5=gone` is no access"),
        ] {
            let error = EntityPlan::parse(spec).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
