//! Rows that were invalid or failed, written to a file of their own, corrected and imported: all
//! arrive, and none twice, whichever file is imported again.

use encoding_rs::WINDOWS_1251;
use serde_json::Value;

use crate::common::{FAST, HEADER, Run, Sandbox, Workspace, assert_counts, count, posts};

const ANY_INVALID: &str = "--skip-invalid";

/// `import FILE --sandbox --format json` and more.
fn rehearse(workspace: &Workspace, file: &str, more: &[&str]) -> Run {
    let arguments = ["import", file, "--sandbox", "--format", "json", ANY_INVALID];
    workspace.run(&[&arguments, more].concat())
}

/// The texts of the posts on the portal of the rehearsal of `m.*`.
fn arrived(workspace: &Workspace, manifest: &str) -> Vec<String> {
    let store = workspace.path(&format!("{manifest}.sandbox.store.db"));
    let mut texts: Vec<String> = posts(&store).into_iter().map(|post| post.message).collect();
    texts.sort();
    texts
}

fn read(workspace: &Workspace, name: &str) -> String {
    std::fs::read_to_string(workspace.path(name)).unwrap()
}

/// Corrects a file by these replacements, each of which must find something.
#[track_caller]
fn correct(workspace: &Workspace, name: &str, pairs: &[(&str, &str)]) {
    let mut text = read(workspace, name);
    for (wrong, right) in pairs {
        assert!(text.contains(wrong), "{wrong} is not in\n{text}");
        text = text.replace(wrong, right);
    }
    workspace.write(name, text);
}

#[track_caller]
fn nothing_more(run: Run, posted: u64) -> Value {
    let summary = run.expect(0).json();
    assert_counts(&summary, &[("already_posted", posted)]);
    summary
}

#[test]
fn every_kind_of_row_arrives_once_and_the_files_dialect_is_kept() {
    let workspace = Workspace::new();
    let rows = "sep=;\r\nexternal_id;message;entity_type;entity_id;audience\r\n\
        1;\"Привет; \"\"мир\"\"\r\n\";deal;1;U1\r\n\
        2;\"Плохо; но\r\nчестно\";deal;нет;U1\r\n\
        ;Тоже;deal;5;U1\r\n\
        ;Тоже;deal;y;U1\r\n\
        ;Тоже;deal;y;U1\r\n\
        ;Коротко;deal\r\n\
        1;Ещё раз;deal;7;U1\r\n";
    let (bytes, ..) = WINDOWS_1251.encode(rows);
    let mut bytes = bytes.into_owned();
    bytes.extend(b";\x98\xcf;deal;9;U1\r\n");
    workspace.write("m.csv", &bytes);
    let options = ["--encoding", "windows-1251", "--rejects", "r.csv"];
    let run = rehearse(&workspace, "m.csv", &options).expect(3);
    assert_counts(&run.json(), &[("posted", 2), ("invalid", 6)]);
    assert!(
        run.stderr
            .contains("b24post import r.csv --encoding windows-1251 --sandbox")
    );
    let rejects = std::fs::read(workspace.path("r.csv")).unwrap();
    assert!(rejects.windows(10).any(|part| part == b";\x98\xcf;deal;9"));
    let text = WINDOWS_1251.decode(&rejects).0.replace('\u{98}', "");
    assert!(
        text.starts_with(
            "sep=;\r\nexternal_id;message;entity_type;entity_id;audience;b24post_code;"
        )
    );
    assert!(text.contains("\r\n2;\"Плохо; но\r\nчестно\";deal;нет;U1;entity_id_invalid;"));
    assert!(text.contains("\r\n;Коротко;deal;field_count;"));
    assert_eq!(text.matches(";x:2\r\n").count(), 1);
    assert_eq!(text.matches(";h:").count(), 5);

    let text = text
        .replace(";нет;", ";2;")
        .replace(";y;", ";5;")
        .replace(";Коротко;deal;", ";Коротко;deal;8;U1;")
        .replace("\r\n1;Ещё", "\r\n3;Ещё");
    workspace.write("r.csv", WINDOWS_1251.encode(&text).0);
    let run = rehearse(&workspace, "r.csv", &["--encoding", "windows-1251"]).expect(0);
    assert_counts(&run.json(), &[("posted", 6)]);
    assert_eq!(count(&run.json(), "gone"), 0);
    let texts = arrived(&workspace, "m.csv");
    assert_eq!(texts.len(), 8);
    assert_eq!(texts.iter().filter(|text| *text == "Тоже").count(), 3);
    for file in ["r.csv", "m.csv", "r.csv"] {
        let encoding = ["--encoding", "windows-1251"];
        let posted = if file == "m.csv" { 8 } else { 6 };
        nothing_more(rehearse(&workspace, file, &encoding), posted);
    }
    assert_eq!(arrived(&workspace, "m.csv").len(), 8);
}

