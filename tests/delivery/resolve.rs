//! Rows in doubt are listed and settled by hand, and the next import sends what it should and no
//! more.

use std::fs;

use crate::common::{
    FAST, HEADER, LEDGER, Run, Sandbox, Workspace, assert_counts, count, wait_until,
};
use serde_json::Value;

fn resolve(workspace: &Workspace, more: &[&str]) -> Run {
    workspace.run(&[&["resolve", "m.csv"], more].concat())
}

fn resolve_json(workspace: &Workspace, more: &[&str], code: i32) -> Value {
    let more = [more, &["--format", "json"]].concat();
    resolve(workspace, &more).expect(code).json()
}

/// The ID of the post with that message.
fn id_of(portal: &Sandbox, message: &str) -> u64 {
    let posts = portal.posts();
    posts
        .iter()
        .find(|post| post.message == message)
        .unwrap()
        .id
}

#[test]
fn doubt_is_listed_with_all_that_is_known() {
    let workspace = Workspace::new();
    workspace.rows(25);
    let portal = Sandbox::start(&workspace, &["--faults", "bad-gateway@1"]);
    let run = workspace.import(&portal, &[]).expect(4);
    assert_counts(&run.json(), &[("in_doubt", 25)]);
    let listed = resolve(&workspace, &[]).expect(4);
    assert!(listed.stderr.is_empty(), "{}", listed.stderr);
    for part in [
        "ledger: m.csv.ledger.db\nportal: 127.0.0.1\nin doubt: 25 rows",
        "row 7  x:r7\n  sent 20",
        " to the crm-feed of deal 3, as user 1\n  came back: ",
        "text: Message 25\n",
        "it is there:       b24post resolve m.csv --posted KEY=ID\n",
        "it is not there:   b24post resolve m.csv --resend KEY\n",
        "b24post resolve m.csv --resend-all\n",
    ] {
        assert!(listed.stdout.contains(part), "{part}: {}", listed.stdout);
    }
    let json = resolve_json(&workspace, &[], 4);
    assert_eq!(json["ledger"], "m.csv.ledger.db");
    assert_eq!(json["portal"], "127.0.0.1");
    assert_eq!((count(&json, "in_doubt"), count(&json, "posted")), (25, 0));
    let row = &json["rows"][6];
    assert_eq!(json["rows"].as_array().unwrap().len(), 25);
    for (name, value) in [
        ("row", 7.into()),
        ("row_key", "x:r7".into()),
        ("external_id", "r7".into()),
        ("target", "crm-feed".into()),
        ("entity", "deal 3".into()),
        ("author_id", 1.into()),
        ("excerpt", Value::from("Message 7")),
    ] {
        assert_eq!(row[name], value, "{row}");
    }
    let sent_at: jiff::Timestamp = row["sent_at"].as_str().unwrap().parse().unwrap();
    assert!(sent_at.duration_until(jiff::Timestamp::now()).as_secs() < 600);
    assert!(!row["code"].as_str().unwrap().is_empty(), "{row}");
}

#[test]
fn import_and_status_name_the_way_out_of_doubt() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let portal = Sandbox::start(&workspace, &["--faults", "no-id@1"]);
    let import = |more: &[&str]| {
        let arguments = [&["import", "m.csv"], &FAST[..], more].concat();
        workspace.run_by(&portal.webhook, &arguments)
    };
    let way = "b24post resolve m.csv\n";
    let run = import(&["--limit", "2"]).expect(4);
    assert!(
        run.stdout.contains(&format!("settle them: {way}")),
        "{}",
        run.stdout
    );
    let status = workspace.run(&["status", "m.csv"]).expect(0).stdout;
    assert!(status.ends_with(way), "{status}");
    let next = import(&[]).expect(4);
    let screen = format!("\n               1 row in doubt\n               to settle doubt: {way}");
    assert!(next.stderr.contains(&screen), "{}", next.stderr);
}

