//! Rows in doubt are looked for on the portal and settled, and a canary is read back before the rest
//! of its kind goes.
//!
//! A row in doubt is looked for 15 s after the request limit, twice, 10 s apart; the cases set a
//! limit of 1 s and run beside one another.

use std::fmt::Write as _;
use std::time::Duration;

use crate::common::{
    LEDGER, Run, Sandbox, Workspace, assert_counts, count, finish, signal, wait_until,
};

const LIMIT: [&str; 2] = ["--request-limit", "1s"];

/// A manifest `m.csv` of so many comments on five deals in turn, some of them alike.
fn comments(workspace: &Workspace, rows: usize) {
    let mut text = "external_id,message,entity_type,entity_id\n".to_owned();
    for row in 1..=rows {
        writeln!(
            text,
            "c{row},Comment {} \u{1f389},deal,{}",
            row % 7,
            row % 5 + 1
        )
        .unwrap();
    }
    workspace.write("m.csv", text);
}

fn import(workspace: &Workspace, portal: &Sandbox, target: &str, more: &[&str]) -> Run {
    let target = ["--target", target];
    workspace.import(portal, &[&target, &LIMIT[..], more].concat())
}

/// Every row of the ledger is posted under an ID of its own, and nothing else is on the portal.
fn all_are_there_once(workspace: &Workspace, portal: &Sandbox, rows: u64) {
    let ledger = workspace.ledger(LEDGER);
    let mut ids: Vec<u64> = ledger.iter().filter_map(|row| row.2).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len() as u64, rows);
    assert_eq!(portal.count(), rows);
}

fn what_arrived_though_its_answer_was_lost_is_found_and_adopted() {
    let workspace = Workspace::new();
    comments(&workspace, 40);
    let more = ["--faults", "lost@2", "--emoji-tokens", "--trim-comments"];
    let portal = Sandbox::start(&workspace, &more);
    let run = import(&workspace, &portal, "timeline", &[]).expect(0);
    assert_counts(&run.json(), &[("posted", 40)]);
    assert!(run.stderr.contains(" arrived"), "{}", run.stderr);
    all_are_there_once(&workspace, &portal, 40);
}

fn what_did_not_arrive_is_sent_again() {
    let workspace = Workspace::new();
    comments(&workspace, 40);
    let portal = Sandbox::start(&workspace, &["--faults", "drop@2"]);
    let run = import(&workspace, &portal, "timeline", &[]).expect(0);
    assert_counts(&run.json(), &[("posted", 40)]);
    let told = "did not arrive and will be sent again";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    all_are_there_once(&workspace, &portal, 40);
}

/// Posts announcements to a portal that makes one doubtful.
fn announce(sandbox: &[&str]) -> Run {
    let workspace = Workspace::new();
    let mut text = "external_id,title,message,audience\n".to_owned();
    for row in 1..=90 {
        let title = if row % 2 == 0 { "Title" } else { "" };
        let group = row % 2 + 1;
        writeln!(text, "n{row},{title},News {},\"U1,SG{group}\"", row % 6).unwrap();
    }
    workspace.write("m.csv", text);
    let portal = Sandbox::start(&workspace, sandbox);
    let run = import(&workspace, &portal, "news-feed", &[]).expect(0);
    assert_counts(&run.json(), &[("posted", 90)]);
    all_are_there_once(&workspace, &portal, 90);
    run
}

fn announcements_are_found_in_the_feed() {
    let run = announce(&["--faults", "lost@3"]);
    assert!(run.stderr.contains(" arrived"), "{}", run.stderr);
}

