//! `crm.item.list` by IDs: the call, its answer, and what a refusal means for the entities
//! (bitrix24-rest.md §13.3).

use serde_json::Value as Json;

use crate::batch::{Command, Value};
use crate::import::pending_row::one_line;
use crate::portal::CallError;
use crate::post::{Entity, EntityKind};

/// Entities that one call asks for: what a page of its answer holds.
pub const PAGE: usize = 50;

/// An entity that the portal has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedEntity {
    pub id: u64,
    /// Its title, or the name of a person.
    pub title: Option<String>,
}

/// What a refusal of the call says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemRefusal {
    /// There is no such kind, or the user may not see it: none of its entities can be had.
    OfKind(String),
    /// Something else; nothing is known of the entities.
    Odd(String),
}

/// Whether the portal can be asked for entities of that kind: orders are not in the list.
pub fn can_be_listed(kind: EntityKind) -> bool {
    kind != EntityKind::Order
}

/// The call for entities of one kind. Only fields that the kind has are asked for.
pub fn command(kind: EntityKind, ids: &[u64]) -> Command {
    let text = |text: &str| Value::Text(text.to_owned());
    let ids = ids.iter().map(|id| text(&id.to_string())).collect();
    let fields: &[&str] = match kind {
        EntityKind::Contact => &["id", "name", "lastName"],
        EntityKind::Lead => &["id", "title", "name", "lastName"],
        _ => &["id", "title"],
    };
    let fields = fields.iter().map(|field| text(field)).collect();
    Command {
        method: "crm.item.list",
        params: vec![
            ("entityTypeId", text(&kind.id().to_string())),
            ("filter", Value::Map(vec![("@id", Value::List(ids))])),
            ("select", Value::List(fields)),
        ],
    }
}

/// The entities of an answer; nothing if it is no such list.
pub fn items(result: &Json) -> Option<Vec<ListedEntity>> {
    match result.get("items")? {
        Json::Array(items) => items.iter().map(item).collect(),
        Json::Object(items) => items.values().map(item).collect(),
        _ => None,
    }
}

fn item(item: &Json) -> Option<ListedEntity> {
    let id = item.get("id")?;
    let id = id.as_u64().or_else(|| id.as_str()?.parse().ok())?;
    let text = |field: &str| item.get(field).and_then(Json::as_str).unwrap_or_default();
    let named = |text: &str| Some(one_line(text)).filter(|text| !text.is_empty());
    let title =
        named(text("title")).or_else(|| named(&format!("{} {}", text("name"), text("lastName"))));
    Some(ListedEntity { id, title })
}

/// What a refusal means; nothing for an error that is none.
pub fn refusal(error: &CallError) -> Option<ItemRefusal> {
    let CallError::Refused { code, message } = error else {
        return None;
    };
    let said = format!("{code}: {message}");
    let upper = code.to_ascii_uppercase();
    let of_kind = ["NOT_FOUND", "NOT_SUPPORTED", "ACCESS_DENIED"];
    let is_of_kind = of_kind.iter().any(|end| upper.ends_with(end))
        || message.to_lowercase().contains("access denied");
    Some(match is_of_kind {
        true => ItemRefusal::OfKind(said),
        false => ItemRefusal::Odd(said),
    })
}

/// Cuts entities that come in the order of their kinds into calls.
pub fn calls(
    entities: impl Iterator<Item = Entity>,
) -> impl Iterator<Item = (EntityKind, Vec<u64>)> {
    let mut entities = entities.peekable();
    std::iter::from_fn(move || {
        let first = entities.next()?;
        let mut ids = vec![first.id];
        while ids.len() < PAGE
            && let Some(next) = entities.next_if(|next| next.kind == first.kind)
        {
            ids.push(next.id);
        }
        Some((first.kind, ids))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::batch::Part;
    use crate::batch::direct;

    #[test]
    fn the_call_is_as_the_documentation_has_it() {
        let payload = direct(&command(EntityKind::Dynamic(131), &[7, 8]));
        let Part::Bytes(bytes) = &payload.parts[0] else {
            panic!("bytes expected");
        };
        let body: Json = serde_json::from_slice(bytes).unwrap();
        let expected = json!({
            "entityTypeId": "131", "filter": {"@id": ["7", "8"]}, "select": ["id", "title"],
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn titles_and_names_are_read_in_either_shape() {
        let answer = json!({"items": [
            {"id": 1, "title": " Big\nsale "},
            {"id": "2", "title": null, "name": "Ann", "lastName": "Lee"},
            {"id": 3},
        ]});
        let read: Vec<_> = items(&answer)
            .unwrap()
            .into_iter()
            .map(|item| (item.id, item.title))
            .collect();
        let title = |text: &str| Some(text.to_owned());
        assert_eq!(
            read,
            [(1, title("Big sale")), (2, title("Ann Lee")), (3, None)]
        );
        assert_eq!(items(&json!({"items": {"4": {"id": 5}}})).unwrap()[0].id, 5);
        for odd in [
            json!([]),
            json!({"items": 1}),
            json!({"items": [{}]}),
            Json::Null,
        ] {
            assert_eq!(items(&odd), None, "{odd}");
        }
    }

    #[test]
    fn only_a_refusal_for_the_kind_says_something_of_its_records() {
        let refused = |code: &str, message: &str| {
            refusal(&CallError::Refused {
                code: code.into(),
                message: message.into(),
            })
        };
        for (code, message) in [
            ("NOT_FOUND", "Smart process not found"),
            ("ENTITY_TYPE_NOT_SUPPORTED", ""),
            ("ACCESS_DENIED", ""),
            ("portal_refused", "Access denied."),
        ] {
            let found = refused(code, message);
            assert!(matches!(found, Some(ItemRefusal::OfKind(_))), "{code}");
        }
        let odd = refused("INVALID_ARG_VALUE", "Invalid filter");
        assert!(matches!(odd, Some(ItemRefusal::Odd(_))));
        assert_eq!(refusal(&CallError::InactiveUser), None);
    }

    #[test]
    fn a_call_holds_fifty_records_of_one_kind() {
        let entity = |kind, id| Entity { kind, id };
        let deals = (1..=120).map(|id| entity(EntityKind::Deal, id));
        let all = deals.chain([entity(EntityKind::Contact, 5)]);
        let sizes: Vec<_> = calls(all).map(|(kind, ids)| (kind, ids.len())).collect();
        let deal = EntityKind::Deal;
        assert_eq!(
            sizes,
            [(deal, 50), (deal, 50), (deal, 20), (EntityKind::Contact, 1)]
        );
    }
}
