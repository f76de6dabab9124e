//! Server time, workers and the web filter limit the built-in portal as its options say, over HTTP.

use std::time::{Duration, Instant};

use crate::client::Portal;
use crate::common::Workspace;
use serde_json::{Value, json};

const ADD: &str = "crm.timeline.comment.add";
const COMMENT: &str =
    "crm.timeline.comment.add?fields[ENTITY_TYPE]=deal&fields[ENTITY_ID]=1&fields[COMMENT]=";

/// The texts of all posts, in their order.
fn texts(portal: &Portal) -> Vec<String> {
    let posts = portal.sandbox.posts().into_iter();
    posts.map(|post| post.message).collect()
}

fn comment(text: &str) -> Value {
    json!({"fields": {"ENTITY_TYPE": "deal", "ENTITY_ID": 1, "COMMENT": text}})
}

/// A batch of comments with these texts, which need no escapes.
fn batch(texts: &[&str]) -> Value {
    let command = |(n, text)| (format!("k{n}"), json!(format!("{COMMENT}{text}")));
    let commands = texts.iter().enumerate().map(command);
    json!({ "cmd": commands.collect::<serde_json::Map<_, _>>() })
}

#[tokio::test]
async fn a_method_without_server_time_left_is_refused() {
    for ban in [None, Some("--operating-ban=1h")] {
        let options = ["--operating", "0.15", "--post-cost", "100ms"];
        let portal = Portal::start(&[&options[..], ban.as_slice()].concat());
        let (status, body) = portal.call("batch", &batch(&["a", "b", "c"])).await;
        assert_eq!(status, 200);
        let result = &body["result"];
        let used = ["k0", "k1"].map(|key| result["result_time"][key]["operating"].clone());
        assert_eq!(used, [json!(0.1), json!(0.2)]);
        let refusal = &result["result_error"]["k2"]["error"];
        assert_eq!(refusal, "OPERATION_TIME_LIMIT");
        let (status, body) = portal.call(ADD, &comment("d")).await;
        assert_eq!(status, 429);
        assert_eq!(body["error"], "OPERATION_TIME_LIMIT");
        assert_eq!(portal.call("profile", &json!({})).await.0, 200);
        assert_eq!(texts(&portal), ["a", "b"]);
    }
}

#[tokio::test]
async fn a_request_past_its_time_is_cut() {
    let portal = Portal::start(&["--request-limit", "250ms", "--post-cost", "100ms"]);
    let request = portal.post(&portal.address("batch"), &batch(&["a", "b", "c", "d"]));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 502);
    let body = response.text().await.unwrap();
    assert!(body.starts_with("<html>"), "{body}");
    assert_eq!(texts(&portal), ["a", "b", "c"]);
    let (status, _) = portal.call("batch", &batch(&["e", "f"])).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn large_posts_take_their_time() {
    let portal = Portal::start(&["--mib-cost", "400ms"]);
    let (_, body) = portal.call(ADD, &comment(&"m".repeat(1 << 18))).await;
    assert_eq!(body["time"]["duration"], 0.1);
}

#[tokio::test]
async fn one_worker_takes_one_request_after_the_other() {
    let portal = Portal::start(&["--workers", "1", "--post-cost", "200ms"]);
    let begun = Instant::now();
    let call = |text| {
        let portal = &portal;
        async move { portal.call(ADD, &comment(text)).await }
    };
    let answers = tokio::join!(call("a"), call("b"), call("c"));
    let taken = begun.elapsed();
    assert_eq!([answers.0.0, answers.1.0, answers.2.0], [200; 3]);
    assert!(taken >= Duration::from_millis(590), "{taken:?}");
}

#[tokio::test]
async fn the_web_filter_alters_batches_only() {
    let portal = Portal::start(&["--web-filter"]);
    let text = "<script>";
    portal.call("batch", &batch(&[text, "union select"])).await;
    portal.call(ADD, &comment(text)).await;
    assert_eq!(texts(&portal), ["<sc ript>", "un ion select", text]);
}

#[test]
fn limits_that_make_no_sense_are_usage_errors() {
    let workspace = Workspace::new();
    for options in [&["--workers", "0"][..], &["--operating-ban", "5m"]] {
        workspace.run(&[&["sandbox"], options].concat()).expect(2);
    }
}
