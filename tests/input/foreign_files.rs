//! A file that is no manifest is named for what it is, in one sentence, and none of it is posted.

use crate::common::{Workspace, count, posts};
use serde_json::Value;

const ROW: &str =
    r#"{"external_id":1,"entity_type":"deal","entity_id":1,"message":"a","audience":"U1"}"#;

fn row(id: u32) -> String {
    ROW.replace(":1,\"entity_type", &format!(":{id},\"entity_type"))
}

/// A file that is refused as a whole, by check and import alike, with one error that says all this.
#[track_caller]
fn refused(name: &str, content: &[u8], says: &[&str]) {
    let workspace = Workspace::new();
    workspace.write(name, content);
    for quiet in [&[][..], &["--quiet"]] {
        let check = workspace.run(&[&["check", name], quiet].concat()).expect(1);
        assert!(check.stdout.is_empty(), "{name}: {}", check.stdout);
        assert_eq!(check.stderr.lines().count(), 1, "{name}: {}", check.stderr);
        assert!(
            check.stderr.starts_with("error: the manifest "),
            "{}",
            check.stderr
        );
        assert!(check.stderr.len() < 400, "{name}: {}", check.stderr);
        for part in says {
            assert!(
                check.stderr.contains(part),
                "{name} lacks {part}: {}",
                check.stderr
            );
        }
    }
    let import = [
        "import",
        name,
        "--sandbox",
        "--skip-invalid",
        "--format",
        "json",
    ];
    let summary = workspace.run(&import).expect(1).json();
    assert_eq!(summary["error"]["code"], "manifest");
    assert!(!workspace.path(&format!("{name}.sandbox.store.db")).exists());
}

/// A ZIP archive's first bytes: one stored file of that name.
fn zip(first: &str, more: &str) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04\x14\0\0\0\x08\0\0\0!\0abcd\x10\0\0\0\x10\0\0\0".to_vec();
    bytes.extend((first.len() as u16).to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(first.as_bytes());
    bytes.extend([0x80, 0x13, 0xff, 0]);
    bytes.extend(more.as_bytes());
    bytes.extend([0; 200]);
    bytes
}

#[test]
fn files_of_other_programs_are_named() {
    for name in ["m.csv", "m.jsonl", "m.xlsx", "m"] {
        let mut tar = vec![0; 1_024];
        tar[..5].copy_from_slice(b"m.csv");
        tar[257..262].copy_from_slice(b"ustar");
        let cases: [(&[u8], &[&str]); 22] = [
            (
                &zip("[Content_Types].xml", "xl/workbook.xml"),
                &["Excel workbook", "CSV UTF-8"],
            ),
            (
                &zip("[Content_Types].xml", "word/document.xml"),
                &["Word document"],
            ),
            (
                &zip("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
                &["OpenDocument", "CSV"],
            ),
            (&zip("m.csv", "text"), &["ZIP archive", "unpack"]),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0",
                &["old Excel or Word", "CSV UTF-8"],
            ),
            (b"\x1f\x8b\x08\0\0\0\0\0\0\x03abc", &["gzip", "gunzip"]),
            (b"\x28\xb5\x2f\xfd\x04\0", &["zstd"]),
            (b"BZh91AY&SY\0\0", &["bzip2"]),
            (b"\xfd7zXZ\0\0\x04", &["xz"]),
            (b"7z\xbc\xaf\x27\x1c\0\x04", &["7-Zip", "unpack"]),
            (b"Rar!\x1a\x07\x01\0", &["RAR", "unpack"]),
            (&tar, &["tar archive", "unpack"]),
            (b"%PDF-1.7\n%\xe2\xe3", &["PDF"]),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &["image"]),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", &["image"]),
            (b"GIF89a\x01\0\x01\0", &["image"]),
            (
                b"SQLite format 3\0\x10\0\x01\x01\0",
                &["SQLite database", "ledger"],
            ),
            (
                b"\n <!DOCTYPE html>\n<html><body><table>",
                &["HTML page", "CSV"],
            ),
            (b"<?xml version=\"1.0\"?>\n<Workbook/>", &["XML"]),
            (b"{\\rtf1\\ansi message}", &["RTF"]),
            (
                b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                &["binary"],
            ),
            (b"PAR1\x15\x04\x15\0", &["Parquet"]),
        ];
        for (content, says) in cases {
            refused(name, content, says);
        }
    }
}

#[test]
fn utf_32_is_named_with_and_without_its_mark() {
    let csv = "external_id,message,audience\r\n1,Привет,U1\r\n";
    let utf32: Vec<u8> = csv
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    refused("m.csv", &utf32, &["UTF-32"]);
    refused(
        "m.csv",
        &[b"\xff\xfe\0\0", &utf32[..]].concat(),
        &["UTF-32"],
    );
}

