use serde_json::{Value, json};

use super::super::super::settings::Settings;
use super::super::testing::{NOW, TestPortal, USER};

const ADD: &str = "log.blogpost.add";
const GET: &str = "log.blogpost.get";
const COMMENT: &str = "log.blogcomment.add";
const DELETE: &str = "log.blogpost.delete";
const ADD_ERROR: &str = "SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR";

fn post(destinations: &Value) -> Value {
    json!({"POST_MESSAGE": "m", "DEST": destinations})
}

/// What is read back of the post that a call makes.
#[track_caller]
fn read_back(portal: &mut TestPortal, params: &Value) -> Value {
    let id = portal.result(ADD, params);
    portal.result(GET, &json!({ "POST_ID": id }))[0].clone()
}

#[test]
fn add_refuses() {
    let mut portal = TestPortal::new(Settings {
        everyone_allowed: false,
        ..Settings::default()
    });
    let nobody = "no recipients";
    portal.refuses(&[
        (ADD, json!({}), 400, ADD_ERROR, "empty"),
        (ADD, json!({"POST_MESSAGE": " \n"}), 400, ADD_ERROR, "empty"),
        (
            ADD,
            json!({"fields": post(&json!(["U1"]))}),
            400,
            ADD_ERROR,
            "empty",
        ),
        (ADD, json!({"POST_MESSAGE": "m"}), 400, ADD_ERROR, nobody),
        (ADD, post(&json!([])), 400, ADD_ERROR, nobody),
        (ADD, post(&json!("U1")), 400, ADD_ERROR, nobody),
        (ADD, post(&json!(["UA"])), 400, ADD_ERROR, nobody),
        (
            ADD,
            post(&json!(["CRMDEAL5", "x", "U0", ["U1"]])),
            400,
            ADD_ERROR,
            nobody,
        ),
    ]);
    assert_eq!(portal.result(ADD, &post(&json!(["U1", "UA"]))), 100);
}

#[test]
fn delete_refuses_and_answers_true() {
    let mut portal = TestPortal::new(Settings::default());
    let mut foreign = post(&json!(["UA"]));
    foreign["USER_ID"] = json!(9);
    assert_eq!(portal.result(ADD, &foreign), 100);
    assert_eq!(portal.result(ADD, &post(&json!(["UA"]))), 101);
    portal.change(|settings, _| settings.administrator = false);
    portal.refuses(&[
        (DELETE, json!({}), 400, "100", ""),
        (DELETE, json!({"POST_ID": "x"}), 400, "100", ""),
        (DELETE, json!({"POST_ID": 99}), 400, "100", ""),
        (DELETE, json!({"POST_ID": 100}), 400, "403", ""),
    ]);
    assert_eq!(portal.result(DELETE, &json!({"POST_ID": "101"})), true);
    portal.change(|settings, _| settings.administrator = true);
    assert_eq!(portal.result(DELETE, &json!({"POST_ID": 100})), true);
    assert_eq!(portal.deleted, [101, 100]);
    portal.refuses(&[(DELETE, json!({"POST_ID": 100}), 400, "100", "")]);
    assert_eq!(portal.result(GET, &json!({})), json!([]));
}

#[test]
fn a_post_reads_back_as_it_was_sent() {
    let mut portal = TestPortal::new(Settings::default());
    let read = read_back(
        &mut portal,
        &json!({"POST_TITLE": "T 🎉", "POST_MESSAGE": " m 🎉 ", "DEST": ["U7", "SG5", "U7"],
            "IMPORTANT": "Y", "IMPORTANT_DATE_END": "2030-01-02T03:04:05+00:00",
            "TAGS": "one,two", "FILES": [["a.txt", "aGVsbG8="], ["bad", "!"]]}),
    );
    for (name, value) in [
        ("ID", json!("100")),
        ("PUBLISH_STATUS", json!("P")),
        ("TITLE", json!("T 🎉")),
        ("DETAIL_TEXT", json!(" m 🎉 ")),
        ("AUTHOR_ID", json!(USER.to_string())),
        ("DATE_PUBLISH", json!("2023-11-14T22:13:20+00:00")),
        ("MICRO", json!("N")),
        ("CODE", json!(null)),
        ("HAS_SOCNET_ALL", json!("N")),
        ("HAS_TAGS", json!("Y")),
        ("UF_BLOG_POST_IMPRTNT", json!({"VALUE": "1"})),
        (
            "UF_IMPRTANT_DATE_END",
            json!({"VALUE": "2030-01-02T03:04:05+00:00"}),
        ),
        ("FILES", json!(["100001"])),
    ] {
        assert_eq!(read[name], value, "{name}");
    }
    let tags = read["CATEGORY_ID"].as_str().unwrap();
    assert_eq!(tags.split(',').count(), 2);
    let inline = read_back(&mut portal, &json!({"POST_MESSAGE": "#two m #one"}));
    let inline = inline["CATEGORY_ID"].as_str().unwrap();
    assert!(tags.split(',').eq(inline.rsplit(',')), "{tags} {inline}");
}

