//! One question to the portal: the call, and what its answer shows.

use serde_json::Value as Json;

use crate::batch::{Command, Value};
use crate::portal::CallError;
use crate::post::{EntityKind, remote_id};

use super::found::Found;

/// Entries on a page of an answer.
pub const PAGE: usize = 50;

/// A question for one or several of the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub ask: Ask,
    /// The places of the values that it is asked for.
    pub values: Vec<usize>,
    /// Where the page begins.
    pub start: usize,
    /// How often it has been asked without an answer.
    pub tries: u32,
}

/// What is asked.
#[allow(missing_docs, reason = "the variants say what the fields are")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Records with one of these texts in a field.
    Field {
        kind: EntityKind,
        field: String,
        texts: Vec<String>,
    },
    /// Records whose title fits a pattern.
    Title { kind: EntityKind, pattern: String },
    /// Contacts with one of these last names.
    Contacts { last_names: Vec<String> },
    /// Requisites with one of these INNs.
    Requisites { kind: EntityKind, inns: Vec<String> },
    /// Records with a phone number or an address.
    Communication {
        kind: EntityKind,
        is_phone: bool,
        text: String,
    },
    /// The titles of records.
    Titles { kind: EntityKind, ids: Vec<u64> },
    /// Users with one of these addresses.
    UsersByEmail { emails: Vec<String> },
    /// Users with one of these last names.
    UsersByName { last_names: Vec<String> },
}

impl Ask {
    /// The type of the records that are asked for.
    pub fn kind(&self) -> Option<EntityKind> {
        match self {
            Ask::Field { kind, .. }
            | Ask::Title { kind, .. }
            | Ask::Requisites { kind, .. }
            | Ask::Communication { kind, .. }
            | Ask::Titles { kind, .. } => Some(*kind),
            Ask::Contacts { .. } => Some(EntityKind::Contact),
            Ask::UsersByEmail { .. } | Ask::UsersByName { .. } => None,
        }
    }

    /// Whether a batch might take a text for a reference to a result, so that it has to go alone.
    pub fn goes_alone(&self) -> bool {
        let holds = |texts: &[String]| texts.iter().any(|text| text.contains('$'));
        match self {
            Ask::Field { texts, .. } => holds(texts),
            Ask::Title { pattern, .. } => pattern.contains('$'),
            Ask::Requisites { inns, .. } => holds(inns),
            Ask::Communication { text, .. } => text.contains('$'),
            Ask::UsersByEmail { emails } => holds(emails),
            Ask::Contacts { last_names } | Ask::UsersByName { last_names } => holds(last_names),
            Ask::Titles { .. } => false,
        }
    }
}

impl Question {
    /// A question that has not been asked yet.
    pub fn new(ask: Ask, values: Vec<usize>) -> Question {
        Question {
            ask,
            values,
            start: 0,
            tries: 0,
        }
    }

    /// The call.
    pub fn command(&self) -> Command {
        match &self.ask {
            Ask::Field { kind, field, texts } => {
                let filter = (format!("@{field}"), list(texts));
                let mut command = self.items(*kind, filter, &[field]);
                if field.starts_with("UF_") {
                    command.params.push(("useOriginalUfNames", text("Y")));
                }
                command
            }
            Ask::Title { kind, pattern } => {
                self.items(*kind, ("=%title".to_owned(), text(pattern)), &[])
            }
            Ask::Contacts { last_names } => {
                let filter = ("@lastName".to_owned(), list(last_names));
                self.items(EntityKind::Contact, filter, &[])
            }
            Ask::Titles { kind, ids } => {
                let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
                self.items(*kind, ("@id".to_owned(), list(&ids)), &[])
            }
            Ask::Requisites { kind, inns } => self.requisites(*kind, inns),
            Ask::Communication {
                kind,
                is_phone,
                text: value,
            } => Command {
                method: "crm.duplicate.findbycomm",
                params: vec![
                    ("type", text(if *is_phone { "PHONE" } else { "EMAIL" })),
                    ("entity_type", text(&kind.to_string().to_uppercase())),
                    ("values", Value::List(vec![text(value)])),
                ],
            },
            Ask::UsersByEmail { emails } => self.users("@EMAIL", emails),
            Ask::UsersByName { last_names } => self.users("@LAST_NAME", last_names),
        }
    }

    fn items(&self, kind: EntityKind, filter: (String, Value), more: &[&str]) -> Command {
        let fields: &[&str] = match kind {
            EntityKind::Contact => &["id", "name", "secondName", "lastName"],
            _ => &["id", "title"],
        };
        let fields = fields.iter().chain(more).map(|field| text(field));
        Command {
            method: "crm.item.list",
            params: vec![
                ("entityTypeId", text(&kind.id().to_string())),
                ("filter", Value::Named(vec![filter])),
                ("select", Value::List(fields.collect())),
                ("order", Value::Map(vec![("id", text("ASC"))])),
                ("start", text(&self.start.to_string())),
            ],
        }
    }

    fn requisites(&self, kind: EntityKind, inns: &[String]) -> Command {
        let fields = ["ID", "ENTITY_ID", "ENTITY_TYPE_ID", "RQ_INN"];
        let filter = vec![
            ("@RQ_INN", list(inns)),
            ("ENTITY_TYPE_ID", text(&kind.id().to_string())),
        ];
        Command {
            method: "crm.requisite.list",
            params: vec![
                ("filter", Value::Map(filter)),
                ("select", Value::List(fields.map(text).to_vec())),
                ("order", Value::Map(vec![("ID", text("ASC"))])),
                ("start", text(&self.start.to_string())),
            ],
        }
    }

