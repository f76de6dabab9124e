//! The built-in portal lets applications in by tokens that expire, for an import and for any other
//! client.

use std::fs;

use crate::client::{Portal, answer};
use crate::common::{Run, SMALL_BATCHES, Sandbox, Workspace, assert_counts, finish};
use serde_json::{Value, json};

/// A portal that lets applications in, and the OAuth file `o.json` that it wrote.
fn start(options: &[&str]) -> (Portal, Value) {
    let portal = Portal::start(&[&["--oauth", "o.json"], options].concat());
    let file = read(&portal.workspace, "o.json");
    (portal, file)
}

fn import(portal: &Portal, file: &str, more: &[&str]) -> Run {
    let options = [&SMALL_BATCHES, more].concat();
    let import = portal
        .workspace
        .start_import_by_oauth("m.csv", file, &options);
    finish(import)
}

/// How often tokens were asked for, and with what statuses.
fn refreshes(portal: &Portal) -> Vec<u16> {
    let requests = portal.sandbox.requests().into_iter();
    let of_tokens = requests.filter(|(method, _)| method == "oauth/token");
    of_tokens.map(|(_, status)| status).collect()
}

fn read(workspace: &Workspace, name: &str) -> Value {
    serde_json::from_slice(&fs::read(workspace.path(name)).unwrap()).unwrap()
}

#[test]
fn imports_outlive_tokens_that_are_worn_out_by_calls() {
    let (portal, given) = start(&["--token-calls", "4"]);
    portal.workspace.rows(100);
    assert_counts(
        &import(&portal, "o.json", &[]).expect(0).json(),
        &[("posted", 100)],
    );
    let first = refreshes(&portal).len();
    assert!(first >= 2, "{first}");
    portal.workspace.rows(150);
    let second = import(&portal, "o.json", &[]).expect(0).json();
    assert_counts(&second, &[("posted", 50), ("already_posted", 100)]);
    assert_eq!(portal.sandbox.count(), 150);
    let all = refreshes(&portal);
    assert!(all.len() > first, "{all:?}");
    assert_eq!(all.iter().filter(|status| **status != 200).count(), 0);
    let kept = read(&portal.workspace, "o.json");
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
    let (portal, _) = start(&["--faults", "expired@2"]);
    portal.workspace.rows(60);
    let run = import(&portal, "o.json", &["--concurrency", "1"]);
    assert_counts(&run.expect(0).json(), &[("posted", 60)]);
    assert_eq!(portal.sandbox.count(), 60);
    assert_eq!(refreshes(&portal), [200]);
    let expired = ("batch".to_owned(), 401);
    let refused = portal.sandbox.requests();
    let refused = refused.iter().filter(|request| **request == expired);
    assert_eq!(refused.count(), 1);
}

#[test]
fn an_import_outlives_tokens_of_a_second() {
    let (portal, _) = start(&["--token-life", "1s", "--post-cost", "100ms"]);
    portal.workspace.rows(60);
    let run = import(&portal, "o.json", &["--concurrency", "1"]);
    assert_counts(&run.expect(0).json(), &[("posted", 60)]);
    assert_eq!(portal.sandbox.count(), 60);
    assert!(refreshes(&portal).len() >= 2);
}

#[test]
fn a_refresh_token_that_another_copy_has_spent_ends_the_run() {
    let (portal, _) = start(&["--token-calls", "2"]);
    portal.workspace.rows(30);
    fs::copy(
        portal.workspace.path("o.json"),
        portal.workspace.path("copy.json"),
    )
    .unwrap();
    import(&portal, "o.json", &[]).expect(0);
    portal.workspace.rows(60);
    let run = import(&portal, "copy.json", &[]).expect(1).json();
    assert_eq!(run["error"]["code"], "invalid_grant");
    assert_eq!(run["in_doubt"], 0);
    assert_eq!(portal.sandbox.count(), 30);
    assert_eq!(refreshes(&portal).last(), Some(&400));
    import(&portal, "o.json", &[]).expect(0);
    assert_eq!(portal.sandbox.count(), 60);
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

#[tokio::test]
async fn a_token_is_taken_from_url_form_and_json_under_both_names() {
    let (portal, file) = start(&[]);
    let field = |name: &str| file[name].as_str().unwrap().to_owned();
    let client = &portal.client;
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
    let (portal, mut file) = start(&["--token-calls", "1", "--renamed-to", "new.example"]);
    let client = &portal.client;
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