#[test]
fn titles_are_derived_cut_and_kept_in_tokens() {
    let mut portal = TestPortal::new(Settings::default());
    let untitled = read_back(&mut portal, &json!({"POST_MESSAGE": "й".repeat(300)}));
    assert_eq!(untitled["TITLE"], "й".repeat(100));
    assert_eq!(untitled["MICRO"], "Y");
    let long = json!({"POST_MESSAGE": "m", "POST_TITLE": "й".repeat(300)});
    assert_eq!(read_back(&mut portal, &long)["TITLE"], "й".repeat(255));
    portal.change(|settings, _| settings.emoji_tokens = true);
    let emoji = json!({"POST_TITLE": "🎉", "POST_MESSAGE": "🎉 :f09f8e89:"});
    let read = read_back(&mut portal, &emoji);
    assert_eq!(read["TITLE"], ":f09f8e89:");
    assert_eq!(read["DETAIL_TEXT"], "🎉 🎉");
}

#[test]
fn the_author_is_the_caller_unless_an_administrator_says_otherwise() {
    let mut portal = TestPortal::new(Settings::default());
    let params = json!({"POST_MESSAGE": "m", "USER_ID": "9"});
    assert_eq!(read_back(&mut portal, &params)["AUTHOR_ID"], "9");
    portal.change(|settings, _| settings.administrator = false);
    assert_eq!(
        read_back(&mut portal, &params)["AUTHOR_ID"],
        USER.to_string()
    );
}

#[test]
fn the_old_name_of_the_destinations_counts_when_the_new_one_says_nothing() {
    let mut portal = TestPortal::new(Settings::default());
    for (params, everybody) in [
        (json!({"POST_MESSAGE": "m", "SPERM": ["U7"]}), "N"),
        (
            json!({"POST_MESSAGE": "m", "SPERM": ["UA"], "DEST": ["U7"]}),
            "N",
        ),
        (json!({"POST_MESSAGE": "m", "DEST": "U7"}), "Y"),
        (json!({"POST_MESSAGE": "m"}), "Y"),
    ] {
        let read = read_back(&mut portal, &params);
        assert_eq!(read["HAS_SOCNET_ALL"], everybody, "{params}");
    }
}

#[test]
fn posts_come_newest_first_and_hidden_ones_leave_gaps() {
    let mut portal = TestPortal::new(Settings::default());
    for destination in ["UA", "U5", "SG5", "U7"] {
        let mut add = post(&json!([destination]));
        add["USER_ID"] = json!(9);
        portal.result(ADD, &add);
    }
    let (_, body) = portal.call(GET, &json!({}));
    assert_eq!(body["total"], 4);
    let ids = |result: &Value| -> Vec<(String, String)> {
        let entries = result.as_object().unwrap().iter();
        let entries = entries.map(|(key, item)| (key.clone(), item["ID"].as_str().unwrap().into()));
        entries.collect()
    };
    let of = |key: &str, id: &str| (key.to_owned(), id.to_owned());
    assert_eq!(
        ids(&body["result"]),
        [of("0", "103"), of("1", "102"), of("3", "100")]
    );
    for (params, count) in [
        (json!({"POST_ID": 101}), 0),
        (json!({"POST_ID": 100}), 1),
        (json!({"POST_ID": 100, "LOG_RIGHTS": ["SG5"]}), 1),
        (json!({"LOG_RIGHTS": ["SG5", "UA"]}), 2),
        (json!({"LOG_RIGHTS": "SG5"}), 1),
        (json!({"LOG_RIGHTS": ["SG6"]}), 0),
    ] {
        let found = portal.result(GET, &params);
        assert_eq!(found.as_array().unwrap().len(), count, "{params}");
    }
    portal.change(|_, webhook| webhook.user_id = 9);
    let own = portal.result(GET, &json!({}));
    assert_eq!(own.as_array().unwrap().len(), 4);
}

