//! The encoding of a manifest: found, told, named by the user, and never guessed where it is unsure.

use crate::common::{Sandbox, Workspace, assert_counts};
use encoding_rs::{Encoding, IBM866, KOI8_R, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};
use serde_json::Value;

const HEADER: &str = "external_id,entity_type,entity_id,message,audience\r\n";
const RUSSIAN: &str = "1,deal,1,\"Клиент просил перезвонить, ждёт ответа\",U1\r\n\
    2,deal,2,Отправили предложение и договор,U1\r\n\
    3,deal,3,ООО Ромашка не оплатило счёт за март,U1\r\n";
const GERMAN: &str = "1,deal,1,Der Kunde wünscht größere Mengen für März,U1\r\n\
    2,deal,2,Verträge sind geprüft und Rückruf am nächsten Montag,U1\r\n";
const POLISH: &str = "1,deal,1,Klient prosił o telefon w poniedziałek po południu,U1\r\n\
    2,deal,2,Wysłano ofertę i czekamy na odpowiedź do piątku,U1\r\n";

fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let (bytes, _, lossy) = encoding.encode(text);
    assert!(!lossy);
    bytes.into_owned()
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let to_bytes = if little {
        u16::to_le_bytes
    } else {
        u16::to_be_bytes
    };
    text.encode_utf16().flat_map(to_bytes).collect()
}

/// The summary of a check in JSON.
#[track_caller]
fn summary(workspace: &Workspace, more: &[&str], code: i32) -> Value {
    let arguments = ["check", "m.csv", "--format", "json"];
    let run = workspace.run(&[&arguments, more].concat()).expect(code);
    let last = run.stdout.lines().last().unwrap();
    serde_json::from_str::<Value>(last).unwrap()["summary"].clone()
}

#[test]
fn check_tells_the_encoding_and_how_it_is_known() {
    let rows = |rows: &str| format!("{HEADER}{rows}");
    let russian = rows(RUSSIAN);
    let marked = format!("\u{feff}{russian}");
    let cases = [
        (
            russian.clone().into_bytes(),
            "utf-8 (certain: by its bytes)",
        ),
        (
            marked.clone().into_bytes(),
            "utf-8 (certain: by its byte order mark)",
        ),
        (
            rows("1,deal,1,a,U1\n").into_bytes(),
            "utf-8 (certain: it begins as plain ASCII)",
        ),
        (
            utf16(&marked, true),
            "utf-16le (certain: by its byte order mark)",
        ),
        (
            utf16(&marked, false),
            "utf-16be (certain: by its byte order mark)",
        ),
        (utf16(&russian, true), "utf-16le (certain: by its bytes)"),
        (utf16(&russian, false), "utf-16be (certain: by its bytes)"),
        (
            encoded(&russian, WINDOWS_1251),
            "windows-1251 (likely: by its letters)",
        ),
        (encoded(&russian, KOI8_R), "koi8-r (likely: by its letters)"),
        (encoded(&russian, IBM866), "ibm866 (likely: by its letters)"),
        (
            encoded(&rows(GERMAN), WINDOWS_1252),
            "windows-1252 (likely: by its letters)",
        ),
        (
            encoded(&rows(POLISH), WINDOWS_1250),
            "windows-1250 (likely: by its letters)",
        ),
    ];
    for (bytes, says) in cases {
        let workspace = Workspace::new();
        workspace.write("m.csv", bytes);
        let human = workspace.run(&["check", "m.csv"]).expect(0);
        assert!(
            human.stdout.contains(&format!("  encoding     {says}\n")),
            "{says}: {}",
            human.stdout
        );
        let name = says.split(' ').next().unwrap();
        assert_eq!(summary(&workspace, &[], 0)["encoding"], name);
    }
}

#[test]
fn the_same_rows_in_another_encoding_are_posted_once() {
    let workspace = Workspace::new();
    let portal = Sandbox::start(&workspace, &[]);
    let rows = format!("{HEADER}{RUSSIAN},deal,4,Без номера: «ещё» – № 5,U1\r\n");
    workspace.write("m.csv", &rows);
    let first = workspace.import(&portal, &[]).expect(0);
    assert_counts(&first.json(), &[("posted", 4)]);
    for (bytes, name) in [
        (encoded(&rows, WINDOWS_1251), "windows-1251"),
        (utf16(&rows, true), "utf-16"),
        (utf16(&format!("\u{feff}{rows}"), false), "utf-16be"),
    ] {
        workspace.write("m.csv", &bytes);
        let again = workspace.import(&portal, &["--encoding", name]).expect(0);
        assert_counts(&again.json(), &[("already_posted", 4)]);
    }
    assert_eq!(portal.posts_once().len(), 4);
}

#[test]
fn jsonl_is_read_in_its_encoding_too() {
    let line = "{\"message\":\"Привет, Клиент просил перезвонить\",\"audience\":\"U1\",\"entity_type\":\"deal\",\"entity_id\":1}\n";
    for bytes in [
        encoded(line, WINDOWS_1251),
        utf16(line, true),
        utf16(line, false),
    ] {
        let workspace = Workspace::new();
        workspace.write("m.jsonl", bytes);
        workspace.run(&["check", "m.jsonl"]).expect(0);
    }
}

