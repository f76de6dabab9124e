//! Texts in HTML, Markdown and without markup, and what arrives of them in BBCode. Nothing is
//! converted unasked, and texts that look like HTML are not sent unnoticed.

use crate::common::{Workspace, assert_counts, posts};
use serde_json::{Value, json};

/// A manifest `m.jsonl` of deals with these messages, and with IDs if they are to have some.
fn messages(workspace: &Workspace, messages: &[&str], has_ids: bool) {
    let row = |(at, message): (usize, &&str)| {
        let mut row = json!({
            "entity_type": "deal",
            "entity_id": at + 1,
            "audience": ["UA"],
            "message": message,
        });
        if has_ids {
            row["external_id"] = json!(format!("n{at}"));
        }
        format!("{row}\n")
    };
    let rows: String = messages.iter().enumerate().map(row).collect();
    workspace.write("m.jsonl", rows);
}

fn import(workspace: &Workspace, more: &[&str]) -> crate::common::Run {
    let arguments = ["import", "m.jsonl", "--sandbox", "--format", "json"];
    workspace.run(&[&arguments, more].concat())
}

fn check(workspace: &Workspace, more: &[&str]) -> (i32, Vec<Value>, Value) {
    let run = workspace.run(&[&["check", "m.jsonl", "--format", "json"], more].concat());
    let (problems, summary) = run.checked();
    (run.code, problems, summary)
}

fn arrived(workspace: &Workspace) -> Vec<String> {
    let posts = posts(&workspace.path("m.jsonl.sandbox.store.db"));
    posts.into_iter().map(|post| post.message).collect()
}

#[test]
fn html_arrives_as_bbcode_on_every_target() {
    let notes = [
        "<p>Client <b>asked</b> to call back<br>tomorrow</p>",
        "<ul><li>5 &lt; 6 &amp;amp; 7</li><li><a href=\"https://a.example/?x=1&amp;y=2\">offer</a></li></ul>",
        "<p>[user=5]Ann[/user] costs <b>$total</b>[1]</p>",
        "&lt;p&gt;escaped&lt;/p&gt;",
    ];
    let expected = [
        "Client [b]asked[/b] to call back\ntomorrow",
        "[list]\n[*]5 < 6 &amp; 7\n[*][url=https://a.example/?x=1&y=2]offer[/url]\n[/list]",
        "[\u{200b}user=5]Ann[\u{200b}/user] costs [b]$total[/b][\u{200b}1]",
        "escaped",
    ];
    for target in ["crm-feed", "timeline", "news-feed"] {
        let workspace = Workspace::new();
        messages(&workspace, &notes, true);
        let options = [
            "--target",
            target,
            "--drop",
            "audience",
            "--message-format",
            "html",
        ];
        let options = match target {
            "timeline" => &options[..],
            "news-feed" => &[
                "--target",
                target,
                "--drop",
                "entity_type",
                "--drop",
                "entity_id",
                "--message-format",
                "html",
            ],
            _ => &["--target", target, "--message-format", "html"],
        };
        let run = import(&workspace, options).expect(0).json();
        assert_counts(&run, &[("posted", 4), ("mentioning", 0)]);
        let mut found = arrived(&workspace);
        found.sort();
        let mut expected = expected.map(String::from);
        expected.sort();
        assert_eq!(found, expected, "{target}");
        let again = import(&workspace, options).expect(0).json();
        assert_counts(&again, &[("already_posted", 4), ("changed", 0)]);
    }
}

#[test]
fn a_mail_keeps_its_text_its_files_and_no_trackers() {
    let workspace = Workspace::new();
    workspace.write("image001.png", "png");
    let mail = "<html><head><style>p {margin:0}</style></head><body><p class=MsoNormal>Hello</p>\
        <p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>See <img src=\"cid:image001.png@1\"></p>\
        <img src=\"https://cdn.example/logo.png\"><img src=\"https://t.example/open.gif\" width=1 height=1>\
        <img src=\"cid:gone.png@2\" alt=\"scheme\"></body></html>";
    let row = json!({"external_id": "1", "entity_type": "deal", "entity_id": 1, "audience": "UA",
        "message": mail, "attachments": ["image001.png"]});
    let pixel = json!({"external_id": "2", "entity_type": "deal", "entity_id": 1, "audience": "UA",
        "message": "<img src='https://t.example/open.gif' width=1>"});
    workspace.write("m.jsonl", format!("{row}\n"));
    let html = ["--message-format", "html"];
    let (code, problems, summary) = check(&workspace, &html);
    assert_eq!((code, problems.len()), (0, 0));
    assert_eq!(summary["image_hosts"], json!(["cdn.example"]));
    assert_eq!(summary["warnings"], json!({"image_left_out": 1}));
    import(&workspace, &html).expect(0);
    let text = "Hello\n\nSee image001.png\n[img]https://cdn.example/logo.png[/img]scheme";
    assert_eq!(arrived(&workspace), [text]);
    workspace.write("m.jsonl", format!("{row}\n{pixel}\n"));
    let (code, problems, _) = check(&workspace, &html);
    assert_eq!(code, 3);
    assert_eq!(
        (&problems[0]["code"], &problems[0]["row"]),
        (&json!("message_missing"), &json!(2))
    );
}

