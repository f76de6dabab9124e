//! Quotes that are wrong: nobody's text on another's record, and no row that is taken in unseen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

mod common;

use std::fmt::Write;

use b24post::manifest::{Chunk, ChunkLimits, Manifest, Options};
use b24post::post::Field;
use common::{Run, Workspace, assert_counts, count};
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::Value;

const HEADER: &str = "external_id,entity_type,entity_id,message\n";

/// A manifest `m.csv` in a folder of its own, checked.
struct Checked {
    workspace: Workspace,
    run: Run,
}

fn check(content: &str) -> Checked {
    let workspace = Workspace::new();
    workspace.write("m.csv", content);
    let arguments = ["check", "m.csv", "--target", "timeline", "--format", "json"];
    let run = workspace.run(&arguments);
    Checked { workspace, run }
}

impl Checked {
    /// Row, line and code of every problem.
    fn problems(&self) -> Vec<(u64, u64, String)> {
        let problem = |value: &Value| {
            let code = value["code"].as_str().unwrap().to_owned();
            (count(value, "row"), count(value, "line"), code)
        };
        self.values().iter().map(problem).collect()
    }

    fn values(&self) -> Vec<Value> {
        let lines = self.run.stdout.lines();
        let values = lines.map(|line| serde_json::from_str(line).unwrap());
        values
            .filter(|value: &Value| value["summary"].is_null())
            .collect()
    }

    /// The texts that are posted to each deal or company when invalid rows are left out, and how
    /// many rows are invalid.
    fn posted(&self) -> (Vec<(u64, String)>, u64) {
        let import = [
            "import",
            "m.csv",
            "--target",
            "timeline",
            "--sandbox",
            "--format",
            "json",
        ];
        let refused = self.workspace.run(&import);
        let run = self
            .workspace
            .run(&[&import[..], &["--skip-invalid"]].concat());
        assert_eq!(
            (refused.code, run.code),
            (self.run.code, self.run.code),
            "{}",
            run.stderr
        );
        let summary = run.json();
        let (posted, invalid) = (count(&summary, "posted"), count(&summary, "invalid"));
        if self.run.code == 3 {
            assert_counts(&summary, &[("posted", posted), ("invalid", invalid)]);
        }
        let store = Connection::open(self.workspace.path("m.csv.sandbox.store.db")).unwrap();
        let mut posts = store
            .prepare("SELECT entity_id, message FROM posts ORDER BY id")
            .unwrap();
        let posts = posts
            .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
            .unwrap();
        let posts = posts.map(|post| {
            let (entity, message) = post.unwrap();
            (u64::try_from(entity).unwrap(), message)
        });
        (posts.collect(), invalid)
    }
}