#[test]
fn a_byte_that_is_no_character_is_a_problem_with_its_place() {
    let mut cyrillic = encoded(&format!("{HEADER}{RUSSIAN}"), WINDOWS_1251);
    let at = cyrillic
        .windows(2)
        .rposition(|pair| pair == b",\xce")
        .unwrap();
    cyrillic.splice(at + 3..at + 3, [0x98]);
    let mut wide = utf16(&format!("{HEADER}{RUSSIAN}"), true);
    let at = wide
        .windows(2)
        .rposition(|pair| pair == [0x1e, 0x04])
        .unwrap();
    wide.splice(at + 2..at + 2, [0x3d, 0xd8]);
    for (bytes, line, says) in [
        (
            cyrillic,
            4,
            "byte 3 of the cell, 0x98, is no character of windows-1251",
        ),
        (
            wide,
            4,
            "byte 7 of the cell, 0x3D 0xD8, is half a character of utf-16le",
        ),
    ] {
        let workspace = Workspace::new();
        workspace.write("m.csv", bytes);
        let run = workspace
            .run(&["check", "m.csv", "--format", "json"])
            .expect(3);
        let problem: Value = serde_json::from_str(run.stdout.lines().next().unwrap()).unwrap();
        assert_eq!(problem["code"], "utf8_invalid", "{problem}");
        assert_eq!(
            (&problem["row"], &problem["line"]),
            (&3.into(), &line.into())
        );
        assert_eq!(problem["column"], "message");
        let advice = problem["advice"].as_str().unwrap();
        assert!(advice.starts_with(says), "{advice}");
    }
}

#[test]
fn half_a_character_at_the_end_is_a_problem_of_the_last_row() {
    let workspace = Workspace::new();
    let mut bytes = utf16(&format!("{HEADER}1,deal,1,Hello,U1"), true);
    bytes.push(b'x');
    workspace.write("m.csv", bytes);
    let summary = summary(&workspace, &[], 3);
    assert_eq!(summary["problems"]["utf8_invalid"], 1, "{summary}");
}

#[test]
fn utf8_with_a_bad_byte_stays_utf8() {
    let workspace = Workspace::new();
    let mut bytes = format!("{HEADER}{RUSSIAN}").into_bytes();
    bytes.splice(HEADER.len() + 15..HEADER.len() + 15, [0xff]);
    workspace.write("m.csv", bytes);
    let summary = summary(&workspace, &[], 3);
    assert_eq!(
        (&summary["encoding"], &summary["invalid"]),
        (&"utf-8".into(), &1.into())
    );
}

#[test]
fn an_unsure_encoding_stops_with_the_candidates_until_it_is_named() {
    let workspace = Workspace::new();
    // Two exports in one file.
    let german = encoded("1,deal,1,Größe für Männer,U1\n", WINDOWS_1252);
    let russian = encoded("2,deal,2,Привет клиент,U1\n", WINDOWS_1251);
    workspace.write("m.csv", [HEADER.as_bytes(), &german, &russian].concat());
    let stopped = workspace.run(&["check", "m.csv"]).expect(1);
    for part in [
        "cannot tell the encoding",
        "--encoding NAME",
        "\n  windows-1252 ",
        "Привет клиент",
    ] {
        assert!(stopped.stderr.contains(part), "{part}: {}", stopped.stderr);
    }
    assert!(stopped.stdout.is_empty());
    let import = workspace.run(&["import", "m.csv", "--sandbox", "--format", "json"]);
    assert_eq!(import.expect(1).json()["error"]["code"], "manifest");
    let named = ["check", "m.csv", "--encoding", "Latin1"];
    let run = workspace.run(&named).expect(0);
    assert!(
        run.stdout.contains("windows-1252 (as you say)"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_wrong_name_is_bad_usage_and_names_those_that_are_near() {
    let workspace = Workspace::new();
    workspace.write("m.csv", HEADER);
    let run = workspace
        .run(&["check", "m.csv", "--encoding", "win-1251"])
        .expect(2);
    assert!(run.stderr.contains("windows-1251"), "{}", run.stderr);
}

#[test]
fn a_mark_that_contradicts_the_option_is_an_error() {
    let workspace = Workspace::new();
    workspace.write("m.csv", format!("\u{feff}{HEADER}{RUSSIAN}"));
    let run = workspace
        .run(&["check", "m.csv", "--encoding", "windows-1251"])
        .expect(1);
    for part in ["byte order mark of utf-8", "--encoding says windows-1251"] {
        assert!(run.stderr.contains(part), "{}", run.stderr);
    }
    workspace
        .run(&["check", "m.csv", "--encoding", "utf8"])
        .expect(0);
    workspace.write("m.csv", utf16(&format!("\u{feff}{HEADER}{RUSSIAN}"), false));
    workspace
        .run(&["check", "m.csv", "--encoding", "utf-16"])
        .expect(0);
    workspace
        .run(&["check", "m.csv", "--encoding", "utf-16le"])
        .expect(1);
}

#[test]
fn commands_to_run_next_name_the_encoding_as_well() {
    let workspace = Workspace::new();
    let rows = format!("{HEADER}1,deal,x,Привет,U1\r\n");
    workspace.write("m.csv", encoded(&rows, KOI8_R));
    let import = [
        "import",
        "m.csv",
        "--sandbox",
        "--encoding",
        "koi8-r",
        "--yes",
    ];
    let run = workspace.run(&import).expect(3);
    let all = format!("{}{}", run.stdout, run.stderr);
    assert!(all.contains("--encoding koi8-r"), "{all}");
}

#[test]
fn a_file_in_two_encodings_stops_and_shows_both() {
    let workspace = Workspace::new();
    let mut mixed = encoded(&format!("{HEADER}{RUSSIAN}"), WINDOWS_1251);
    mixed.extend("4,deal,4,Привет из другой выгрузки,U1\r\n".as_bytes());
    workspace.write("m.csv", mixed);
    let stopped = workspace.run(&["check", "m.csv"]).expect(1);
    for part in ["\n  utf-8 ", "Привет из другой", "\n  windows-1251 "] {
        assert!(stopped.stderr.contains(part), "{part}: {}", stopped.stderr);
    }
}
