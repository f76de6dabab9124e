//! What is looked for, what is to be asked for it, and when what was found is it.

use crate::maps::folded;
use crate::post::EntityKind;

use super::by::{LookupBy, LookupField};
use super::found::Found;
use super::question::{Ask, Question};
use super::{person_name, title};

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// CRM records.
    Entities(LookupBy),
    /// Users, by e-mail address or name.
    Users,
}

/// A value whose counterpart on the portal is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The type of the record.
    pub entity: Option<EntityKind>,
    /// What the old system had.
    pub old: String,
}

/// Values that a question asks for at once where the answer tells them apart: well below a page, of
/// which some may have two.
const TOGETHER: usize = 40;

/// The same by name, of which there may be many on the portal.
const NAMES_TOGETHER: usize = 8;

impl Subject {
    /// The questions for values, by their places; those that can't be asked for have none.
    pub fn questions(&self, wanted: &[Wanted]) -> Vec<Question> {
        let mut groups: Vec<(Ask, Vec<usize>)> = Vec::new();
        for (place, value) in wanted.iter().enumerate() {
            let Some(ask) = self.ask(value) else {
                continue;
            };
            // Values of one type come together only if they stand together or nearly so.
            let recent = groups.iter_mut().rev().take(8);
            let mut joined = recent.filter(|(_, values)| values.len() < most_together(&ask));
            match joined.find_map(|(known, values)| join(known, &ask).then_some(values)) {
                Some(values) => values.push(place),
                None => groups.push((ask, vec![place])),
            }
        }
        let question = |(ask, values)| Question::new(ask, values);
        groups.into_iter().map(question).collect()
    }

    /// The question for one value.
    pub fn ask(&self, wanted: &Wanted) -> Option<Ask> {
        let Subject::Entities(by) = self else {
            return ask_for_user(&wanted.old);
        };
        let (kind, asked) = (wanted.entity?, by.asked(&wanted.old));
        if kind == EntityKind::Order {
            return None;
        }
        let field = |field: &str| Ask::Field {
            kind,
            field: field.to_owned(),
            texts: vec![asked.clone()],
        };
        match &by.field {
            LookupField::OriginId => Some(field("originId")),
            LookupField::XmlId => Some(field("xmlId")),
            LookupField::Own(name) => Some(field(name)),
            LookupField::Title if kind == EntityKind::Contact => {
                let last_names = person_name::written_words(&asked);
                (!last_names.is_empty()).then_some(Ask::Contacts { last_names })
            }
            LookupField::Title => {
                title::pattern(&asked).map(|pattern| Ask::Title { kind, pattern })
            }
            LookupField::Inn => {
                let inns = vec![digits(&asked)];
                let has_any = !inns[0].is_empty();
                let has_requisites = matches!(kind, EntityKind::Contact | EntityKind::Company);
                (has_any && has_requisites).then_some(Ask::Requisites { kind, inns })
            }
            LookupField::Phone | LookupField::Email => {
                let has = matches!(
                    kind,
                    EntityKind::Lead | EntityKind::Contact | EntityKind::Company
                );
                has.then_some(Ask::Communication {
                    kind,
                    is_phone: by.field == LookupField::Phone,
                    text: asked,
                })
            }
        }
    }

    /// A further question where nothing was found that is like it.
    pub fn broader(&self, wanted: &Wanted) -> Option<Ask> {
        match self {
            Subject::Entities(by) if by.field == LookupField::Title => {
                let kind = wanted.entity.filter(|kind| *kind != EntityKind::Contact)?;
                let pattern = title::broad_pattern(&by.asked(&wanted.old))?;
                Some(Ask::Title { kind, pattern })
            }
            _ => None,
        }
    }

    /// Whether what was found is what the value means.
    pub fn is_it(&self, wanted: &Wanted, found: &Found) -> bool {
        let key = found.key.as_deref();
        let [first, middle, last] = &found.name;
        let has_name =
            |name: &str| person_name::is_same(&person_name::words(name), first, middle, last);
        let Subject::Entities(by) = self else {
            return match wanted.old.contains('@') {
                true => key.is_some_and(|email| folded(email) == folded(&wanted.old)),
                false => has_name(&wanted.old),
            };
        };
        let asked = by.asked(&wanted.old);
        match by.field {
            LookupField::Title if wanted.entity == Some(EntityKind::Contact) => has_name(&asked),
            LookupField::Title => title::compared(&found.title) == title::compared(&asked),
            LookupField::Inn => key.is_some_and(|inn| digits(inn) == digits(&asked)),
            LookupField::Phone | LookupField::Email => true,
            // Databases take no notice of letter case, by which IDs of some systems differ.
            _ => key.is_some_and(|key| key == asked.trim()),
        }
    }