#[test]
fn what_is_found_on_the_portal_is_posted_under_its_id() {
    let workspace = Workspace::new();
    workspace.rows(10);
    let portal = Sandbox::start(&workspace, &["--faults", "no-id@3,no-id@7"]);
    workspace.import(&portal, &[]).expect(4);
    let (third, seventh) = (id_of(&portal, "Message 3"), id_of(&portal, "Message 7"));
    let by_key = format!("x:r3={third}");
    let settled = resolve(&workspace, &["--posted", &by_key]).expect(4);
    assert_eq!(
        settled.stdout,
        "now posted: 1 row\nstill in doubt: 1 row; list them: b24post resolve m.csv\n"
    );
    let by_id = format!("r7={seventh}");
    let json = resolve_json(&workspace, &["--posted", &by_id], 0);
    assert_eq!((count(&json, "posted"), count(&json, "in_doubt")), (1, 0));
    let row = workspace.ledger(LEDGER).swap_remove(2);
    assert_eq!(row, (3, "posted".to_owned(), Some(third), None));
    let next = workspace.import(&portal, &[]).expect(0).json();
    assert_counts(&next, &[("already_posted", 10)]);
    assert_eq!(portal.count(), 10);
    let none = resolve(&workspace, &[]).expect(0);
    assert_eq!(none.stdout, "no row is in doubt\n");
}

#[test]
fn what_is_resent_goes_with_the_next_import_and_nothing_else_does() {
    let workspace = Workspace::new();
    workspace.rows(4);
    let portal = Sandbox::start(&workspace, &["--faults", "drop@1"]);
    let run = workspace.import(&portal, &[]).expect(4).json();
    assert_counts(&run, &[("in_doubt", 4)]);
    let settled = resolve_json(&workspace, &["--resend", "x:r2", "--resend", "r4"], 4);
    assert_eq!(
        (count(&settled, "pending"), count(&settled, "in_doubt")),
        (2, 2)
    );
    let next = workspace.import(&portal, &[]).expect(4).json();
    assert_counts(&next, &[("posted", 2), ("in_doubt", 2)]);
    let messages: Vec<String> = portal
        .posts()
        .into_iter()
        .map(|post| post.message)
        .collect();
    assert_eq!(messages, ["Message 2", "Message 4"]);

    let refused = resolve(&workspace, &["--resend-all"]).expect(2);
    assert!(refused.stdout.is_empty(), "{}", refused.stdout);
    assert!(
        refused.stderr.contains("2 rows") && refused.stderr.contains("--yes"),
        "{}",
        refused.stderr
    );
    assert_eq!(count(&resolve_json(&workspace, &[], 4), "in_doubt"), 2);
    resolve(&workspace, &["--resend-all", "--yes"]).expect(0);
    let rest = workspace.import(&portal, &[]).expect(0).json();
    assert_counts(&rest, &[("already_posted", 2), ("posted", 2)]);
    assert_eq!(portal.count(), 4);
    let nothing_left = resolve(&workspace, &["--resend-all"]).expect(0);
    assert_eq!(nothing_left.stdout, "no row is in doubt any more\n");
}

#[test]
fn rows_without_an_id_are_settled_by_their_key_and_the_rest_is_resent() {
    let workspace = Workspace::new();
    let rows = "Same,deal,1,U1\nSame,deal,1,U1\nOther,deal,1,U1\n";
    let header = "message,entity_type,entity_id,audience\n";
    workspace.write("m.csv", format!("{header}{rows}"));
    let portal = Sandbox::start(&workspace, &["--faults", "no-id@1,drop@2"]);
    workspace.import(&portal, &["--limit", "1"]).expect(4);
    workspace.import(&portal, &[]).expect(4);
    let listed = resolve_json(&workspace, &[], 4);
    let key = listed["rows"][0]["row_key"].as_str().unwrap();
    assert!(key.starts_with("h:") && key.ends_with(":0"), "{key}");
    let found = format!("{key}={}", id_of(&portal, "Same"));
    let more = ["--posted", &found, "--resend-all", "--yes"];
    let settled = resolve_json(&workspace, &more, 0);
    assert_eq!(
        (count(&settled, "posted"), count(&settled, "pending")),
        (1, 2)
    );
    let rest = workspace.import(&portal, &[]).expect(0).json();
    assert_counts(&rest, &[("already_posted", 1), ("posted", 2)]);
    assert_eq!(portal.count(), 3);
}

