//! What the portal has shown: a record or a user, and by what it is known.

use serde_json::Value as Json;

/// A record or a user of the portal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Its ID.
    pub id: u64,
    /// Its title, or the name of a person; empty where the answer doesn't tell.
    pub title: String,
    /// What its field holds that was asked for; none where the answer doesn't tell.
    pub key: Option<String>,
    /// First, middle and last name of a person.
    pub name: [String; 3],
    /// A user who was dismissed.
    pub is_dismissed: bool,
}

impl Found {
    /// An item of a list of records, with the field that was asked for.
    pub fn item(item: &Json, id: u64, field: Option<&str>) -> Found {
        let name = ["name", "secondName", "lastName"].map(|key| text(item, key));
        let title = text(item, "title");
        Found {
            id,
            title: match title.is_empty() {
                true => joined(&name),
                false => title,
            },
            key: field.map(|field| text(item, field)),
            name,
            is_dismissed: false,
        }
    }

    /// A set of requisites, which belongs to the record with that ID.
    pub fn requisite(row: &Json, id: u64) -> Found {
        Found {
            id,
            key: Some(text(row, "RQ_INN")),
            ..Found::default()
        }
    }

    /// A user.
    pub fn user(user: &Json, id: u64) -> Found {
        let name = ["NAME", "SECOND_NAME", "LAST_NAME"].map(|key| text(user, key));
        let email = user.get("EMAIL").map(|_| text(user, "EMAIL"));
        let title = match (joined(&name), email.as_deref()) {
            (name, Some(email)) if !email.is_empty() => format!("{name} {email}").trim().to_owned(),
            (name, _) => name,
        };
        let is_dismissed = user.get("ACTIVE").is_some_and(|active| {
            active == &Json::Bool(false) || active.as_str().is_some_and(|text| text == "N")
        });
        Found {
            id,
            title,
            key: email,
            name,
            is_dismissed,
        }
    }
}

fn joined(name: &[String]) -> String {
    let parts = name.iter().filter(|part| !part.is_empty());
    parts.map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// A text on one line, a number as its text; else an empty text.
fn text(entry: &Json, key: &str) -> String {
    let text = match entry.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn records_and_users_have_titles_on_one_line() {
        let lead = json!({"title": " Big\nsale ", "name": "Ann"});
        assert_eq!(Found::item(&lead, 1, None).title, "Big sale");
        let contact = json!({"name": "Ann", "lastName": "Lee", "xmlId": 7});
        let contact = Found::item(&contact, 1, Some("xmlId"));
        assert_eq!(
            (contact.title.as_str(), contact.key.as_deref()),
            ("Ann Lee", Some("7"))
        );
        let user = json!({"NAME": "Ann", "LAST_NAME": "Lee", "EMAIL": "a@b.c", "ACTIVE": false});
        let user = Found::user(&user, 5);
        assert_eq!(
            (user.title.as_str(), user.is_dismissed),
            ("Ann Lee a@b.c", true)
        );
        assert_eq!(Found::user(&json!({"NAME": "Ann"}), 5).key, None);
    }
}