#[test]
fn pages_hold_fifty() {
    let mut portal = TestPortal::new(Settings::default());
    for _ in 0..51 {
        portal.result(ADD, &post(&json!(["UA"])));
    }
    let (_, body) = portal.call(GET, &json!({}));
    assert_eq!((&body["total"], &body["next"]), (&json!(51), &json!(50)));
    let (_, body) = portal.call(GET, &json!({"start": 50}));
    assert_eq!(body["result"][0]["ID"], "100");
    assert_eq!(body.get("next"), None);
}

/// The IDs that a call brings, in order; those after a gap come in an object.
#[track_caller]
fn ids(portal: &mut TestPortal, params: &Value) -> Vec<i64> {
    let found = portal.result(GET, params);
    let id = |item: &Value| item["ID"].as_str().unwrap().parse().unwrap();
    match &found {
        Value::Object(map) => map.values().map(id).collect(),
        list => list.as_array().unwrap().iter().map(id).collect(),
    }
}

#[test]
fn what_is_only_proposed_to_a_workgroup_gets_an_id_and_stays_unseen() {
    let mut portal = TestPortal::new(Settings {
        moderated_groups: vec![5, 6],
        ..Settings::default()
    });
    assert_eq!(portal.result(ADD, &post(&json!(["SG5"]))), 100);
    assert_eq!(portal.result(ADD, &post(&json!(["SG7", "U7"]))), 101);
    for beside in [
        json!(["SG5", "SG6"]),
        json!(["SG5", "U7"]),
        json!(["UA", "SG6"]),
    ] {
        portal.refuses(&[(ADD, post(&beside), 400, ADD_ERROR, "no right")]);
    }
    assert_eq!(ids(&mut portal, &json!({})), [101]);
    assert_eq!(portal.call(GET, &json!({})).1["total"], 1);
    assert_eq!(ids(&mut portal, &json!({"POST_ID": 100})), [0; 0]);
    let comment = json!({"POST_ID": 100, "TEXT": "m"});
    portal.refuses(&[(COMMENT, comment, 400, "", "No post found")]);
    portal.change(|settings, _| settings.moderated_groups.clear());
    assert_eq!(ids(&mut portal, &json!({})), [101, 100]);
    portal.change(|settings, _| settings.moderated_groups = vec![5]);
    assert_eq!(portal.result(DELETE, &json!({"POST_ID": 100})), true);
}

#[test]
fn a_comment_moves_its_post_to_the_top() {
    let mut portal = TestPortal::new(Settings::default());
    for _ in 0..3 {
        portal.result(ADD, &post(&json!(["UA"])));
    }
    let comment = |post: i64, text: &str| json!({"POST_ID": post, "TEXT": text});
    assert_eq!(portal.result(COMMENT, &comment(100, "one")), 103);
    assert_eq!(ids(&mut portal, &json!({})), [100, 102, 101]);
    portal.result(COMMENT, &comment(101, "one"));
    portal.result(COMMENT, &comment(101, "two"));
    assert_eq!(ids(&mut portal, &json!({})), [101, 100, 102]);
    assert_eq!(
        portal.result(GET, &json!({"POST_ID": 101}))[0]["NUM_COMMENTS"],
        "2"
    );
    portal.result(DELETE, &json!({"POST_ID": 101}));
    assert_eq!(portal.deleted, [104, 105, 101]);
    assert_eq!(ids(&mut portal, &json!({})), [100, 102]);
}

