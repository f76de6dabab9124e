//! What would go wrong is told before the first post: rights, clock, records that are missing, too
//! many posts for nobody to have agreed to.

use crate::common::{
    HEADER, LEDGER, Sandbox, TIMELINE, Workspace, assert_counts, count, finish, signal, wait_until,
};
use serde_json::Value;

/// A manifest `m.csv` of the timeline, a row for each record.
fn comments(workspace: &Workspace, records: &[(&str, u64)]) {
    let rows: String = records
        .iter()
        .enumerate()
        .map(|(n, (kind, id))| format!("c{n},Comment {n},{kind},{id}\n"))
        .collect();
    let header = "external_id,message,entity_type,entity_id\n";
    workspace.write("m.csv", format!("{header}{rows}"));
}

/// Requests that asked for records.
fn lookups(portal: &Sandbox) -> usize {
    let methods = portal.requests().into_iter().map(|(method, _)| method);
    methods.filter(|method| method == "crm.item.list").count()
}

#[test]
fn a_missing_scope_is_named_before_anything_is_sent() {
    for (granted, target, needed) in [
        ("log", "crm-feed", "`crm`"),
        ("log", "timeline", "`crm`"),
        ("crm", "news-feed", "`log`"),
        ("", "crm-feed", "`crm`"),
    ] {
        let workspace = Workspace::new();
        match target {
            "crm-feed" => workspace.rows(2),
            "timeline" => comments(&workspace, &[("deal", 1)]),
            _ => drop(workspace.write("m.csv", "message,audience\nHello,U1\n")),
        }
        let portal = Sandbox::start(&workspace, &["--scope", granted]);
        let run = workspace.import(&portal, &["--target", target]).expect(1);
        let (code, message) = run.error();
        assert_eq!(code, "insufficient_scope");
        for part in [needed, "webhook", "add"] {
            assert!(message.contains(part), "{part}: {message}");
        }
        let methods: Vec<_> = portal
            .requests()
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(methods, ["batch"], "{granted} {target}");
    }
}

#[test]
fn a_clock_that_is_wrong_by_minutes_is_told_and_one_by_seconds_is_not() {
    for (skew, word) in [
        ("-3600", Some("1h")),
        ("600", Some("ahead of")),
        ("20", None),
    ] {
        let workspace = Workspace::new();
        workspace.rows(1);
        let portal = Sandbox::start(&workspace, &["--clock-skew", skew]);
        let run = workspace.import(&portal, &[]).expect(0);
        let told = run.stderr.lines().find(|line| line.contains("clock"));
        match word {
            Some(word) => assert!(told.unwrap().contains(word), "{skew}: {}", run.stderr),
            None => assert_eq!(told, None, "{skew}"),
        }
    }
}

#[test]
fn a_retired_portal_is_met_before_the_first_row() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let portal = Sandbox::start(&workspace, &["--retired-livefeed"]);
    let run = workspace.import(&portal, &[]).expect(1);
    let (code, message) = run.error();
    assert_eq!(code, "livefeed_retired");
    assert!(
        message.contains("--target timeline --drop audience"),
        "{message}"
    );
    assert_counts(&run.json(), &[("pending", 3)]);
    assert_eq!(run.json()["run"], Value::Null);
    assert_eq!(portal.count(), 0);
    assert_eq!(workspace.ledger(LEDGER), [], "no row was begun");
    let instead = ["--target", "timeline", "--drop", "audience"];
    let run = workspace.import(&portal, &instead).expect(0).json();
    assert_counts(&run, &[("posted", 3)]);
}

