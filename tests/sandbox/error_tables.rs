//! What the built-in portal refuses, and with which codes.

use serde_json::{Value, json};

pub const LIVEFEED: &str = "crm.livefeedmessage.add";
pub const COMMENT_ADD: &str = "crm.timeline.comment.add";
const COMMENT_GET: &str = "crm.timeline.comment.get";
const COMMENT_LIST: &str = "crm.timeline.comment.list";
const COMMENT_DELETE: &str = "crm.timeline.comment.delete";
const COMMENT_FIELDS: &str = "crm.timeline.comment.fields";
const ITEMS: &str = "crm.item.list";
pub const POST_ADD: &str = "log.blogpost.add";
const POST_GET: &str = "log.blogpost.get";
const POST_DELETE: &str = "log.blogpost.delete";
pub const POST_COMMENT: &str = "log.blogcomment.add";
const ADD_ERROR: &str = "SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR";

/// All methods, each with the codes that it answers to a caller who is let in.
pub const CODES: [(&str, &[&str]); 16] = [
    ("batch", &[]),
    (
        ITEMS,
        &["100", "ACCESS_DENIED", "INVALID_ARG_VALUE", "NOT_FOUND"],
    ),
    (LIVEFEED, &[""]),
    (
        COMMENT_ADD,
        &[
            "100",
            "ACCESS_DENIED",
            "INVALID_ARG_VALUE",
            "OWNER_NOT_FOUND",
        ],
    ),
    (
        COMMENT_DELETE,
        &["100", "ACCESS_DENIED", "NOT_FOUND", "OWNER_NOT_FOUND"],
    ),
    (COMMENT_FIELDS, &[]),
    (COMMENT_GET, &[""]),
    (COMMENT_LIST, &[""]),
    (POST_COMMENT, &[""]),
    (POST_ADD, &[ADD_ERROR]),
    (POST_DELETE, &["100", "403"]),
    (POST_GET, &[]),
    ("method.get", &[]),
    ("profile", &[]),
    ("scope", &[]),
    ("server.time", &[]),
];

pub fn comment(deal: i64) -> Value {
    json!({"fields": {"ENTITY_TYPE": "deal", "ENTITY_ID": deal, "COMMENT": "m"}})
}

fn with(mut params: Value, name: &str, value: Value) -> Value {
    params["fields"][name] = value;
    params
}

pub fn feed(deal: i64) -> Value {
    json!({"fields": {"MESSAGE": "m", "ENTITYTYPEID": 2, "ENTITYID": deal}})
}

