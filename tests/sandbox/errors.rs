//! Every error of every method of the built-in portal, over HTTP, as tables.

use std::collections::BTreeMap;
use std::fs;

use crate::common::{Sandbox, Workspace, http_client};
use reqwest::Client;
use serde_json::{Value, json};

const LIVEFEED: &str = "crm.livefeedmessage.add";
const COMMENT_ADD: &str = "crm.timeline.comment.add";
const COMMENT_GET: &str = "crm.timeline.comment.get";
const COMMENT_LIST: &str = "crm.timeline.comment.list";
const COMMENT_DELETE: &str = "crm.timeline.comment.delete";
const COMMENT_FIELDS: &str = "crm.timeline.comment.fields";
const ITEMS: &str = "crm.item.list";
const POST_ADD: &str = "log.blogpost.add";
const POST_GET: &str = "log.blogpost.get";
const POST_DELETE: &str = "log.blogpost.delete";
const POST_COMMENT: &str = "log.blogcomment.add";
const ADD_ERROR: &str = "SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR";

/// All methods, each with the codes that it answers to a caller who is let in.
const CODES: [(&str, &[&str]); 16] = [
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

/// A portal of its own with these options, and a client of it.
struct Scene {
    workspace: Workspace,
    portal: Sandbox,
    client: Client,
}

impl Scene {
    fn new(options: &[&str]) -> Scene {
        let workspace = Workspace::new();
        Scene {
            portal: Sandbox::start(&workspace, options),
            workspace,
            client: http_client(),
        }
    }

    /// Status and body of a call to an address.
    async fn send(&self, address: &str, params: &Value) -> (u16, Value) {
        let request = self.client.post(address).body(params.to_string());
        let request = request.header("Content-Type", "application/json");
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let body = response.text().await.unwrap();
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn call(&self, method: &str, params: &Value) -> (u16, Value) {
        let address = format!("{}{method}", self.portal.webhook);
        self.send(&address, params).await
    }

    /// Asserts an error of a call to an address.
    async fn refuses(&self, address: &str, params: &Value, status: u16, code: &str) {
        let (answered, body) = self.send(address, params).await;
        assert_eq!(
            (answered, &body["error"]),
            (status, &json!(code)),
            "{address} {params}: {body}"
        );
        assert_eq!(body.get("result"), None, "{address}");
    }
}

fn comment(deal: i64) -> Value {
    json!({"fields": {"ENTITY_TYPE": "deal", "ENTITY_ID": deal, "COMMENT": "m"}})
}

fn with(mut params: Value, name: &str, value: Value) -> Value {
    params["fields"][name] = value;
    params
}

fn feed(deal: i64) -> Value {
    json!({"fields": {"MESSAGE": "m", "ENTITYTYPEID": 2, "ENTITYID": deal}})
}

/// A call of a method, and the code and a part of the text that refuse it, with status 400.
type Line = (&'static str, Value, &'static str, &'static str);

/// What the portal of `own_errors` refuses, on which comment 1 belongs to deal 1, post 2 is the
/// caller's, and post 3 by user 9 is for user 9 only.
fn lines() -> Vec<Line> {
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
            items("filter", json!({"title": "x"})),
            "INVALID_ARG_VALUE",
            "title",
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
const STRICT: [&str; 5] = [
    "--records",
    "deal:2=missing,deal:3=hidden,deal:4=read-only",
    "--no-everyone",
    "--moderated-group",
    "5,6",
];

#[tokio::test]
async fn own_errors() {
    let scene = Scene::new(&STRICT);
    for (method, params, id) in [
        (COMMENT_ADD, comment(1), 1),
        (POST_ADD, json!({"POST_MESSAGE": "m", "DEST": ["U1"]}), 2),
        (
            POST_ADD,
            json!({"POST_MESSAGE": "m", "DEST": ["U9"], "USER_ID": 9}),
            3,
        ),
    ] {
        assert_eq!(scene.call(method, &params).await.1["result"], id);
    }
    let mut seen: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut commands = Vec::new();
    let lines = lines();
    for (method, params, code, text) in &lines {
        let (status, body) = scene.call(method, params).await;
        let said = body["error_description"].as_str().unwrap_or_default();
        assert_eq!(
            (status, &body["error"]),
            (400, &json!(code)),
            "{method} {params}: {body}"
        );
        assert!(said.contains(text), "{method} {params}: {body}");
        seen.entry(method).or_default().push(code);
        commands.push(format!("{method}?{}", query(params)));
    }
    assert_eq!(scene.portal.count(), 3, "refused calls leave nothing");
    let (_, body) = scene.call("batch", &json!({ "cmd": commands })).await;
    for (position, (method, params, code, _)) in lines.iter().enumerate() {
        let error = &body["result"]["result_error"][position]["error"];
        assert_eq!(error, code, "{method} {params} in a batch: {body}");
    }
    for (_, method, _, code, _) in switched() {
        seen.entry(method).or_default().push(code);
    }
    for (method, codes) in CODES {
        let mut seen = seen.remove(method).unwrap_or_default();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, codes, "{method}");
    }
}

/// Parameters as a command of a batch has them.
fn query(params: &Value) -> String {
    fn pairs(name: &str, value: &Value, all: &mut Vec<String>) {
        let inner = |key: &str| match name {
            "" => key.to_owned(),
            _ => format!("{name}[{key}]"),
        };
        match value {
            Value::Object(map) => map
                .iter()
                .for_each(|(key, value)| pairs(&inner(key), value, all)),
            Value::Array(list) => list
                .iter()
                .enumerate()
                .for_each(|(at, value)| pairs(&inner(&at.to_string()), value, all)),
            Value::String(text) => {
                let text = text.replace('\n', "%0A").replace(' ', "%20");
                all.push(format!("{name}={text}"));
            }
            other => all.push(format!("{name}={other}")),
        }
    }
    let mut all = Vec::new();
    pairs("", params, &mut all);
    all.join("&")
}

/// What a switch brings about on a portal where comment 1 belongs to deal 1, and post 2 is by
/// user 9 for everybody.
fn switched() -> Vec<(
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

#[tokio::test]
async fn errors_that_a_switch_brings_about() {
    let mut scene = Scene::new(&[]);
    let foreign = json!({"POST_MESSAGE": "m", "DEST": ["UA"], "USER_ID": 9});
    assert_eq!(scene.call(COMMENT_ADD, &comment(1)).await.1["result"], 1);
    assert_eq!(scene.call(POST_ADD, &foreign).await.1["result"], 2);
    for (options, method, params, code, text) in switched() {
        scene.portal = Sandbox::start(&scene.workspace, options);
        let (status, body) = scene.call(method, &params).await;
        assert_eq!(
            (status, &body["error"]),
            (400, &json!(code)),
            "{method}: {body}"
        );
        let said = body["error_description"].as_str().unwrap();
        assert!(said.contains(text), "{options:?} {method}: {body}");
    }
}

#[tokio::test]
async fn strangers_are_refused_by_every_method() {
    let scene = Scene::new(&["--oauth", "o.json", "--token-calls", "1"]);
    let file = fs::read(scene.workspace.path("o.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let portal = file["domain"].as_str().unwrap();
    let token = json!({"auth": file["access_token"]});
    assert_eq!(
        scene.send(&format!("{portal}/rest/scope"), &token).await.0,
        200
    );
    for (method, _) in CODES {
        let open = format!("{portal}/rest/{method}");
        let wrong = format!("{portal}/rest/1/wrong/{method}");
        scene.refuses(&open, &json!({}), 401, "NO_AUTH_FOUND").await;
        scene
            .refuses(&open, &json!({"auth": "x"}), 401, "invalid_token")
            .await;
        scene.refuses(&open, &token, 401, "expired_token").await;
        scene
            .refuses(&wrong, &token, 401, "INVALID_CREDENTIALS")
            .await;
    }
    for address in [
        format!("{portal}/rest/no.such"),
        format!("{portal}/rest/1/wrong/no.such"),
    ] {
        scene
            .refuses(&address, &token, 404, "ERROR_METHOD_NOT_FOUND")
            .await;
    }
}

#[tokio::test]
async fn scope_and_bucket_stop_every_method() {
    let narrow = Scene::new(&["--scope="]);
    let full = Scene::new(&["--rate", "0.001", "--burst", "1"]);
    full.call("scope", &json!({})).await;
    for (method, _) in CODES {
        let address = format!("{}{method}", full.portal.webhook);
        full.refuses(&address, &json!({}), 503, "QUERY_LIMIT_EXCEEDED")
            .await;
        if method.starts_with("crm.") || method.starts_with("log.") {
            let address = format!("{}{method}", narrow.portal.webhook);
            narrow
                .refuses(&address, &json!({}), 403, "insufficient_scope")
                .await;
        }
    }
}

#[tokio::test]
async fn a_batch_tells_the_errors_of_its_commands_under_status_200() {
    let scene = Scene::new(&["--scope=log", "--faults", "command-limit@1,refuse@2"]);
    let mut commands: BTreeMap<String, &str> = (0..51)
        .map(|number| (format!("k{number:02}"), "profile"))
        .collect();
    for (key, command) in [
        ("k01", "batch?cmd[a]=profile"),
        ("k02", "no.such"),
        ("k03", "profile.json"),
        ("k04", "crm.timeline.comment.fields"),
        ("k05", "log.blogpost.add?POST_MESSAGE=m"),
        ("k06", "log.blogpost.add?POST_MESSAGE=m"),
    ] {
        commands.insert(key.to_owned(), command);
    }
    let (status, body) = scene.call("batch", &json!({ "cmd": commands })).await;
    assert_eq!(status, 200);
    let errors = body["result"]["result_error"].as_object().unwrap();
    let codes: Vec<(&str, &str)> = errors
        .iter()
        .map(|(key, error)| (key.as_str(), error["error"].as_str().unwrap()))
        .collect();
    let expected = [
        ("k01", "ERROR_BATCH_METHOD_NOT_ALLOWED"),
        ("k02", "ERROR_METHOD_NOT_FOUND"),
        ("k03", "ERROR_METHOD_NOT_FOUND"),
        ("k04", "insufficient_scope"),
        ("k05", "OPERATION_TIME_LIMIT"),
        ("k06", ""),
        ("k50", "ERROR_BATCH_LENGTH_EXCEEDED"),
    ];
    assert_eq!(codes, expected);
}

#[tokio::test]
async fn adds_meet_the_errors_of_the_server_itself() {
    for (method, params) in [
        (LIVEFEED, feed(1)),
        (COMMENT_ADD, comment(1)),
        (POST_ADD, json!({"POST_MESSAGE": "m"})),
        (POST_COMMENT, json!({"POST_ID": 1, "TEXT": "m"})),
    ] {
        for (fault, status, code) in [
            ("internal@1", 500, "INTERNAL_SERVER_ERROR"),
            ("limit@1", 503, "QUERY_LIMIT_EXCEEDED"),
            ("command-limit@1", 429, "OPERATION_TIME_LIMIT"),
            ("refuse@1", 400, ""),
        ] {
            let scene = Scene::new(&["--faults", fault]);
            let address = format!("{}{method}", scene.portal.webhook);
            scene.refuses(&address, &params, status, code).await;
        }
    }
}
