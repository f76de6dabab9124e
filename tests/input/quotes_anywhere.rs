//! Wherever in whatever file a quote is wrong, no text becomes another row's, and no row is gone.

use crate::common::Workspace;
use b24post::manifest::{Chunk, ChunkLimits, Manifest, ReadOptions};
use b24post::post::Field;
use proptest::prelude::*;

/// Number, line and, where it can be sent, ID and text of every row.
type Rows = Vec<(u64, u64, Option<(String, String)>)>;

fn rows(content: &str, limits: ChunkLimits) -> Rows {
    let workspace = Workspace::new();
    let path = workspace.write("m.csv", content);
    let options = ReadOptions {
        limits,
        ..ReadOptions::default()
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

/// Chunks of 128 KiB are checked apart from each other.
#[test]
fn the_edge_of_a_chunk_may_lie_anywhere_in_a_swallowed_row() {
    const HEADER: &str = "external_id,entity_type,entity_id,message\n";
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

/// Rows in the lines that a wrong quote has made doubtful are counted, though their own texts go on.
#[test]
fn a_swallowed_row_of_several_lines_counts_as_one() {
    let middle = "external_id,message,entity_type,entity_id\n";
    let last = "external_id,message\n";
    // Whole files, and how many rows are in them; of each, only those rows are valid.
    let cases: &[(&str, &str, usize, &[&str])] = &[
        (
            middle,
            "\"1,<1  1>,deal,1\n2,<2 pipe 2>,deal,2\n3,\"<3 pipe\npipe\n\\\"\"x\\\"\" 3>\",deal,3\n4,\"<4 2\"\"\n2,5 m 4>\",deal,4\n",
            4,
            &["4"],
        ),
        (
            middle,
            "\"1,<1  1>,deal,1\n2,\"<2 C:\\\nsay \"\"yes\"\"\n 2>\",deal,2\n",
            2,
            &[],
        ),
        // The opening quote of the last row is lost, and the IDs don't follow each other.
        (
            middle,
            "137,\"a, b\",deal,1\n248,\"one\",deal,2\n285,pipe\nbye\",deal,3\n",
            3,
            &["137"],
        ),
        (
            last,
            "137,\"one\"\n174,a, b\"\n211,\"two\nthree\"\n",
            3,
            &["211"],
        ),
    ];
    for (header, rows_written, written, sent) in cases {
        for line_end in ["\n", "\r\n", "\r"] {
            let content = format!("{header}{rows_written}").replace('\n', line_end);
            let found = rows(&content, ChunkLimits::default());
            let valid: Vec<&str> = found
                .iter()
                .filter_map(|(_, _, row)| row.as_ref().map(|(id, _)| id.as_str()))
                .collect();
            assert_eq!((found.len(), &valid[..]), (*written, *sent), "{content}");
        }
    }
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

/// The ID of each row by its number: one by one, with gaps, falling, or no numbers.
type Ids = fn(usize) -> String;

const IDS: [Ids; 4] = [
    |n| n.to_string(),
    |n| (100 + 37 * n).to_string(),
    |n| (90 - 13 * n).to_string(),
    |n| format!("N-{n}"),
];

/// The row, with a mark of its own at the start and the end of its text.
fn written(note: &Note, n: usize, ids: Ids, (header, place): (&str, usize)) -> String {
    let id = ids(n);
    let text = format!("<{id} {} {id}>", note.lines.join("\n"));
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
        "entity_id" => n.to_string(),
        _ => id.clone(),
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

/// What fails is told with its whole file, and nothing is written into the tree.
fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1_000)
    }
}

proptest! {
    #![proptest_config(config())]

    /// Where all quotes are right, every text of whatever lines is sent as it is.
    #[test]
    fn quotes_that_are_right_raise_no_alarm(
        notes in proptest::collection::vec(wordy_note(), 1..5),
        layout in proptest::sample::select(LAYOUTS[..3].to_vec()),
        ids in proptest::sample::select(IDS.to_vec()),
    ) {
        let body: String = notes.iter().zip(1..).map(|(note, n)| written(note, n, ids, layout)).collect();
        let content = format!("{}{body}", layout.0);
        let found = rows(&content, ChunkLimits::default());
        prop_assert_eq!(found.len(), notes.len());
        for ((_, _, row), (note, n)) in found.iter().zip(notes.iter().zip(1..)) {
            let text = format!("<{id} {} {id}>", note.lines.join("\n"), id = ids(n));
            prop_assert_eq!(row.as_ref(), Some(&(ids(n), text)), "{}", content);
        }
    }
}

proptest! {
    #![proptest_config(config())]

    /// One quote lost, doubled or put anywhere: a row that can still be sent has its own text, the
    /// whole of it and nobody else's, and no row is gone from the count.
    #[test]
    fn a_spoiled_quote_mixes_up_no_texts(
        notes in proptest::collection::vec(note(), 1..7),
        spoils in proptest::collection::vec(spoil(), 1..2),
        layout in proptest::sample::select(LAYOUTS.to_vec()),
        ids in proptest::sample::select(IDS.to_vec()),
        line_end in proptest::sample::select(vec!["\n", "\r\n", "\r"]),
        size in 1_usize..40,
    ) {
        let mut body: String = notes.iter().zip(1..).map(|(note, n)| written(note, n, ids, layout)).collect();
        for spoil in &spoils {
            body = spoiled(&body, spoil);
        }
        let content = format!("{}{body}", layout.0).replace('\n', line_end);
        let found = rows(&content, ChunkLimits::default());
        for (number, line, row) in &found {
            let Some((id, text)) = row else { continue };
            // A quote put into the text may stand anywhere in it.
            let (id, text) = (id.replace('"', ""), text.replace('"', ""));
            let is_id = (1..=notes.len()).any(|n| ids(n) == id);
            prop_assert!(is_id || !text.contains('<'), "{number} {line} {id} {text}");
            let starts = text.matches('<').count();
            prop_assert!(starts <= 1 && text.matches('>').count() == starts, "{number}, {line}: {text:?}\n{content}");
            if starts == 1 {
                let own = (format!("<{id} "), format!(" {id}>"));
                prop_assert!(text.contains(&own.0) && text.contains(&own.1), "{text:?}\n{content}");
            }
        }
        prop_assert!(found.len() >= notes.len(), "{found:?}\n{content}");
        let limits = ChunkLimits { records: size % 5 + 1, bytes: size, read: size };
        prop_assert_eq!(rows(&content, limits), found);
    }
}
