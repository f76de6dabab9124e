use std::time::Duration;

use serde_json::{Value, json};

use super::super::super::entities::EntityPlan;
use super::super::super::fault::FaultPlan;
use super::super::super::settings::Settings;
use super::super::testing::{TestPortal, USER};

const ADD: &str = "crm.timeline.comment.add";
const GET: &str = "crm.timeline.comment.get";
const LIST: &str = "crm.timeline.comment.list";
const UPDATE: &str = "crm.timeline.comment.update";
const DELETE: &str = "crm.timeline.comment.delete";
const DENIED: &str = "Access denied.";

fn comment(kind: &str, id: i64, text: &str) -> Value {
    json!({"fields": {"ENTITY_TYPE": kind, "ENTITY_ID": id, "COMMENT": text}})
}

fn of(kind: &str, id: i64) -> Value {
    json!({"filter": {"ENTITY_TYPE": kind, "ENTITY_ID": id}})
}

fn plan(rules: &str) -> EntityPlan {
    EntityPlan::parse(rules).unwrap()
}

fn keeping_authors() -> TestPortal {
    TestPortal::new(Settings {
        keep_author: true,
        ..Settings::default()
    })
}

fn ids(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item["ID"].as_str().unwrap()).collect()
}

#[test]
fn add_refuses_in_its_order() {
    let mut portal = TestPortal::with_entities("deal:5=missing,deal:6=hidden,deal:7=read-only");
    let upper = json!({"FIELDS": comment("deal", 1, "m")["fields"]});
    portal.refuses(&[
        (ADD, json!({}), 400, "100", "{fields}"),
        (ADD, json!({"fields": "text"}), 400, "100", "{fields}"),
        (ADD, upper, 400, "100", "{fields}"),
        (ADD, json!({"fields": {}}), 400, "100", "{ENTITY_ID}"),
        (
            ADD,
            json!({"fields": {"ENTITY_ID": 5}}),
            400,
            "100",
            "{ENTITY_TYPE}",
        ),
        (
            ADD,
            json!({"fields": {"ENTITY_ID": 5, "ENTITY_TYPE": "deal"}}),
            400,
            "100",
            "{COMMENT}",
        ),
        (ADD, comment("task", 1, " "), 400, "OWNER_NOT_FOUND", ""),
        (ADD, comment("Deal", 1, "m"), 400, "OWNER_NOT_FOUND", ""),
        (ADD, comment("deal", 0, "m"), 400, "OWNER_NOT_FOUND", ""),
        (ADD, comment("deal", 5, " "), 400, "OWNER_NOT_FOUND", ""),
        (ADD, comment("deal", 6, " "), 400, "ACCESS_DENIED", DENIED),
        (ADD, comment("deal", 7, " "), 400, "ACCESS_DENIED", DENIED),
        (ADD, comment("deal", 8, ""), 400, "INVALID_ARG_VALUE", ""),
        (
            ADD,
            comment("deal", 8, " \n\t"),
            400,
            "INVALID_ARG_VALUE",
            "",
        ),
    ]);
    portal.change(|settings, _| settings.crm_access = false);
    portal.refuses(&[
        (ADD, json!({}), 400, "100", "{fields}"),
        (ADD, comment("deal", 5, " "), 400, "OWNER_NOT_FOUND", ""),
        (ADD, comment("deal", 8, " "), 400, "ACCESS_DENIED", DENIED),
    ]);
}