    fn users(&self, key: &'static str, texts: &[String]) -> Command {
        Command {
            method: "user.get",
            params: vec![
                ("FILTER", Value::Map(vec![(key, list(texts))])),
                ("sort", text("ID")),
                ("order", text("ASC")),
                ("start", text(&self.start.to_string())),
            ],
        }
    }

    /// What an answer shows.
    ///
    /// # Errors
    /// When it is no answer to this question.
    pub fn read(&self, answer: &Json) -> Result<Vec<Found>, CallError> {
        let odd = || CallError::unreadable("the answer is no list of what was looked for");
        match &self.ask {
            Ask::Communication { kind, .. } => {
                let ids = answer.get(kind.to_string().to_uppercase());
                let ids = ids.map_or(Some(Vec::new()), |ids| {
                    ids.as_array()?.iter().map(remote_id).collect()
                });
                let ids = ids.filter(|_| answer.is_object() || answer.is_array());
                let found = |id| Found {
                    id,
                    ..Found::default()
                };
                Ok(ids.ok_or_else(odd)?.into_iter().map(found).collect())
            }
            Ask::Field { field, .. } => entries(answer.get("items"), |item| {
                Some(Found::item(item, remote_id(item.get("id")?)?, Some(field)))
            })
            .ok_or_else(odd),
            Ask::Title { .. } | Ask::Contacts { .. } | Ask::Titles { .. } => {
                entries(answer.get("items"), |item| {
                    Some(Found::item(item, remote_id(item.get("id")?)?, None))
                })
                .ok_or_else(odd)
            }
            Ask::Requisites { .. } => entries(Some(answer), |row| {
                Some(Found::requisite(row, remote_id(row.get("ENTITY_ID")?)?))
            })
            .ok_or_else(odd),
            Ask::UsersByEmail { .. } | Ask::UsersByName { .. } => {
                let users = entries(Some(answer), |user| {
                    Some(Found::user(user, remote_id(user.get("ID")?)?))
                });
                let users = users.ok_or_else(odd)?;
                // A portal that doesn't show addresses passes the condition over and shows everybody.
                let by_email = matches!(self.ask, Ask::UsersByEmail { .. });
                match by_email && users.iter().any(|user| user.key.is_none()) {
                    true => Err(CallError::unreadable("the answer leaves the addresses out")),
                    false => Ok(users),
                }
            }
        }
    }
}

/// The entries of a list in either of its shapes; nothing if it is none.
fn entries(list: Option<&Json>, read: impl Fn(&Json) -> Option<Found>) -> Option<Vec<Found>> {
    match list? {
        Json::Array(entries) => entries.iter().map(read).collect(),
        Json::Object(entries) => entries.values().map(read).collect(),
        _ => None,
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn list(texts: &[String]) -> Value {
    Value::List(texts.iter().map(|entry| text(entry)).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::batch::{Part, direct};

    fn body(ask: Ask) -> (&'static str, Json) {
        let command = Question::new(ask, vec![0]).command();
        let payload = direct(&command);
        let Part::Bytes(bytes) = &payload.parts[0] else {
            panic!("bytes expected");
        };
        (command.method, serde_json::from_slice(bytes).unwrap())
    }

    #[test]
    fn calls_are_as_the_documentation_has_them() {
        let (method, field) = body(Ask::Field {
            kind: EntityKind::Deal,
            field: "UF_CRM_X".into(),
            texts: vec!["a".into()],
        });
        assert_eq!(method, "crm.item.list");
        assert_eq!(
            field,
            json!({"entityTypeId": "2", "filter": {"@UF_CRM_X": ["a"]}, "order": {"id": "ASC"},
                "select": ["id", "title", "UF_CRM_X"], "start": "0", "useOriginalUfNames": "Y"})
        );
        let (_, contacts) = body(Ask::Contacts {
            last_names: vec!["Lee".into()],
        });
        assert_eq!(contacts["filter"], json!({"@lastName": ["Lee"]}));
        assert!(
            contacts["select"]
                .as_array()
                .unwrap()
                .iter()
                .all(|field| field != "title")
        );
        let (method, phone) = body(Ask::Communication {
            kind: EntityKind::Company,
            is_phone: true,
            text: "+7".into(),
        });
        let expected = json!({"type": "PHONE", "entity_type": "COMPANY", "values": ["+7"]});
        assert_eq!((method, phone), ("crm.duplicate.findbycomm", expected));
    }

    #[test]
    fn answers_are_read_in_either_shape_and_odd_ones_are_errors() {
        let read = |ask: Ask, answer: Json| {
            let found = Question::new(ask, vec![0]).read(&answer);
            found.map(|found| found.into_iter().map(|found| found.id).collect::<Vec<_>>())
        };
        let titles = || Ask::Titles {
            kind: EntityKind::Deal,
            ids: vec![],
        };
        let phone = || Ask::Communication {
            kind: EntityKind::Lead,
            is_phone: true,
            text: "1".into(),
        };
        assert_eq!(
            read(titles(), json!({"items": {"3": {"id": "5"}}})),
            Ok(vec![5])
        );
        assert_eq!(
            read(phone(), json!({"LEAD": [1, "2"], "COMPANY": [3]})),
            Ok(vec![1, 2])
        );
        assert_eq!(read(phone(), json!([])), Ok(vec![]));
        for (ask, odd) in [
            (titles(), json!([])),
            (titles(), json!({"items": [{"title": "x"}]})),
            (phone(), json!({"LEAD": 1})),
            (phone(), json!("x")),
        ] {
            assert!(read(ask, odd).is_err());
        }
    }
}
