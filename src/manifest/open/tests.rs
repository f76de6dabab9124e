use std::fs;

use proptest::prelude::*;

use super::*;
use crate::manifest::{Cell, ChunkLimits, EncodingName, Position, RowFault};
use crate::post::Field;

/// A manifest in a folder of its own, which lives as long as the value.
struct Fixture {
    _folder: tempfile::TempDir,
    manifest: Result<Manifest, ManifestError>,
}

fn open(name: &str, content: &[u8], options: &ReadOptions) -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    Fixture {
        manifest: Manifest::open(&path, options),
        _folder: folder,
    }
}

type Cells = Vec<(Field, String)>;

fn cells(row: &crate::manifest::Row<'_>) -> Cells {
    let text = |field| match row.cell(field) {
        Cell::Absent => None,
        Cell::Text(text) => Some((field, text.to_owned())),
        Cell::Csv(bytes) => Some((field, String::from_utf8_lossy(bytes).into_owned())),
        Cell::Json { value, .. } => Some((field, value.to_owned())),
    };
    Field::ALL.into_iter().filter_map(text).collect()
}

/// Every row or fault of a manifest with its place.
fn rows(manifest: &Manifest) -> Vec<(Position, Result<Cells, RowFault>)> {
    let (mut pass, mut chunk) = (manifest.pass().unwrap(), Chunk::default());
    let mut rows = Vec::new();
    while pass.next_chunk(&mut chunk).unwrap() {
        let mut reader = manifest.reader();
        for record in chunk.records() {
            rows.push((record.at, reader.row(record).map(|row| cells(&row))));
        }
    }
    rows
}

fn places(name: &str, content: &str) -> Vec<(u64, u64)> {
    let fixture = open(name, content.as_bytes(), &ReadOptions::default());
    let place = |(at, row): (Position, Result<Cells, RowFault>)| {
        row.unwrap();
        (at.number, at.line)
    };
    rows(&fixture.manifest.unwrap())
        .into_iter()
        .map(place)
        .collect()
}

fn fault(name: &str, content: &str, options: &ReadOptions) -> (Position, RowFault) {
    let fixture = open(name, content.as_bytes(), options);
    let rows = rows(&fixture.manifest.unwrap());
    let fault = |(at, row): (Position, Result<Cells, RowFault>)| Some((at, row.err()?));
    rows.into_iter().find_map(fault).unwrap()
}

#[test]
fn rows_know_number_and_line_whatever_the_line_ends() {
    for line_end in ["\n", "\r\n", "\r"] {
        let csv = ["message,title", "a,b", "", "\"x", "y\",z", "c,d", ""].join(line_end);
        assert_eq!(
            places("a.csv", &csv),
            [(1, 2), (2, 4), (3, 6)],
            "{line_end:?}"
        );
        let jsonl = ["{\"message\":\"a\"}", " \t", "{}", ""].join(line_end);
        assert_eq!(places("a.jsonl", &jsonl), [(1, 1), (2, 3)], "{line_end:?}");
    }
    assert_eq!(
        places("a.csv", "message\r\na\nb\rc"),
        [(1, 2), (2, 3), (3, 4)]
    );
}

#[test]
fn a_byte_order_mark_is_skipped_and_only_at_the_start() {
    let csv = open(
        "a.csv",
        b"\xef\xbb\xbfmessage\n\xef\xbb\xbfa\n",
        &ReadOptions::default(),
    );
    let csv_rows = rows(&csv.manifest.unwrap());
    assert_eq!(
        csv_rows[0].1,
        Ok(vec![(Field::Message, "\u{feff}a".to_owned())])
    );
    let jsonl = open(
        "a.jsonl",
        b"\xef\xbb\xbf{\"message\":1}",
        &ReadOptions::default(),
    );
    assert_eq!(rows(&jsonl.manifest.unwrap()).len(), 1);
    for little in [true, false] {
        let utf16 = open(
            "a.csv",
            &utf16("\u{feff}message\n\u{feff}Ж\n", little),
            &ReadOptions::default(),
        );
        let utf16_rows = rows(&utf16.manifest.unwrap());
        let expected = vec![(Field::Message, "\u{feff}Ж".to_owned())];
        assert_eq!(utf16_rows[0].1, Ok(expected));
    }
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let to_bytes = if little {
        u16::to_le_bytes
    } else {
        u16::to_be_bytes
    };
    text.encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn a_header_alone_gives_no_rows_and_no_header_is_an_error() {
    assert_eq!(places("a.csv", "message,title"), []);
    assert_eq!(places("a.jsonl", ""), []);
    for empty in ["", "\n\r\n"] {
        let error = open("a.csv", empty.as_bytes(), &ReadOptions::default())
            .manifest
            .unwrap_err();
        assert!(error.to_string().contains("a header row"), "{error}");
    }
    let error = open("a.csv", b"message,\"x\n", &ReadOptions::default())
        .manifest
        .unwrap_err();
    assert!(error.to_string().contains("opened on line 1"), "{error}");
}

#[test]
fn the_format_comes_from_the_option_or_the_extension() {
    let error = open("a.txt", b"message\n", &ReadOptions::default())
        .manifest
        .unwrap_err();
    assert!(error.to_string().contains("--input-format"), "{error}");
    let options = ReadOptions {
        input_format: Some(InputFormat::Csv),
        ..ReadOptions::default()
    };
    let manifest = open("a.txt", b"message\n", &options).manifest.unwrap();
    assert_eq!(manifest.format(), InputFormat::Csv);
}

#[test]
fn the_folder_is_where_the_manifest_lies() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    fs::write(&path, "").unwrap();
    let manifest = Manifest::open(&path, &ReadOptions::default()).unwrap();
    assert_eq!(manifest.folder(), folder.path());
    assert_eq!(folder_of(Path::new("a.jsonl")), Path::new("."));
}

