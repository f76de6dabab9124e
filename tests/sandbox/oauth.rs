//! Applications at the built-in portal, through the binary: imports with tokens that expire, and
//! the OAuth server as any client meets it.

use std::fs;

use crate::common::{Run, Sandbox, Workspace, assert_counts, http_client};
use serde_json::{Value, json};

/// A folder with a portal and the OAuth file that it wrote.
struct Scene {
    workspace: Workspace,
    portal: Sandbox,
}

impl Scene {
    fn new(options: &[&str]) -> Scene {
        let workspace = Workspace::new();
        let options = [&["--oauth", "o.json"], options].concat();
        Scene {
            portal: Sandbox::start(&workspace, &options),
            workspace,
        }
    }

    fn file(&self) -> Value {
        read(&self.workspace, "o.json")
    }

    fn import(&self, file: &str, more: &[&str]) -> Run {
        let arguments = [
            "import",
            "m.csv",
            "--oauth-file",
            file,
            "--format",
            "json",
            "--yes",
            "--plan",
            "self-hosted",
            "--late-execution",
            "0s",
        ];
        self.workspace.run(&[&arguments, more].concat())
    }

    /// How often tokens were asked for, and with what statuses.
    fn refreshes(&self) -> Vec<u16> {
        let requests = self.portal.requests().into_iter();
        let of_tokens = requests.filter(|(method, _)| method == "oauth/token");
        of_tokens.map(|(_, status)| status).collect()
    }
}

fn read(workspace: &Workspace, name: &str) -> Value {
    serde_json::from_slice(&fs::read(workspace.path(name)).unwrap()).unwrap()
}

/// Batches of about ten rows.
const SMALL: [&str; 2] = ["--max-batch-bytes", "2KiB"];

#[test]
fn imports_outlive_tokens_that_are_worn_out_by_calls() {
    let scene = Scene::new(&["--token-calls", "4"]);
    scene.workspace.rows(100);
    let given = scene.file();
    assert_counts(
        &scene.import("o.json", &SMALL).expect(0).json(),
        &[("posted", 100)],
    );
    let first = scene.refreshes().len();
    assert!(first >= 2, "{first}");
    scene.workspace.rows(150);
    let second = scene.import("o.json", &SMALL).expect(0).json();
    assert_counts(&second, &[("posted", 50), ("already_posted", 100)]);
    assert_eq!(scene.portal.count(), 150);
    let all = scene.refreshes();
    assert!(all.len() > first, "{all:?}");
    assert_eq!(all.iter().filter(|status| **status != 200).count(), 0);
    let kept = scene.file();
    for name in [
        "domain",
        "server",
        "client_id",
        "client_secret",
        "member_id",
    ] {
        assert_eq!(kept[name], given[name], "{name}");
    }
    assert_ne!(kept["refresh_token"], given["refresh_token"]);
}

#[test]
fn a_token_that_expires_out_of_turn_is_refreshed_and_nothing_is_lost() {
    let scene = Scene::new(&["--faults", "expired@2"]);
    scene.workspace.rows(60);
    let run = scene.import("o.json", &[&SMALL[..], &["--concurrency", "1"]].concat());
    assert_counts(&run.expect(0).json(), &[("posted", 60)]);
    assert_eq!(scene.portal.count(), 60);
    assert_eq!(scene.refreshes(), [200]);
    let expired = ("batch".to_owned(), 401);
    let refused = scene.portal.requests();
    let refused = refused.iter().filter(|request| **request == expired);
    assert_eq!(refused.count(), 1);
}

#[test]
fn an_import_outlives_tokens_of_a_second() {
    let scene = Scene::new(&["--token-life", "1s", "--post-cost", "100ms"]);
    scene.workspace.rows(60);
    let run = scene.import("o.json", &[&SMALL[..], &["--concurrency", "1"]].concat());
    assert_counts(&run.expect(0).json(), &[("posted", 60)]);
    assert_eq!(scene.portal.count(), 60);
    assert!(scene.refreshes().len() >= 2);
}