#[test]
fn rows_that_the_portal_refused_are_corrected_under_their_keys() {
    let workspace = Workspace::new();
    let rows =
        "a,One,deal,1,U1\n,Same,deal,2,U1\n,Same,deal,2,U1\n,Same,deal,2,U1\nb,Two,deal,3,U1\n";
    workspace.write("m.csv", format!("{HEADER}{rows}"));
    let portal = Sandbox::start(&workspace, &["--faults", "refuse@1,refuse@3"]);
    let lane = [
        "--concurrency",
        "1",
        "--rejects",
        "out.csv",
        "--order",
        "manifest",
    ];
    let run = workspace.import(&portal, &lane).expect(3);
    assert_counts(&run.json(), &[("posted", 3), ("failed", 2)]);
    let rejects = read(&workspace, "out.csv");
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines.len(), 3, "{rejects}");
    assert!(lines[1].starts_with("a,One,deal,1,U1,") && lines[1].ends_with(",x:a"));
    assert!(lines[2].starts_with(",Same,deal,2,U1,") && lines[2].ends_with(":1"));
    // A later run knows them too.
    std::fs::remove_file(workspace.path("out.csv")).unwrap();
    workspace.import(&portal, &lane).expect(3);
    assert_eq!(read(&workspace, "out.csv"), rejects);

    correct(
        &workspace,
        "out.csv",
        &[(",Same,", ",Other,"), (",One,", ",Uno,")],
    );
    let import = |file: &str| {
        let arguments = [&["import", file, "--format", "json", "--yes"], &FAST[..]].concat();
        workspace.run_by(&portal.webhook, &arguments)
    };
    assert_counts(&import("out.csv").expect(0).json(), &[("posted", 2)]);
    assert!(!workspace.path("out.csv.ledger.db").exists());
    let again = nothing_more(import("m.csv"), 5);
    assert_eq!(count(&again, "changed"), 2);
    nothing_more(import("out.csv"), 2);
    assert_eq!(portal.count(), 5);
}

#[test]
fn an_old_rejects_file_posts_nothing_that_another_mapping_has_renamed() {
    let workspace = Workspace::new();
    let rows = "Text,entity_type,entity_id,audience\nOne,deal,1,U1\nTwo,deal,2,U1\n";
    workspace.write("m.csv", rows);
    let mapping = |template: &str| {
        let text = format!("[fields]\nmessage = {{ template = \"{template}\" }}\n");
        workspace.write("mapping.toml", text);
    };
    mapping("{Text}");
    let portal = Sandbox::start(&workspace, &["--faults", "refuse@1"]);
    let lane = ["--concurrency", "1", "--mapping", "mapping.toml"];
    let rejects = [&lane[..], &["--rejects", "out.csv"]].concat();
    let run = workspace.import(&portal, &rejects).expect(3);
    assert_counts(&run.json(), &[("posted", 1), ("failed", 1)]);
    mapping("note: {Text}");
    let run = workspace.import(&portal, &lane).expect(0);
    assert_counts(&run.json(), &[("posted", 1), ("already_posted", 1)]);
    let arguments = ["import", "out.csv", "--format", "json", "--yes"];
    let arguments = [&arguments[..], &lane, &FAST].concat();
    nothing_more(workspace.run_by(&portal.webhook, &arguments), 1);
    assert_eq!(portal.count(), 2);
}

