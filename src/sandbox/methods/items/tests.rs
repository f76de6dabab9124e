use serde_json::{Value, json};

use super::super::super::settings::Settings;
use super::super::testing::TestPortal;

const LIST: &str = "crm.item.list";
const INVALID: &str = "INVALID_ARG_VALUE";

fn asked(owner_type: i64, ids: &Value) -> Value {
    json!({"entityTypeId": owner_type, "filter": {"@id": ids}})
}

fn ids(result: &Value) -> Vec<i64> {
    let items = result["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_i64().unwrap()).collect()
}

#[test]
fn list_refuses() {
    let mut portal = TestPortal::new(Settings::default());
    let filter = |filter: Value| json!({"entityTypeId": 2, "filter": filter});
    let order = |order: Value| json!({"entityTypeId": 2, "order": order});
    portal.refuses(&[
        (LIST, json!({}), 400, "100", "{entityTypeId}"),
        (
            LIST,
            asked(5, &json!([1])),
            400,
            "NOT_FOUND",
            "Smart process",
        ),
        (LIST, asked(14, &json!([1])), 400, "NOT_FOUND", ""),
        (LIST, asked(0, &json!([1])), 400, "NOT_FOUND", ""),
        (
            LIST,
            filter(json!({"x": 1})),
            400,
            INVALID,
            "field 'x' is not",
        ),
        (
            LIST,
            filter(json!({"@id": ["x"]})),
            400,
            INVALID,
            "invalid value",
        ),
        (
            LIST,
            order(json!({"x": "ASC"})),
            400,
            INVALID,
            "field 'x' is not",
        ),
        (LIST, order(json!({"id": "up"})), 400, INVALID, "got 'UP'"),
    ]);
    portal.change(|settings, _| settings.crm_access = false);
    portal.refuses(&[
        (LIST, asked(2, &json!([1])), 400, "ACCESS_DENIED", ""),
        (LIST, asked(5, &json!([1])), 400, "NOT_FOUND", ""),
    ]);
}

#[test]
fn only_records_that_are_there_and_can_be_read_are_listed() {
    let mut portal = TestPortal::with_entities("deal:5=missing,deal:6=hidden,deal:7=read-only");
    let mut found = |params| ids(&portal.result(LIST, &params));
    let all = json!([8, "7", 6, 5, 7, 0, -1]);
    assert_eq!(found(asked(2, &all)), [7, 8]);
    assert_eq!(found(asked(1, &all)), [5, 6, 7, 8]);
    assert_eq!(found(asked(128, &json!({"x": 3}))), [3]);
    for (field, within) in [
        (">id", &[9][..]),
        (">=ID", &[8, 9]),
        ("<id", &[7]),
        ("<=id", &[7, 8]),
    ] {
        let bounded = json!({"entityTypeId": 2, "filter": {field: 8, "@ID": [7, 8, 9]}});
        assert_eq!(found(bounded), *within, "{field}");
        let alone = json!({"entityTypeId": 2, "filter": {field: 8}});
        assert_eq!(found(alone), [0; 0], "{field}");
    }
    let upper = json!({"entityTypeId": 2, "filter": {"@id": [7, 8]}, "order": {"ID": "DESC"}});
    assert_eq!(found(upper), [8, 7]);
    assert_eq!(found(json!({"entityTypeId": 2, "filter": {"id": 8}})), [8]);
    assert_eq!(
        found(json!({"entityTypeId": 2, "filter": {"=id": 8, "@id": [7, 8]}})),
        [8]
    );
    assert_eq!(found(json!({"entityTypeId": 2})), [0i64; 0]);
    assert_eq!(
        found(json!({"entityTypeId": 2, "filter": {"@id": all}, "order": {"id": "desc"}})),
        [8, 7]
    );
}

#[test]
fn items_have_a_title_and_come_in_pages() {
    let mut portal = TestPortal::new(Settings::default());
    let mut params = asked(2, &(1..=51).collect());
    params["select"] = json!(["id", "title"]);
    let (_, body) = portal.call(LIST, &params);
    assert_eq!((&body["total"], &body["next"]), (&json!(51), &json!(50)));
    let first = &body["result"]["items"][0];
    assert_eq!(*first, json!({"id": 1, "title": "deal 1"}));
    params["start"] = json!(-1);
    let (_, body) = portal.call(LIST, &params);
    assert_eq!(ids(&body["result"]).len(), 50);
    assert_eq!((body.get("total"), body.get("next")), (None, None));
}

#[test]
fn records_with_data_are_found_by_their_fields() {
    let mut portal = TestPortal::with_data(&json!({"records": [
        {"type": "company", "id": 12, "title": "ООО «Ромашка»", "originId": "77", "UF_CRM_OLD_ID": "amo_77"},
        {"type": "company", "id": 15, "title": "Ромашка Плюс", "originId": "77", "UF_CRM_1639": "x"},
        {"type": "contact", "id": 5, "name": "Анна", "lastName": "Семёнова"},
    ]}));
    let mut found = |owner_type: i64, filter: Value, original: &str| {
        let params =
            json!({"entityTypeId": owner_type, "filter": filter, "useOriginalUfNames": original});
        ids(&portal.result(LIST, &params))
    };
    for (owner_type, filter, expected) in [
        (4, json!({"=%title": "%РОМАШКА%"}), &[12, 15][..]),
        (4, json!({"%title": "плюс"}), &[15]),
        (4, json!({"title": "Ромашка"}), &[]),
        (4, json!({"@originId": ["77", "78"]}), &[12, 15]),
        (4, json!({"originId": "77", ">id": 12}), &[15]),
        (4, json!({"originId": "77", "@id": [12, 99]}), &[12]),
        (4, json!({"ufCrmOldId": "amo_77"}), &[12]),
        (4, json!({"ufCrm_1639": "x"}), &[15]),
        (3, json!({"@lastName": ["семенова"]}), &[5]),
        (4, json!({}), &[12, 15]),
    ] {
        assert_eq!(found(owner_type, filter.clone(), "N"), expected, "{filter}");
    }
    assert_eq!(found(4, json!({"=UF_CRM_OLD_ID": "AMO_77"}), "Y"), [12]);
    let params = json!({"entityTypeId": 4, "filter": {"@id": [12, 13]}, "useOriginalUfNames": "Y",
        "select": ["id", "title", "UF_CRM_OLD_ID"]});
    let items = &portal.result(LIST, &params)["items"];
    assert_eq!(
        *items,
        json!([{"id": 12, "title": "ООО «Ромашка»", "UF_CRM_OLD_ID": "amo_77"},
            {"id": 13, "title": "company 13"}])
    );
    for (owner_type, field) in [
        (3, "title"),
        (4, "lastName"),
        (4, "UF_CRM_OLD_ID"),
        (7, "originId"),
    ] {
        let params = json!({"entityTypeId": owner_type, "filter": {field: "x"}});
        portal.refuses(&[(LIST, params, 400, INVALID, "is not allowed in filter")]);
    }
}