#[test]
fn one_wrong_word_changes_nothing_at_all() {
    let workspace = Workspace::new();
    workspace.rows(10);
    let portal = Sandbox::start(&workspace, &["--faults", "no-id@3,refuse@5,no-id@7"]);
    workspace.import(&portal, &[]).expect(4);
    let before = workspace.ledger(LEDGER);
    let taken = before[0].2.unwrap();
    let (taken_id, own) = (format!("r7={taken}"), format!("r1={taken}"));
    for (wrong, code) in [
        (["--resend", "r99"], "row_unknown"),
        (["--resend", "r1"], "row_not_in_doubt"),
        (["--posted", &own], "row_not_in_doubt"),
        (["--resend", "r5"], "row_not_in_doubt"),
        (["--posted", &taken_id], "id_taken"),
        (["--posted", "r7=900"], "id_taken"),
    ] {
        let more = [&["--posted", "x:r3=900"], &wrong[..]].concat();
        let error = resolve_json(&workspace, &more, 1);
        assert_eq!(error["error"]["code"], code, "{wrong:?} {error}");
        let human = resolve(&workspace, &more).expect(1);
        assert!(human.stdout.is_empty(), "{}", human.stdout);
        assert!(human.stderr.starts_with("error: "), "{}", human.stderr);
        assert!(human.stderr.contains("nothing was changed"));
    }
    for wrong in [
        ["--posted", "r3=901"],
        ["--resend", "r3"],
        ["--resend", "x:r3"],
        ["--posted", "r7"],
        ["--posted", "r7=0"],
        ["--posted", "r7=-1"],
        ["--posted", "r7=abc"],
        ["--posted", "=7"],
    ] {
        let more = [&["--posted", "x:r3=900"], &wrong[..]].concat();
        let human = resolve(&workspace, &more).expect(2);
        assert!(human.stderr.starts_with("error: "), "{}", human.stderr);
    }
    assert_eq!(workspace.ledger(LEDGER), before);
    resolve(&workspace, &["--posted", "x:r3=900", "--resend", "r7"]).expect(0);
}

#[test]
fn a_running_import_holds_the_ledger_and_what_a_killed_one_was_sending_is_in_doubt() {
    let workspace = Workspace::new();
    workspace.rows(300);
    let portal = Sandbox::start(&workspace, &["--faults", "hang@2"]);
    let mut run = workspace.start_import(&portal, &["--concurrency", "1"]);
    wait_until("the request that hangs", || {
        if portal.requests().is_empty() {
            return false;
        }
        let states = workspace.ledger(LEDGER);
        ["posted", "sending"]
            .iter()
            .all(|state| states.iter().any(|row| row.1 == *state))
    });
    let held = resolve_json(&workspace, &["--resend-all", "--yes"], 75);
    assert_eq!(held["error"]["code"], "ledger_locked");
    run.kill().unwrap();
    run.wait().unwrap();
    let states = workspace.ledger(LEDGER);
    let sending = states.iter().filter(|row| row.1 == "sending").count();
    assert!(sending > 0);
    let listed = resolve_json(&workspace, &[], 4);
    assert_eq!(count(&listed, "in_doubt"), sending as u64);
    assert_eq!(listed["rows"][0]["code"], "run_died");
    // They did arrive, though nobody was told.
    let arrived: Vec<String> = listed["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let id = id_of(&portal, row["excerpt"].as_str().unwrap());
            format!("--posted={}={id}", row["row_key"].as_str().unwrap())
        })
        .collect();
    let arrived: Vec<&str> = arrived.iter().map(String::as_str).collect();
    resolve(&workspace, &arrived).expect(0);
    let rest = workspace.import(&portal, &[]).expect(0).json();
    assert_eq!(count(&rest, "posted") + count(&rest, "already_posted"), 300);
    assert_eq!(portal.count(), 300);
}

