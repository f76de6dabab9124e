//! What a user types does what help and README say: usage, `check`, `status`, exit codes, colour.

use std::fs;
use std::path::Path;

use crate::common::{HEADER, Sandbox, Workspace, assert_counts};

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    fs::read_to_string(path).unwrap()
}

#[test]
fn exit_codes_are_the_same_in_code_help_and_readme() {
    let workspace = Workspace::new();
    let help = workspace.run(&["--help"]).expect(0).stdout;
    let listed: Vec<&str> = help
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let readme = readme();
    for exit in b24post::exit::Exit::ALL {
        let code = exit.code();
        assert!(
            readme.contains(&format!("| {code} |")),
            "README lacks {code}"
        );
        let code = code.to_string();
        assert!(listed.contains(&code.as_str()), "{code} in {help}");
    }
}

#[test]
fn the_readme_names_the_two_commands_and_ci_runs_the_second() {
    let readme = readme();
    let first = "cargo run --release -- import samples/announcements.csv --sandbox";
    assert!(readme.contains(first));
    assert!(readme.contains("\ncargo test\n"));
    let ci = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run");
    assert!(fs::read_to_string(ci).unwrap().contains("\ncargo test\n"));
}

#[test]
fn wrong_usage_is_exit_code_2_and_says_what_is_missing() {
    let workspace = Workspace::new();
    workspace.rows(1);
    let none = workspace.run(&["import", "m.csv"]).expect(2);
    assert!(none.stderr.contains("B24POST_WEBHOOK"), "{}", none.stderr);
    assert!(none.stdout.is_empty());
    workspace.run(&["import"]).expect(2);
    workspace
        .run(&["import", "m.csv", "--sandbox", "--no-such-flag"])
        .expect(2);
    workspace
        .run(&["import", "m.csv", "--sandbox", "--concurrency", "0"])
        .expect(2);
    workspace
        .run(&["sandbox", "--faults", "nonsense@1"])
        .expect(2);
    workspace
        .run(&["sandbox", "--rate", "0", "--burst", "1"])
        .expect(2);
    let long = ["import", "m.csv", "--sandbox", "--request-limit"];
    workspace
        .run(&[&long[..], &["18446744073709549568s"]].concat())
        .expect(2);
    workspace.write("hook", "https://a.test/rest/1/abc/");
    let by_file = ["import", "m.csv", "--webhook-file", "hook"];
    workspace
        .run_by("https://a.test/rest/1/abc/", &by_file)
        .expect(2);
    workspace.write("hook", "http://a.test/rest/1/abc/");
    let plain = workspace
        .run(&["import", "m.csv", "--webhook-file", "hook"])
        .expect(2);
    assert!(plain.stderr.contains("https"), "{}", plain.stderr);
}

#[test]
fn many_posts_need_a_word_when_nobody_can_be_asked() {
    let workspace = Workspace::new();
    workspace.rows(101);
    let portal = Sandbox::start(&workspace, &[]);
    let import = |more: &[&str]| workspace.import_by(&portal.webhook, more);
    let refused = import(&[]).expect(2);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert_counts(&refused.json(), &[("pending", 101)]);
    let refused = workspace.run_by(&portal.webhook, &["import", "m.csv"]);
    let refused = refused.expect(2);
    let pending = "nothing was posted\n  pending                101\n";
    assert!(refused.stdout.starts_with(pending), "{}", refused.stdout);
    assert_eq!(portal.count(), 0);
    assert_counts(
        &import(&["--limit", "100"]).expect(0).json(),
        &[("posted", 100), ("pending", 1)],
    );
    assert_counts(
        &import(&["--yes"]).expect(0).json(),
        &[("posted", 1), ("already_posted", 100)],
    );
}

#[test]
fn the_webhook_can_come_from_a_file() {
    let workspace = Workspace::new();
    workspace.rows(1);
    let portal = Sandbox::start(&workspace, &[]);
    workspace.write("hook", format!("{}\n", portal.webhook));
    let run = workspace.run(&[
        "import",
        "m.csv",
        "--webhook-file",
        "hook",
        "--format",
        "json",
    ]);
    assert_counts(&run.expect(0).json(), &[("posted", 1)]);
}

#[test]
fn a_manifest_that_cannot_be_read_is_exit_code_1_with_a_summary() {
    let workspace = Workspace::new();
    let missing = workspace.rehearse(&[]).expect(1);
    assert_eq!(missing.json()["error"]["code"], "manifest");
    assert_eq!(missing.json()["total"], 0);
    fs::create_dir(workspace.path("folder.csv")).unwrap();
    for (name, content) in [
        ("utf32.csv", &b"\xff\xfe\0\0m\0\0\0"[..]),
        ("no-message.csv", b"a,b\n1,2\n"),
    ] {
        workspace.write(name, content);
        let run = workspace.run(&["check", name]).expect(1);
        assert!(
            run.stderr.starts_with("error: ") && run.stderr.contains(name),
            "{}",
            run.stderr
        );
    }
    workspace.run(&["check", "folder.csv"]).expect(1);
    workspace.run(&["check", "none.csv"]).expect(1);
}