#[test]
fn comments_are_refused_with_an_empty_code() {
    let mut portal = TestPortal::new(Settings::default());
    let mut foreign = post(&json!(["U5"]));
    foreign["USER_ID"] = json!(9);
    assert_eq!(portal.result(ADD, &foreign), 100);
    assert_eq!(portal.result(ADD, &post(&json!(["UA"]))), 101);
    let comment = |post: i64, text: &str| json!({"POST_ID": post, "TEXT": text});
    portal.result(COMMENT, &comment(101, "m"));
    portal.refuses(&[
        (COMMENT, json!({"TEXT": "m"}), 400, "", "No post found"),
        (COMMENT, comment(102, "m"), 400, "", "No post found"),
        (COMMENT, comment(100, "m"), 400, "", "No post found"),
        (COMMENT, comment(101, " "), 400, "", "hasn't been added"),
        (COMMENT, comment(101, "m"), 400, "", "Duplicate comment"),
    ]);
    let mut with_file = comment(101, "m");
    with_file["FILES"] = json!([["a.txt", "aGVsbG8="]]);
    portal.result(COMMENT, &with_file);
    let mut other = with_file.clone();
    other["USER_ID"] = json!(9);
    portal.result(COMMENT, &other);
}

/// Three posts an hour apart, 100 to 102, the first at `NOW`.
fn hourly(settings: Settings) -> TestPortal {
    let mut portal = TestPortal::new(settings);
    for hour in 0..3 {
        portal.now = NOW + hour * 3_600_000;
        portal.result(ADD, &post(&json!(["UA"])));
    }
    portal
}

#[test]
fn later_portals_filter_by_time_and_cursor() {
    // The posts are of 22:13:20, 23:13:20 and 00:13:20; their entries are 1300, 1303 and 1306.
    let cases: [(Value, &[i64]); 13] = [
        (
            json!({"LOG_DATE_FROM": "2023-11-14T23:13:20+00:00"}),
            &[102, 101],
        ),
        (
            json!({"LOG_DATE_FROM": "2023-11-15T02:13:21+03:00"}),
            &[102],
        ),
        (json!({"LOG_DATE_TO": "2023-11-14T23:13:20"}), &[101, 100]),
        (
            json!({"LOG_DATE_FROM": "2023-11-14T23:00:00Z", "LOG_DATE_TO": "2023-11-15"}),
            &[101],
        ),
        (json!({"LOG_DATE_FROM": "some day"}), &[102, 101, 100]),
        (json!({"FIRST_ID": 1300}), &[102, 101]),
        (json!({"LAST_ID": 1306}), &[101, 100]),
        (json!({"FIRST_ID": 1303, "LAST_ID": 1303}), &[102]),
        (json!({"FIRST_ID": 101}), &[102, 101, 100]),
        (json!({"LIMIT": 2}), &[102, 101]),
        (
            json!({"LIMIT": 2, "start": 2, "LAST_ID": 1306}),
            &[101, 100],
        ),
        (json!({"LIMIT": 0}), &[102, 101, 100]),
        (json!({"POST_ID": 100, "FIRST_ID": 1300}), &[100]),
    ];
    for (params, expected) in &cases {
        assert_eq!(
            ids(&mut hourly(Settings::default()), params),
            *expected,
            "{params}"
        );
        let all: &[i64] = if params["POST_ID"] == 100 {
            &[100]
        } else {
            &[102, 101, 100]
        };
        let all = if params["start"] == 2 { &all[2..] } else { all };
        let mut old = hourly(Settings {
            feed_filters: false,
            ..Settings::default()
        });
        assert_eq!(ids(&mut old, params), all, "{params} is passed over");
    }
    let (_, body) = hourly(Settings::default()).call(GET, &json!({"LIMIT": 2}));
    assert_eq!((&body["total"], body.get("next")), (&json!(3), None));
}

#[test]
fn no_more_than_two_hundred_come_at_once() {
    let mut portal = TestPortal::new(Settings::default());
    for _ in 0..201 {
        portal.result(ADD, &post(&json!(["UA"])));
    }
    assert_eq!(ids(&mut portal, &json!({"LIMIT": 1000})).len(), 200);
}