/// Row, line and code of a problem.
type Expected = (u64, u64, &'static str);

fn expected(problems: &[Expected]) -> Vec<(u64, u64, String)> {
    let own = |(row, line, code): &Expected| (*row, *line, (*code).to_owned());
    problems.iter().map(own).collect()
}

#[test]
fn quotes_that_are_wrong_are_told_with_their_place_and_nothing_else_is() {
    const STRAY: &str = "quote_stray";
    const SUSPECT: &str = "quote_suspect";
    const SWALLOWED: &str = "quote_swallowed";
    const UNCLOSED: &str = "quote_unclosed";
    // Rows from the first line on, and the problems by row and line.
    let cases: &[(&str, &[Expected])] = &[
        (
            "1,deal,1,\"He said \"hello\" to us\"\n2,deal,2,ok\n",
            &[(1, 2, STRAY)],
        ),
        (
            "1,deal,1,\"starts quoted\" and goes on\n2,deal,2,ok\n",
            &[(1, 2, STRAY)],
        ),
        (
            "1,deal,1,\"back \\\"slash\\\" text\"\n2,deal,2,ok\n",
            &[(1, 2, STRAY)],
        ),
        (
            "1,deal,1,\"Mail: \\\"Hi\n2,deal,2,\"second \\\"note\"\n3,deal,3,ok\n",
            &[(1, 2, STRAY), (2, 3, STRAY)],
        ),
        (
            "1,deal,1,\"\"z\"\"\n2,deal,2,\"Valve \"\"DN50\"\"\"\n3,deal,3,\"Valve \"DN50\"\"\n",
            &[(1, 2, STRAY), (3, 4, STRAY)],
        ),
        ("1,deal,1,\"text\" \n2,deal,2,ok\n", &[(1, 2, STRAY)]),
        // A blank before what is probably meant as an opening quote.
        ("1,deal,1, \"text\"\n2,deal,2,ok\n", &[(1, 2, STRAY)]),
        ("1,deal,1, \"text, more\"\n2,deal,2,ok\n", &[(1, 2, STRAY)]),
        // A quote doubled at the end.
        (
            "1,deal,1,\"Pipe 2\"\"\n2,deal,2,\"Confidential\"\n3,deal,3,\"ok\"\n",
            &[(1, 2, STRAY), (2, 3, SWALLOWED)],
        ),
        (
            "\"1\",\"deal\",\"1\",\"Pipe 2\"\"\n\"2\",\"deal\",\"2\",\"Confidential\"\n\"3\",\"deal\",\"3\",\"ok\"\n",
            &[(1, 2, STRAY), (2, 3, SWALLOWED)],
        ),
        // A lost closing quote, and the next quote so far away that rows without any lie between.
        (
            "1,deal,1,\"Pipe\n2,deal,2,a\n3,deal,3,b\n4,deal,4,\"c\"\n5,deal,5,ok\n",
            &[
                (1, 2, STRAY),
                (2, 3, SWALLOWED),
                (3, 4, SWALLOWED),
                (4, 5, SWALLOWED),
            ],
        ),
        // Quotes that are formally right.
        (
            "1,deal,1,\"Pipe 2\"\"\n2,deal,2,valve 3\"\n3,deal,3,ok\n",
            &[(1, 2, SUSPECT), (2, 3, SWALLOWED)],
        ),
        (
            "1,deal,1,\"Pipe\n2,deal,2,\"\nDear client\"\n3,deal,3,ok\n",
            &[(1, 2, SUSPECT), (2, 3, SWALLOWED)],
        ),
        // A lost opening quote, and a text that is closed too early.
        (
            "1,deal,1,one\ntwo\nthree\"\n2,deal,2,ok\n",
            &[(1, 2, SUSPECT)],
        ),
        (
            "1,deal,1,\"one\"\ntwo\nthree\"\n2,deal,2,ok\n",
            &[(1, 2, SUSPECT)],
        ),
        (
            "\"1\",\"deal\",\"1\",one\"\n2,deal,2,ok\n",
            &[(1, 2, STRAY)],
        ),
        ("1,deal,1,\"a \"\"b\"\"\nc,d,e,f\"\n2,deal,2,ok\n", &[]),
        // A stray quote in a text of several lines.
        (
            "1,deal,1,\"He said \"hello\" to us\nand more\nbye\"\n2,deal,2,ok\n",
            &[(1, 2, STRAY)],
        ),
        (
            "1,deal,1,\"one\nsaid \"hello\" to us\nbye\"\n2,deal,2,ok\n",
            &[(1, 3, STRAY)],
        ),
        (
            "1,deal,1,a\n2,deal,2,\"never closed\n3,deal,3,b\n4,deal,4,c\n",
            &[(2, 3, UNCLOSED), (3, 4, SWALLOWED), (4, 5, SWALLOWED)],
        ),
        // Nothing is wrong with these.
        (
            "1,deal,1,\"one\n\ntwo, or 2,5 m, and, so\nthree\"\n2,deal,2,ok\n",
            &[],
        ),
        (
            "1,deal,1,say \"yes\" now\n2,deal,2,pipe 6\"\n3,deal,3,\"a \"\"b\"\", c\"\"\"\n",
            &[],
        ),
    ];
    for (rows, problems) in cases {
        for line_end in ["\n", "\r\n", "\r"] {
            let content = format!("{HEADER}{rows}").replace('\n', line_end);
            let checked = check(&content);
            assert_eq!(
                checked.problems(),
                expected(problems),
                "{rows}{}",
                checked.run.stderr
            );
            assert_eq!(checked.run.code, if problems.is_empty() { 0 } else { 3 });
        }
        let (posts, invalid) = check(&format!("{HEADER}{rows}")).posted();
        assert_eq!(invalid, problems.len() as u64, "{rows}");
        for (entity, message) in posts {
            let is_own = !message.contains("deal,") && !message.contains("Confidential");
            assert!(is_own, "{entity}: {message}");
        }
    }
}

#[test]
fn a_stray_quote_is_told_with_column_and_remedy() {
    let rows = "1,deal,1,\"He said \"hello\" to us\"\n2,deal,2,\"a \\\"b\\\" c\"\n";
    let values = check(&format!("{HEADER}{rows}")).values();
    assert_eq!(values[0]["column"], "message");
    assert_eq!(values[0]["value"], "\"He said \"hello\" to us\"");
    let advice = |place: usize| values[place]["advice"].as_str().unwrap();
    assert!(
        advice(0).contains("column 20") && advice(0).contains("twice"),
        "{}",
        advice(0)
    );
    assert!(advice(1).contains("backslash"), "{}", advice(1));
}

#[test]
fn an_unclosed_quote_tells_what_it_took_and_its_rows_are_counted() {
    let mut content = HEADER.to_owned();
    for n in 1..=1_000 {
        let quote = if n == 500 { "\"" } else { "" };
        let _written = writeln!(content, "{n},deal,{n},{quote}note {n}");
    }
    let checked = check(&content);
    let advice = checked.values()[0]["advice"].as_str().unwrap().to_owned();
    assert!(
        advice.contains("501 lines") && advice.contains("1001"),
        "{advice}"
    );
    assert!(
        checked
            .run
            .stderr
            .contains("1,000 rows, 501 of them invalid"),
        "{}",
        checked.run.stderr
    );
    let (posts, invalid) = checked.posted();
    assert_eq!((posts.len(), invalid), (499, 501));
    assert!(
        posts
            .iter()
            .all(|(entity, text)| *text == format!("note {entity}"))
    );
}

/// Chunks of 128 KiB are checked apart from each other.
#[test]
fn the_edge_of_a_chunk_may_lie_anywhere_in_a_swallowed_row() {
    const EDGE: usize = 128 << 10;
    let swallowing = "2,deal,2,\"Pipe 2\"\"\n3,deal,3,\"Confidential\"\n4,deal,4,\"ok\"\n";
    for place in 0..swallowing.len() {
        // The chunks begin behind the header.
        let before = EDGE - "1,deal,1,\n".len() - place;
        let content = format!("{HEADER}1,deal,1,{}\n{swallowing}", "x".repeat(before));
        let found = rows(&content, ChunkLimits::default());
        let valid: Vec<bool> = found.iter().map(|(_, _, row)| row.is_some()).collect();
        assert_eq!(valid, [true, false, false, true], "{place}");
    }
}

#[test]
fn a_header_with_a_stray_quote_is_refused_with_its_place() {
    let checked = check("external_id,\"mess\"age\n1,a\n");
    assert_eq!(checked.run.code, 1);
    assert!(
        checked.run.stderr.contains("column 19"),
        "{}",
        checked.run.stderr
    );
}

/// A row of a manifest: its text lines, and how it is written.
#[derive(Clone, Debug)]
struct Note {
    lines: Vec<String>,
    is_quoted: bool,
}

fn note() -> impl Strategy<Value = Note> {
    let words = [
        "pipe",
        "2\"",
        "a, b",
        "say \"yes\"",
        "",
        "2,5 m",
        "\\\"x\\\"",
        "C:\\",
    ];
    let line = proptest::sample::select(words.to_vec()).prop_map(str::to_owned);
    let lines = proptest::collection::vec(line, 1..4);
    (lines, any::<bool>()).prop_map(|(lines, is_quoted)| Note { lines, is_quoted })
}

/// Headers, and where in a row the message stands.
const LAYOUTS: [(&str, usize); 4] = [
    ("external_id,entity_type,entity_id,message\n", 3),
    ("external_id,message,entity_type,entity_id\n", 1),
    ("message,external_id,entity_type,entity_id\n", 0),
    ("external_id,message\n", 1),
];

/// The row, with a mark of its own at the start and the end of its text.
fn written(note: &Note, n: usize, (header, place): (&str, usize)) -> String {
    let text = format!("<{n} {} {n}>", note.lines.join("\n"));
    let text = match header.contains("entity_id") {
        true => text,
        // Behind a lost quote, this would be a row by all that can be known.
        false => text.replace("2,5", "2.5"),
    };
    let text = match note.is_quoted || text.contains([',', '\n', '"']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    };
    let others = header
        .trim_end()
        .split(',')
        .filter(|name| *name != "message");
    let cell = |name| match name {
        "entity_type" => "deal".to_owned(),
        _ => n.to_string(),
    };
    let mut cells: Vec<String> = others.map(cell).collect();
    cells.insert(place, text);
    cells.join(",") + "\n"
}

/// What happens to a quote, counted round all quotes, or to a place in the file.
#[derive(Clone, Debug)]
enum Spoil {
    Lose(usize),
    Double(usize),
    Put(usize),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let at = any::<usize>();
    prop_oneof![
        at.prop_map(Spoil::Lose),
        at.prop_map(Spoil::Double),
        at.prop_map(Spoil::Put)
    ]
}

fn spoiled(rows: &str, spoil: &Spoil) -> String {
    let quotes: Vec<usize> = rows.match_indices('"').map(|(at, _)| at).collect();
    let quote = |at: &usize| quotes.get(at % quotes.len().max(1)).copied();
    let mut rows = rows.to_owned();
    match spoil {
        Spoil::Lose(at) => drop(quote(at).map(|at| rows.remove(at))),
        Spoil::Double(at) => quote(at).into_iter().for_each(|at| rows.insert(at, '"')),
        Spoil::Put(at) => rows.insert(at % (rows.len() + 1), '"'),
    }
    rows
}

/// Number, line and, where it can be sent, ID and text of every row.
type Rows = Vec<(u64, u64, Option<(String, String)>)>;

fn rows(content: &str, limits: ChunkLimits) -> Rows {
    let workspace = Workspace::new();
    let path = workspace.write("m.csv", content);
    let options = Options {
        limits,
        ..Options::default()
    };
    let manifest = Manifest::open(&path, &options).unwrap();
    let (mut pass, mut chunk) = (manifest.pass().unwrap(), Chunk::default());
    let mut rows = Vec::new();
    while pass.next_chunk(&mut chunk).unwrap() {
        let mut reader = manifest.reader();
        for record in chunk.records() {
            let row = reader.row(record).ok().map(|row| {
                let cell = |field| match row.cell(field) {
                    b24post::manifest::Cell::Text(text) => text.to_owned(),
                    other => panic!("{other:?}"),
                };
                (cell(Field::ExternalId), cell(Field::Message))
            });
            rows.push((record.at.number, record.at.line, row));
        }
    }
    rows
}

/// A note whose text has as many commas as may be, so that its lines have as many fields as a row.
fn wordy_note() -> impl Strategy<Value = Note> {
    let words = [
        "pipe",
        "2\"",
        ", ",
        ",",
        "say \"yes\"",
        "2,5 m",
        "\\",
        "3. ",
        "dealer",
    ];
    let words = proptest::sample::select(words.to_vec());
    let line = proptest::collection::vec(words, 0..8).prop_map(|words| words.concat());
    let lines = proptest::collection::vec(line, 1..5);
    (lines, any::<bool>()).prop_map(|(lines, is_quoted)| Note { lines, is_quoted })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Where all quotes are right, every text of whatever lines is sent as it is.
    #[test]
    fn quotes_that_are_right_raise_no_alarm(
        notes in proptest::collection::vec(wordy_note(), 1..5),
        layout in proptest::sample::select(LAYOUTS[..3].to_vec()),
    ) {
        let body: String = notes.iter().zip(1..).map(|(note, n)| written(note, n, layout)).collect();
        let content = format!("{}{body}", layout.0);
        let found = rows(&content, ChunkLimits::default());
        prop_assert_eq!(found.len(), notes.len());
        for ((_, _, row), (note, n)) in found.iter().zip(notes.iter().zip(1..)) {
            let text = format!("<{n} {} {n}>", note.lines.join("\n"));
            prop_assert_eq!(row.as_ref(), Some(&(n.to_string(), text)), "{}", content);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// One quote lost, doubled or put anywhere: a row that can still be sent has its own text, the
    /// whole of it and nobody else's, and no row is gone from the count.
    #[test]
    fn a_spoiled_quote_mixes_up_no_texts(
        notes in proptest::collection::vec(note(), 1..7),
        spoils in proptest::collection::vec(spoil(), 1..2),
        layout in proptest::sample::select(LAYOUTS.to_vec()),
        line_end in proptest::sample::select(vec!["\n", "\r\n", "\r"]),
        size in 1_usize..40,
    ) {
        let mut body: String = notes.iter().zip(1..).map(|(note, n)| written(note, n, layout)).collect();
        for spoil in &spoils {
            body = spoiled(&body, spoil);
        }
        let content = format!("{}{body}", layout.0).replace('\n', line_end);
        let found = rows(&content, ChunkLimits::default());
        for (number, line, row) in &found {
            let Some((id, text)) = row else { continue };
            // A quote put into the text may stand anywhere in it.
            let (id, text) = (id.replace('"', ""), text.replace('"', ""));
            prop_assert!(id.parse::<usize>().is_ok() || !text.contains('<'), "{number} {line} {id} {text}");
            let starts = text.matches('<').count();
            prop_assert!(starts <= 1 && text.matches('>').count() == starts, "{number}, {line}: {text:?}\n{content}");
            if starts == 1 {
                let own = (format!("<{id} "), format!(" {id}>"));
                prop_assert!(text.contains(&own.0) && text.contains(&own.1), "{text:?}\n{content}");
            }
        }
        prop_assert!(layout.1 == 0 || found.len() >= notes.len(), "{found:?}\n{content}");
        let limits = ChunkLimits { records: size % 5 + 1, bytes: size, read: size };
        prop_assert_eq!(rows(&content, limits), found);
    }
}