#[test]
fn the_reading_methods_refuse_with_an_empty_code() {
    let mut portal = TestPortal::with_entities("deal:5=missing");
    assert_eq!(portal.result(ADD, &comment("deal", 6, "m")), 100);
    assert_eq!(portal.result(ADD, &comment("deal", 7, "m")), 101);
    let table = [
        (GET, json!({}), 400, "", "ID"),
        (GET, json!({"id": "x"}), 400, "", "ID"),
        (GET, json!({"id": 99}), 400, "", "Not found."),
        (LIST, json!({}), 400, "", DENIED),
        (LIST, json!({"filter": {}}), 400, "", DENIED),
        (LIST, json!({"filter": {"ENTITY_ID": 7}}), 400, "", DENIED),
        (
            LIST,
            json!({"filter": {"ENTITY_TYPE": "deal"}}),
            400,
            "",
            DENIED,
        ),
        (LIST, of("task", 7), 400, "", DENIED),
        (LIST, of("deal", 5), 400, "", DENIED),
    ];
    portal.refuses(&table);
    portal.change(|settings, _| {
        settings.entities = plan("deal:6=hidden,deal:7=read-only");
    });
    portal.refuses(&[
        (GET, json!({"id": 100}), 400, "", DENIED),
        (LIST, of("deal", 6), 400, "", DENIED),
    ]);
    assert_eq!(portal.result(GET, &json!({"id": 101}))["COMMENT"], "m");
    portal.change(|settings, _| settings.crm_access = false);
    portal.refuses(&[
        (GET, json!({"id": 101}), 400, "", DENIED),
        (LIST, of("deal", 7), 400, "", DENIED),
    ]);
}

#[test]
fn delete_refuses_and_answers_null() {
    let mut portal = TestPortal::new(Settings::default());
    assert_eq!(portal.result(ADD, &comment("deal", 6, "m")), 100);
    portal.refuses(&[
        (DELETE, json!({}), 400, "100", "{id}"),
        (DELETE, json!({"id": 99}), 400, "NOT_FOUND", "Not found."),
        (DELETE, json!({"id": "x"}), 400, "NOT_FOUND", "Not found."),
        (
            DELETE,
            json!({"id": 100, "ownerTypeId": 2, "ownerId": 7}),
            400,
            "OWNER_NOT_FOUND",
            "",
        ),
        (
            DELETE,
            json!({"id": 100, "ownerTypeId": 1, "ownerId": 6}),
            400,
            "OWNER_NOT_FOUND",
            "",
        ),
    ]);
    for (rules, code) in [
        ("deal:6=read-only", "ACCESS_DENIED"),
        ("deal:6=missing", "OWNER_NOT_FOUND"),
    ] {
        portal.change(|settings, _| settings.entities = plan(rules));
        portal.refuses(&[(DELETE, json!({"id": 100}), 400, code, "")]);
    }
    portal.change(|settings, _| settings.entities = plan(""));
    let owned = json!({"id": 100, "ownerTypeId": 2, "ownerId": "6"});
    let (status, body) = portal.call(DELETE, &owned);
    assert_eq!((status, body.get("result")), (200, Some(&Value::Null)));
    assert_eq!(portal.deleted, [100]);
    portal.refuses(&[(DELETE, owned, 400, "NOT_FOUND", "")]);
    assert_eq!(portal.result(LIST, &of("deal", 6)), json!([]));
}

#[test]
fn a_comment_reads_back_as_it_was_sent() {
    let mut portal = keeping_authors();
    let fields = json!({"ENTITY_TYPE": "dynamic_130", "ENTITY_ID": "4", "COMMENT": " a 🎉 ",
        "AUTHOR_ID": 9, "FILES": [["a.txt", "aGVsbG8="], ["bad", "!"]]});
    portal.result(ADD, &json!({"fields": fields}));
    let read = portal.result(GET, &json!({"id": "100"}));
    assert_eq!(portal.result(LIST, &of("dynamic_130", 4)), json!([read]));
    let mut shown = read.clone();
    let files = shown.as_object_mut().unwrap().remove("FILES").unwrap();
    assert_eq!(
        shown,
        json!({"ID": "100", "ENTITY_ID": "4", "ENTITY_TYPE": "dynamic_130",
            "CREATED": "2023-11-14T22:13:20+00:00", "COMMENT": " a 🎉 ", "AUTHOR_ID": "9"})
    );
    let files = files.as_object().unwrap();
    assert_eq!(files.len(), 1);
    let (id, file) = files.iter().next().unwrap();
    assert_eq!(&file["id"].to_string(), id);
    assert_eq!((&file["name"], &file["size"]), (&json!("a.txt"), &json!(5)));
}