const PARTS: &str = "\
[fields]
external_id = \"ID\"
message = { template = \"{explode}\" }
audience = { value = \"U1\" }
publish_at = { column = \"When\", format = \"%d.%m.%Y\", timezone = \"UTC\" }
[explode]
columns = [\"Note\", \"Note 2\"]
[[records]]
type = \"deal\"
column = \"Deals\"
separator = \";\"
";

#[test]
fn of_a_record_with_several_posts_only_those_that_failed_are_sent() {
    for ids in [["7", "8"], ["", ""]] {
        let workspace = Workspace::new();
        workspace.write("map.toml", PARTS);
        let [one, two] = ids;
        workspace.write(
            "m.csv",
            format!(
                "ID,When,Note,Note 2,Deals\n{one},,A,B,1;x\n{two},1.2.2020,A,B,2\n{two}9,,,C,q\n\
                 {two}2,30.2.2020,D,E,3\n{two}2,30.2.2020,D,E,3\n"
            ),
        );
        let mapping = ["--mapping", "map.toml", "--rejects", "r.csv"];
        let run = rehearse(&workspace, "m.csv", &mapping).expect(3).json();
        assert_eq!(count(&run, "posted"), 4, "{run}");
        assert_eq!(count(&run, "invalid"), 7, "{run}");
        let rejects = read(&workspace, "r.csv");
        assert_eq!(rejects.lines().count(), 5, "{rejects}");
        assert!(rejects.contains("/Note 2@deal:x"), "{rejects}");
        let corrections = [(",1;x,", ",1;5,"), (",C,q,", ",C,4,"), ("30.2.", "28.2.")];
        correct(&workspace, "r.csv", &corrections);
        let text = read(&workspace, "r.csv");
        let (start, last) = text
            .rsplit_once(&format!("\n{two}2,"))
            .unwrap_or((&text, ""));
        if !last.is_empty() {
            workspace.write("r.csv", format!("{start}\n{two}3,{last}"));
        }
        rehearse(&workspace, "r.csv", &mapping[..2]).expect(0);
        let texts = arrived(&workspace, "m.csv");
        assert_eq!(texts.concat(), "AAABBBCDDEE");
        for file in ["m.csv", "r.csv"] {
            let run = rehearse(&workspace, file, &mapping[..2]).json();
            assert_eq!(count(&run, "posted"), 0, "{file} {run}");
            // Posts to a corrected record are others than those of the manifest.
            let wrong = if file == "m.csv" { 3 } else { 0 };
            assert_eq!(count(&run, "invalid"), wrong, "{file} {run}");
        }
    }
}

#[test]
fn rows_of_json_lines_carry_the_keys_first() {
    let workspace = Workspace::new();
    workspace.write(
        "m.jsonl",
        "{\"external_id\":1,\"message\":\"One\",\"audience\":[\"CRMDEAL1\"]}\n\
         { \"message\" : \"Two\" , \"audience\":[\"X1\"], \"tone\":1 }\n\
         {\"message\":\"Two\",\"audience\":[\"X1\"]}\n\
         {\"external_id\":\"a\",\"message\":\"Three\",\"audience\":\"nobody\"}\n\
         {\"message\":\"broken\n",
    );
    let run = rehearse(&workspace, "m.jsonl", &["--rejects", "r.jsonl"]).expect(3);
    assert_counts(&run.json(), &[("posted", 1), ("invalid", 4)]);
    assert!(
        run.stderr.contains("1 row of the rejects file"),
        "{}",
        run.stderr
    );
    let rejects = read(&workspace, "r.jsonl");
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("{\"b24post_code\":\"audience_invalid\","));
    assert!(lines[0].ends_with(", \"message\" : \"Two\" , \"audience\":[\"X1\"], \"tone\":1 }"));
    assert_eq!(lines[3], "{\"message\":\"broken");
    correct(
        &workspace,
        "r.jsonl",
        &[
            ("[\"X1\"]", "[\"CRMDEAL1\"]"),
            ("\"audience\":\"nobody\"", "\"audience\":\"X9\""),
            ("\"broken", "\"Four\",\"audience\":\"CRMDEAL1\"}"),
        ],
    );
    // What is still wrong is rejected once more, under the same key.
    let run = rehearse(&workspace, "r.jsonl", &["--rejects", "r2.jsonl"]).expect(3);
    assert_counts(&run.json(), &[("posted", 3), ("invalid", 1)]);
    assert_eq!(run.json()["ignored_columns"], serde_json::json!(["tone"]));
    let rejects = read(&workspace, "r2.jsonl");
    assert_eq!(rejects.matches("b24post_key").count(), 1, "{rejects}");
    assert!(rejects.contains("\"b24post_key\":\"x:a\"") && rejects.lines().count() == 1);
    correct(&workspace, "r2.jsonl", &[("\"X9\"", "\"CRMDEAL3\"")]);
    rehearse(&workspace, "r2.jsonl", &[]).expect(0);
    let texts = arrived(&workspace, "m.jsonl");
    assert_eq!(texts, ["Four", "One", "Three", "Two", "Two"]);
    for file in ["m.jsonl", "r.jsonl", "r2.jsonl"] {
        let run = rehearse(&workspace, file, &[]).json();
        assert_eq!(count(&run, "posted"), 0, "{file} {run}");
    }
}

#[test]
fn a_checks_rejects_go_into_the_ledger_of_the_manifest() {
    let workspace = Workspace::new();
    workspace.write("m.csv", format!("{HEADER},One,deal,x,U1\n,Two,deal,2,U1\n"));
    let run = workspace
        .run(&["check", "m.csv", "--rejects", "r.csv"])
        .expect(3);
    assert!(
        run.stderr.contains("b24post import r.csv"),
        "{}",
        run.stderr
    );
    correct(&workspace, "r.csv", &[(",One,deal,x,", ",One,deal,1,")]);
    let portal = Sandbox::start(&workspace, &[]);
    let import = |file: &str| {
        let arguments = ["import", file, "--format", "json", "--yes", ANY_INVALID];
        workspace.run_by(&portal.webhook, &[&arguments, &FAST[..]].concat())
    };
    assert_counts(&import("r.csv").expect(0).json(), &[("posted", 1)]);
    assert!(workspace.path("m.csv.ledger.db").exists());
    let run = import("m.csv").expect(0).json();
    assert_counts(&run, &[("posted", 1), ("already_posted", 1)]);
    assert_eq!(portal.count(), 2);
    // The mapping's or the manifest's own correction makes no row of it new.
    workspace.write(
        "m.csv",
        format!("{HEADER},One,deal,x,U1\n,Two,deal,2,U1\n,New,deal,2,U1\n"),
    );
    let run = import("m.csv").expect(0).json();
    assert_counts(&run, &[("posted", 1), ("already_posted", 2)]);
}

#[test]
fn a_file_that_would_be_mistaken_is_removed_and_a_bad_path_is_an_error() {
    let workspace = Workspace::new();
    workspace.rows(3);
    workspace.write("r.csv", "old");
    let run = rehearse(&workspace, "m.csv", &["--rejects", "r.csv"]).expect(0);
    assert!(!run.stderr.contains("r.csv"), "{}", run.stderr);
    assert!(!workspace.path("r.csv").exists());
    workspace
        .run(&["check", "m.csv", "--rejects", "./m.csv"])
        .expect(2);
    rehearse(&workspace, "m.csv", &["--rejects", "m.csv"]).expect(2);
    workspace.write("m.csv", format!("{HEADER},One,deal,x,U1\n"));
    let run = rehearse(&workspace, "m.csv", &["--rejects", "no/r.csv"]).expect(1);
    assert_eq!(run.error().0, "rejects");
    workspace
        .run(&["check", "m.csv", "--rejects", "no/r.csv"])
        .expect(1);
}

#[test]
fn rows_of_broken_quotes_are_told_by_their_lines() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        format!("{HEADER}1,One,deal,x,U1\n2,\"Two\"x,deal,1,U1\n3,Three,deal,1,U1\n"),
    );
    let run = rehearse(&workspace, "m.csv", &["--rejects", "r.csv"]).expect(3);
    assert!(run.stderr.contains("on lines 3"), "{}", run.stderr);
    assert_eq!(read(&workspace, "r.csv").lines().count(), 2);
}

#[test]
fn cells_that_mean_the_value_above_are_written_out() {
    let workspace = Workspace::new();
    workspace.write(
        "map.toml",
        "[file]\nfill_down = [\"Deal\"]\n[fields]\nentity_type = { value = \"deal\" }\n\
         entity_id = \"Deal\"\naudience = { value = \"U1\" }\n",
    );
    workspace.write(
        "m.csv",
        "Deal,external_id,message\n5,1,One\n,2,\n,3,Three\n6,4,Four\n,5,\n",
    );
    let mapping = ["--mapping", "map.toml", "--rejects", "r.csv"];
    rehearse(&workspace, "m.csv", &mapping).expect(3);
    let rejects = read(&workspace, "r.csv");
    let lines: Vec<&str> = rejects.lines().skip(1).collect();
    assert!(
        lines[0].starts_with("5,2,,") && lines[1].starts_with("6,5,,"),
        "{rejects}"
    );
}

#[test]
fn a_row_that_is_bound_twice_or_badly_is_a_problem() {
    let workspace = Workspace::new();
    workspace.write("m.csv", format!("{HEADER},One,deal,x,U1\n"));
    rehearse(&workspace, "m.csv", &["--rejects", "r.csv"]).expect(3);
    correct(&workspace, "r.csv", &[(",deal,x,", ",deal,1,")]);
    let text = read(&workspace, "r.csv");
    let row = text.lines().nth(1).unwrap();
    let (start, _) = row.rsplit_once(',').unwrap();
    workspace.write("r.csv", format!("{text}{row}\n{start},#REF!\n"));
    let (problems, _) = workspace
        .run(&["check", "r.csv", "--format", "json"])
        .checked();
    let codes: Vec<&str> = problems
        .iter()
        .map(|problem| problem["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["key_repeated", "key_invalid"]);
    let run = rehearse(&workspace, "r.csv", &[]).expect(3).json();
    assert_counts(&run, &[("posted", 1), ("invalid", 2)]);
}

#[test]
fn wide_characters_and_a_mark_stay() {
    let workspace = Workspace::new();
    let text = format!("\u{feff}{HEADER}1,Привет 😀,deal,x,U1\n2,Два,deal,1,U1\n");
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    workspace.write("m.csv", bytes);
    rehearse(&workspace, "m.csv", &["--rejects", "r.csv"]).expect(3);
    let bytes = std::fs::read(workspace.path("r.csv")).unwrap();
    let units: Vec<u16> = bytes
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u16::from_le_bytes(*pair))
        .collect();
    let text = String::from_utf16(&units).unwrap();
    assert!(text.starts_with("\u{feff}external_id,message"));
    assert!(text.contains("\n1,Привет 😀,deal,x,U1,entity_id_invalid,"));
    let right = text.replace(",x,U1", ",1,U1");
    let bytes: Vec<u8> = right.encode_utf16().flat_map(u16::to_le_bytes).collect();
    workspace.write("r.csv", bytes);
    rehearse(&workspace, "r.csv", &[]).expect(0);
    assert_eq!(arrived(&workspace, "m.csv"), ["Два", "Привет 😀"]);
}

#[test]
fn what_only_the_portal_knows_is_a_reason_too_and_attachments_that_are_gone() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        "message,entity_type,entity_id,attachments\n\
         One,deal,1,\nTwo,deal,5,\nThree,order,5,\nFour,deal,2,gone.txt\nOne,deal,1,\n",
    );
    let records = ["--records", "deal:5=missing,order:5=missing"];
    let portal = Sandbox::start(&workspace, &records);
    let import = |file: &str, more: &[&str]| {
        let target = [
            "--target",
            "timeline",
            ANY_INVALID,
            "--yes",
            "--format",
            "json",
        ];
        let arguments = [&["import", file][..], &target, &FAST, more].concat();
        workspace.run_by(&portal.webhook, &arguments)
    };
    let run = import("m.csv", &["--rejects", "r.csv"]).expect(3).json();
    assert_counts(&run, &[("posted", 2), ("invalid", 2), ("failed", 1)]);
    let rejects = read(&workspace, "r.csv");
    let lines: Vec<&str> = rejects.lines().skip(1).collect();
    assert_eq!(lines.len(), 3, "{rejects}");
    assert!(
        lines[0].starts_with("Two,deal,5,,record_not_found,"),
        "{rejects}"
    );
    assert!(lines[1].starts_with("Three,order,5,,"), "{rejects}");
    assert!(
        lines[2].starts_with("Four,deal,2,gone.txt,attachment_missing,"),
        "{rejects}"
    );
    correct(
        &workspace,
        "r.csv",
        &[("l,5,", "l,6,"), ("order,5,", "deal,7,"), ("gone.txt", "")],
    );
    let run = import("r.csv", &[]).expect(0).json();
    assert_counts(&run, &[("posted", 3)]);
    for file in ["m.csv", "r.csv"] {
        let run = import(file, &[]).expect(0).json();
        assert_eq!(count(&run, "posted"), 0, "{file} {run}");
    }
    assert_eq!(portal.count(), 5);
}