#[test]
fn markdown_and_plain_text_arrive_as_they_read() {
    let workspace = Workspace::new();
    messages(
        &workspace,
        &["# Plan\n\n- **call**\n- write", "a < b, R&D"],
        true,
    );
    import(&workspace, &["--message-format", "markdown"]).expect(0);
    let plan = "[b]Plan[/b]\n\n[list]\n[*][b]call[/b]\n[*]write\n[/list]";
    assert_eq!(arrived(&workspace), [plan, "a < b, R&D"]);
    let workspace = Workspace::new();
    let plain = ["array[i] = [b]x[/b]; [ ] <p>\n", "  two  blanks"];
    messages(&workspace, &plain, true);
    import(&workspace, &["--message-format", "text"]).expect(0);
    let kept = "array[\u{200b}i] = [\u{200b}b]x[\u{200b}/b]; [ ] <p>\n";
    assert_eq!(arrived(&workspace), [kept, "  two  blanks"]);
}

#[test]
fn texts_that_look_like_html_stop_the_run_until_somebody_says_what_they_are() {
    let workspace = Workspace::new();
    let mut texts = vec!["plain"; 95];
    texts.extend([
        "<p>x</p>",
        "a<br>b",
        "&lt;p&gt;y",
        "x&nbsp;y",
        "<div class=a>z</div>",
    ]);
    messages(&workspace, &texts, true);
    let (code, problems, summary) = check(&workspace, &[]);
    assert_eq!((code, problems.len()), (3, 1), "{problems:?}");
    let problem = &problems[0];
    assert_eq!(
        (&problem["code"], &problem["row"]),
        (&json!("message_like_html"), &json!(96))
    );
    assert_eq!(
        (&problem["column"], &problem["value"]),
        (&json!("message"), &json!("<p>x</p>"))
    );
    let advice = problem["advice"].as_str().unwrap();
    assert!(advice.starts_with("5 of 100 texts"), "{advice}");
    assert!(advice.contains("--message-format html") && advice.contains("--message-format text"));
    assert_eq!(
        (&summary["invalid"], &summary["due"]),
        (&json!(5), &json!(95))
    );
    for more in [&[][..], &["--skip-invalid"], &["--quiet"], &["--dry-run"]] {
        let run = import(&workspace, more).expect(3);
        assert_counts(
            &run.json(),
            &[("posted", 0), ("invalid", 5), ("pending", 95)],
        );
        assert_eq!(
            run.stderr.matches("message_like_html").count(),
            1,
            "{}",
            run.stderr
        );
    }
    assert_eq!(arrived(&workspace), [""; 0]);
    for format in ["bbcode", "html", "markdown", "text"] {
        let (code, problems, _) = check(&workspace, &["--message-format", format]);
        assert_eq!((code, problems.len()), (0, 0), "{format}");
    }
    let run = import(&workspace, &["--message-format", "bbcode"])
        .expect(0)
        .json();
    assert_counts(&run, &[("posted", 100)]);
    // What is posted holds nothing back any more.
    import(&workspace, &[]).expect(0);
}

#[test]
fn a_few_such_texts_are_sent_and_told() {
    let workspace = Workspace::new();
    messages(
        &workspace,
        &["<p>x</p>", "<br>", "<br>", "<br>", "plain"],
        true,
    );
    let (code, problems, summary) = check(&workspace, &[]);
    assert_eq!((code, problems.len()), (0, 0));
    assert_eq!(summary["warnings"], json!({"message_like_html": 4}));
    let run = import(&workspace, &[]).expect(0);
    assert_counts(&run.json(), &[("posted", 5)]);
    assert_eq!(run.json()["warnings"], json!({"message_like_html": 4}));
    assert_eq!(arrived(&workspace)[0], "<p>x</p>");
}

#[test]
fn a_format_in_the_mapping_is_said_too() {
    let workspace = Workspace::new();
    let rows: String = (1..=9)
        .map(|n| format!("{n},<p>Note <b>{n}</b></p>\n"))
        .collect();
    workspace.write("m.csv", format!("ID,Body\n{rows}"));
    let mapping = |file: &str, format: &str| {
        workspace.write("mapping.toml", format!(
            "[file]\ntarget = \"timeline\"\n{file}\n[fields]\nexternal_id = \"ID\"\n\
             message = {{ column = \"Body\"{format} }}\nentity_type = {{ value = \"deal\" }}\nentity_id = \"ID\"\n"
        ));
    };
    let check = |more: &[&str]| {
        let command = [
            "check",
            "m.csv",
            "--mapping",
            "mapping.toml",
            "--format",
            "json",
        ];
        workspace.run(&[&command, more].concat())
    };
    mapping("", "");
    check(&[]).expect(3);
    mapping("message_format = \"html\"", "");
    check(&[]).expect(0);
    mapping("", ", format = \"html\"");
    check(&[]).expect(0);
    workspace.rehearse(&["--mapping", "mapping.toml"]).expect(0);
    let found = posts(&workspace.path("m.csv.sandbox.store.db"));
    assert_eq!(found[0].message, "Note [b]1[/b]");
}

#[test]
fn a_corrected_format_posts_nothing_twice() {
    for has_ids in [true, false] {
        let workspace = Workspace::new();
        let notes = ["<p>one</p>", "<p>two</p>", "<p>two</p>"];
        messages(&workspace, &notes, has_ids);
        import(&workspace, &["--message-format", "bbcode"]).expect(0);
        let again = import(&workspace, &["--message-format", "html"])
            .expect(0)
            .json();
        assert_counts(
            &again,
            &[("posted", 0), ("already_posted", 3), ("changed", 3)],
        );
        assert_eq!(arrived(&workspace).len(), 3);
    }
}