    /// Whether something found for several values may be meant by this one.
    pub fn may_be(&self, wanted: &Wanted, found: &Found) -> bool {
        let name = match self {
            Subject::Users if wanted.old.contains('@') => return self.is_it(wanted, found),
            Subject::Users => wanted.old.clone(),
            Subject::Entities(by) if by.field == LookupField::Title => match wanted.entity {
                Some(EntityKind::Contact) => by.asked(&wanted.old),
                _ => return true,
            },
            Subject::Entities(_) => return self.is_it(wanted, found),
        };
        let last = folded(&found.name[2]);
        !last.is_empty() && person_name::words(&name).contains(&last)
    }

    /// How near something found comes to what is meant, for the order of candidates.
    pub fn likeness(&self, wanted: &Wanted, found: &Found) -> f64 {
        let asked = match self {
            Subject::Entities(by) => by.asked(&wanted.old),
            Subject::Users => wanted.old.clone(),
        };
        title::likeness(&asked, &found.title)
    }
}

/// A user is known by an address or a name; a number says nothing to the portal.
fn ask_for_user(old: &str) -> Option<Ask> {
    if old.contains('@') {
        let emails = vec![old.trim().to_owned()];
        return Some(Ask::UsersByEmail { emails });
    }
    let has_letters = old.chars().any(char::is_alphabetic);
    let last_names = person_name::written_words(old);
    has_letters.then_some(Ask::UsersByName { last_names })
}

fn most_together(ask: &Ask) -> usize {
    match ask {
        Ask::Field { .. } | Ask::Requisites { .. } | Ask::UsersByEmail { .. } => TOGETHER,
        Ask::Contacts { .. } | Ask::UsersByName { .. } => NAMES_TOGETHER,
        Ask::Title { .. } | Ask::Communication { .. } | Ask::Titles { .. } => 1,
    }
}

/// Adds what another question asks to this one, if both can be asked at once.
fn join(known: &mut Ask, other: &Ask) -> bool {
    if known.goes_alone() || other.goes_alone() || known.kind() != other.kind() {
        return false;
    }
    match (known, other) {
        (Ask::Field { texts: known, .. }, Ask::Field { texts: more, .. })
        | (Ask::Requisites { inns: known, .. }, Ask::Requisites { inns: more, .. })
        | (Ask::UsersByEmail { emails: known }, Ask::UsersByEmail { emails: more })
        | (Ask::Contacts { last_names: known }, Ask::Contacts { last_names: more })
        | (Ask::UsersByName { last_names: known }, Ask::UsersByName { last_names: more }) => {
            let new: Vec<String> = more
                .iter()
                .filter(|text| !known.contains(text))
                .cloned()
                .collect();
            known.extend(new);
            true
        }
        _ => false,
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(text: &str) -> Subject {
        Subject::Entities(text.parse().unwrap())
    }

    fn wanted(entity: Option<EntityKind>, old: &str) -> Wanted {
        let old = old.to_owned();
        Wanted { entity, old }
    }

    #[test]
    fn values_share_questions_where_answers_tell_them_apart() {
        let values = |count: usize| -> Vec<Wanted> {
            let kind = |n: usize| [EntityKind::Deal, EntityKind::Company][n % 2];
            (0..count)
                .map(|n| wanted(Some(kind(n)), &format!("n{n}")))
                .collect()
        };
        let sizes = |subject: &Subject, count: usize| -> Vec<usize> {
            let questions = subject.questions(&values(count));
            questions
                .iter()
                .map(|question| question.values.len())
                .collect()
        };
        assert_eq!(sizes(&by("originId"), 100), [40, 40, 10, 10]);
        assert_eq!(sizes(&by("title"), 3), [1, 1, 1]);
        assert_eq!(sizes(&by("phone"), 4), [1, 1]);
        assert_eq!(sizes(&Subject::Users, 17), [8, 8, 1]);
        let alone = by("xmlId").questions(&[
            wanted(Some(EntityKind::Deal), "a"),
            wanted(Some(EntityKind::Deal), "$result[x]"),
        ]);
        assert_eq!(alone.len(), 2);
        let numbers = [
            wanted(None, "17"),
            wanted(None, "a@b.c"),
            wanted(None, "Ann Lee"),
        ];
        assert_eq!(Subject::Users.questions(&numbers).len(), 2);
    }

    #[test]
    fn only_what_is_the_same_is_it() {
        let of = |key: &str| Found {
            id: 1,
            key: Some(key.to_owned()),
            ..Found::default()
        };
        let deal = |old: &str| wanted(Some(EntityKind::Deal), old);
        assert!(by("originId=amo_{}").is_it(&deal("7"), &of("amo_7")));
        assert!(!by("originId=amo_{}").is_it(&deal("7"), &of("AMO_7")));
        assert!(by("inn").is_it(&deal("77 01"), &of("7701")));
        assert!(Subject::Users.is_it(&wanted(None, "Ann@B.c"), &of("ann@b.C")));
        let titled = Found {
            title: "ООО «Ромашка»".into(),
            ..Found::default()
        };
        assert!(by("title").is_it(&deal("ромашка"), &titled));
        assert!(!by("title").is_it(&deal("ромашки"), &titled));
    }
}