#[test]
fn a_row_that_came_too_late_is_posted_once_though_one_says_the_same() {
    let workspace = Workspace::new();
    let mut rows = String::from("message,entity_type,entity_id,audience,created_at\n");
    rows.push_str("Same,deal,1,U1,2019-01-01T00:00:00Z\n");
    for second in 0..600 {
        let (minute, second) = (second / 60, second % 60);
        rows.push_str(&format!(
            "{minute}:{second},deal,1,U1,2020-01-01T00:{minute:02}:{second:02}Z\n"
        ));
    }
    rows.push_str("Same,deal,1,U1,2019-01-01T00:00:00Z\n");
    workspace.write("m.csv", rows);
    let run = rehearse(&workspace, "m.csv", &["--yes", "--rejects", "r.csv"]).expect(3);
    assert_counts(&run.json(), &[("posted", 601), ("invalid", 1)]);
    let rejects = read(&workspace, "r.csv");
    assert_eq!(rejects.lines().count(), 2, "{rejects}");
    assert!(rejects.contains(",out_of_order,"), "{rejects}");
    let run = rehearse(&workspace, "r.csv", &[]).expect(0).json();
    assert_counts(&run, &[("posted", 1)]);
    for file in ["r.csv", "m.csv"] {
        let run = rehearse(&workspace, file, &["--yes"]).json();
        assert_eq!(count(&run, "posted"), 0, "{file} {run}");
    }
    assert_eq!(arrived(&workspace, "m.csv").len(), 602);
}