#[test]
fn texts_may_come_back_trimmed_and_in_tokens() {
    let mut portal = TestPortal::new(Settings::default());
    portal.result(ADD, &comment("lead", 1, " a 🎉\n"));
    for (trim, tokens, shown) in [
        (true, false, "a 🎉"),
        (false, true, " a :f09f8e89:\n"),
        (true, true, "a :f09f8e89:"),
    ] {
        portal.change(|settings, _| {
            settings.trim_comments = trim;
            settings.emoji_tokens = tokens;
        });
        assert_eq!(portal.result(GET, &json!({"id": 100}))["COMMENT"], shown);
    }
}

#[test]
fn lists_are_ordered_selected_and_paged() {
    let mut portal = keeping_authors();
    for n in 0..60 {
        let mut add = comment("deal", 1, "m");
        add["fields"]["AUTHOR_ID"] = json!(1 + n % 2);
        portal.result(ADD, &add);
        portal.result(ADD, &comment("deal", 2, "other"));
    }
    let (_, body) = portal.call(LIST, &of("deal", 1));
    assert_eq!((&body["total"], &body["next"]), (&json!(60), &json!(50)));
    assert_eq!(ids(&body["result"])[..2], ["100", "102"]);
    assert_eq!(body["result"][0]["AUTHOR_ID"], "1");
    let mut second = of("deal", 1);
    second["start"] = json!(50);
    let (_, body) = portal.call(LIST, &second);
    assert_eq!(ids(&body["result"]).len(), 10);
    assert_eq!((&body["total"], body.get("next")), (&json!(60), None));
    for (order, first) in [
        (json!({"ID": "DESC"}), ["218", "216"]),
        (json!({"ID": "desc"}), ["100", "102"]),
        (json!({"AUTHOR_ID": "DESC", "ID": "DESC"}), ["218", "214"]),
        (json!({"AUTHOR_ID": "ASC"}), ["100", "104"]),
        (json!({"COMMENT": "DESC"}), ["100", "102"]),
    ] {
        let mut list = of("deal", 1);
        list["order"] = order.clone();
        list["select"] = json!(["ID"]);
        let list = portal.result(LIST, &list);
        assert_eq!(ids(&list)[..2], first, "{order}");
        assert_eq!(list[0].as_object().unwrap().len(), 1);
    }
}

#[test]
fn the_author_is_the_caller_unless_another_is_named_and_kept() {
    let mut portal = TestPortal::new(Settings::default());
    portal.change(|settings, _| settings.administrator = false);
    for (keep_author, author, shown) in [
        (false, json!("12"), USER),
        (true, json!(null), USER),
        (true, json!(0), USER),
        (true, json!("12"), 12),
    ] {
        portal.change(|settings, _| settings.keep_author = keep_author);
        let mut add = comment("deal", 1, "m");
        add["fields"]["AUTHOR_ID"] = author;
        let id = portal.result(ADD, &add);
        let read = portal.result(GET, &json!({ "id": id }));
        assert_eq!(read["AUTHOR_ID"], shown.to_string());
    }
}

fn change(id: i64, text: &str) -> Value {
    json!({"id": id, "fields": {"COMMENT": text}})
}