#[test]
fn what_is_no_json_is_named() {
    let lines: String = (1..5_000).map(|n| row(n) + ",\n").collect();
    for content in [
        format!("{},\n{},\n", row(1), row(2)),
        lines.clone(),
        format!("{},\n{}\n", row(1), row(2)),
    ] {
        refused("m.jsonl", content.as_bytes(), &["comma", "line 1"]);
    }
    let sequence = format!("\u{1e}{}\n\u{1e}{}\n", row(1), row(2));
    refused("m.jsonl", sequence.as_bytes(), &["RFC 7464", "tr -d"]);
    let python = ROW.replace('"', "'").repeat(3).replace("}{", "}\n{");
    refused("m.jsonl", python.as_bytes(), &["Python", "json.dumps"]);
    refused(
        "m.jsonl",
        b"external_id,message,audience\n1,a,U1\n2,b,U1\n",
        &["CSV", "--input-format csv"],
    );
    for (spoil, says) in [
        (row(1).replace("\"a\"", "NaN"), "`NaN` is no JSON"),
        (row(1).replace("\"message\"", "message"), "column"),
        (format!("{};", row(1)), "trailing characters"),
    ] {
        let lines = format!("{spoil}\n").repeat(5_000);
        refused("m.jsonl", lines.as_bytes(), &["line 1", says]);
    }
    refused("m.jsonl", b"hello\nworld\n", &["JSON"]);
    refused("m.csv", ROW.as_bytes(), &["JSON", "--input-format jsonl"]);
    let array = format!("[{},{}]", row(1), row(2));
    refused(
        "m.csv",
        array.as_bytes(),
        &["a JSON array", "--input-format json"],
    );
}

/// The codes and messages of a JSONL file's problems.
fn problems(content: &str) -> Vec<(u64, String, String)> {
    let workspace = Workspace::new();
    workspace.write("m.jsonl", content);
    let run = workspace
        .run(&["check", "m.jsonl", "--format", "json"])
        .expect(3);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let problem = |line: &Value| {
        (
            count(line, "row"),
            text(&line["code"]),
            text(&line["advice"]),
        )
    };
    run.checked().0.iter().map(problem).collect()
}

#[test]
fn single_lines_that_are_no_row_are_problems_of_their_own() {
    for (line, code, says) in [
        ("# comment", "json_invalid", "comment"),
        ("// comment", "json_invalid", "comment"),
        (r#"{"external_id":9,"message":NaN}"#, "json_invalid", "NaN"),
        (
            r#"{"external_id":9,"message":-Infinity}"#,
            "json_invalid",
            "Infinity",
        ),
        (
            r#"{"external_id":9,"message":None}"#,
            "json_invalid",
            "None",
        ),
        (
            r#"{"external_id":9,"message":undefined}"#,
            "json_invalid",
            "undefined",
        ),
        ("{'message':'a'}", "json_invalid", "double quotes"),
        (
            r#"{"message":"a"}{"message":"b"}"#,
            "json_invalid",
            "column 16",
        ),
        (r#"{"message":"a""#, "json_invalid", "several lines"),
        (r#"  "external_id": 1,"#, "json_invalid", "several lines"),
        ("7", "json_not_object", "no object"),
        (r#"["a"]"#, "json_not_object", "no object"),
    ] {
        let content = format!("{}\n{line}\n{}\n", row(1), row(2));
        let found = problems(&content);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert_eq!(
            (found[0].0, found[0].1.as_str()),
            (2, code),
            "{line}: {found:?}"
        );
        assert!(found[0].2.contains(says), "{line}: {}", found[0].2);
    }
}

#[test]
fn a_row_of_an_array_is_never_posted_as_if_it_were_a_line() {
    for content in [
        format!("{}\n[\n{},\n{}\n]\n", row(1), row(2), row(3)),
        format!("{}\n{},\n{}\n", row(1), row(2), row(3)),
        format!("{}\n{}\n]\n", row(1), row(2)),
        format!("{}\n[{},\n{}\n]\n", row(1), row(2), row(3)),
    ] {
        let workspace = Workspace::new();
        workspace.write("m.jsonl", &content);
        for more in [&[][..], &["--skip-invalid"]] {
            let import = ["import", "m.jsonl", "--sandbox", "--format", "json"];
            let run = workspace.run(&[&import[..], more].concat()).expect(3);
            assert!(run.stderr.contains("json_array"), "{}", run.stderr);
            assert_eq!(run.json()["posted"], 0, "{content}");
        }
        assert_eq!(posts(&workspace.path("m.jsonl.sandbox.store.db")), []);
    }
}