#[test]
fn the_ids_that_a_failing_ledger_could_not_keep_are_taken_as_they_were_printed() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        format!("{HEADER}a=1,One,deal,1,U1\n\"b c\",Two,deal,1,U1\nd,Three,deal,1,U1\n"),
    );
    let portal = Sandbox::start(&workspace, &[]);
    workspace.import(&portal, &["--limit", "1"]).expect(0);
    let full = "CREATE TRIGGER full BEFORE UPDATE ON rows WHEN NEW.state = 'posted'
                BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    workspace.open(LEDGER).execute_batch(full).unwrap();
    let failed = workspace.import(&portal, &[]).expect(1);
    assert_eq!(failed.json()["error"]["code"], "ledger_write");
    assert_counts(&failed.json(), &[("already_posted", 1), ("in_doubt", 2)]);
    let printed = failed.stderr.lines();
    let mut words: Vec<&str> = Vec::new();
    for found in printed.filter_map(|line| line.strip_prefix("posted ")) {
        words.extend(["--posted", found]);
    }
    assert_eq!(words.len(), 4, "{}", failed.stderr);
    workspace
        .open(LEDGER)
        .execute_batch("DROP TRIGGER full")
        .unwrap();
    let settled = resolve_json(&workspace, &words, 0);
    assert_eq!(count(&settled, "posted"), 2);
    let rest = workspace.import(&portal, &[]).expect(0).json();
    assert_counts(&rest, &[("already_posted", 3)]);
    for (number, _, id, _) in workspace.ledger(LEDGER) {
        let message = ["One", "Two", "Three"][number as usize - 1];
        assert_eq!(id, Some(id_of(&portal, message)));
    }
}

#[test]
fn an_undone_row_goes_again_only_when_it_is_named() {
    let workspace = Workspace::new();
    workspace.rows(2);
    let portal = Sandbox::start(&workspace, &[]);
    workspace.import(&portal, &[]).expect(0);
    workspace
        .open(LEDGER)
        .execute_batch("UPDATE rows SET state = 'undone' WHERE row_key = 'x:r2'")
        .unwrap();
    resolve(&workspace, &["--resend-all", "--yes"]).expect(0);
    let left = workspace.import(&portal, &[]).expect(0).json();
    assert_counts(&left, &[("already_posted", 1), ("undone", 1)]);
    resolve(&workspace, &["--resend", "r2"]).expect(0);
    let sent = workspace.import(&portal, &[]).expect(0).json();
    assert_counts(&sent, &[("already_posted", 1), ("posted", 1)]);
    assert_eq!(portal.count(), 3);
}

#[test]
fn the_ledger_is_enough_whatever_became_of_the_manifest() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let portal = Sandbox::start(&workspace, &["--faults", "drop@1"]);
    workspace.import(&portal, &[]).expect(4);
    fs::remove_file(workspace.path("m.csv")).unwrap();
    resolve(&workspace, &["--resend", "r1"]).expect(4);
    workspace.write("m.csv", "no header that makes sense\n\0");
    resolve(&workspace, &["--resend", "r2"]).expect(4);
    let by_ledger = ["resolve", "elsewhere.csv", "--ledger", "m.csv.ledger.db"];
    let listed = workspace.run(&by_ledger).expect(4).stdout;
    assert!(
        listed.contains("b24post resolve elsewhere.csv --ledger m.csv.ledger.db --resend KEY"),
        "{listed}"
    );
    workspace.rows(3);
    let next = workspace.import(&portal, &[]).expect(4).json();
    assert_counts(&next, &[("posted", 2), ("in_doubt", 1)]);
}

#[test]
fn a_ledger_that_is_not_there_or_cannot_be_used_is_named() {
    let workspace = Workspace::new();
    workspace.rows(1);
    let code = |more: &[&str]| {
        let error = resolve_json(&workspace, more, 1);
        let message = error["error"]["message"].as_str().unwrap().to_owned();
        (error["error"]["code"].as_str().unwrap().to_owned(), message)
    };
    let (name, message) = code(&[]);
    assert_eq!(name, "no_ledger");
    assert!(message.contains("m.csv.ledger.db"), "{message}");
    assert_eq!(
        fs::read_dir(workspace.path(".")).unwrap().count(),
        1,
        "no ledger and no lock is made"
    );
    workspace.rehearse(&[]).expect(0);
    let (_, message) = code(&[]);
    assert!(
        message.ends_with("--ledger m.csv.sandbox.ledger.db"),
        "{message}"
    );
    assert_eq!(code(&["--ledger", "m.csv"]).0, "ledger_foreign");
    let newer = workspace.open("m.csv.sandbox.ledger.db");
    newer.pragma_update(None, "user_version", 99).unwrap();
    let newer = [
        "--ledger",
        "m.csv.sandbox.ledger.db",
        "--resend-all",
        "--yes",
    ];
    assert_eq!(code(&newer).0, "ledger_newer");
}
