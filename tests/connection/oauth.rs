//! Tokens that expire are refreshed once, for all lanes and for all processes that share their
//! file, and cost no row.

use std::fs;
use std::net::TcpListener;
use std::process::Child;
use std::time::Duration;

use crate::common::{
    Run, SMALL_BATCHES, Sandbox, Workspace, assert_counts, file_holds, files, finish, signal,
    wait_until,
};
use crate::office::Office;

/// A folder with rows, a portal, and an office before it whose tokens the folder's file has.
struct Scene {
    workspace: Workspace,
    portal: Sandbox,
    office: Office,
}

impl Scene {
    fn new(rows: usize) -> Scene {
        let workspace = Workspace::new();
        workspace.rows(rows);
        let portal = Sandbox::start(&workspace, &[]);
        let office = Office::open(&portal.webhook, workspace.path("o.json"));
        Scene {
            workspace,
            portal,
            office,
        }
    }

    fn start(&self, manifest: &str, more: &[&str]) -> Child {
        self.workspace
            .start_import_by_oauth(manifest, "o.json", more)
    }

    /// Runs to its end; neither its output nor its ledger may hold a secret.
    fn import(&self, more: &[&str], code: i32) -> Run {
        let run = finish(self.start("m.csv", more)).expect(code);
        self.assert_silent(&run);
        run
    }

    fn assert_silent(&self, run: &Run) {
        for text in [&run.stdout, &run.stderr] {
            assert!(!text.contains("s3cr3t"), "{text}");
        }
        for name in ["m.csv.ledger.db", "m.csv.ledger.db-wal", "o.json.lock"] {
            assert!(!file_holds(&self.workspace.path(name), "s3cr3t"), "{name}");
        }
    }
}

#[test]
fn tokens_that_expire_in_mid_run_are_refreshed_once_for_all_lanes() {
    let scene = Scene::new(200);
    scene.office.tokens_are_good_for(4);
    let run = scene.import(&SMALL_BATCHES, 0);
    assert_counts(&run.json(), &[("posted", 200)]);
    assert_eq!(scene.portal.count(), 200);
    let seen = scene.office.seen();
    assert!(seen.refreshes >= 3, "{seen:?}");
    assert_eq!(seen.wrong, [""; 0], "{seen:?}");
    let file = scene.office.file();
    assert_eq!(file["domain"], scene.office.address());
    assert_eq!(file["note"], "kept");
}

#[test]
fn two_processes_that_share_a_file_keep_each_others_tokens_alive() {
    let scene = Scene::new(100);
    let rows = fs::read_to_string(scene.workspace.path("m.csv")).unwrap();
    scene
        .workspace
        .write("n.csv", rows.replace("Message", "Other message"));
    scene.office.tokens_are_good_for(7);
    scene.office.expire();
    let runs = ["m.csv", "n.csv"].map(|manifest| {
        let more = [&SMALL_BATCHES[..], &["--new-ledger"]].concat();
        scene.start(manifest, &more)
    });
    for run in runs.map(finish) {
        let run = run.expect(0);
        scene.assert_silent(&run);
        assert_counts(&run.json(), &[("posted", 100)]);
    }
    assert_eq!(scene.portal.count(), 200);
    let seen = scene.office.seen();
    assert!(seen.refreshes >= 2, "{seen:?}");
    assert_eq!(seen.wrong, [""; 0], "{seen:?}");
}

#[test]
fn a_crash_between_refresh_and_use_leaves_the_new_pair_in_the_file() {
    let scene = Scene::new(5);
    scene.office.expire();
    scene.office.hold_calls(true);
    let mut run = scene.start("m.csv", &[]);
    wait_until("a call with the new token", || scene.office.seen().held > 0);
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(scene.office.file()["access_token"], scene.office.access());
    scene.office.hold_calls(false);
    let run = scene.import(&[], 0).json();
    assert_counts(&run, &[("posted", 5)]);
    let seen = scene.office.seen();
    assert_eq!((seen.refreshes, seen.wrong.len()), (1, 0), "{seen:?}");
}

#[test]
fn an_interrupted_run_keeps_the_pair_that_it_has_asked_for() {
    let scene = Scene::new(5);
    scene.office.expire();
    scene.office.refresh_slowly(Duration::from_secs(1));
    let run = scene.start("m.csv", &[]);
    wait_until("a refresh", || scene.office.seen().asked > 0);
    signal(&run, "INT");
    scene.assert_silent(&finish(run).expect(130));
    assert_eq!(scene.office.seen().refreshes, 1);
    assert_eq!(scene.office.file()["access_token"], scene.office.access());
    scene.import(&[], 0);
    assert_eq!(scene.office.seen().refreshes, 1);
}

#[test]
fn commands_that_met_an_expired_token_within_a_batch_are_sent_again() {
    let scene = Scene::new(20);
    scene.office.expire_within_batch(7);
    let run = scene.import(&["--concurrency", "1"], 0).json();
    assert_counts(&run, &[("posted", 20)]);
    assert_eq!(scene.portal.count(), 20);
    let seen = scene.office.seen();
    assert_eq!((seen.refreshes, seen.wrong.len()), (1, 0), "{seen:?}");
}

