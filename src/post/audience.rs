//! Who may see a post.

use std::collections::HashSet;

use super::{AudienceCode, AudienceKind, AudienceName, AudienceNames, Entity};

/// The access codes of a post, each once, in the order written; and names whose codes are not known
/// yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    codes: Vec<AudienceCode>,
    names: Vec<AudienceName>,
}

impl Audience {
    /// Whether nobody is named.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.names.is_empty()
    }

    /// The codes in the order written.
    pub fn codes(&self) -> &[AudienceCode] {
        &self.codes
    }

    /// The names whose codes are not known yet.
    pub fn names(&self) -> &[AudienceName] {
        &self.names
    }

    /// The same with these names, each once.
    pub fn with_names(mut self, names: Vec<AudienceName>) -> Audience {
        for name in names {
            if !self.names.contains(&name) {
                self.names.push(name);
            }
        }
        self
    }

    /// The same with the codes of its names in their place; what has none stays a name.
    pub fn resolved(&self, known: &AudienceNames) -> Audience {
        let found = self.names.iter().filter_map(|name| known.code(name));
        let codes = self.codes.iter().copied().chain(found);
        let unknown = self.names.iter().filter(|name| known.code(name).is_none());
        let names = unknown.cloned().collect();
        codes.collect::<Audience>().with_names(names)
    }

    /// The codes by kind, kinds in the order of their first code.
    pub fn by_kind(&self) -> Vec<(AudienceKind, Vec<AudienceCode>)> {
        let mut groups: Vec<(AudienceKind, Vec<AudienceCode>)> = Vec::new();
        for code in &self.codes {
            match groups.iter_mut().find(|(kind, _)| *kind == code.kind) {
                Some((_, group)) => group.push(*code),
                None => groups.push((code.kind, vec![*code])),
            }
        }
        groups
    }

    /// The CRM entity named by the first CRM code, in the order in which it is sent.
    pub fn first_entity(&self) -> Option<Entity> {
        self.codes.iter().find_map(|code| {
            let kind = code.kind.entity_kind()?;
            Some(Entity { kind, id: code.id })
        })
    }
}

impl FromIterator<AudienceCode> for Audience {
    /// The codes, but for those that were there before.
    fn from_iter<I: IntoIterator<Item = AudienceCode>>(all: I) -> Self {
        let mut codes: Vec<AudienceCode> = all.into_iter().collect();
        if codes.len() > 1 {
            let mut known = HashSet::new();
            codes.retain(|code| known.insert(*code));
        }
        let names = Vec::new();
        Audience { codes, names }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::EntityKind;

    #[test]
    fn each_code_is_there_once_however_many_there_are() {
        let code = |id| AudienceCode {
            kind: AudienceKind::User,
            id,
        };
        let audience: Audience = (1..=200_000).chain(1..=200_000).map(code).collect();
        assert!(audience.codes().iter().copied().eq((1..=200_000).map(code)));
    }

    #[test]
    fn names_give_way_to_their_codes() {
        let code = |text| AudienceCode::parse(text).unwrap();
        let name = |text| AudienceName::parse(text).unwrap();
        let written = ["U1", "DR3"].map(code).into_iter().collect::<Audience>();
        let names = ["department:Sales", "group:News", "group:News"].map(name);
        let written = written.with_names(names.to_vec());
        assert_eq!(written.names().len(), 2);
        let known = [(name("department:Sales"), code("DR3"))]
            .into_iter()
            .collect();
        let resolved = written.resolved(&known);
        assert_eq!(resolved.codes(), ["U1", "DR3"].map(code));
        assert_eq!(resolved.names(), [name("group:News")]);
    }

    #[test]
    fn first_record_is_the_first_crm_code() {
        let audience: Audience = ["U1", "CRMDEAL3", "CRMLEAD2", "U1"]
            .iter()
            .map(|code| AudienceCode::parse(code).unwrap())
            .collect();
        assert_eq!(audience.codes().len(), 3);
        let entity = audience.first_entity().unwrap();
        assert_eq!((entity.kind, entity.id), (EntityKind::Deal, 3));
    }
}