#[test]
fn update_refuses_in_its_order() {
    let mut portal = keeping_authors();
    assert_eq!(portal.result(ADD, &comment("deal", 6, "own")), 100);
    let mut others = comment("deal", 6, "another's");
    others["fields"]["AUTHOR_ID"] = json!(9);
    assert_eq!(portal.result(ADD, &others), 101);
    let mut elsewhere = change(100, "m");
    elsewhere["ownerId"] = json!(7);
    portal.refuses(&[
        (UPDATE, json!({}), 400, "100", "{id}"),
        (UPDATE, json!({"id": 99}), 400, "100", "{fields}"),
        (
            UPDATE,
            json!({"id": 99, "fields": {"FILES": []}}),
            400,
            "100",
            "{COMMENT}",
        ),
        (UPDATE, change(99, " "), 400, "NOT_FOUND", "Not found."),
        (UPDATE, elsewhere, 400, "OWNER_NOT_FOUND", ""),
        (UPDATE, change(101, " "), 400, "ACCESS_DENIED", DENIED),
        (UPDATE, change(100, " \n"), 400, "INVALID_ARG_VALUE", ""),
        (UPDATE, change(100, ""), 400, "INVALID_ARG_VALUE", ""),
    ]);
    portal.change(|settings, _| settings.entities = plan("deal:6=read-only"));
    portal.refuses(&[(UPDATE, change(100, " "), 400, "ACCESS_DENIED", DENIED)]);
    portal.change(|settings, webhook| {
        settings.entities = plan("");
        webhook.user_id = 9;
    });
    portal.refuses(&[(UPDATE, change(100, "m"), 400, "ACCESS_DENIED", DENIED)]);
    assert_eq!(portal.result(UPDATE, &change(101, "m")), 101);
    assert_eq!(portal.result(GET, &json!({"id": 100}))["COMMENT"], "own");
}

#[test]
fn an_update_replaces_the_text_and_the_files_that_are_sent() {
    let mut portal = TestPortal::new(Settings::default());
    let mut add = comment("deal", 6, "old");
    add["fields"]["FILES"] = json!([["a.txt", "aGVsbG8="], ["b.txt", "aGVsbG8="]]);
    portal.result(ADD, &add);
    let before = portal.result(GET, &json!({"id": 100}));
    portal.now += 60_000;
    assert_eq!(portal.result(UPDATE, &change(100, " new 🎉")), 100);
    let mut expected = before;
    expected["COMMENT"] = json!(" new 🎉");
    assert_eq!(portal.result(GET, &json!({"id": 100})), expected);
    for (files, names) in [
        (json!([["c.txt", "aGk="]]), &["c.txt"][..]),
        (json!([]), &[]),
    ] {
        let mut update = change(100, "newer");
        update["fields"]["FILES"] = files;
        portal.result(UPDATE, &update);
        let shown = portal.result(GET, &json!({"id": 100}))["FILES"].clone();
        let shown: Vec<&Value> = match &shown {
            Value::Object(files) => files.values().map(|file| &file["name"]).collect(),
            _ => Vec::new(),
        };
        assert_eq!(shown, names);
    }
}

#[test]
fn an_update_meets_faults_and_takes_time_as_a_post_does() {
    let mut portal = TestPortal::new(Settings {
        faults: FaultPlan::parse("limit@2-3,refuse@2", 0).unwrap(),
        post_cost: Duration::from_secs(2),
        ..Settings::default()
    });
    portal.result(ADD, &comment("deal", 6, "m"));
    let update = change(100, "new");
    let command = format!("{UPDATE}?id=100&fields[COMMENT]=new");
    let batch = json!({"cmd": {"k": command}});
    portal.refuses(&[
        (UPDATE, update.clone(), 503, "QUERY_LIMIT_EXCEEDED", ""),
        ("batch", batch.clone(), 503, "QUERY_LIMIT_EXCEEDED", ""),
        (UPDATE, update, 400, "", DENIED),
    ]);
    let (_, body) = portal.call("batch", &batch);
    assert_eq!(body["result"]["result"], json!({"k": 100}), "{body}");
    assert_eq!(body["time"]["duration"], 2, "{body}");
}

#[test]
fn the_fields_are_described() {
    let fields =
        TestPortal::new(Settings::default()).result("crm.timeline.comment.fields", &json!({}));
    assert_eq!(fields.as_object().unwrap().len(), 7);
    assert_eq!(fields["CREATED"]["isReadOnly"], true);
    assert_eq!(fields["AUTHOR_ID"]["isImmutable"], true);
    assert_eq!(fields["AUTHOR_ID"]["isReadOnly"], false);
    assert_eq!(fields["ENTITY_ID"]["isRequired"], true);
}