#[test]
fn a_large_post_is_streamed_anew_with_the_new_token() {
    let scene = Scene::new(0);
    let content = vec![7; 300_000];
    scene.workspace.write("large.bin", &content);
    let header = "message,entity_type,entity_id,audience,attachments\n";
    let row = "With a file,deal,1,U1,large.bin\n";
    scene.workspace.write("m.csv", format!("{header}{row}"));
    // All questions before the first post are one call.
    scene.office.tokens_are_good_for(1);
    let run = scene.import(&["--max-batch-bytes", "64KiB"], 0).json();
    assert_counts(&run, &[("posted", 1)]);
    let files = files(&scene.portal.store);
    assert_eq!((files.len(), files[0].2), (1, content.len() as u64));
    let seen = scene.office.seen();
    assert_eq!((seen.refreshes, seen.wrong.len()), (1, 0), "{seen:?}");
}

#[test]
fn a_refresh_that_is_refused_ends_the_run_with_advice() {
    for (status, code, advice) in [
        (400, "invalid_grant", "authorise the application"),
        (400, "invalid_client", "client_id"),
        (200, "wrong_client", "client_id"),
        (401, "invalid_scope", "permissions"),
        (403, "PAYMENT_REQUIRED", "plan"),
    ] {
        let scene = Scene::new(60);
        scene.office.tokens_are_good_for(3);
        scene.office.refuse_refresh(status, code);
        let run = scene.import(&SMALL_BATCHES, 1).json();
        assert_eq!(run["error"]["code"], code);
        let message = run["error"]["message"].as_str().unwrap();
        assert!(message.contains(advice), "{message}");
        assert_eq!(run["in_doubt"], 0, "{run}");
        assert_eq!(run["posted"], scene.portal.count());
        assert_eq!(scene.office.seen().refreshes, 1);
        // With a pair that is good again, the rest follows.
        scene.office.authorise_again();
        let rest = scene.import(&SMALL_BATCHES, 0).json();
        assert_eq!(scene.portal.count(), 60, "{rest}");
    }
}

#[test]
fn an_oauth_server_that_is_down_for_a_while_costs_no_row() {
    let scene = Scene::new(60);
    scene.office.tokens_are_good_for(4);
    scene.office.fail_refreshes(2);
    let run = scene.import(&SMALL_BATCHES, 0).json();
    assert_counts(&run, &[("posted", 60)]);
    assert_eq!(scene.portal.count(), 60);
}

#[test]
fn a_ledger_belongs_to_a_member_where_it_is_known() {
    let scene = Scene::new(2);
    scene.import(&[], 0);
    scene.office.change_file("member_id", "member-1");
    scene.import(&[], 0);
    scene.workspace.rows(3);
    scene.import(&[], 0);
    scene.office.change_file("member_id", "member-2");
    let other = scene.import(&[], 1).json();
    assert_eq!(other["error"]["code"], "other_portal");
    let message = other["error"]["message"].as_str().unwrap();
    assert!(message.contains("--rebind"), "{message}");
    scene.import(&["--rebind"], 0);
    // A webhook tells the host alone.
    scene.workspace.import(&scene.portal, &[]).expect(0);
}

#[test]
fn a_renamed_portal_gets_neither_code_nor_token_at_its_new_address() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = format!("http://{}", elsewhere.local_addr().unwrap());
    for by_oauth in [true, false] {
        let scene = Scene::new(1);
        scene.office.redirect_to(&address);
        let run = if by_oauth {
            scene.import(&[], 1)
        } else {
            let webhook = format!("{}/rest/1/s3cr3tcode/", scene.office.address());
            let arguments = ["import", "m.csv", "--format", "json"];
            let run = scene.workspace.run_by(&webhook, &arguments).expect(1);
            scene.assert_silent(&run);
            run
        };
        let error = &run.json()["error"];
        assert_eq!(error["code"], "portal_renamed");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("127.0.0.1"), "{message}");
        assert!(message.contains("--rebind"), "{message}");
        assert_eq!(scene.portal.count(), 0);
        assert_eq!(scene.office.seen().refreshes, 0);
    }
    assert!(elsewhere.accept().is_err(), "nobody came");
}

#[test]
fn credentials_are_given_once_and_never_in_the_open() {
    let workspace = Workspace::new();
    workspace.rows(1);
    let refused = |file: &str, more: &[&str], webhook: Option<&str>, expected: &str| {
        workspace.write("o.json", file);
        let arguments = [&["import", "m.csv", "--oauth-file", "o.json"], more].concat();
        let mut command = workspace.command(&arguments);
        if let Some(webhook) = webhook {
            command.env("B24POST_WEBHOOK", webhook);
        }
        let run = finish(command.spawn().unwrap()).expect(2);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
        assert!(!run.stderr.contains("s3cr3t"), "{}", run.stderr);
    };
    let file = |more: &str| {
        format!(
            r#"{{"client_id":"s3cr3t-i","client_secret":"s3cr3t-k","access_token":"s3cr3t-a",
                "refresh_token":"s3cr3t-r"{more}}}"#
        )
    };
    let good = file(r#","domain":"p.example""#);
    let hook = "https://p.example/rest/1/s3cr3t/";
    workspace.write("hook", hook);
    refused(&good, &[], Some(hook), "more than one");
    refused(&good, &["--webhook-file", "hook"], None, "more than one");
    refused(&good, &["--sandbox"], None, "--sandbox");
    refused(&file(""), &[], None, "domain is missing");
    refused(
        &file(r#","domain":"http://p.example""#),
        &[],
        None,
        "https://",
    );
    refused(
        &file(r#","domain":"p.example","server":"http://o.example""#),
        &[],
        None,
        "https://",
    );
    refused("[]", &[], None, "no JSON object");
}
