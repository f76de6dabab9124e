//! What the users are called that rows are to be posted as: where a portal keeps no author, the
//! text names it. Asked only with a permission to see users, and a run can do without.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value as Json;

use crate::batch::{Command, Value};
use crate::import::clock::Clock;
use crate::portal::Transport;
use crate::post::remote_id;

use crate::import::paced_client::Asker;

/// The permissions that let users be seen (Bitrix24's documentation of `user.get`).
const SCOPES: [&str; 3] = ["user", "user_basic", "user_brief"];

/// Users on a page.
const PAGE: usize = 50;

/// Whether one of the permissions is among those granted.
pub fn may_ask(granted: &[String]) -> bool {
    let is_one = |name: &String| SCOPES.iter().any(|scope| name.eq_ignore_ascii_case(scope));
    granted.iter().any(is_one)
}

/// Names by user, as far as the portal tells them.
pub async fn ask<T: Transport, C: Clock>(
    asker: &mut Asker<'_, '_, T, C>,
    users: &BTreeSet<u64>,
) -> HashMap<u64, String> {
    let answers = asker.ask_all(&commands(users)).await.unwrap_or_default();
    let pages = answers.into_iter().filter_map(|answer| answer.result.ok());
    pages.flat_map(|page| read(&page)).collect()
}

/// A call for each page of users.
fn commands(users: &BTreeSet<u64>) -> Vec<Command> {
    let ids: Vec<Value> = users.iter().map(|id| Value::Text(id.to_string())).collect();
    let page = |ids: &[Value]| Command {
        method: "user.get",
        params: vec![(
            "FILTER",
            Value::Map(vec![("ID", Value::List(ids.to_vec()))]),
        )],
    };
    ids.chunks(PAGE).map(page).collect()
}

/// The users on a page that have a name.
fn read(page: &Json) -> Vec<(u64, String)> {
    let users = page.as_array().into_iter().flatten();
    let name = |user: &Json| {
        let part = |key| {
            user.get(key)
                .and_then(Json::as_str)
                .unwrap_or_default()
                .trim()
        };
        let name = format!("{} {}", part("NAME"), part("LAST_NAME"));
        let name = name.trim();
        let id = user.get("ID").and_then(remote_id)?;
        (!name.is_empty()).then(|| (id, name.to_owned()))
    };
    users.filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn users_are_asked_for_by_the_page() {
        let commands = commands(&(1..=51).collect());
        assert_eq!(commands.len(), 2);
        let ids = Value::List(vec![Value::Text("51".to_owned())]);
        let filter = Value::Map(vec![("ID", ids)]);
        assert_eq!(commands[1].params, vec![("FILTER", filter)]);
        let granted = |name: &str| may_ask(&["crm".to_owned(), name.to_owned()]);
        assert!(granted("user") && granted("USER_BRIEF") && !granted("userfieldconfig"));
    }

    #[test]
    fn a_name_has_two_parts_or_one_or_is_none() {
        let page = json!([
            {"ID": "5", "NAME": "Ann", "LAST_NAME": "Lee"},
            {"ID": 6, "NAME": "", "LAST_NAME": "Lee "},
            {"ID": "7", "NAME": null},
            {"NAME": "Nobody"},
        ]);
        let names = [(5, "Ann Lee".to_owned()), (6, "Lee".to_owned())];
        assert_eq!(read(&page), names);
        assert!(read(&json!("odd")).is_empty());
    }
}
