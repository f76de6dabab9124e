//! Each of the three targets takes what it can carry and says what it can't, and what went to
//! another target is left alone.

use crate::common::{FAST, Run, Sandbox, TIMELINE, Workspace, assert_counts, count, posts};
use serde_json::Value;

/// Column and code of each problem that `check m.jsonl` finds, with more options.
fn problems(workspace: &Workspace, more: &[&str]) -> Vec<(String, String)> {
    let arguments = ["check", "m.jsonl", "--format", "json"];
    let run = workspace.run(&[&arguments, more].concat());
    let text = |problem: &Value, key: &str| problem[key].as_str().unwrap().to_owned();
    let (found, _) = run.checked();
    let found: Vec<_> = found
        .iter()
        .map(|problem| (text(problem, "column"), text(problem, "code")))
        .collect();
    run.expect(if found.is_empty() { 0 } else { 3 });
    found
}

fn lost(columns: &[&str]) -> Vec<(String, String)> {
    let lost = |column: &&str| ((*column).to_owned(), "field_not_carried".to_owned());
    columns.iter().map(lost).collect()
}

#[test]
fn what_a_target_cannot_carry_is_a_problem_until_it_is_dropped() {
    let workspace = Workspace::new();
    let row = r#"{"message":"m","entity_type":"deal","entity_id":3,"audience":["U1"],
        "author_id":5,"important":true,"important_until":"2030-01-01T00:00:00Z","tags":["a"]}"#;
    workspace.write("m.jsonl", row.replace('\n', ""));
    for (target, columns, drops) in [
        (
            "crm-feed",
            vec!["author_id", "important", "important_until", "tags"],
            vec!["author_id", "IMPORTANT", "important_until", "TAGS"],
        ),
        (
            "timeline",
            vec!["audience", "important", "important_until", "tags"],
            vec!["audience", "important", "important_until", "tags"],
        ),
        (
            "news-feed",
            vec!["entity_type", "entity_id"],
            vec!["entity_id"],
        ),
    ] {
        let target = ["--target", target];
        assert_eq!(problems(&workspace, &target), lost(&columns), "{target:?}");
        let dropped = drops.into_iter().flat_map(|field| ["--drop", field]);
        let arguments: Vec<&str> = target.into_iter().chain(dropped).collect();
        assert_eq!(problems(&workspace, &arguments), [], "{arguments:?}");
    }
}

#[test]
fn options_that_promise_or_drop_too_much_are_refused() {
    let workspace = Workspace::new();
    workspace.rows(1);
    for arguments in [
        ["--target", "feed"],
        ["--drop", "message"],
        ["--drop", "external_id"],
        ["--drop", "tag"],
        ["--mentions", "no"],
    ] {
        let check = ["check", "m.csv"];
        workspace.run(&[check, arguments].concat()).expect(2);
    }
    let narrow = ["--target", "timeline", "--default-audience", "author"];
    for command in [vec!["check", "m.csv"], vec!["import", "m.csv", "--sandbox"]] {
        let run = workspace.run(&[&command[..], &narrow].concat()).expect(2);
        assert!(run.stderr.contains("--default-audience"), "{}", run.stderr);
    }
}

#[test]
fn the_summary_counts_rows_that_a_field_was_dropped_from() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "message,entity_type,entity_id,audience,tags\na,deal,1,U1,x\nb,deal,2,U1,\n",
    );
    workspace.rehearse(&[]).expect(3);
    let run = workspace.rehearse(&["--drop", "tags"]).expect(0).json();
    assert_counts(&run, &[("posted", 2)]);
    assert_eq!(count(&run, "dropped"), 1);
    let again = workspace.rehearse(&["--drop", "tags"]).expect(0).json();
    assert_counts(&again, &[("already_posted", 2)]);
    assert_eq!(count(&again, "changed"), 0);
}

#[test]
fn the_origin_line_changes_the_text_and_not_the_row() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "message,entity_type,entity_id,audience,created_at,author_name\n\
         Hi,deal,1,U1,2019-03-12T14:05:00+03:00,Ivan\nHo,deal,1,U1,,Ann\n",
    );
    workspace.rehearse(&["--limit", "1"]).expect(0);
    let rest = workspace.rehearse(&["--origin-line", "none"]).expect(0);
    assert_counts(&rest.json(), &[("already_posted", 1), ("posted", 1)]);
    let posts = posts(&workspace.path("m.csv.sandbox.store.db"));
    assert_eq!(posts[0].message, "[i]12.03.2019 14:05 · Ivan[/i]\nHi");
    assert_eq!(posts[1].message, "Ho");
}

#[test]
fn mentions_in_dated_rows_are_refused_unless_the_user_decides() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "message,entity_type,entity_id,audience,created_at\n\
         [user=5]Ann[/user] said,deal,1,U1,2019-03-12T14:05:00Z\n",
    );
    let refused = workspace.rehearse(&[]).expect(3);
    assert!(
        refused.stderr.contains("--mentions text"),
        "{}",
        refused.stderr
    );
    let run = workspace.rehearse(&["--mentions", "text"]).expect(0).json();
    assert_eq!(count(&run, "mentioning"), 0);
    let posts = posts(&workspace.path("m.csv.sandbox.store.db"));
    assert!(posts[0].message.ends_with("\nAnn said"), "{posts:?}");
}

/// The rows as they are posted on another target; nobody agrees to go on.
fn look_at_timeline(workspace: &Workspace, portal: &Sandbox) -> Run {
    let arguments = [
        "import", "m.csv", "--target", "timeline", "--drop", "audience",
    ];
    workspace.run_by(&portal.webhook, &arguments)
}

