//! Lost answers, refusals, interrupts, and portals that hang or go away lose no row and double
//! none.

use std::time::Duration;

use crate::common::{LEDGER, Sandbox, Workspace, assert_counts, count, finish, signal, wait_until};

#[test]
fn a_killed_run_leaves_its_open_batches_in_doubt_and_the_rest_is_sent() {
    let workspace = Workspace::new();
    workspace.rows(300);
    let portal = Sandbox::start(&workspace, &["--post-cost", "5ms"]);
    let mut run = workspace.start_import(&portal, &[]);
    wait_until("some posts", || portal.count() > 20);
    run.kill().unwrap();
    run.wait().unwrap();
    let next = workspace.import(&portal, &[]).expect(4).json();
    let (in_doubt, posted) = (count(&next, "in_doubt"), count(&next, "posted"));
    assert!(
        (1..=200).contains(&in_doubt),
        "at most four batches: {next}"
    );
    assert_eq!(
        in_doubt + posted + count(&next, "already_posted"),
        300,
        "{next}"
    );
    // Each row is there once at most, and every row that is posted by the ledger is there.
    let posts = portal.posts();
    let mut messages: Vec<&str> = posts.iter().map(|post| post.message.as_str()).collect();
    messages.sort_unstable();
    messages.dedup();
    assert_eq!(messages.len(), posts.len(), "nothing is doubled");
    for (number, state, id, _) in workspace.ledger(LEDGER) {
        if state == "posted" {
            let post = posts.iter().find(|post| Some(post.id) == id).unwrap();
            assert_eq!(post.message, format!("Message {number}"));
        }
    }
    let listed = workspace.run(&["status", "m.csv"]).expect(0).stdout;
    assert!(listed.contains("in doubt (sent, no answer)"), "{listed}");
    workspace.import(&portal, &[]).expect(4);
    assert_eq!(
        portal.posts().len(),
        posts.len(),
        "rows in doubt are not sent again"
    );
}

#[test]
fn a_hundred_and_twenty_rows_are_three_batches_and_the_seventh_is_refused() {
    let workspace = Workspace::new();
    workspace.rows(120);
    let portal = Sandbox::start(&workspace, &["--faults", "refuse@7"]);
    let run = workspace
        .import(&portal, &["--concurrency", "1"])
        .expect(3)
        .json();
    assert_counts(&run, &[("posted", 119), ("failed", 1)]);
    assert_eq!(portal.methods_after_preflight(), ["batch"; 3]);
    let ledger = workspace.ledger(LEDGER);
    let failed: Vec<_> = ledger.iter().filter(|row| row.1 == "failed").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].0, 7);
    let again = workspace.import(&portal, &[]).expect(3).json();
    assert_counts(&again, &[("already_posted", 119), ("failed", 1)]);
    let retried = workspace
        .import(&portal, &["--retry-failed"])
        .expect(0)
        .json();
    assert_counts(&retried, &[("already_posted", 119), ("posted", 1)]);
}

#[test]
fn a_lost_answer_stops_writing_until_the_portal_is_well() {
    let workspace = Workspace::new();
    workspace.rows(200);
    let portal = Sandbox::start(&workspace, &["--faults", "lost@2"]);
    let run = workspace
        .import(&portal, &["--concurrency", "1"])
        .expect(4)
        .json();
    assert_counts(&run, &[("posted", 150), ("in_doubt", 50)]);
    assert_eq!(
        portal.count(),
        200,
        "the lost batch was carried out and not sent again"
    );
    let methods = portal.methods_after_preflight();
    assert_eq!(methods[..3], ["batch", "batch", "server.time"]);
    let again = workspace.import(&portal, &[]).expect(4).json();
    assert_counts(&again, &[("already_posted", 150), ("in_doubt", 50)]);
    assert_eq!(portal.count(), 200);
}

#[test]
fn each_kind_of_lost_answer_is_doubt_and_each_refusal_is_sent_again() {
    for (fault, in_doubt) in [
        ("cut@1", 10),
        ("bad-gateway@1", 10),
        ("internal@1", 10),
        ("unavailable@1", 10),
        ("drop@1", 10),
        ("no-id@3", 1),
        ("limit@1", 0),
        ("too-large@1", 0),
        ("blank@1", 0),
        ("command-limit@3", 0),
        ("missing@3", 0),
    ] {
        let workspace = Workspace::new();
        workspace.rows(10);
        let portal = Sandbox::start(&workspace, &["--faults", fault]);
        let code = if in_doubt > 0 { 4 } else { 0 };
        let run = workspace.import(&portal, &[]).expect(code).json();
        assert_counts(&run, &[("posted", 10 - in_doubt), ("in_doubt", in_doubt)]);
        let mut messages: Vec<String> = portal
            .posts()
            .into_iter()
            .map(|post| post.message)
            .collect();
        messages.sort_unstable();
        let all = messages.len();
        messages.dedup();
        assert_eq!(messages.len(), all, "{fault}: nothing is doubled");
        assert!(all as u64 >= 10 - in_doubt, "{fault}");
    }
}