#[test]
fn a_record_too_long_is_skipped_to_its_end() {
    let options = ReadOptions {
        max_record: 20,
        limits: ChunkLimits {
            read: 7,
            ..ChunkLimits::default()
        },
        ..ReadOptions::default()
    };
    let long = format!(
        "message\n{}\n\"{}\n\"\nb\n",
        "a".repeat(20),
        "x\n".repeat(40)
    );
    let manifest = open("a.csv", long.as_bytes(), &options);
    let rows = rows(&manifest.manifest.unwrap());
    assert!(rows[0].1.is_ok(), "as long as allowed");
    assert_eq!(rows[1].0, Position::of_record(2, 3));
    assert_eq!(rows[1].1, Err(RowFault::TooLong { limit: 20 }));
    assert_eq!(rows[2].0, Position::of_record(3, 45));
    assert_eq!(rows[2].1, Ok(vec![(Field::Message, "b".to_owned())]));
}

#[test]
fn a_record_read_in_one_piece_may_be_too_long_as_well() {
    let options = ReadOptions {
        max_record: 20,
        ..ReadOptions::default()
    };
    for long in ["a".repeat(21), format!("\"{}\"", "a".repeat(19))] {
        let csv = format!("message\n{}\n{long}\nb\n", "a".repeat(20));
        let manifest = open("a.csv", csv.as_bytes(), &options);
        let rows = rows(&manifest.manifest.unwrap());
        assert!(rows[0].1.is_ok() && rows[2].1.is_ok());
        assert_eq!(rows[1].1, Err(RowFault::TooLong { limit: 20 }), "{long}");
    }
}

#[test]
fn blank_lines_take_no_memory() {
    let options = ReadOptions {
        limits: ChunkLimits {
            read: 16,
            bytes: 16,
            ..ChunkLimits::default()
        },
        ..ReadOptions::default()
    };
    let (blank, blanks) = ("\n".repeat(10_000), "  \n".repeat(10_000));
    for (name, content, line) in [
        (
            "a.csv",
            format!("{blank}message\n{blank}a\n{blank}"),
            20_002,
        ),
        (
            "a.jsonl",
            format!("{blanks}{{\"message\":\"a\"}}\n{blanks}"),
            10_001,
        ),
    ] {
        let fixture = open(name, content.as_bytes(), &options);
        let manifest = fixture.manifest.unwrap();
        let (mut pass, mut chunk) = (manifest.pass().unwrap(), Chunk::default());
        assert!(pass.next_chunk(&mut chunk).unwrap());
        let at = chunk.records().next().unwrap().at;
        assert_eq!(at, Position::of_record(1, line));
        assert!(!pass.next_chunk(&mut chunk).unwrap());
        assert!(chunk.room() < 200, "{} bytes", chunk.room());
    }
}

#[test]
fn an_unclosed_quote_is_told_from_a_long_record() {
    let options = ReadOptions {
        max_record: 20,
        ..ReadOptions::default()
    };
    let csv = format!("message,title\na,b\n\nc,\"{}", "x\n".repeat(40));
    let (at, fault) = fault("a.csv", &csv, &options);
    assert_eq!(at, Position::of_record(2, 4));
    assert_eq!(
        fault,
        RowFault::UnclosedQuote {
            line: 4,
            last_line: 43
        }
    );
}

