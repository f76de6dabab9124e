//! Who may see a post, by name in place of an access code: `department:Sales`.

use std::collections::HashMap;
use std::fmt;

use super::{AudienceCode, AudienceKind, trimmed};

/// A department, workgroup or user by name. Its code is known once the portal has been asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AudienceName {
    /// What is named.
    pub kind: AudienceKind,
    /// The name, of a user the e-mail address; as written.
    pub name: String,
}

/// What stands before the colon.
const WORDS: [(&str, AudienceKind); 3] = [
    ("department", AudienceKind::Department),
    ("group", AudienceKind::Workgroup),
    ("user", AudienceKind::User),
];

impl AudienceName {
    /// Reads a name such as `department:Sales`, the word before the colon in any letter case. A user
    /// is named by an e-mail address.
    pub fn parse(text: &str) -> Option<AudienceName> {
        let (word, name) = trimmed(text).split_once(':')?;
        let (word, name) = (trimmed(word), trimmed(name));
        let known = WORDS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(word));
        let kind = known.map(|(_, kind)| *kind)?;
        let says = !name.is_empty() && (kind != AudienceKind::User || name.contains('@'));
        says.then(|| AudienceName {
            kind,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for AudienceName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = WORDS.iter().find(|(_, kind)| *kind == self.kind);
        write!(out, "{}:{}", word.map_or("", |(word, _)| word), self.name)
    }
}

/// The codes of names, as the portal has told them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AudienceNames(HashMap<AudienceName, AudienceCode>);

impl AudienceNames {
    /// The code of a name.
    pub fn code(&self, name: &AudienceName) -> Option<AudienceCode> {
        self.0.get(name).copied()
    }
}

impl FromIterator<(AudienceName, AudienceCode)> for AudienceNames {
    fn from_iter<I: IntoIterator<Item = (AudienceName, AudienceCode)>>(all: I) -> Self {
        AudienceNames(all.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_shown_alike() {
        for (text, shown) in [
            ("department:Отдел продаж", "department:Отдел продаж"),
            (" Group : News: 2026 ", "group:News: 2026"),
            ("USER:ann@example.com", "user:ann@example.com"),
        ] {
            assert_eq!(AudienceName::parse(text).unwrap().to_string(), shown);
        }
        for wrong in ["", "U1", "department:", "user:Ann", "team:x", "group"] {
            assert_eq!(AudienceName::parse(wrong), None, "{wrong}");
        }
    }
}