#[test]
fn a_hanging_portal_is_given_up_on_after_its_own_limit() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let portal = Sandbox::start(&workspace, &["--faults", "hang@1"]);
    // The read time-out is the request limit and 15 seconds.
    let run = workspace
        .import(&portal, &["--request-limit", "1ms"])
        .expect(4)
        .json();
    assert_counts(&run, &[("in_doubt", 3)]);
}

#[test]
fn the_bucket_is_kept_and_a_refusal_costs_nothing() {
    let workspace = Workspace::new();
    workspace.rows(20);
    let bucket = ["--rate", "20", "--burst", "3"];
    let portal = Sandbox::start(&workspace, &bucket);
    let more = ["--concurrency", "1", "--max-batch-bytes", "200"];
    let run = workspace.import(&portal, &more).expect(0).json();
    assert_counts(&run, &[("posted", 20)]);
    assert!(
        portal.requests().iter().any(|(_, status)| *status == 503),
        "it did overflow"
    );
    assert_eq!(portal.count(), 20);
}

#[test]
fn the_standard_plan_never_overflows_the_standard_bucket() {
    let workspace = Workspace::new();
    workspace.rows(60);
    let portal = Sandbox::start(&workspace, &["--rate", "2", "--burst", "50"]);
    let more = ["--plan", "standard", "--max-batch-bytes", "200"];
    let run = workspace.import(&portal, &more).expect(0).json();
    assert_counts(&run, &[("posted", 60)]);
    assert!(portal.requests().iter().all(|(_, status)| *status != 503));
}

#[test]
fn an_interrupt_finishes_what_is_in_flight_and_the_next_run_goes_on() {
    for name in ["INT", "TERM"] {
        let workspace = Workspace::new();
        workspace.rows(400);
        let portal = Sandbox::start(&workspace, &["--post-cost", "2ms"]);
        let run = workspace.start_import(&portal, &[]);
        wait_until("some posts", || portal.count() > 20);
        signal(&run, name);
        let run = finish(run).expect(130).json();
        let posted = count(&run, "posted");
        assert_counts(&run, &[("posted", posted), ("pending", 400 - posted)]);
        assert_eq!(portal.count(), posted, "what was in flight is known");
        let rest = workspace.import(&portal, &[]).expect(0).json();
        assert_counts(
            &rest,
            &[("already_posted", posted), ("posted", 400 - posted)],
        );
    }
}

#[test]
fn a_second_interrupt_stops_at_once() {
    let workspace = Workspace::new();
    workspace.rows(10);
    let portal = Sandbox::start(&workspace, &["--faults", "hang@1"]);
    let run = workspace.start_import(&portal, &[]);
    wait_until("the request", || portal.count() == 10);
    signal(&run, "INT");
    std::thread::sleep(Duration::from_millis(300));
    signal(&run, "INT");
    let run = finish(run).expect(130).json();
    assert_counts(&run, &[("in_doubt", 10)]);
    let next = workspace.import(&portal, &[]).expect(4).json();
    assert_counts(&next, &[("in_doubt", 10)]);
}

#[test]
fn two_runs_at_once_are_refused() {
    let workspace = Workspace::new();
    workspace.rows(300);
    let portal = Sandbox::start(&workspace, &["--post-cost", "5ms"]);
    let first = workspace.start_import(&portal, &[]);
    wait_until("some posts", || portal.count() > 0);
    let second = workspace.import(&portal, &[]).expect(75);
    assert_eq!(second.json()["error"]["code"], "ledger_locked");
    let status = workspace
        .run(&["status", "m.csv", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(status["portal"], "127.0.0.1");
    assert_eq!(status["running"], true);
    assert_eq!(status["in_doubt"].as_array().unwrap().len(), 0);
    assert_counts(&finish(first).expect(0).json(), &[("posted", 300)]);
}

#[test]
fn a_wrong_token_stops_before_anything_is_sent_and_is_not_shown() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let portal = Sandbox::start(&workspace, &[]);
    let wrong = portal.webhook.replace(portal.code(), "Wr0ngT0ken");
    let run = workspace.import_by(&wrong, &[]).expect(1);
    assert_eq!(run.json()["error"]["code"], "INVALID_CREDENTIALS");
    assert_counts(&run.json(), &[("pending", 3)]);
    assert!(!run.stdout.contains("Wr0ngT0ken") && !run.stderr.contains("Wr0ngT0ken"));
    assert_eq!(portal.count(), 0);
}

#[test]
fn a_portal_that_has_retired_the_feed_stops_the_run() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let portal = Sandbox::start(&workspace, &["--retired-livefeed"]);
    let run = workspace.import(&portal, &[]).expect(1).json();
    assert_eq!(run["error"]["code"], "livefeed_retired");
    assert_counts(&run, &[("pending", 3)]);
    let message = run["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("--target timeline --drop audience"),
        "{message}"
    );
    let elsewhere = ["--target", "timeline", "--drop", "audience"];
    let run = workspace.import(&portal, &elsewhere).expect(0).json();
    assert_counts(&run, &[("posted", 3)]);
}

