//! Input that nobody would write makes nothing panic, every row of it is accounted for, and memory
//! stays small: manifests and replies from `tests/input/corpus`, as they are and spoiled at random,
//! and manifests that are far too large.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use crate::common::{Run, Workspace, assert_counts, count, finish};
use b24post::check::{Rules, check_manifest};
use b24post::manifest::{Manifest, ReadOptions};
use b24post::portal::{Asked, CommandOutcome, RequestOutcome, Response, judge};
use b24post::targets;
use bytes::Bytes;
use proptest::prelude::*;
use tempfile::TempDir;

/// The files of a part of the corpus, in the order of their names.
fn corpus(part: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/input/corpus");
    let entries = fs::read_dir(folder.join(part)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort_unstable();
    assert!(!files.is_empty());
    files
}

fn contents(part: &str) -> Vec<(String, Vec<u8>)> {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let files = corpus(part).into_iter();
    files
        .map(|path| (name(&path), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn every_manifest_of_the_corpus_is_checked_and_sent_as_far_as_it_is_valid() {
    for (name, content) in contents("manifest") {
        let workspace = Workspace::new();
        workspace.write(&name, content);
        let check = workspace.run(&["check", &name]);
        assert!([0, 1, 3].contains(&check.code), "{name}: {}", check.stderr);
        let import = [
            "import",
            &name,
            "--sandbox",
            "--skip-invalid",
            "--format",
            "json",
        ];
        let run = workspace.run(&import);
        assert_eq!(
            run.code, check.code,
            "{name}: {}\n{}",
            run.stdout, run.stderr
        );
        let summary = run.json();
        let (posted, invalid) = (count(&summary, "posted"), count(&summary, "invalid"));
        assert_counts(&summary, &[("posted", posted), ("invalid", invalid)]);
        let again = workspace.run(&import).json();
        assert_counts(&again, &[("already_posted", posted), ("invalid", invalid)]);
    }
}

/// A place in a text, and what happens to it there.
#[derive(Clone, Debug)]
enum Spoil {
    Cut,
    Put(Vec<u8>),
    Repeat(usize),
    Remove(usize),
}

fn spoils() -> impl Strategy<Value = Vec<(usize, Spoil)>> {
    let marks = [
        "\"", ",", "\n", "\r", "{", "}", "[", "]", "\\u", "\0", "\u{feff}", "1", ":",
    ];
    let mark = prop::sample::select(marks.to_vec()).prop_map(|mark| mark.as_bytes().to_vec());
    let bytes = prop::collection::vec(any::<u8>(), 1..5);
    let spoil = prop_oneof![
        Just(Spoil::Cut),
        mark.prop_map(Spoil::Put),
        bytes.prop_map(Spoil::Put),
        (1usize..60).prop_map(Spoil::Repeat),
        (1usize..60).prop_map(Spoil::Remove),
    ];
    prop::collection::vec((any::<usize>(), spoil), 1..6)
}

fn spoiled(content: &[u8], spoils: &[(usize, Spoil)]) -> Vec<u8> {
    let mut content = content.to_vec();
    for (at, spoil) in spoils {
        let at = at % (content.len() + 1);
        let end = |length: &usize| (at + length).min(content.len());
        match spoil {
            Spoil::Cut => content.truncate(at),
            Spoil::Put(bytes) => drop(content.splice(at..at, bytes.iter().copied())),
            Spoil::Repeat(length) => {
                let part = content[at..end(length)].to_vec();
                drop(content.splice(at..at, part));
            }
            Spoil::Remove(length) => drop(content.drain(at..end(length))),
        }
    }
    content
}

static MANIFESTS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| contents("manifest"));
static REPLIES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| contents("reply"));

/// Checks a manifest of these bytes for every target; the files have gone when it is done.
fn check(name: &str, content: &[u8]) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    let Ok(manifest) = Manifest::open(&path, &ReadOptions::default()) else {
        return;
    };
    for target in targets::ALL {
        let rules = Rules::new(target, folder.path(), None).unwrap();
        let mut told = 0;
        let findings =
            check_manifest(&manifest, &rules, jiff::Timestamp::now(), |_| told += 1).unwrap();
        assert!(findings.invalid <= findings.rows);
        // What is wrong with the file is one problem, of however many rows.
        assert_eq!(findings.problems > 0, findings.invalid > 0);
        assert!(findings.problems <= told);
    }
}

/// What a reply means keeps to what was asked, and a post is only where its ID is in the reply.
fn judged(status: u16, body: &[u8]) {
    let keys = ["ka".to_owned(), "kb".to_owned()];
    let text = String::from_utf8_lossy(body);
    for asked in [Asked::Batch(&keys), Asked::Direct("ka")] {
        let response = Response {
            status,
            location: None,
            body: Bytes::copy_from_slice(body),
        };
        let RequestOutcome::Commands { outcomes, .. } = judge(Ok(response), asked) else {
            continue;
        };
        let expected = match asked {
            Asked::Batch(keys) => keys,
            Asked::Direct(_) => &keys[..1],
        };
        assert!(outcomes.iter().map(|(key, _)| key).eq(expected));
        for (key, outcome) in outcomes {
            if let CommandOutcome::Posted(id) = outcome {
                assert!(id > 0 && (200..300).contains(&status), "{status}: {text}");
                assert!(text.contains(&id.to_string()), "{key}={id}: {text}");
            }
        }
    }
}

const STATUSES: [u16; 11] = [200, 201, 302, 400, 401, 403, 404, 413, 429, 500, 503];

#[test]
fn every_reply_of_the_corpus_is_judged() {
    for (_, body) in REPLIES.iter() {
        STATUSES.iter().for_each(|status| judged(*status, body));
    }
}

#[test]
fn a_reply_nested_without_end_is_judged() {
    for open in ["[", "{\"result\":", "{\"result\":{\"result\":{\"ka\":["] {
        judged(200, open.repeat(200_000).as_bytes());
    }
}

proptest! {
    #[test]
    fn spoiled_manifests_are_checked(which in any::<usize>(), spoils in spoils()) {
        let (name, content) = &MANIFESTS[which % MANIFESTS.len()];
        check(name, &spoiled(content, &spoils));
    }

    #[test]
    fn spoiled_replies_are_judged(
        which in any::<usize>(),
        spoils in spoils(),
        status in prop::sample::select(STATUSES.to_vec()),
    ) {
        let (_, body) = &REPLIES[which % REPLIES.len()];
        judged(status, &spoiled(body, &spoils));
    }
}

/// Runs a command, and says the most memory in MiB that it has held, looked at while it runs; one
/// that is done before anybody could look is run again.
fn watch_memory(mut command: Command) -> (Run, u64) {
    for _ in 0..20 {
        let mut child = command.spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut most = 0;
        while child.try_wait().unwrap().is_none() {
            let status = fs::read_to_string(&status).unwrap_or_default();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let peak = peak.and_then(|peak| peak.split_whitespace().next()?.parse::<u64>().ok());
            most = most.max(peak.unwrap_or_default());
            std::thread::sleep(Duration::from_millis(2));
        }
        let run = finish(child);
        if most > 0 {
            return (run, most >> 10);
        }
    }
    panic!("it was never looked at");
}

/// Makes a file of a gigabyte: a beginning, then NULs that take no room on the disk. The beginning has
/// to be so long that the file passes for text.
fn gigabyte(workspace: &Workspace, name: &str, beginning: &str) {
    let mut file = File::create(workspace.path(name)).unwrap();
    file.write_all(beginning.as_bytes()).unwrap();
    file.set_len(1 << 30).unwrap();
}

#[test]
fn a_gigabyte_on_one_line_is_refused_in_little_memory() {
    let header = "message,entity_type,entity_id,audience\n";
    let (rows, letters) = ("good,deal,1,U1\n".repeat(5_000), "m".repeat(70_000));
    let line = format!("{{\"message\":\"{letters}");
    for (name, beginning, code, words) in [
        ("line.csv", format!("{header}{rows}"), 3, "record_too_long"),
        ("quote.csv", format!("{header}{rows}\""), 3, "quote"),
        ("header.csv", letters, 1, "header"),
        ("line.jsonl", line, 3, "record_too_long"),
        ("nuls.csv", header.to_owned(), 1, "binary data"),
    ] {
        let workspace = Workspace::new();
        gigabyte(&workspace, name, &beginning);
        let (run, memory) = watch_memory(workspace.command(&["check", name]));
        let run = run.expect(code);
        let told = run.stdout + &run.stderr;
        assert!(told.contains(words), "{name}: {told}");
        assert!(memory < 150, "{name}: {memory} MiB");
    }
}

#[test]
fn rows_that_hold_a_million_things_are_checked_in_bounded_memory() {
    let many = |part: &str| part.repeat((2 << 20) / part.len());
    let post = r#""message":"a","entity_type":"deal","entity_id":1"#;
    for (name, content) in [
        (
            "codes.jsonl",
            format!("{{{post},\"audience\":[{}1]}}\n", many("1,")),
        ),
        (
            "nested.jsonl",
            format!("{{{post},\"audience\":{}\n", many("[")),
        ),
        (
            "keys.jsonl",
            format!("{{{post},{}\"z\":1}}\n", many("\"a\":1,")),
        ),
        ("columns.csv", format!("message{}\n", many(",b"))),
        ("cells.csv", format!("message,audience\n{}\n", many("a,"))),
    ] {
        let workspace = Workspace::new();
        workspace.write(name, content);
        let (run, memory) = watch_memory(workspace.command(&["check", name]));
        assert!([0, 3].contains(&run.code), "{name}: {}", run.stderr);
        assert!(run.stdout.len() + run.stderr.len() < 100_000, "{name}");
        assert!(memory < 120, "{name}: {memory} MiB");
    }
}
