//! JSON in any shape is read as the same rows, and where it is broken nothing of it is sent.

use std::fmt::Write;
use std::path::Path;

use crate::common::{Workspace, count, posts};
use serde_json::Value;

fn row(id: u32) -> String {
    format!(
        r#"{{"external_id":{id},"entity_type":"deal","entity_id":{id},"message":"a {id}","audience":"U1"}}"#
    )
}

fn pretty(id: u32) -> String {
    let row: Value = serde_json::from_str(&row(id)).unwrap();
    serde_json::to_string_pretty(&row).unwrap()
}

/// What is posted of a file: how many rows, and how many posts the portal has.
fn posted(workspace: &Workspace, name: &str, more: &[&str]) -> (u64, usize) {
    let import = ["import", name, "--sandbox", "--format", "json"];
    let run = workspace.run(&[&import[..], more].concat()).expect(0);
    let store = workspace.path(&format!("{name}.sandbox.store.db"));
    (count(&run.json(), "posted"), posts(&store).len())
}

#[test]
fn every_shape_gives_the_same_rows() {
    let (one, two) = (row(1), row(2));
    let utf16 = |text: &str| -> Vec<u8> {
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let array = format!("[\n{one},\n{two}\n]\n");
    let shapes: Vec<Vec<u8>> = vec![
        format!("{one}\n{two}\n").into(),
        format!("{one}{two}").into(),
        format!("{one} {two}\n").into(),
        format!("{}\n{}\n", pretty(1), pretty(2)).into(),
        format!("{}{}", pretty(1), pretty(2)).into(),
        array.clone().into(),
        array.replace('\n', "\r\n").into(),
        array.replace('\n', "\r").into(),
        format!("\u{feff}{array}").into(),
        format!("\n\n {array}").into(),
        utf16(&array),
        format!("[{one},{two}]").into(),
        format!("[{},{}]", pretty(1), pretty(2)).into(),
        format!("{{\"page\":1,\"_embedded\":{{\"notes\":[{one},{two}]}},\"more\":[1,2]}}").into(),
        format!("{{\"results\":[\n{one},\n{two}\n],\"next\":null}}\n").into(),
    ];
    for name in ["m.jsonl", "m.ndjson", "m.json", "m.txt"] {
        for shape in &shapes {
            let workspace = Workspace::new();
            workspace.write(name, shape);
            let shown = String::from_utf8_lossy(shape);
            if name == "m.txt" && shape.starts_with(b"\xff") {
                continue;
            }
            assert_eq!(posted(&workspace, name, &[]), (2, 2), "{name}: {shown}");
        }
    }
}

#[test]
fn an_object_with_a_list_of_files_is_a_row() {
    let workspace = Workspace::new();
    workspace.write("a.pdf", "%PDF-1.4");
    let row = row(1).replace(
        '}',
        r#","attachments":[{"path":"a.pdf","name":"Act.pdf"}]}"#,
    );
    workspace.write("m.json", row);
    assert_eq!(posted(&workspace, "m.json", &[]), (1, 1));
    workspace.write(
        "n.json",
        r#"{"id":7,"text":"hello","files":[{"path":"a.pdf"}],"who":[{"id":1}]}"#,
    );
    workspace.write(
        "n.toml",
        "[file]\ntarget = \"timeline\"\n[fields]\nexternal_id = \"id\"\nmessage = \"text\"\n\
         attachments = \"files\"\nentity_type = { value = \"deal\" }\nentity_id = \"id\"\n",
    );
    assert_eq!(
        posted(&workspace, "n.json", &["--mapping", "n.toml"]),
        (1, 1)
    );
}

/// The one error of a file of which nothing is read.
#[track_caller]
fn refused(name: &str, content: &str, more: &[&str]) -> String {
    let workspace = Workspace::new();
    workspace.write(name, content);
    workspace.write("rows.toml", "[file]\nrows = \"data.items\"\n");
    let check = workspace.run(&[&["check", name], more].concat()).expect(1);
    assert_eq!(check.stderr.lines().count(), 1, "{}", check.stderr);
    let import = [
        "import",
        name,
        "--sandbox",
        "--skip-invalid",
        "--format",
        "json",
    ];
    let summary = workspace
        .run(&[&import[..], more].concat())
        .expect(1)
        .json();
    assert_eq!(summary["error"]["code"], "manifest");
    assert!(!workspace.path(&format!("{name}.sandbox.store.db")).exists());
    check.stderr
}

#[test]
fn nothing_of_broken_json_is_sent() {
    let (one, two) = (row(1), row(2));
    for (content, says) in [
        (
            format!("[\n{one},\n{two},\n]\n"),
            &["line 4", "comma stands before `]`"][..],
        ),
        (
            format!("[\n{one}\n{two}\n]\n"),
            &["line 3", "a comma is to stand"],
        ),
        (
            format!("[\n{one},\n// the second\n{two}\n]\n"),
            &["line 3", "comment"],
        ),
        (format!("[\n{one},\n{two}\n"), &["line 1", "cut off"]),
        (format!("[\n{one},\n{}", &two[..20]), &["line 3", "cut off"]),
        (format!("[\n{one},\n{two}]\n]\n"), &["line 4", "`]` stands"]),
        (
            format!("[\n{one},\n{two}]\n{{\"x\":1\n"),
            &["line 4", "cut off"],
        ),
        (
            format!("[\n{},\n{two}\n]\n", one.replace("a 1\"", "a 1")),
            &["text on line 2"],
        ),
        (
            format!("{{\"a\":[{one}],\"b\":[{two},{two}]}}"),
            &["`a` (1), `b` (2)", "rows = "],
        ),
    ] {
        let error = refused("m.json", &content, &[]);
        for part in says {
            assert!(error.contains(part), "{content} lacks {part}: {error}");
        }
    }
    let lists = format!("{{\"data\":{{\"rows\":[{one}]}}}}");
    let error = refused("m.json", &lists, &["--mapping", "rows.toml"]);
    assert!(
        error.contains("`data.items`") && error.contains("`data.rows` (1)"),
        "{error}"
    );
}

#[test]
fn a_mapping_file_says_where_the_rows_are() {
    let workspace = Workspace::new();
    let page = |ids: [u32; 2]| {
        format!(
            "{{\"a\":[{{}}],\"data\":{{\"Items\":[{},{}]}}}}",
            row(ids[0]),
            row(ids[1])
        )
    };
    workspace.write("rows.toml", "[file]\nrows = \"data.items\"\n");
    workspace.write("m.jsonl", format!("{}\n{}\n", page([1, 2]), page([3, 4])));
    workspace.write("m.json", page([1, 2]));
    let mapping = ["--mapping", "rows.toml"];
    assert_eq!(posted(&workspace, "m.jsonl", &mapping), (4, 4));
    assert_eq!(posted(&workspace, "m.json", &mapping), (2, 2));
}

#[test]
fn what_is_wrong_in_one_element_is_its_own_problem() {
    let workspace = Workspace::new();
    let content = format!(
        "[\n{},\n{{\"message\":NaN}},\n{{\n\"message\":\"a\", // why\n\"title\":1}},\n7,\n[{{}}],\n{}\n]\n",
        row(1),
        row(2),
    );
    workspace.write("m.json", content);
    let run = workspace
        .run(&["check", "m.json", "--format", "json"])
        .expect(3);
    let (problems, summary) = run.checked();
    let shown = |problem: &Value| {
        format!(
            "{} {} {}",
            problem["row"],
            problem["line"],
            problem["code"].as_str().unwrap()
        )
    };
    let shown: Vec<String> = problems.iter().map(shown).collect();
    assert_eq!(
        shown,
        [
            "2 3 json_invalid",
            "3 5 json_invalid",
            "4 7 json_not_object",
            "5 8 json_not_object"
        ]
    );
    let advice = |place: usize| problems[place]["advice"].as_str().unwrap();
    assert!(
        advice(0).contains("`NaN` is no JSON; write null"),
        "{}",
        advice(0)
    );
    assert!(advice(1).contains("a comment is no JSON"), "{}", advice(1));
    assert_eq!(count(&summary, "rows"), 6);
}

#[test]
fn a_list_posts_nothing_again_that_was_posted_as_lines() {
    let workspace = Workspace::new();
    workspace.write("m.json", format!("{}\n{}\n", row(1), row(2)));
    assert_eq!(posted(&workspace, "m.json", &[]), (2, 2));
    workspace.write("m.json", format!("[{},{},{}]", row(1), pretty(2), row(3)));
    assert_eq!(posted(&workspace, "m.json", &[]), (1, 3));
}

#[test]
fn guess_finds_the_rows_and_says_where() {
    let workspace = Workspace::new();
    let note = |id: u32| {
        format!(
            "{{\"id\":{id},\"entity_id\":10{id},\"created_at\":1552389900,\"params\":{{\"text\":\"Клиент {id}\"}}}}"
        )
    };
    let notes = format!("{},{}", note(1), note(2));
    workspace.write(
        "notes.json",
        format!("{{\"_page\":1,\"_embedded\":{{\"notes\":[{notes}]}}}}"),
    );
    let guessed = workspace.run(&["guess", "notes.json"]).expect(0).stdout;
    assert!(guessed.contains("= \"_embedded.notes\"\n"), "{guessed}");
    assert!(guessed.contains("params.text"), "{guessed}");
    workspace.write("array.json", format!("[{notes}]"));
    let guessed = workspace.run(&["guess", "array.json"]).expect(0).stdout;
    assert!(
        guessed.contains("params.text") && guessed.contains("all rows (2)"),
        "{guessed}"
    );
}

/// The most memory that a command has taken, in KiB.
#[cfg(target_os = "linux")]
fn peak_of_check(folder: &Path, name: &str) -> u64 {
    let script = format!(
        "{} check {name} --quiet --target timeline & pid=$!; peak=0; \
         while [ -e /proc/$pid/status ]; do \
         now=$(sed -n 's/^VmHWM:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$pid/status 2>/dev/null); \
         [ -z \"$now\" ] || peak=$now; sleep 0.01; done; echo $peak",
        env!("CARGO_BIN_EXE_b24post")
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().last().unwrap().trim().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_long_list_takes_no_more_memory_than_lines() {
    let workspace = Workspace::new();
    let (mut list, mut lines) = ("[".to_owned(), String::new());
    for id in 1..=100_000 {
        let separator = if id == 1 { "" } else { ",\n" };
        write!(list, "{separator}{}", row(id)).unwrap();
        writeln!(lines, "{}", row(id)).unwrap();
    }
    list.push(']');
    let path = workspace.write("list.json", list);
    workspace.write("lines.jsonl", lines);
    let folder = path.parent().unwrap();
    let [list, lines] = ["list.json", "lines.jsonl"].map(|name| peak_of_check(folder, name));
    assert!(list < lines + 8 * 1024, "{list} KiB, of lines {lines} KiB");
}