#[test]
fn a_portal_that_is_not_there_is_an_error_and_nothing_is_in_doubt() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let webhook = Sandbox::start(&workspace, &[]).webhook.clone();
    let run = workspace.import_by(&webhook, &[]).expect(1).json();
    assert_eq!(run["error"]["code"], "unreachable");
    assert_counts(&run, &[("pending", 3)]);
}

#[test]
fn a_portal_that_goes_away_ends_the_run_after_a_while() {
    let workspace = Workspace::new();
    workspace.rows(300);
    let portal = Sandbox::start(&workspace, &["--post-cost", "5ms"]);
    let run = workspace.start_import(&portal, &["--give-up-after", "3s"]);
    wait_until("some posts", || portal.count() > 20);
    drop(portal);
    let run = finish(run).expect(1).json();
    assert_eq!(run["error"]["code"], "gave_up");
    assert!(count(&run, "in_doubt") <= 200, "{run}");
    assert!(count(&run, "pending") > 0, "{run}");
}

#[test]
fn a_renamed_portal_is_not_followed() {
    let workspace = Workspace::new();
    workspace.rows(1);
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let webhook = format!("http://{}/rest/1/S3cretC0de/", server.local_addr().unwrap());
    let redirect = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut connection, _) = server.accept().unwrap();
        let mut request = [0; 4_096];
        let read = connection.read(&mut request).unwrap();
        assert!(request[..read].starts_with(b"POST "));
        let answer = "HTTP/1.1 302 Found\r\nLocation: https://new.example/rest/1/S3cretC0de/profile\r\n\
                      Content-Length: 0\r\nConnection: close\r\n\r\n";
        connection.write_all(answer.as_bytes()).unwrap();
    });
    let run = workspace.import_by(&webhook, &[]).expect(1);
    redirect.join().unwrap();
    let message = run.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("new.example") && message.contains("--rebind"),
        "{message}"
    );
    assert!(!run.stdout.contains("S3cretC0de") && !run.stderr.contains("S3cretC0de"));
}

#[test]
fn a_portal_that_answers_every_post_with_an_error_leaves_few_rows_in_doubt() {
    let workspace = Workspace::new();
    workspace.rows(500);
    let portal = Sandbox::start(&workspace, &["--faults", "no-id=1"]);
    let run = workspace
        .import(&portal, &["--give-up-after", "4s"])
        .expect(1)
        .json();
    assert_eq!(run["error"]["code"], "gave_up");
    assert!(
        count(&run, "in_doubt") < 50,
        "one batch, then one row at a time: {run}"
    );
    assert_eq!(portal.count(), count(&run, "in_doubt"));
}

#[test]
fn a_row_too_large_for_the_portal_fails_alone() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let portal = Sandbox::start(&workspace, &["--faults", "too-large=1"]);
    let run = workspace.import(&portal, &["--give-up-after", "30s"]);
    let run = run.expect(3).json();
    assert_counts(&run, &[("failed", 3)]);
    assert!(portal.requests().len() < 20, "no busy loop");
}

#[test]
fn another_portals_ledger_is_refused_until_rebound() {
    let workspace = Workspace::new();
    workspace.rows(2);
    let portal = Sandbox::start(&workspace, &[]);
    workspace.import(&portal, &["--limit", "1"]).expect(0);
    let localhost = portal.webhook.replace("127.0.0.1", "localhost");
    let start = |more: &[&str]| workspace.import_by(&localhost, more);
    let refused = start(&[]).expect(1).json();
    assert_eq!(refused["error"]["code"], "other_portal");
    assert_eq!(portal.count(), 1);
    let rebound = start(&["--rebind"]).expect(0).json();
    assert_counts(&rebound, &[("already_posted", 1), ("posted", 1)]);
}
