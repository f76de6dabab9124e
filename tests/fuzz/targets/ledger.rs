//! A ledger of any bytes is refused with a typed error, or read and resumed without a panic.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use b24post::ledger::{
    Authorship, BatchEnd, BatchStart, Claim, Commit, KeptReading, Ledger, LedgerError, RunStart,
    Settle, Settlement,
};
use b24post::post::{ContentHash, RowKey};

use super::scratch;

const TARGET: &str = "timeline";

/// Bytes of a patch before its content: where it goes, and how long it is.
const PATCH_HEAD: usize = 4;

pub fn run(data: &[u8]) {
    let Some((how, rest)) = data.split_first() else {
        return;
    };
    let path = scratch::path("l.db");
    for ending in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{ending}", path.display())));
    }
    match how % 4 {
        0 => drop(scratch::file("l.db", rest)),
        1 => {
            scratch::file("l.db", template());
            scratch::file("l.db-wal", rest);
        }
        _ => drop(scratch::file("l.db", &patched(rest))),
    }
    // What is refused has a typed error; that is all that can be asked.
    drop(resume(&path));
}

fn resume(path: &Path) -> Result<(), LedgerError> {
    let reader = Ledger::open_to_read(path)?;
    drop(reader.status());
    drop(reader);
    let mut ledger = Ledger::open(path)?;
    ledger.recover(9_000)?;
    let counts = ledger.counts();
    let is_whole = ledger.check_whole().is_ok();
    if let (Ok(_), true) = (&counts, is_whole) {
        assert_eq!(ledger.recover(9_001)?, 0, "a row is still being sent");
    }
    ledger.doubts()?;
    ledger.failures()?;
    ledger.open_claims()?;
    ledger.binding()?;
    ledger.find(&RowKey::external("a"))?;
    Ok(())
}

/// The template with pieces of it overwritten.
fn patched(mut patches: &[u8]) -> Vec<u8> {
    let mut bytes = template().to_vec();
    while let Some((head, rest)) = patches.split_at_checked(PATCH_HEAD) {
        let at = u32::from_le_bytes([head[0], head[1], head[2], 0]) as usize % bytes.len();
        let length = usize::from(head[3]).min(rest.len()).min(bytes.len() - at);
        bytes[at..at + length].copy_from_slice(&rest[..length]);
        patches = &rest[length..];
    }
    bytes
}

/// A small ledger with rows in each state.
fn template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("template.db");
        fill(&path).unwrap();
        std::fs::read(path).unwrap()
    })
}

fn fill(path: &Path) -> Result<(), LedgerError> {
    let mut ledger = Ledger::open(path)?;
    let run = ledger.begin_run(&RunStart {
        target: TARGET,
        portal: "p.example",
        user_id: 1,
        reading: Some(&KeptReading::default()),
        at: 1_000,
    })?;
    let ended = |key: &str, settlement| Settle {
        key: RowKey::external(key),
        settlement,
    };
    let why = || ("code".to_owned(), "message".to_owned());
    let ((code, message), (doubt, text)) = (why(), why());
    let settled = vec![
        ended("a", Settlement::Posted { remote_id: 7 }),
        ended("b", Settlement::Failed { code, message }),
        ended(
            "c",
            Settlement::InDoubt {
                code: doubt,
                message: text,
            },
        ),
        ended("d", Settlement::Pending),
    ];
    let started = |id, keys: &[&str]| BatchStart {
        id,
        method: "batch",
        portal_time: Some(1_500),
        authorship: Authorship::AsNamed,
        body_bytes: 100,
        claims: keys.iter().map(|key| Arc::new(claim(key))).collect(),
    };
    let at = 2_000;
    ledger.commit(
        run,
        TARGET,
        &Commit {
            started: vec![started(1, &["a", "b", "c", "d"])],
            ended: Vec::new(),
            at,
        },
    )?;
    let ended = BatchEnd {
        id: 1,
        outcome: "answered",
        settled,
        witnesses: Vec::new(),
    };
    ledger.commit(
        run,
        TARGET,
        &Commit {
            ended: vec![ended],
            started: vec![started(2, &["e", "f"])],
            at,
        },
    )?;
    Ok(())
}

fn claim(key: &str) -> Claim {
    Claim {
        key: RowKey::external(key),
        row_number: u64::from(key.as_bytes()[0]),
        external_id: Some(key.to_owned()),
        content: ContentHash::of_bytes(key.as_bytes()),
        source: None,
        keeps_source: false,
        attachment_bytes: 0,
        entity: None,
        author_id: 1,
        publish_at: None,
        message_hash: ContentHash::of_bytes(key.as_bytes()),
        text_hash: ContentHash::of_bytes(key.as_bytes()),
        reach: Some(1),
        files: 0,
        excerpt: "The beginning of a text".to_owned(),
    }
}
