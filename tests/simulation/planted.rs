//! The bugs in `planted/` are patches: each says what is wrong in it and which seeds show that, and
//! applies to the tree as it is. That these seeds find it is shown by `planted.sh`.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use diffy::patch_set::{FileOperation, ParseOptions, PatchKind, PatchSet};
use diffy::{Hunk, Line, apply};

use crate::range;

/// Whether a patch says what it should and applies, else why not.
fn check(patch: &str, read: impl Fn(&str) -> String) -> Result<(), String> {
    let (head, diff) = patch.split_once("\n\n").ok_or("it has no head")?;
    let (says, seeds) = head.rsplit_once("\nSeeds: ").ok_or("it names no seeds")?;
    let seeds: RangeInclusive<u64> = range(seeds);
    if seeds.is_empty() || !says.lines().all(|line| line.ends_with('.')) {
        return Err(format!("sentence or seeds: {head:?}"));
    }
    let mut files = 0;
    for file in PatchSet::parse(diff, ParseOptions::unidiff()) {
        let file = file.map_err(|error| error.to_string())?;
        let operation = file.operation().strip_prefix(1);
        let (FileOperation::Modify { original, .. }, PatchKind::Text(change)) =
            (operation, file.patch())
        else {
            return Err("it does not change a text file".to_owned());
        };
        let text = read(&original);
        for hunk in change.hunks() {
            let places = text.matches(&before(hunk)).count();
            if places != 1 {
                return Err(format!("{places} places in {original} for {hunk:?}"));
            }
        }
        apply(&text, change).map_err(|error| format!("{original}: {error}"))?;
        files += 1;
    }
    (files > 0).then_some(()).ok_or("it changes no file".into())
}

/// The lines that a hunk wants to find.
fn before(hunk: &Hunk<'_, str>) -> String {
    let wanted = hunk.lines().iter().map(|line| match line {
        Line::Context(line) | Line::Delete(line) => *line,
        Line::Insert(_) => "",
    });
    wanted.collect()
}

fn read(path: &Path) -> String {
    let text = fs::read_to_string(path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.replace("\r\n", "\n")
}

#[test]
fn every_planted_bug_applies_to_the_tree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut patches = 0;
    for entry in fs::read_dir(root.join("tests/simulation/planted")).unwrap() {
        let path = entry.unwrap().path();
        let checked = check(&read(&path), |file| read(&root.join(file)));
        assert_eq!(checked, Ok(()), "{}", path.display());
        patches += 1;
    }
    assert_eq!(patches, 26);
}

#[test]
fn a_bug_without_sentence_seeds_or_place_is_noticed() {
    let diff = "--- a/src/x.rs\n+++ b/src/x.rs\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n";
    let told = |head: &str, text: &str| check(&format!("{head}\n\n{diff}"), |_| text.to_owned());
    let head = "Two is three.\nSeeds: 1-9";
    assert_eq!(told(head, "one\ntwo\n"), Ok(()));
    assert_eq!(told(head, "zero\n\none\ntwo\n"), Ok(()));
    for text in ["one\ntoo\n", "one\ntwo\none\ntwo\n", ""] {
        assert!(told(head, text).is_err(), "{text:?}");
    }
    for head in [
        "Two is three.",
        "Two is three\nSeeds: 1-9",
        "Two is three.\nSeeds: 9-1",
    ] {
        assert!(told(head, "one\ntwo\n").is_err(), "{head:?}");
    }
}