#[test]
fn a_run_that_is_stopped_writes_what_it_knows_and_a_rehearsals_ledger_stays_one() {
    let workspace = Workspace::new();
    workspace.write(
        "m.csv",
        format!("{HEADER}1,One,deal,x,U1\n2,Two,deal,1,U1\n"),
    );
    let nowhere = "http://127.0.0.1:9/rest/1/secretcode/";
    let import = |webhook: &str, file: &str, more: &[&str]| {
        let options = [
            "--yes",
            "--format",
            "json",
            ANY_INVALID,
            "--give-up-after",
            "1s",
        ];
        let arguments = [&["import", file][..], &options, &FAST, more].concat();
        workspace.run_by(webhook, &arguments)
    };
    import(nowhere, "m.csv", &["--rejects", "r.csv"]).expect(1);
    assert!(read(&workspace, "r.csv").contains(",entity_id_invalid,"));

    rehearse(&workspace, "m.csv", &["--rejects", "s.csv"]).expect(3);
    correct(&workspace, "s.csv", &[(",x,", ",1,")]);
    let portal = Sandbox::start(&workspace, &[]);
    import(&portal.webhook, "s.csv", &[]).expect(1);
    assert_eq!(portal.count(), 0);
    // A rehearsal of real rejects has a ledger of its own.
    correct(&workspace, "r.csv", &[(",x,", ",1,")]);
    rehearse(&workspace, "r.csv", &[]).expect(0);
    assert!(workspace.path("r.csv.sandbox.ledger.db").exists());
    let status = workspace.run(&["status", "s.csv"]).expect(0);
    assert!(status.stdout.contains("posted"), "{}", status.stdout);
}

