//! What the tests of this module share: manifests of one field, in both forms.

use crate::batch::Command;
use crate::manifest::{
    Chunk, ChunkLimits, EncodingName, Manifest, ManifestError, ReadOptions, UnknownKeys,
};
use crate::post::{Field, Post};
use crate::targets::{Objection, OriginLine, Sending, Target};

use super::{CheckedChunk, RecordCounts, RowReading, Rules, Tally, check_in_order, read};

/// A target that carries every field and objects to nothing.
pub(super) struct CarriesAll;

impl Target for CarriesAll {
    fn name(&self) -> &'static str {
        "carries-all"
    }

    fn method(&self) -> &'static str {
        "none"
    }

    fn scope(&self) -> &'static str {
        "none"
    }

    fn carries(&self, _: Field) -> bool {
        true
    }

    fn object(&self, _: &Post<'_>, _: OriginLine, _: &mut dyn FnMut(Objection)) {}

    fn text(&self, post: &Post<'_>, _: OriginLine) -> String {
        post.message.to_string()
    }

    fn command(&self, _: &Post<'_>, _: &Sending<'_>) -> Command {
        Command {
            method: "none",
            params: Vec::new(),
        }
    }
}

/// Chunks of few rows, so that a manifest soon has several.
pub(super) const SMALL: ChunkLimits = ChunkLimits {
    records: 500,
    bytes: 1 << 12,
    read: 1 << 10,
};

/// Rules with an empty folder for attachments.
pub(super) fn rules(target: &'static dyn Target) -> Rules {
    Rules::new(target, &std::env::temp_dir(), None).unwrap()
}

/// A manifest in chunks of few rows.
pub(super) fn open(name: &str, content: &[u8]) -> (tempfile::TempDir, Manifest) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    let options = ReadOptions {
        encoding: EncodingName::parse("utf-8").ok(),
        limits: SMALL,
        ..ReadOptions::default()
    };
    let manifest = Manifest::open(&path, &options).unwrap();
    (folder, manifest)
}

/// Shows the reading of every row of a manifest.
pub(super) fn each_reading(
    name: &str,
    content: &[u8],
    rules: &Rules,
    mut show: impl FnMut(RowReading<'_>),
) {
    let (_folder, manifest) = open(name, content);
    let (mut pass, mut chunk) = (manifest.pass().unwrap(), Chunk::default());
    let mut reader = manifest.reader();
    while pass.next_chunk(&mut chunk).unwrap() {
        for record in chunk.records() {
            show(read(&reader.row(record).unwrap(), rules));
        }
    }
}

/// Every row of a manifest.
pub(super) fn checked(name: &str, content: &[u8], rules: &Rules) -> CheckedChunk {
    let (_folder, manifest) = open(name, content);
    let mut all = CheckedChunk {
        rows: Vec::new(),
        unknown_keys: UnknownKeys::default(),
        records: RecordCounts::default(),
        tally: Tally::default(),
        without_posts: Vec::new(),
    };
    check_in_order(&manifest, rules, |chunk| {
        all.rows.append(&mut chunk.rows);
        all.unknown_keys.merge(&chunk.unknown_keys);
        Ok::<(), ManifestError>(())
    })
    .unwrap();
    all
}

/// A manifest of one row with a message and one more field, in CSV and in JSONL.
fn both_forms(field: &str, csv: &str, json: &str) -> [(&'static str, String); 2] {
    let csv = csv.replace('"', "\"\"");
    [
        ("a.csv", format!("message,{field}\nHello,\"{csv}\"\n")),
        (
            "a.jsonl",
            format!("{{\"message\":\"Hello\",\"{field}\":{json}}}\n"),
        ),
    ]
}

/// The post of such a row, from CSV and from JSONL; there must be no problem.
pub(super) fn posts(field: &str, csv: &str, json: &str) -> Vec<Post<'static>> {
    let mut posts = Vec::new();
    for (name, content) in both_forms(field, csv, json) {
        each_reading(name, content.as_bytes(), &rules(&CarriesAll), |reading| {
            posts.push(reading.into_post().unwrap().into_owned());
        });
    }
    posts
}

/// Code and value of each problem of such a row, which must be the same from CSV and from JSONL.
pub(super) fn codes(field: &str, csv: &str, json: &str) -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    for (name, content) in both_forms(field, csv, json) {
        each_reading(name, content.as_bytes(), &rules(&CarriesAll), |reading| {
            assert_eq!(reading.content(), None, "a faulty row has no content");
            let problems = reading.into_post().unwrap_err();
            let problems = problems.into_iter().map(|problem| {
                assert_eq!(problem.column.as_deref(), Some(field));
                assert!(problem.advice.len() < 300, "{}", problem.advice);
                assert!(!problem.advice.contains(char::is_control));
                (problem.code.as_str(), &*problem.value.leak())
            });
            found.push(problems.collect::<Vec<_>>());
        });
    }
    assert_eq!(found[0], found[1], "CSV and JSONL differ");
    found.remove(0)
}
