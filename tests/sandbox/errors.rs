//! Every method of the built-in portal answers each of its errors, over HTTP.

use std::collections::BTreeMap;
use std::fs;

use crate::client::{Portal, answer};
use crate::error_tables::{
    CODES, COMMENT_ADD, LIVEFEED, POST_ADD, POST_COMMENT, STRICT, comment, feed, lines, switched,
};
use serde_json::{Value, json};

/// Asserts an error of a call to an address.
async fn refuses(portal: &Portal, address: &str, params: &Value, status: u16, code: &str) {
    let (answered, body) = answer(portal.post(address, params)).await;
    assert_eq!(
        (answered, &body["error"]),
        (status, &json!(code)),
        "{address} {params}: {body}"
    );
    assert_eq!(body.get("result"), None, "{address}");
}

#[tokio::test]
async fn own_errors() {
    let portal = Portal::start(&STRICT);
    for (method, params, id) in [
        (COMMENT_ADD, comment(1), 1),
        (POST_ADD, json!({"POST_MESSAGE": "m", "DEST": ["U1"]}), 2),
        (
            POST_ADD,
            json!({"POST_MESSAGE": "m", "DEST": ["U9"], "USER_ID": 9}),
            3,
        ),
    ] {
        assert_eq!(portal.call(method, &params).await.1["result"], id);
    }
    let mut seen: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut commands = Vec::new();
    let lines = lines();
    for (method, params, code, text) in &lines {
        let (status, body) = portal.call(method, params).await;
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
    assert_eq!(portal.sandbox.count(), 3, "refused calls leave nothing");
    let (_, body) = portal.call("batch", &json!({ "cmd": commands })).await;
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

#[tokio::test]
async fn errors_that_a_switch_brings_about() {
    let mut portal = Portal::start(&[]);
    let foreign = json!({"POST_MESSAGE": "m", "DEST": ["UA"], "USER_ID": 9});
    assert_eq!(portal.call(COMMENT_ADD, &comment(1)).await.1["result"], 1);
    assert_eq!(portal.call(POST_ADD, &foreign).await.1["result"], 2);
    for (options, method, params, code, text) in switched() {
        portal = portal.restart(options);
        let (status, body) = portal.call(method, &params).await;
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
    let portal = Portal::start(&["--oauth", "o.json", "--token-calls", "1"]);
    let file = fs::read(portal.workspace.path("o.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let domain = file["domain"].as_str().unwrap();
    let token = json!({"auth": file["access_token"]});
    assert_eq!(
        answer(portal.post(&format!("{domain}/rest/scope"), &token))
            .await
            .0,
        200
    );
    for (method, _) in CODES {
        let open = format!("{domain}/rest/{method}");
        let wrong = format!("{domain}/rest/1/wrong/{method}");
        refuses(&portal, &open, &json!({}), 401, "NO_AUTH_FOUND").await;
        refuses(&portal, &open, &json!({"auth": "x"}), 401, "invalid_token").await;
        refuses(&portal, &open, &token, 401, "expired_token").await;
        refuses(&portal, &wrong, &token, 401, "INVALID_CREDENTIALS").await;
    }
    for address in [
        format!("{domain}/rest/no.such"),
        format!("{domain}/rest/1/wrong/no.such"),
    ] {
        refuses(&portal, &address, &token, 404, "ERROR_METHOD_NOT_FOUND").await;
    }
}

#[tokio::test]
async fn scope_and_bucket_stop_every_method() {
    let narrow = Portal::start(&["--scope="]);
    let full = Portal::start(&["--rate", "0.001", "--burst", "1"]);
    full.call("scope", &json!({})).await;
    for (method, _) in CODES {
        let address = full.address(method);
        refuses(&full, &address, &json!({}), 503, "QUERY_LIMIT_EXCEEDED").await;
        if method.starts_with("crm.") || method.starts_with("log.") {
            let address = narrow.address(method);
            refuses(&narrow, &address, &json!({}), 403, "insufficient_scope").await;
        }
    }
}

#[tokio::test]
async fn a_batch_tells_the_errors_of_its_commands_under_status_200() {
    let portal = Portal::start(&["--scope=log", "--faults", "command-limit@1,refuse@2"]);
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
    let (status, body) = portal.call("batch", &json!({ "cmd": commands })).await;
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
            let portal = Portal::start(&["--faults", fault]);
            let address = portal.address(method);
            refuses(&portal, &address, &params, status, code).await;
        }
    }
}