/// A call of a method, and the code and a part of the text that refuse it, with status 400.
type Line = (&'static str, Value, &'static str, &'static str);

/// What the portal of `own_errors` refuses, on which comment 1 belongs to deal 1, post 2 is the
/// caller's, and post 3 by user 9 is for user 9 only.
pub fn lines() -> Vec<Line> {
    let of = |name: &str, value: i64| json!({"id": 1, name: value});
    let text = |post: i64, text: &str| json!({"POST_ID": post, "TEXT": text});
    let dest = |codes: Value| json!({"POST_MESSAGE": "m", "DEST": codes});
    let items = |name: &str, value: Value| json!({"entityTypeId": 2, name: value});
    vec![
        (LIVEFEED, json!({}), "", ""),
        (LIVEFEED, feed(2), "", "Access denied."),
        (LIVEFEED, feed(4), "", "Access denied."),
        (LIVEFEED, with(feed(1), "MESSAGE", json!(" ")), "", "текст"),
        (LIVEFEED, json!({"fields": {"MESSAGE": "m"}}), "", "CRM"),
        (
            LIVEFEED,
            with(feed(1), "SPERM", json!({"D": ["CRMDEAL3"]})),
            "",
            "CRMDEAL3",
        ),
        (COMMENT_ADD, json!({}), "100", "fields"),
        (
            COMMENT_ADD,
            json!({"FIELDS": comment(1)["fields"]}),
            "100",
            "fields",
        ),
        (COMMENT_ADD, json!({"fields": {}}), "100", "ENTITY_ID"),
        (
            COMMENT_ADD,
            with(comment(1), "ENTITY_TYPE", json!("cat")),
            "OWNER_NOT_FOUND",
            "",
        ),
        (COMMENT_ADD, comment(2), "OWNER_NOT_FOUND", ""),
        (COMMENT_ADD, comment(3), "ACCESS_DENIED", ""),
        (COMMENT_ADD, comment(4), "ACCESS_DENIED", ""),
        (
            COMMENT_ADD,
            with(comment(1), "COMMENT", json!("\n")),
            "INVALID_ARG_VALUE",
            "",
        ),
        (COMMENT_GET, json!({}), "", ""),
        (COMMENT_GET, json!({"id": 2}), "", "Not found."),
        (COMMENT_LIST, json!({}), "", "Access denied."),
        (
            COMMENT_LIST,
            json!({"filter": {"ENTITY_ID": 1}}),
            "",
            "Access denied.",
        ),
        (
            COMMENT_LIST,
            json!({"filter": {"ENTITY_ID": 3, "ENTITY_TYPE": "deal"}}),
            "",
            "Access denied.",
        ),
        (COMMENT_DELETE, json!({}), "100", "id"),
        (COMMENT_DELETE, json!({"id": 2}), "NOT_FOUND", ""),
        (COMMENT_DELETE, of("ownerId", 2), "OWNER_NOT_FOUND", ""),
        (COMMENT_DELETE, of("ownerTypeId", 1), "OWNER_NOT_FOUND", ""),
        (ITEMS, json!({}), "100", "entityTypeId"),
        (ITEMS, json!({"entityTypeId": 5}), "NOT_FOUND", ""),
        (
            ITEMS,
            items("filter", json!({"noSuchField": "x"})),
            "INVALID_ARG_VALUE",
            "noSuchField",
        ),
        (
            ITEMS,
            items("filter", json!({"@id": ["x"]})),
            "INVALID_ARG_VALUE",
            "",
        ),
        (
            ITEMS,
            items("order", json!({"title": "ASC"})),
            "INVALID_ARG_VALUE",
            "title",
        ),
        (
            ITEMS,
            items("order", json!({"id": "up"})),
            "INVALID_ARG_VALUE",
            "UP",
        ),
        (POST_ADD, json!({}), ADD_ERROR, "empty"),
        (
            POST_ADD,
            json!({"POST_MESSAGE": "m"}),
            ADD_ERROR,
            "no recipients",
        ),
        (POST_ADD, dest(json!(["UA"])), ADD_ERROR, "no recipients"),
        (POST_ADD, dest(json!(["SG5", "SG6"])), ADD_ERROR, "no right"),
        (POST_ADD, dest(json!(["U1", "SG5"])), ADD_ERROR, "no right"),
        (POST_DELETE, json!({}), "100", ""),
        (POST_DELETE, json!({"POST_ID": 99}), "100", ""),
        (POST_COMMENT, json!({"TEXT": "m"}), "", "No post found"),
        (POST_COMMENT, text(3, "m"), "", "No post found"),
        (POST_COMMENT, text(2, ""), "", "hasn't been added"),
    ]
}

/// The options of a portal that refuses whatever it can.
pub const STRICT: [&str; 5] = [
    "--records",
    "deal:2=missing,deal:3=hidden,deal:4=read-only",
    "--no-everyone",
    "--moderated-group",
    "5,6",
];

/// What a switch brings about on a portal where comment 1 belongs to deal 1, and post 2 is by
/// user 9 for everybody.
pub fn switched() -> Vec<(
    &'static [&'static str],
    &'static str,
    Value,
    &'static str,
    &'static str,
)> {
    let none: &[&str] = &["--no-crm"];
    let hidden: &[&str] = &["--records", "deal:1=hidden"];
    let read_only: &[&str] = &["--records", "deal:1=read-only"];
    let filter = json!({"filter": {"ENTITY_ID": 1, "ENTITY_TYPE": "deal"}});
    let retired = "Livefeed is no longer supported";
    vec![
        (hidden, COMMENT_GET, json!({"id": 1}), "", "Access denied."),
        (
            read_only,
            COMMENT_DELETE,
            json!({"id": 1}),
            "ACCESS_DENIED",
            "",
        ),
        (
            &["--not-admin"],
            POST_DELETE,
            json!({"POST_ID": 2}),
            "403",
            "",
        ),
        (&["--retired-livefeed"], LIVEFEED, feed(1), "", retired),
        (&["--retired-livefeed"], LIVEFEED, json!({}), "", retired),
        (none, LIVEFEED, feed(1), "", "Access denied."),
        (none, COMMENT_ADD, comment(1), "ACCESS_DENIED", ""),
        (none, COMMENT_GET, json!({"id": 1}), "", "Access denied."),
        (none, COMMENT_LIST, filter, "", "Access denied."),
        (none, COMMENT_DELETE, json!({"id": 1}), "ACCESS_DENIED", ""),
        (none, ITEMS, json!({"entityTypeId": 2}), "ACCESS_DENIED", ""),
    ]
}