#[test]
fn rows_of_a_json_list_stay_in_one_at_their_path() {
    let workspace = Workspace::new();
    let rows = "{\"meta\":1,\"data\":{\"rows\":[\n {\"external_id\":\"1\",\"message\":\"\",\n  \"entity_type\":\"deal\",\"entity_id\":1,\"audience\":\"UA\"},\n 5,\n \
        {\"external_id\":\"2\",\"message\":\"two\",\"entity_type\":\"deal\",\"entity_id\":1,\"audience\":\"UA\"},\n \
        {\"external_id\":\"3\",\"message\":\" \",\"entity_type\":\"deal\",\"entity_id\":1,\"audience\":\"UA\"}\n]}}\n";
    workspace.write("m.json", rows);
    workspace
        .run(&["check", "m.json", "--rejects", "r.json"])
        .expect(3);
    let rejects = std::fs::read_to_string(workspace.path("r.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&rejects).unwrap();
    let rows = value["data"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{rejects}");
    assert_eq!(rows[0]["b24post_key"], "x:1");
    assert_eq!(rows[1], 5);
    let mended = rejects
        .replace("\"message\":\"\"", "\"message\":\"one\"")
        .replace("\"message\":\" \"", "\"message\":\"three\"")
        .replace("\n5,", "");
    workspace.write("r.json", &mended);
    workspace.run(&["check", "r.json"]).expect(0);
}