#[test]
fn check_lists_every_problem_as_a_table_and_as_json_lines() {
    let workspace = Workspace::new();
    let rows = "1,\"two\nlines\",deal,1,U1\n2, ,deal,x,Z9\n2,Text,deal,1,U1\n";
    workspace.write("m.csv", format!("{HEADER}{rows}"));
    let table = workspace.run(&["check", "m.csv"]).expect(3);
    let lines: Vec<&str> = table.stdout.lines().collect();
    assert!(lines[0].contains("row") && lines[0].ends_with("what to do"));
    assert!(
        lines[5].starts_with("3 rows, 2 of them invalid with 4 problems"),
        "{}",
        table.stdout
    );
    // What was found about the file, then each kind of problem with its first place.
    for part in [
        "\n  file         CSV of 5 columns, separated by `,` (by its header)\n",
        "\n  first rows   row 1, deal 1: two lines\n",
        "\n  audience_invalid        ",
        "  first in row 2 (line 4): ",
    ] {
        assert!(table.stdout.contains(part), "{part}: {}", table.stdout);
    }
    let short = workspace.run(&["check", "m.csv", "--max-problems", "0"]);
    assert!(
        short.stdout.starts_with("3 rows, 2 of them invalid"),
        "{}",
        short.stdout
    );
    let json = workspace
        .run(&["check", "m.csv", "--format", "json"])
        .expect(3);
    let (problems, summary) = json.checked();
    assert_eq!(summary["invalid"], 2);
    let codes: Vec<&str> = problems
        .iter()
        .map(|p| p["code"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        [
            "message_missing",
            "entity_id_invalid",
            "audience_invalid",
            "external_id_repeated"
        ]
    );
    assert_eq!(problems[0]["row"], 2);
    assert_eq!(problems[0]["line"], 4);
    assert_eq!(problems[2]["value"], "Z9");
}

#[test]
fn a_valid_manifest_checks_with_exit_code_0_and_leaves_no_file_behind() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        format!("{HEADER}1,Text,deal,1,U1\n")
            .replace("audience", "colour,audience")
            .replace("1,U1", "1,x,U1"),
    );
    let run = workspace.run(&["check", "m.csv"]).expect(0);
    let warning = "warning: column `colour` is no field: what it holds is not posted\n";
    assert_eq!(run.stderr, warning);
    let quiet = workspace.run(&["check", "m.csv", "--quiet"]).expect(0);
    assert_eq!(quiet.stderr, warning, "what is left out is never hidden");
    let expected = "\
1 row, all valid; 0 attachments, 0 B
  file         CSV of 6 columns, separated by `,` (by its header)
  encoding     utf-8 (certain: it begins as plain ASCII)
  first rows   row 1, deal 1: Text
  entities     deal: 1
  audiences    U: 1
  notified     1 person by name, with 1 notification
  posted       `external_id`, `message`, `entity_type`, `entity_id`, `audience`
  not posted   `colour`
";
    assert_eq!(quiet.stdout, expected);
    assert_eq!(fs::read_dir(workspace.path(".")).unwrap().count(), 1);
}

#[test]
fn status_speaks_of_a_manifest_never_sent_and_of_one_that_was() {
    let workspace = Workspace::new();
    workspace.rows(4);
    let none = workspace.run(&["status", "m.csv"]).expect(0);
    assert!(
        none.stdout
            .contains("no row of this manifest has been sent yet")
    );
    assert!(!workspace.path("m.csv.ledger.db").exists());
    let typo = workspace.run(&["status", "n.csv"]).expect(1);
    assert!(typo.stderr.contains("n.csv"), "{}", typo.stderr);
    let portal = Sandbox::start(&workspace, &["--faults", "refuse@2"]);
    workspace.import(&portal, &[]).expect(3);
    let status = workspace
        .run(&["status", "m.csv", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(status["rows"]["posted"], 3);
    assert_eq!(status["rows"]["failed"], 1);
    assert_eq!(status["failures"][0]["code"], "portal_refused");
    let text = workspace.run(&["status", "m.csv"]).expect(0).stdout;
    assert!(
        text.contains("portal_refused: 1, such as row 2: Access denied."),
        "{text}"
    );
}

#[test]
fn without_a_terminal_there_is_colour_only_where_it_is_asked_for() {
    let workspace = Workspace::new();
    workspace.write("m.csv", format!("{HEADER}1,,deal,1,U1\n"));
    let check = |more: &[&str]| {
        let arguments = [&["check", "m.csv", "--attachments-root", "none"], more].concat();
        let refused = workspace.run(&arguments).expect(1);
        let table = workspace.run(&[&["check", "m.csv"], more].concat());
        [table.expect(3).stdout, refused.stderr]
    };
    let plain = check(&[]);
    assert_eq!(check(&["--color", "never"]), plain);
    let coloured = check(&["--color", "always"]);
    for (plain, coloured) in plain.iter().zip(&coloured) {
        assert!(!plain.contains('\u{1b}'), "{plain}");
        assert!(coloured.contains("\u{1b}[31m"), "{coloured}");
    }
    let json = ["check", "m.csv", "--format", "json", "--color", "always"];
    let json = workspace.run(&json).expect(3).stdout;
    assert!(!json.contains('\u{1b}'), "{json}");
    let typo = workspace.run(&["--color=always", "chek"]).expect(2).stderr;
    assert!(typo.contains('\u{1b}'), "{typo}");
}

#[test]
fn quiet_prints_the_result_only() {
    let workspace = Workspace::new();
    workspace.rows(3);
    let run = workspace
        .run(&["import", "m.csv", "--sandbox", "--quiet"])
        .expect(0);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    assert!(run.stdout.starts_with("3 posted in "), "{}", run.stdout);
}