#[test]
fn rows_of_missing_records_hold_everything_back_until_they_are_skipped() {
    let workspace = Workspace::new();
    comments(
        &workspace,
        &[
            ("deal", 1),
            ("deal", 5),
            ("lead", 5),
            ("deal", 5),
            ("order", 5),
        ],
    );
    let records = ["--records", "deal:5=missing,order:5=missing"];
    let portal = Sandbox::start(&workspace, &records);
    let held = workspace.import(&portal, &TIMELINE).expect(3);
    assert_counts(&held.json(), &[("invalid", 2), ("pending", 3)]);
    assert_eq!(portal.count(), 0);
    let problems: Vec<&str> = held
        .stderr
        .lines()
        .filter(|line| line.contains("record_not_found"))
        .collect();
    assert_eq!(problems.len(), 2, "{}", held.stderr);
    for part in ["  2  ", "  3  ", "entity_id", "deal 5 doesn't exist"] {
        assert!(problems[0].contains(part), "{part}: {}", problems[0]);
    }
    let skip = [&TIMELINE[..], &["--skip-invalid"]].concat();
    let run = workspace.import(&portal, &skip).expect(3).json();
    // Orders can't be listed: that row is sent and refused.
    assert_counts(&run, &[("invalid", 2), ("posted", 2), ("failed", 1)]);
    let sent: Vec<_> = portal.posts().into_iter().map(|post| post.entity).collect();
    assert_eq!(sent, [Some((2, 1)), Some((1, 5))]);
}

#[test]
fn kinds_that_are_refused_as_a_whole_concern_their_rows() {
    let workspace = Workspace::new();
    comments(
        &workspace,
        &[("deal", 1), ("dynamic_5", 7), ("dynamic_5", 8)],
    );
    let portal = Sandbox::start(&workspace, &[]);
    let held = workspace.import(&portal, &TIMELINE).expect(3);
    assert_counts(&held.json(), &[("invalid", 2), ("pending", 1)]);
    assert!(
        held.stderr.contains("entity_type") && held.stderr.contains("NOT_FOUND"),
        "{}",
        held.stderr
    );
    let skip = [&TIMELINE[..], &["--skip-invalid"]].concat();
    let run = workspace.import(&portal, &skip).expect(3).json();
    assert_counts(&run, &[("invalid", 2), ("posted", 1)]);
}

#[test]
fn found_records_are_remembered_and_asked_for_once() {
    let workspace = Workspace::new();
    let records: Vec<(&str, u64)> = (1..=120).map(|id| ("deal", id)).collect();
    comments(&workspace, &records);
    let portal = Sandbox::start(&workspace, &["--records", "deal:120=hidden"]);
    let remembered = || {
        let ledger = workspace.open(LEDGER);
        let query = "SELECT count(*) FROM entities WHERE entity_type = 'deal'";
        let count: u64 = ledger.query_row(query, [], |row| row.get(0)).unwrap();
        count
    };
    workspace.import(&portal, &TIMELINE).expect(3);
    let methods = |portal: &Sandbox| -> Vec<String> {
        let all = portal.requests().into_iter().map(|(method, _)| method);
        all.collect()
    };
    assert_eq!(methods(&portal), ["batch"], "with all other questions");
    assert_eq!(remembered(), 119, "the hidden one is not remembered");
    let more = ["--skip-invalid", "--limit", "10", "--no-canary"];
    let run = workspace.import(&portal, &[&TIMELINE[..], &more].concat());
    let summary = run.expect(0).json();
    assert_counts(&summary, &[("posted", 10), ("pending", 110)]);
    assert_eq!(methods(&portal)[1..], ["batch", "batch"]);
    assert_eq!(count(&summary, "requests"), 2);
    workspace
        .import(&portal, &[&TIMELINE[..], &["--rebind"]].concat())
        .expect(3);
    assert_eq!(remembered(), 109, "asked for again, but for what is posted");
}

#[test]
fn the_look_for_records_can_be_left_out() {
    let workspace = Workspace::new();
    comments(&workspace, &[("deal", 1), ("deal", 5)]);
    let portal = Sandbox::start(&workspace, &["--records", "deal:5=missing"]);
    let more = [&TIMELINE[..], &["--no-record-check"]].concat();
    let run = workspace.import(&portal, &more).expect(3).json();
    assert_counts(&run, &[("posted", 1), ("failed", 1)]);
    assert_eq!(lookups(&portal), 0);
}