#[test]
fn a_record_of_another_width_is_a_fault() {
    let options = ReadOptions::default();
    for (csv, found) in [("message,title\na\n", 1), ("message,title\na,b,\n", 3)] {
        let expected = RowFault::FieldCount { expected: 2, found };
        assert_eq!(fault("a.csv", csv, &options).1, expected);
    }
}

#[test]
fn lines_that_are_no_json_object_are_faults() {
    let fault = |line: &str| {
        fault(
            "a.jsonl",
            &format!("{{}}\n{line}\n"),
            &ReadOptions::default(),
        )
        .1
    };
    assert!(matches!(
        fault("{\"a\":1,}"),
        RowFault::InvalidJson { column: 8, .. }
    ));
    let RowFault::InvalidJson { column, reason } = fault("{\"a\":") else {
        panic!("no JSON fault")
    };
    assert_eq!(column, 5);
    assert!(reason.starts_with("the line ends within"), "{reason}");
    assert!(matches!(
        fault("{} {}"),
        RowFault::InvalidJson { column: 4, .. }
    ));
    for line in ["[1]", "\"message\"", "null", "7"] {
        assert_eq!(fault(line), RowFault::NotAnObject, "{line}");
    }
    for line in ["[", "[{}", "[{\"a\":1},", "]", "],", ",{}", " {\"a\":1}, "] {
        assert_eq!(fault(line), RowFault::ArrayPart, "{line}");
    }
    for line in ["\"message\": 1,", "1,", "{},{}", "{\"a\":1},}"] {
        assert!(
            matches!(fault(line), RowFault::InvalidJson { .. }),
            "{line}"
        );
    }
    let RowFault::RepeatedField { first, second, .. } = fault(r#"{"message":"a","MESSAGE":"b"}"#)
    else {
        panic!("no repeat found")
    };
    assert_eq!((first.as_str(), second.as_str()), ("message", "MESSAGE"));
    let line = open("a.jsonl", b"{\"a\":\"\xe9\"}", &ReadOptions::default());
    let rows = rows(&line.manifest.unwrap());
    assert_eq!(rows[0].1, Err(RowFault::NotUtf8 { column: 7 }));
}

#[test]
fn json_rows_know_their_own_keys() {
    let jsonl = open(
        "a.jsonl",
        br#"{"POST_TITLE": "t", "\u006dessage": "m", "extra": [1], "x\ny": 2}"#,
        &ReadOptions::default(),
    );
    let manifest = jsonl.manifest.unwrap();
    let (mut pass, mut chunk) = (manifest.pass().unwrap(), Chunk::default());
    pass.next_chunk(&mut chunk).unwrap();
    let mut reader = manifest.reader();
    let row = reader.row(chunk.records().next().unwrap()).unwrap();
    assert_eq!(row.column(Field::Title), "POST_TITLE");
    assert_eq!(row.column(Field::Message), "message");
    assert_eq!(row.column(Field::Tags), "tags");
    let mut seen = crate::manifest::UnknownKeys::default();
    let warnings = seen.merge(&reader.into_unknown_keys());
    assert_eq!(
        warnings,
        [Warning::unknown("extra"), Warning::unknown("x\ny")]
    );
}

#[test]
fn a_change_between_and_within_passes_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, "message\na\nb\n").unwrap();
    let options = ReadOptions {
        limits: ChunkLimits {
            records: 1,
            ..ChunkLimits::default()
        },
        ..ReadOptions::default()
    };
    let manifest = Manifest::open(&path, &options).unwrap();
    let (mut pass, mut chunk) = (manifest.pass().unwrap(), Chunk::default());
    assert!(pass.next_chunk(&mut chunk).unwrap());
    fs::write(&path, "message\na\nb\nc\n").unwrap();
    let changed = |error| matches!(error, ManifestError::Changed { .. });
    assert!(changed(pass.next_chunk(&mut chunk).unwrap_err()));
    assert!(changed(manifest.pass().unwrap_err()));
}

