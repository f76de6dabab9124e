//! `user.get`: the users of the portal (bitrix24-rest.md §13.3).

use std::ops::RangeInclusive;

use bytes::Bytes;

use super::super::execution::Execution;
use super::super::method_result::{MethodResult, PageRange};
use super::super::php::{Array, Php};
use super::params::{either, list, selected};

/// The IDs of all users.
const USERS: RangeInclusive<u64> = 1..=20;

/// First and last name of the webhook's user.
pub(super) const OWN_NAME: (&str, &str) = ("Sandbox", "Administrator");

/// The fields that a filter may ask for; conditions on others are ignored.
const FILTERED: [&str; 3] = ["ID", "NAME", "LAST_NAME"];

/// The users whom the filter lets through, by ID. Without a filter the conditions may stand among
/// the parameters.
pub(in crate::sandbox) fn get(work: &Execution<'_>, params: &Array) -> MethodResult {
    let filter = either(params, "filter", "FILTER").and_then(Php::as_array);
    let conditions = conditions(filter.unwrap_or(params));
    let users: Vec<Array> = USERS
        .map(|id| user(id, id == work.user_id()))
        .filter(|user| conditions.iter().all(|condition| condition.holds(user)))
        .collect();
    let page = PageRange::of(params, users.len());
    let select = either(params, "select", "SELECT");
    let shown = users[page.range()].iter().cloned();
    page.reply(list(shown.map(|user| selected(user, select))))
}

/// A field, and the texts of which it must be one.
struct UserCondition {
    field: &'static str,
    texts: Vec<Bytes>,
}

impl UserCondition {
    fn holds(&self, user: &Array) -> bool {
        let text = user.named(self.field).and_then(Php::to_text);
        text.is_some_and(|text| self.texts.contains(&text))
    }
}

/// The conditions of a filter. A value may be a list, and `=` and `@` before a name change nothing.
fn conditions(filter: &Array) -> Vec<UserCondition> {
    let condition = |(key, value): (_, &Php)| {
        let name = plain(key);
        let field = FILTERED
            .into_iter()
            .find(|field| field.as_bytes() == name)?;
        let texts = match value {
            Php::Array(values) => values.values().filter_map(Php::to_text).collect(),
            scalar => scalar.to_text().into_iter().collect(),
        };
        Some(UserCondition { field, texts })
    };
    filter
        .iter()
        .map(|(key, value)| (key.to_text(), value))
        .filter_map(condition)
        .collect()
}

/// The name of a field without the sign of equality before it.
fn plain(name: Bytes) -> Bytes {
    match name.first() {
        Some(b'=' | b'@') => name.slice(1..),
        _ => name,
    }
}

fn user(id: u64, is_own: bool) -> Array {
    let number = id.to_string();
    let (name, last_name) = match is_own {
        true => OWN_NAME,
        false => ("User", number.as_str()),
    };
    Array::from_names([
        ("ID", Php::text(&number)),
        ("ACTIVE", Php::Bool(true)),
        ("NAME", Php::text(name)),
        ("LAST_NAME", Php::text(last_name)),
        ("USER_TYPE", Php::text("employee")),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::settings::Settings;
    use super::super::testing::{TestPortal, USER};

    const GET: &str = "user.get";

    fn with_scope(scope: &str) -> TestPortal {
        TestPortal::new(Settings {
            scopes: vec![scope.into()],
            ..Settings::default()
        })
    }

    fn ids(users: &Value) -> Vec<u64> {
        let ids = users.as_array().unwrap().iter().map(|user| &user["ID"]);
        ids.map(|id| id.as_str().unwrap().parse().unwrap())
            .collect()
    }

    #[test]
    fn filters_name_one_user_or_several() {
        let mut portal = with_scope("user");
        for (params, found) in [
            (json!({"ID": 9}), &[9][..]),
            (json!({"FILTER": {"ID": "9"}}), &[9]),
            (json!({"filter": {"ID": [20, "3", 21, 0]}}), &[3, 20]),
            (json!({"filter": {"@ID": [1, 2], "=ID": 2}}), &[2]),
            (json!({"filter": {"ID": []}}), &[]),
            (json!({"filter": {"ID": 21}}), &[]),
            (json!({"filter": {"ID": 9, "ACTIVE": true}}), &[9]),
            (json!({"filter": {"LAST_NAME": "9"}}), &[9]),
            (json!({"filter": {"NAME": "Sandbox"}}), &[USER]),
        ] {
            let users = portal.result(GET, &params);
            assert_eq!(ids(&users), found, "{params}");
        }
    }

    #[test]
    fn users_have_names_and_the_callers_is_that_of_the_profile() {
        let mut portal = with_scope("user_brief");
        let users = portal.result(GET, &json!({"ID": [USER, 9]}));
        let profile = portal.result("profile", &json!({}));
        for name in ["ID", "NAME", "LAST_NAME"] {
            assert_eq!(users[0][name], profile[name]);
        }
        assert_eq!(
            users[1],
            json!({"ID": "9", "ACTIVE": true, "NAME": "User", "LAST_NAME": "9",
                "USER_TYPE": "employee"})
        );
        let params = json!({"ID": 9, "select": ["LAST_NAME"]});
        assert_eq!(portal.result(GET, &params), json!([{"LAST_NAME": "9"}]));
    }

    #[test]
    fn all_users_are_a_page() {
        let mut portal = with_scope("user_basic");
        let (_, body) = portal.call(GET, &json!({}));
        assert_eq!(ids(&body["result"]), (1..=20).collect::<Vec<_>>());
        assert_eq!((&body["total"], body.get("next")), (&json!(20), None));
        let (_, body) = portal.call(GET, &json!({"start": 50}));
        assert_eq!((&body["total"], &body["result"]), (&json!(20), &json!([])));
    }

    #[test]
    fn one_of_three_scopes_is_needed() {
        let mut portal = TestPortal::new(Settings::default());
        portal.refuses(&[(GET, json!({}), 403, "insufficient_scope", "")]);
        let available = |portal: &mut TestPortal| {
            let told = portal.result("method.get", &json!({ "name": GET }));
            told["isAvailable"] == true
        };
        assert!(!available(&mut portal));
        for scope in ["user", "user_basic", "user_brief"] {
            assert!(available(&mut with_scope(scope)), "{scope}");
        }
    }
}