fn a_portal_that_knows_no_filter_by_date_is_read_to_the_end() {
    let run = announce(&["--faults", "drop@3", "--old-feed"]);
    let told = "did not arrive and will be sent again";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

/// An import that was killed while a request hung, after at least so many posts.
fn kill_in_mid_request(workspace: &Workspace, portal: &Sandbox, posts: u64) {
    let more = [
        "--target",
        "timeline",
        "--request-limit",
        "1s",
        "--concurrency",
        "1",
    ];
    let mut killed = workspace.start_import(portal, &more);
    wait_until("the request that hangs", || {
        let is_there = workspace.path(LEDGER).exists() && portal.count() > posts;
        is_there && workspace.ledger(LEDGER).len() as u64 > posts
    });
    killed.kill().unwrap();
    let _ = finish(killed);
    // The portal goes on with the request that it has.
    wait_until("the portal to come to rest", || {
        let count = portal.count();
        std::thread::sleep(Duration::from_millis(300));
        portal.count() == count
    });
}

fn a_later_run_settles_the_doubt_of_a_killed_one_before_it_sends() {
    let workspace = Workspace::new();
    comments(&workspace, 60);
    let portal = Sandbox::start(&workspace, &["--faults", "hang@3"]);
    kill_in_mid_request(&workspace, &portal, 11);
    let before = portal.count();
    let run = import(&workspace, &portal, "timeline", &[]).expect(0);
    let summary = run.json();
    assert_eq!(count(&summary, "already_posted"), before, "{summary}");
    assert_eq!(count(&summary, "posted"), 60 - before, "{summary}");
    all_are_there_once(&workspace, &portal, 60);
}

fn a_manifest_that_is_gone_keeps_no_doubt_open() {
    let workspace = Workspace::new();
    comments(&workspace, 20);
    let portal = Sandbox::start(&workspace, &["--faults", "hang@2"]);
    kill_in_mid_request(&workspace, &portal, 1);
    workspace.write(
        "m.csv",
        "external_id,message,entity_type,entity_id\nnew,New,deal,9\n",
    );
    let run = import(&workspace, &portal, "timeline", &[]).expect(0);
    assert_counts(&run.json(), &[("posted", 1)]);
    let states = workspace.ledger(LEDGER);
    assert!(states.iter().all(|row| row.1 == "posted"), "{states:?}");
    assert_eq!(portal.count(), states.len() as u64);
}

#[test]
fn the_crm_feed_can_not_be_read_and_its_doubt_stays() {
    let workspace = Workspace::new();
    workspace.rows(40);
    let portal = Sandbox::start(&workspace, &["--faults", "drop@2"]);
    let run = import(&workspace, &portal, "crm-feed", &[]).expect(4);
    let in_doubt = count(&run.json(), "in_doubt");
    assert!(in_doubt > 0);
    let again = import(&workspace, &portal, "crm-feed", &[]).expect(4);
    assert_eq!(count(&again.json(), "in_doubt"), in_doubt);
    assert_eq!(portal.count(), 40 - in_doubt);
}

#[test]
fn the_first_row_of_each_author_goes_alone_and_is_read_back() {
    let workspace = Workspace::new();
    let mut text = "message,entity_type,entity_id,author_id\n".to_owned();
    for row in 1..=30 {
        writeln!(text, "Comment {row},deal,1,{}", row % 3 + 1).unwrap();
    }
    workspace.write("m.csv", text);
    let keeping = ["--keep-author", "yes"];
    let portal = Sandbox::start(&workspace, &keeping);
    let tried = import(&workspace, &portal, "timeline", &[])
        .expect(0)
        .json();
    let untried = Workspace::new();
    std::fs::copy(workspace.path("m.csv"), untried.path("m.csv")).unwrap();
    let portal = Sandbox::start(&untried, &keeping);
    let more = ["--no-canary"];
    let plain = import(&untried, &portal, "timeline", &more)
        .expect(0)
        .json();
    // Three trials, three reads.
    let more = count(&tried, "requests") - count(&plain, "requests");
    assert!((5..=6).contains(&more), "{tried} {plain}");
}

#[test]
fn a_post_that_nobody_sees_stops_the_run_after_one() {
    let workspace = Workspace::new();
    workspace.write("m.csv", "message,audience\nOne,SG7\nTwo,SG7\nThree,SG7\n");
    let portal = Sandbox::start(&workspace, &["--moderated-group", "7"]);
    let run = import(&workspace, &portal, "news-feed", &[]).expect(1);
    let summary = run.json();
    assert_counts(&summary, &[("posted", 1), ("pending", 2)]);
    assert_eq!(summary["error"]["code"], "canary");
    let message = summary["error"]["message"].as_str().unwrap();
    for part in ["row 1 (line 2)", "await a moderator", "--no-canary"] {
        assert!(message.contains(part), "{message}");
    }
    let run = import(&workspace, &portal, "news-feed", &["--no-canary"]).expect(0);
    assert_counts(&run.json(), &[("already_posted", 1), ("posted", 2)]);
}

#[test]
fn a_post_that_its_author_keeps_from_the_user_is_not_tried() {
    let workspace = Workspace::new();
    let rows = "message,audience,author_id\nOne,U5,9\nTwo,\"U5,U1\",9\nThree,U5,9\n";
    workspace.write("m.csv", rows);
    let portal = Sandbox::start(&workspace, &[]);
    let run = import(&workspace, &portal, "news-feed", &[]).expect(0);
    assert_counts(&run.json(), &[("posted", 3)]);
}

fn a_moderated_post_whose_answer_was_lost_is_never_sent_again() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "message,audience\nSeen,U1\nUnseen,SG7\nSeen too,U1\n",
    );
    let more = ["--moderated-group", "7", "--faults", "lost@2"];
    let portal = Sandbox::start(&workspace, &more);
    let more = ["--max-batch-bytes", "64KiB", "--concurrency", "1"];
    let run = import(&workspace, &portal, "news-feed", &more);
    let summary = run.json();
    assert!(
        count(&summary, "in_doubt") >= 1,
        "{summary}\n{}",
        run.stderr
    );
    import(&workspace, &portal, "news-feed", &more).expect(4);
    assert_eq!(portal.count(), 3);
}