#[test]
fn a_record_that_only_the_audience_names_is_not_looked_for() {
    let workspace = Workspace::new();
    workspace.write("m.csv", "message,audience\nHello,\"U1,CRMDEAL5\"\n");
    let portal = Sandbox::start(&workspace, &[]);
    workspace.import(&portal, &[]).expect(0);
    assert_eq!(lookups(&portal), 0);
}

#[test]
fn a_dry_run_shows_the_screen_and_changes_nothing() {
    let workspace = Workspace::new();
    workspace.rows(150);
    let portal = Sandbox::start(&workspace, &["--records", "deal:1=hidden"]);
    let dry = |more: &[&str]| workspace.import_by(&portal.webhook, more);
    let held = dry(&["--dry-run"]).expect(3);
    assert_counts(&held.json(), &[("invalid", 30), ("pending", 120)]);
    let run = dry(&["--dry-run", "--skip-invalid"]).expect(3);
    let summary = run.json();
    assert_counts(&summary, &[("invalid", 30), ("pending", 120)]);
    assert_eq!(summary["run"], Value::Null);
    assert_eq!(summary.get("error"), None);
    let address = portal.webhook.split('/').nth(2).unwrap();
    let host = address.split(':').next().unwrap();
    for part in [
        &format!("About to post 120 rows to the crm-feed of {host}"),
        "Sandbox Administrator (user 1), an administrator",
        "row 1, deal 2 (deal 2): Message 1",
        "  requests     between ",
        "not kept     date and author",
        "notified     nobody",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert_eq!(portal.count(), 0);
    let ledger = workspace.open(LEDGER);
    for table in ["rows", "runs", "batches", "claims", "binding"] {
        let query = format!("SELECT count(*) FROM {table}");
        let count: u64 = ledger.query_row(&query, [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{table}");
    }
    workspace.import(&portal, &["--skip-invalid"]).expect(3);
    assert_eq!(portal.count(), 120);
    assert_counts(
        &dry(&["--dry-run", "--no-record-check", "--limit", "5"])
            .expect(0)
            .json(),
        &[("already_posted", 120), ("pending", 30)],
    );
}

#[test]
fn a_dry_run_leaves_doubt_edits_and_renames_for_the_run() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "message,entity_type,entity_id,audience\na,deal,1,U1\nb,deal,2,U1\n",
    );
    let portal = Sandbox::start(&workspace, &[]);
    workspace.import(&portal, &["--limit", "1"]).expect(0);
    workspace.write("m.csv", format!("{HEADER}1,a,deal,1,U1\n2,c,deal,2,U1\n"));
    let keys = || {
        let ledger = workspace.open(LEDGER);
        let query = "SELECT group_concat(substr(row_key, 1, 2) || state) FROM rows";
        let keys: String = ledger.query_row(query, [], |row| row.get(0)).unwrap();
        keys
    };
    let before = keys();
    let run = workspace.import(&portal, &["--dry-run"]).expect(0).json();
    assert_counts(&run, &[("already_posted", 1), ("pending", 1)]);
    assert_eq!(keys(), before, "the row keeps its old key");
    workspace.import(&portal, &[]).expect(0);
    assert_eq!(keys(), "x:posted,x:posted");
}

#[test]
fn many_posts_or_notifications_need_a_word_where_nobody_can_be_asked() {
    let portal_of = |workspace: &Workspace| Sandbox::start(workspace, &[]);
    for (rows, audience, expected) in [
        (100, "U1", 0),
        (101, "U1", 2),
        (100, "\"U2,U3\"", 0),
        (67, "\"U2,U3,U4\"", 2),
        (67, "\"U1,U2,U3\"", 0),
    ] {
        let workspace = Workspace::new();
        let row = |n: usize| format!("r{n},Message {n},deal,1,{audience}\n");
        let rows: String = (1..=rows).map(row).collect();
        workspace.write("m.csv", format!("{HEADER}{rows}"));
        let portal = portal_of(&workspace);
        let run = workspace.import_by(&portal.webhook, &[]).expect(expected);
        if expected == 2 {
            assert!(run.stderr.contains("--yes"), "{}", run.stderr);
            assert_eq!(portal.count(), 0);
            workspace.import_by(&portal.webhook, &["--yes"]).expect(0);
        }
    }
}

#[test]
fn only_an_administrator_posts_as_others_in_the_news_feed() {
    let workspace = Workspace::new();
    workspace.write("m.csv", "message,audience,author_id\nHello,U1,5\n");
    let portal = Sandbox::start(&workspace, &["--not-admin"]);
    let news = ["--target", "news-feed"];
    let run = workspace.import(&portal, &news).expect(1);
    let (code, message) = run.error();
    assert_eq!(code, "not_administrator");
    assert!(message.contains("--drop author_id"), "{message}");
    assert_eq!(portal.requests().len(), 1);
    let dropped = [&news[..], &["--drop", "author_id"]].concat();
    workspace.import(&portal, &dropped).expect(0);
}

#[test]
fn every_question_shares_one_request() {
    let workspace = Workspace::new();
    let (records, more) = (2_300_u64, 2_700);
    let row = |n: u64| format!("r{n},Message {n},deal,{n},U1\n");
    let rows = |count: u64| (1..=count).map(row).collect::<String>();
    workspace.write("m.csv", format!("{HEADER}{}", rows(records)));
    let portal = Sandbox::start(&workspace, &[]);
    let run = workspace.import(&portal, &["--dry-run"]).expect(0).json();
    assert_eq!(count(&run, "requests"), 1, "46 calls for records");
    workspace.write("m.csv", format!("{HEADER}{}", rows(more)));
    let run = workspace.import(&portal, &["--dry-run"]).expect(0).json();
    assert_eq!(count(&run, "requests"), 2, "46 calls and what is left");
    let none = ["--dry-run", "--no-record-check"];
    let run = workspace.import(&portal, &none).expect(0).json();
    assert_eq!(count(&run, "requests"), 1);
    let methods = portal.requests().into_iter().map(|(method, _)| method);
    assert_eq!(methods.collect::<Vec<_>>(), ["batch"; 4]);
}

#[test]
fn the_look_for_records_keeps_to_the_bucket() {
    let workspace = Workspace::new();
    let many: Vec<(&str, u64)> = (1..=5_000).map(|n| ("deal", n)).collect();
    comments(&workspace, &many);
    let portal = Sandbox::start(&workspace, &["--rate", "2", "--burst", "50"]);
    // A portal that cuts so early gets what fits into one batch and then one call at a time.
    let slow = ["--plan", "standard", "--request-limit", "1ms", "--dry-run"];
    let run = workspace.import(&portal, &[&TIMELINE[..], &slow].concat());
    let summary = run.expect(0).json();
    let requests = portal.requests();
    let told = count(&summary, "requests");
    assert_eq!(requests.len() as u64, told, "every request is counted");
    // One that the portal answers within that limit may be followed by a larger one.
    assert!((50..=54).contains(&told), "{told}");
    assert!(requests.iter().all(|(_, status)| *status == 200));
    assert!(summary["elapsed_s"].as_f64().unwrap() > 2.0, "{summary}");
}

#[test]
fn an_interrupted_look_keeps_what_it_has_found() {
    let workspace = Workspace::new();
    let many: Vec<(&str, u64)> = (1..=5_000).map(|n| ("deal", n)).collect();
    comments(&workspace, &many);
    let portal = Sandbox::start(&workspace, &[]);
    let slow = ["--plan", "standard", "--request-limit", "1ms"];
    let run = workspace.start_import(&portal, &[&TIMELINE[..], &slow].concat());
    // From here on it waits for the bucket.
    wait_until("49 requests", || portal.requests().len() >= 49);
    signal(&run, "INT");
    let summary = finish(run).expect(130).json();
    assert_counts(&summary, &[("pending", 5_000)]);
    assert_eq!(portal.count(), 0);
    let ledger = workspace.open(LEDGER);
    let query = "SELECT count(*) FROM entities";
    let found: u64 = ledger.query_row(query, [], |row| row.get(0)).unwrap();
    assert!((2_000..5_000).contains(&found), "{found}");
}
