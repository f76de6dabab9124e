//! `user.get`: the users of the portal (bitrix24-rest.md §13.3).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::super::execution::Execution;
use super::super::method_result::{MethodResult, PageRange};
use super::super::php::{Array, Key, Php};
use super::super::portal_data::DataUser;
use super::params::{either, list, selected};
use super::row_filter::RowFilter;

/// The IDs of the users that are there without data of their own.
const USERS: RangeInclusive<u64> = 1..=20;

/// First and last name of the webhook's user.
pub(super) const OWN_NAME: (&str, &str) = ("Sandbox", "Administrator");

/// The fields that a filter may ask for; conditions on others are ignored.
const FILTERED: [&str; 4] = ["ID", "NAME", "LAST_NAME", "SECOND_NAME"];

/// Those that only these scopes show; to others the condition is one on an unknown field.
const WITH_CONTACTS: [&str; 2] = ["user", "user_basic"];

/// The users whom the filter lets through, by ID. Without a filter the conditions may stand among
/// the parameters.
pub(in crate::sandbox) fn get(work: &Execution<'_>, params: &Array) -> MethodResult {
    let filter = either(params, "filter", "FILTER").and_then(Php::as_array);
    let shows_contacts = work.settings().grants(&WITH_CONTACTS);
    let mut fields = FILTERED.to_vec();
    fields.extend(shows_contacts.then_some("EMAIL"));
    let conditions = filter.unwrap_or(params);
    let filter = RowFilter::read(Some(conditions), &fields, true);
    let users = users(work).into_iter();
    let users = users.map(|(id, own)| user(id, own, shows_contacts));
    let department = conditions.named("UF_DEPARTMENT").map(Php::to_int);
    let works_there = |user: &Array| {
        let own = user.named("UF_DEPARTMENT").and_then(Php::as_array);
        let mut own = own.into_iter().flat_map(Array::values);
        department.is_none_or(|asked| own.any(|id| id.to_int() == asked))
    };
    let users = users.filter(|user| filter.admits(user) && works_there(user));
    let users: Vec<Array> = users.collect();
    let page = PageRange::of(params, users.len());
    let select = either(params, "select", "SELECT");
    let shown = users[page.range()].iter().cloned();
    page.reply(list(shown.map(|user| selected(user, select))))
}

/// All users, with the data that some of them have.
fn users<'w>(work: &'w Execution<'_>) -> BTreeMap<u64, UserData<'w>> {
    let plain = USERS.map(|id| (id, UserData::Plain));
    let data = work.settings().data.users.iter();
    let mut users: BTreeMap<u64, UserData<'_>> = plain.collect();
    users.extend(data.map(|user| (user.id, UserData::Given(user))));
    users.insert(work.user_id(), UserData::Own);
    users
}

/// Where the data of a user come from.
#[derive(Clone, Copy)]
enum UserData<'w> {
    Own,
    Plain,
    Given(&'w DataUser),
}

fn user(id: u64, data: UserData<'_>, shows_contacts: bool) -> Array {
    let number = id.to_string();
    let (name, last_name) = match data {
        UserData::Own => OWN_NAME,
        UserData::Plain => ("User", number.as_str()),
        UserData::Given(user) => (user.name.as_str(), user.last_name.as_str()),
    };
    let active = !matches!(data, UserData::Given(user) if !user.active);
    let mut row = Array::from_names([
        ("ID", Php::text(&number)),
        ("ACTIVE", Php::Bool(active)),
        ("NAME", Php::text(name)),
        ("LAST_NAME", Php::text(last_name)),
        ("USER_TYPE", Php::text("employee")),
    ]);
    if let UserData::Given(user) = data {
        let mut add = |name: &str, value| row.insert(Key::from_text(name.as_bytes()), value);
        let departments = user.uf_department.iter().copied();
        add("SECOND_NAME", Php::text(&user.second_name));
        add("UF_DEPARTMENT", list(departments.map(Php::Int)));
        if shows_contacts {
            add("EMAIL", Php::text(&user.email));
        }
    }
    row
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
    fn given_users_are_found_by_address_and_name() {
        let mut portal = TestPortal::with_data(&json!({"users": [
            {"ID": 30, "NAME": "Пётр", "LAST_NAME": "Семёнов", "EMAIL": "PS@example.com"},
            {"ID": 31, "NAME": "Old", "LAST_NAME": "Hand", "ACTIVE": false, "UF_DEPARTMENT": [1, 3]},
        ]}));
        portal.change(|settings, _| settings.scopes = vec!["user".into()]);
        for (filter, found) in [
            (json!({"@EMAIL": ["ps@example.com", "x"]}), &[30][..]),
            (json!({"@LAST_NAME": ["семенов", "hand"]}), &[30, 31]),
            (json!({"LAST_NAME": "сем%"}), &[30]),
            (json!({"LAST_NAME": "сем"}), &[]),
            (json!({"UF_DEPARTMENT": 3}), &[31]),
        ] {
            let users = portal.result(GET, &json!({ "filter": filter }));
            assert_eq!(ids(&users), found, "{filter}");
        }
        let users = portal.result(GET, &json!({"filter": {"ID": 31}}));
        assert_eq!(users[0]["ACTIVE"], false);
        // Addresses need more than the names: the condition is not known, so everybody is found.
        portal.change(|settings, _| settings.scopes = vec!["user_brief".into()]);
        let users = portal.result(GET, &json!({"filter": {"EMAIL": "x"}}));
        assert_eq!((ids(&users).len(), users[20].get("EMAIL")), (22, None));
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