/// All at once, since they do little but wait.
#[test]
fn rows_in_doubt_are_looked_for() {
    let cases: [(&str, fn()); 7] = [
        (
            "what arrived though its answer was lost is found and adopted",
            what_arrived_though_its_answer_was_lost_is_found_and_adopted,
        ),
        (
            "what did not arrive is sent again",
            what_did_not_arrive_is_sent_again,
        ),
        (
            "announcements are found in the feed",
            announcements_are_found_in_the_feed,
        ),
        (
            "a portal that knows no filter by date is read to the end",
            a_portal_that_knows_no_filter_by_date_is_read_to_the_end,
        ),
        (
            "a later run settles the doubt of a killed one before it sends",
            a_later_run_settles_the_doubt_of_a_killed_one_before_it_sends,
        ),
        (
            "a manifest that is gone keeps no doubt open",
            a_manifest_that_is_gone_keeps_no_doubt_open,
        ),
        (
            "a moderated post whose answer was lost is never sent again",
            a_moderated_post_whose_answer_was_lost_is_never_sent_again,
        ),
    ];
    std::thread::scope(|scope| {
        let running = cases.map(|(name, case)| (name, scope.spawn(case)));
        for (name, case) in running {
            assert!(case.join().is_ok(), "{name}");
        }
    });
}

#[test]
fn an_interruption_while_doubt_is_looked_for_tells_no_false_zero() {
    let workspace = Workspace::new();
    let rows: String = (1..=20).map(|n| format!("{n},Text {n},deal,1\n")).collect();
    workspace.write(
        "m.csv",
        format!("external_id,message,entity_type,entity_id\n{rows}"),
    );
    let portal = Sandbox::start(&workspace, &["--faults", "hang@2"]);
    let timeline = [
        "--target",
        "timeline",
        "--request-limit",
        "30s",
        "--concurrency",
        "1",
    ];
    let mut killed = workspace.start_import(&portal, &timeline);
    wait_until("the request that hangs", || {
        portal.count() > 1 && workspace.ledger(LEDGER).len() > 1
    });
    killed.kill().unwrap();
    let _ = finish(killed);
    for format in ["json", "human"] {
        let more = [&timeline[..], &["--format", format]].concat();
        let arguments = ["import", "m.csv", "--yes", "--plan", "self-hosted"];
        let looking = workspace
            .command(&[&arguments[..], &more].concat())
            .env("B24POST_WEBHOOK", &portal.webhook)
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_secs(1));
        signal(&looking, "INT");
        let run = finish(looking).expect(130);
        if format == "json" {
            let summary = run.json();
            assert!(count(&summary, "in_doubt") > 0, "{summary}");
            assert_counts(
                &summary,
                &["in_doubt", "already_posted"].map(|name| (name, count(&summary, name))),
            );
            continue;
        }
        assert!(!run.stdout.contains("rows in all"), "{}", run.stdout);
        assert!(run.stdout.contains("\n  in doubt "), "{}", run.stdout);
        assert!(run.stdout.contains("not read to its end"), "{}", run.stdout);
    }
}