#[test]
fn what_was_posted_on_another_target_stays_there_and_both_numbers_are_shown() {
    let workspace = Workspace::new();
    workspace.rows(120);
    let portal = Sandbox::start(&workspace, &[]);
    workspace.import(&portal, &["--limit", "10"]).expect(0);
    let screen = look_at_timeline(&workspace, &portal).expect(2).stderr;
    for part in [
        "110 rows to the timeline",
        "left alone   10 rows posted before, 10 of them on another target",
        "110 rows without a field that is dropped",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    workspace.import(&portal, &[]).expect(0);
    let elsewhere = ["--target", "timeline", "--drop", "audience"];
    let run = workspace.import(&portal, &elsewhere).expect(0).json();
    assert_counts(&run, &[("already_posted", 120)]);
    assert_eq!(count(&run, "elsewhere"), 120);
    assert_eq!((count(&run, "changed"), count(&run, "requests")), (0, 0));
    assert_eq!(portal.count(), 120);
}

#[test]
fn comments_reach_the_timeline_with_title_origin_and_author() {
    let workspace = Workspace::new();
    workspace.write(
        "m.jsonl",
        concat!(
            r#"{"title":"Act","message":"Signed &lt;b&gt;","entity_type":"dynamic_131","entity_id":7,"#,
            r#""author_id":5,"created_at":"2019-03-12T14:05:00+03:00","author_name":"Ivan"}"#,
            "\n",
            r#"{"message":"[b]$total[/b]","entity_type":"deal","entity_id":7}"#,
        ),
    );
    let portal = Sandbox::start(&workspace, &["--keep-author", "yes"]);
    let arguments = ["import", "m.jsonl", "--format", "json", "--yes"];
    let arguments = [&arguments[..], &TIMELINE, &FAST].concat();
    let run = workspace.run_by(&portal.webhook, &arguments).expect(0);
    assert_counts(&run.json(), &[("posted", 2)]);
    let posts = portal.posts();
    let of = |entity| {
        posts
            .iter()
            .find(|post| post.entity == Some(entity))
            .unwrap()
    };
    assert_eq!(
        of((131, 7)).message,
        "[b]Act[/b]\n\n[i]12.03.2019 14:05[/i]\nSigned &lt;b&gt;"
    );
    assert_eq!(of((2, 7)).message, "[b]$total[/b]");
}

#[test]
fn announcements_reach_the_news_feed_in_the_manifests_order() {
    let workspace = Workspace::new();
    workspace.write(
        "m.jsonl",
        concat!(
            r#"{"title":"News","message":"Hello","audience":["U1","SG5"],"important":true,"#,
            r#""important_until":"2030-01-01T00:00:00Z","tags":["a","b"]}"#,
            "\n",
            r#"{"message":"All","audience":["UA"]}"#,
        ),
    );
    let arguments = ["import", "m.jsonl", "--sandbox", "--format", "json"];
    let run = workspace.run(&[&arguments[..], &["--target", "news-feed"]].concat());
    assert_counts(&run.expect(0).json(), &[("posted", 2)]);
    let posts = posts(&workspace.path("m.jsonl.sandbox.store.db"));
    let news: Vec<_> = posts
        .iter()
        .map(|post| (post.message.as_str(), post.audience.join(",")))
        .collect();
    assert_eq!(
        news,
        [("Hello", "U1,SG5".to_owned()), ("All", "UA".to_owned())]
    );
}

/// A manifest of one deal's rows, written on these days of 2019, every one with its number as text.
fn diary(workspace: &Workspace, days: impl Iterator<Item = (usize, usize)>) {
    let row = |(number, day): (usize, usize)| {
        let (month, day) = (day / 28 + 1, day % 28 + 1);
        format!("{number},deal,1,U1,2019-{month:02}-{day:02}T00:00:00Z\n")
    };
    let rows: String = days.map(row).collect();
    let header = "message,entity_type,entity_id,audience,created_at\n";
    workspace.write("m.csv", format!("{header}{rows}"));
}

#[test]
fn posts_of_a_record_go_oldest_first_unless_the_manifest_is_to_keep_its_order() {
    for (order, expected) in [("entity", [3, 1, 4, 2]), ("manifest", [1, 2, 3, 4])] {
        let workspace = Workspace::new();
        diary(
            &workspace,
            [20, 40, 10, 30]
                .into_iter()
                .zip(1..)
                .map(|(day, n)| (n, day)),
        );
        let arguments = ["--order", order, "--origin-line", "none"];
        workspace.rehearse(&arguments).expect(0);
        let posts = posts(&workspace.path("m.csv.sandbox.store.db"));
        let sent: Vec<u32> = posts
            .iter()
            .map(|post| post.message.parse().unwrap())
            .collect();
        assert_eq!(sent, expected, "{order}");
    }
}

#[test]
fn a_long_manifest_from_new_to_old_names_rows_that_come_too_late() {
    let workspace = Workspace::new();
    let old_last = |last: usize| (1..=last).map(move |n| (n, if n == last { 1 } else { 2 }));
    diary(&workspace, old_last(501));
    workspace.rehearse(&[]).expect(0);
    let store = workspace.path("m.csv.sandbox.store.db");
    assert!(posts(&store)[0].message.ends_with("\n501"));
    diary(&workspace, old_last(502).map(|(n, day)| (n + 1_000, day)));
    let run = workspace.run(&["check", "m.csv"]).expect(3);
    assert!(run.stdout.contains("row 1 (line 2)"), "{}", run.stdout);
    let run = workspace.rehearse(&["--accept-edits"]).expect(3);
    assert_counts(&run.json(), &[("invalid", 1), ("pending", 501)]);
    let kept = ["--order", "manifest", "--accept-edits"];
    workspace.rehearse(&kept).expect(0);
}
