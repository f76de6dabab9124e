//! What limits the built-in portal, over HTTP: server time, workers, and the web filter.

use std::time::{Duration, Instant};

use crate::common::{Sandbox, Workspace, http_client};
use reqwest::Client;
use serde_json::{Value, json};

const ADD: &str = "crm.timeline.comment.add";
const COMMENT: &str =
    "crm.timeline.comment.add?fields[ENTITY_TYPE]=deal&fields[ENTITY_ID]=1&fields[COMMENT]=";

/// A portal of its own with these options, and a client of it.
struct Scene {
    _workspace: Workspace,
    portal: Sandbox,
    client: Client,
}

impl Scene {
    fn new(options: &[&str]) -> Scene {
        let workspace = Workspace::new();
        Scene {
            portal: Sandbox::start(&workspace, options),
            _workspace: workspace,
            client: http_client(),
        }
    }

    /// Status and body of a call.
    async fn send(&self, method: &str, params: &Value) -> (u16, String) {
        let request = self
            .client
            .post(format!("{}{method}", self.portal.webhook))
            .header("Content-Type", "application/json")
            .body(params.to_string());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Status and JSON of a call.
    async fn call(&self, method: &str, params: &Value) -> (u16, Value) {
        let (status, body) = self.send(method, params).await;
        (status, serde_json::from_str(&body).unwrap())
    }

    /// The texts of all posts, in their order.
    fn texts(&self) -> Vec<String> {
        let posts = self.portal.posts().into_iter();
        posts.map(|post| post.message).collect()
    }
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
        let scene = Scene::new(&[&options[..], ban.as_slice()].concat());
        let (status, body) = scene.call("batch", &batch(&["a", "b", "c"])).await;
        assert_eq!(status, 200);
        let result = &body["result"];
        let used = ["k0", "k1"].map(|key| result["result_time"][key]["operating"].clone());
        assert_eq!(used, [json!(0.1), json!(0.2)]);
        let refusal = &result["result_error"]["k2"]["error"];
        assert_eq!(refusal, "OPERATION_TIME_LIMIT");
        let (status, body) = scene.call(ADD, &comment("d")).await;
        assert_eq!(status, 429);
        assert_eq!(body["error"], "OPERATION_TIME_LIMIT");
        assert_eq!(scene.call("profile", &json!({})).await.0, 200);
        assert_eq!(scene.texts(), ["a", "b"]);
    }
}

#[tokio::test]
async fn a_request_past_its_time_is_cut() {
    let scene = Scene::new(&["--request-limit", "250ms", "--post-cost", "100ms"]);
    let (status, body) = scene.send("batch", &batch(&["a", "b", "c", "d"])).await;
    assert_eq!(status, 502);
    assert!(body.starts_with("<html>"), "{body}");
    assert_eq!(scene.texts(), ["a", "b", "c"]);
    let (status, _) = scene.call("batch", &batch(&["e", "f"])).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn large_posts_take_their_time() {
    let scene = Scene::new(&["--mib-cost", "400ms"]);
    let (_, body) = scene.call(ADD, &comment(&"m".repeat(1 << 18))).await;
    assert_eq!(body["time"]["duration"], 0.1);
}

#[tokio::test]
async fn one_worker_takes_one_request_after_the_other() {
    let scene = Scene::new(&["--workers", "1", "--post-cost", "200ms"]);
    let begun = Instant::now();
    let call = |text| {
        let scene = &scene;
        async move { scene.call(ADD, &comment(text)).await }
    };
    let answers = tokio::join!(call("a"), call("b"), call("c"));
    let taken = begun.elapsed();
    assert_eq!([answers.0.0, answers.1.0, answers.2.0], [200; 3]);
    assert!(taken >= Duration::from_millis(590), "{taken:?}");
}

#[tokio::test]
async fn the_web_filter_alters_batches_only() {
    let scene = Scene::new(&["--web-filter"]);
    let text = "<script>";
    scene.call("batch", &batch(&[text, "union select"])).await;
    scene.call(ADD, &comment(text)).await;
    assert_eq!(scene.texts(), ["<sc ript>", "un ion select", text]);
}

#[test]
fn limits_that_make_no_sense_are_usage_errors() {
    let workspace = Workspace::new();
    for options in [&["--workers", "0"][..], &["--operating-ban", "5m"]] {
        workspace.run(&[&["sandbox"], options].concat()).expect(2);
    }
}