#[test]
fn a_refresh_token_that_another_copy_has_spent_ends_the_run() {
    let scene = Scene::new(&["--token-calls", "2"]);
    scene.workspace.rows(30);
    fs::copy(
        scene.workspace.path("o.json"),
        scene.workspace.path("copy.json"),
    )
    .unwrap();
    scene.import("o.json", &SMALL).expect(0);
    scene.workspace.rows(60);
    let run = scene.import("copy.json", &SMALL).expect(1).json();
    assert_eq!(run["error"]["code"], "invalid_grant");
    assert_eq!(run["in_doubt"], 0);
    assert_eq!(scene.portal.count(), 30);
    assert_eq!(scene.refreshes().last(), Some(&400));
    scene.import("o.json", &SMALL).expect(0);
    assert_eq!(scene.portal.count(), 60);
}

#[test]
fn the_file_of_a_real_portal_is_not_written_over() {
    let workspace = Workspace::new();
    let real = r#"{"domain":"p.example"}"#;
    workspace.write("o.json", real);
    let run = workspace.run(&["sandbox", "--oauth", "o.json"]).expect(1);
    assert!(
        run.stderr.contains("no OAuth file of a sandbox"),
        "{}",
        run.stderr
    );
    assert_eq!(fs::read_to_string(workspace.path("o.json")).unwrap(), real);
    workspace.run(&["sandbox", "--token-calls", "3"]).expect(2);
    drop(Sandbox::start(&workspace, &["--oauth", "p.json"]));
    let first = read(&workspace, "p.json");
    drop(Sandbox::start(&workspace, &["--oauth", "p.json"]));
    let second = read(&workspace, "p.json");
    assert_ne!(first["access_token"], second["access_token"]);
    assert_eq!(first["member_id"], second["member_id"]);
}

/// Status and body of an answer.
async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = response.text().await.unwrap();
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn a_token_is_taken_from_url_form_and_json_under_both_names() {
    let scene = Scene::new(&[]);
    let file = scene.file();
    let field = |name: &str| file[name].as_str().unwrap().to_owned();
    let client = http_client();
    let page = format!("{}/rest/profile", field("domain"));
    let form = "application/x-www-form-urlencoded";
    for name in ["auth", "access_token"] {
        let pair = format!("{name}={}", field("access_token"));
        let object = json!({ name: field("access_token") }).to_string();
        let post = |page: &str, kind: &str, body: &str| {
            let request = client.post(page).header("Content-Type", kind);
            request.body(body.to_owned())
        };
        for request in [
            client.get(format!("{page}?{pair}")),
            post(&page, form, &pair),
            post(&page, "application/json", &object),
            post(&format!("{page}.json"), "application/json", &object),
        ] {
            let (status, body) = answer(request).await;
            assert_eq!(
                (status, &body["result"]["ID"]),
                (200, &json!("1")),
                "{name}"
            );
        }
    }
    for (query, code) in [("", "NO_AUTH_FOUND"), ("?auth=x", "invalid_token")] {
        let (status, body) = answer(client.get(format!("{page}{query}"))).await;
        assert_eq!((status, &body["error"]), (401, &json!(code)), "{query}");
    }
}

#[tokio::test]
async fn the_oauth_server_answers_a_get_and_a_form() {
    let scene = Scene::new(&["--token-calls", "1", "--renamed-to", "new.example"]);
    let mut file = scene.file();
    let client = http_client();
    for by_form in [false, true] {
        let field = |name: &str| file[name].as_str().unwrap().to_owned();
        let page = format!("{}/oauth/token/", field("server"));
        let query = format!(
            "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
            field("client_id"),
            field("client_secret"),
            field("refresh_token"),
        );
        let request = if by_form {
            let form = "application/x-www-form-urlencoded";
            client.post(page).header("Content-Type", form).body(query)
        } else {
            client.get(format!("{page}?{query}"))
        };
        let (status, reply) = answer(request).await;
        assert_eq!(status, 200, "{reply}");
        assert_eq!(reply["domain"], "oauth.bitrix.info");
        assert_eq!(
            reply["client_endpoint"],
            format!("{}/rest/", field("domain"))
        );
        assert_eq!(reply["member_id"], file["member_id"]);
        file["refresh_token"] = reply["refresh_token"].clone();
    }
}