#[test]
fn passes_do_not_disturb_each_other() {
    let fixture = open("a.csv", b"message\na\nb\n", &ReadOptions::default());
    let manifest = fixture.manifest.unwrap();
    let (mut one, mut chunk) = (manifest.pass().unwrap(), Chunk::default());
    assert!(one.next_chunk(&mut chunk).unwrap());
    assert_eq!(rows(&manifest).len(), 2);
    assert!(!one.next_chunk(&mut chunk).unwrap());
    assert!(
        !one.next_chunk(&mut chunk).unwrap(),
        "the end stays the end"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn limits_of_any_size_change_no_row(
        body in proptest::collection::vec(
            proptest::sample::select(b"\"\",,\r\na{}: \xff\xef\xbb\xbf".to_vec()), 0..60),
        records in 1usize..4,
        bytes in 1usize..30,
        read in 1usize..9,
        csv in any::<bool>(),
        encoding in proptest::sample::select(vec!["utf-8", "windows-1251", "utf-16le", "shift_jis"]),
    ) {
        let (name, header) = match csv {
            true => ("a.csv", &b"message,title\n"[..]),
            false => ("a.jsonl", &b"{}\n"[..]),
        };
        let header = match encoding {
            "utf-16le" => utf16(str::from_utf8(header).unwrap(), true),
            _ => header.to_vec(),
        };
        let content = [header, body].concat();
        let options = ReadOptions {
            encoding: EncodingName::parse(encoding).ok(),
            ..ReadOptions::default()
        };
        let whole = open(name, &content, &options);
        let limits = ChunkLimits { records, bytes, read };
        let cut = open(name, &content, &ReadOptions { limits, ..options });
        prop_assert_eq!(rows(&whole.manifest.unwrap()), rows(&cut.manifest.unwrap()));
    }
}

/// The messages of a manifest's rows, and its warnings.
fn told(name: &str, content: &[u8]) -> (Vec<String>, Vec<String>) {
    let fixture = open(name, content, &ReadOptions::default());
    let manifest = fixture.manifest.unwrap();
    let message = |(_, row): (Position, Result<Cells, RowFault>)| {
        let cells = row.map_err(|fault| fault.to_string()).unwrap_or_default();
        let message = cells
            .into_iter()
            .find(|(field, _)| *field == Field::Message);
        message.map_or_else(String::new, |(_, text)| text)
    };
    let messages = rows(&manifest).into_iter().map(message).collect();
    let warnings = manifest.warnings().iter().map(Warning::to_string);
    (messages, warnings.collect())
}

#[test]
fn a_line_of_totals_at_the_end_is_no_row_in_any_encoding() {
    let text = "external_id;message;entity_id\r\n1;\"Раз\r\nдва\";5\r\n2;Три;6\r\nИтого: 2 записи;;11\r\n\r\n";
    let (cyrillic, _, _) = encoding_rs::WINDOWS_1251.encode(text);
    let marked = format!("\u{feff}{text}");
    let cases = [
        text.as_bytes().to_vec(),
        marked.as_bytes().to_vec(),
        cyrillic.into_owned(),
        utf16(text, true),
        utf16(&marked, false),
        text.replace("\r\n", "\n").into_bytes(),
        text.replace("\r\n", "\r").into_bytes(),
        text.trim_end().as_bytes().to_vec(),
    ];
    for content in cases {
        let (messages, warnings) = told("a.csv", &content);
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert_eq!(
            warnings,
            [
                "the last line (line 5) holds totals and is no row; it is left out: \
                 `Итого: 2 записи;;11`"
            ]
        );
    }
}

#[test]
fn only_the_last_line_without_a_message_holds_totals() {
    for (content, count) in [
        ("external_id,message\nTotal,\n", 1),
        ("external_id,message\n1,a\nTotal,\n2,b\n", 3),
        ("external_id,message\n1,a\nTotal,paid\n", 2),
        ("message,external_id\na,1\nTotal,\n", 2),
        ("external_id,message\n1,\"a\nTotal,\"\n", 1),
        ("external_id,message\n1,\"a\nTotal\"\n", 1),
        ("external_id,message\n1,a\nTotal,,,\n", 2),
    ] {
        let (messages, warnings) = told("a.csv", content.as_bytes());
        assert_eq!((messages.len(), warnings.len()), (count, 0), "{content}");
    }
    for content in [
        "external_id,message\n1,a\nTotal\n",
        "external_id,message\n1,a\n\"Grand total\",\"\"",
        "external_id,message\n1,\"a\nb\"\n Итого ,  \n\n\n",
    ] {
        let (messages, warnings) = told("a.csv", content.as_bytes());
        assert_eq!((messages.len(), warnings.len()), (1, 1), "{content}");
    }
    let line = "{\"external_id\":\"Total\",\"message\":\"\"}\n";
    let (messages, _) = told("a.jsonl", [line, line].concat().as_bytes());
    assert_eq!(messages.len(), 2);
}
