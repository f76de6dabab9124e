//! A set of CRM entities that stays small with a million of them.

use std::collections::BTreeMap;

use roaring::RoaringTreemap;

use super::{Entity, EntityKind};

/// CRM entities, each once: a few bytes each, since the numbers of a kind lie close together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntitySet {
    kinds: BTreeMap<EntityKind, RoaringTreemap>,
}

impl EntitySet {
    /// Puts an entity in; nothing changes if it is there already.
    pub fn insert(&mut self, entity: Entity) {
        self.kinds.entry(entity.kind).or_default().insert(entity.id);
    }

    /// Whether the entity is in the set.
    pub fn contains(&self, entity: Entity) -> bool {
        let ids = self.kinds.get(&entity.kind);
        ids.is_some_and(|ids| ids.contains(entity.id))
    }

    /// How many entities there are.
    pub fn len(&self) -> u64 {
        self.kinds.values().map(RoaringTreemap::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kinds.values().all(RoaringTreemap::is_empty)
    }

    /// Takes out every entity that the other set holds.
    pub fn remove_all(&mut self, other: &EntitySet) {
        for (kind, ids) in &mut self.kinds {
            if let Some(others) = other.kinds.get(kind) {
                *ids -= others;
            }
        }
        self.kinds.retain(|_, ids| !ids.is_empty());
    }

    /// The entities by kind, and by number within a kind.
    pub fn iter(&self) -> impl Iterator<Item = Entity> {
        self.kinds
            .iter()
            .flat_map(|(kind, ids)| ids.iter().map(|id| Entity { kind: *kind, id }))
    }
}

impl FromIterator<Entity> for EntitySet {
    fn from_iter<I: IntoIterator<Item = Entity>>(entities: I) -> Self {
        let mut set = EntitySet::default();
        entities.into_iter().for_each(|entity| set.insert(entity));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(entities: &[(EntityKind, u64)]) -> EntitySet {
        let entity = |(kind, id): &(EntityKind, u64)| Entity {
            kind: *kind,
            id: *id,
        };
        entities.iter().map(entity).collect()
    }

    #[test]
    fn kinds_are_kept_apart_and_each_record_counts_once() {
        use EntityKind::{Deal, Dynamic, Lead};
        let mut wanted = set(&[
            (Deal, 9),
            (Lead, 5),
            (Deal, 5),
            (Deal, 5),
            (Dynamic(131), 5),
        ]);
        assert_eq!(wanted.len(), 4);
        wanted.remove_all(&set(&[(Deal, 5), (Lead, 5), (Lead, 6)]));
        let left: Vec<String> = wanted.iter().map(|entity| entity.to_string()).collect();
        assert_eq!(left, ["deal 9", "dynamic_131 5"]);
        assert!(!wanted.contains(Entity { kind: Lead, id: 5 }));
        wanted.remove_all(&wanted.clone());
        assert!(wanted.is_empty());
    }

    #[test]
    fn a_million_records_cost_a_few_bytes_each() {
        let mut ids = RoaringTreemap::new();
        (0..1_000_000_u64).for_each(|n| {
            ids.insert(n * 7);
        });
        assert!(ids.serialized_size() < 3_000_000);
    }
}
