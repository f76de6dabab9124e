//! One transaction of the ledger: 50 rows settled and 50 claimed, on the disk and synced.

use std::sync::Arc;

use b24post::ledger::{
    BatchEnd, BatchStart, Claim, Commit, KeptReading, Ledger, RunStart, Settle, Settlement,
};
use b24post::post::{ContentHash, Entity, EntityKind, RowKey};
use criterion::{Criterion, Throughput};

const ROWS: u64 = 50;
const TARGET: &str = "timeline";

pub fn bench(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("l.db")).unwrap();
    let run = ledger
        .begin_run(&RunStart {
            target: TARGET,
            portal: "p",
            user_id: 1,
            reading: Some(&KeptReading::default()),
            at: 1,
        })
        .unwrap();
    let mut batch = 0;
    let mut group = criterion.benchmark_group("ledger");
    group.throughput(Throughput::Elements(ROWS));
    group.bench_function("settle and claim a batch", |bencher| {
        bencher.iter(|| {
            batch += 1;
            let commit = Commit {
                ended: (batch > 1).then(|| end(batch - 1)).into_iter().collect(),
                started: vec![start(batch)],
                at: 2,
            };
            ledger.commit(run, TARGET, &commit).unwrap()
        });
    });
    group.finish();
}

fn numbers(batch: i64) -> impl Iterator<Item = u64> {
    let first = batch.unsigned_abs() * ROWS;
    first..first + ROWS
}

fn key(number: u64) -> RowKey {
    RowKey::external(&format!("N-{number}"))
}

fn start(id: i64) -> BatchStart {
    let claim = |number: u64| Claim {
        key: key(number),
        row_number: number,
        external_id: Some(format!("N-{number}")),
        content: ContentHash::of_bytes(&number.to_be_bytes()),
        source: Some(ContentHash([2; 16])),
        keeps_source: false,
        attachment_bytes: 0,
        entity: Some(Entity {
            kind: EntityKind::Deal,
            id: number % 5_000 + 1,
        }),
        author_id: 1,
        publish_at: None,
        message_hash: ContentHash([0; 16]),
        text_hash: ContentHash::of_bytes(&number.to_le_bytes()),
        reach: Some(1),
        files: 0,
        excerpt: "called the customer about the offer and agreed to send the contract next week"
            .into(),
    };
    BatchStart {
        id,
        method: "batch",
        portal_time: Some(2),
        authorship: b24post::ledger::Authorship::AsNamed,
        body_bytes: 100,
        claims: numbers(id).map(claim).map(Arc::new).collect(),
    }
}

fn end(id: i64) -> BatchEnd {
    let settle = |number| Settle {
        key: key(number),
        settlement: Settlement::Posted { remote_id: number },
    };
    BatchEnd {
        id,
        outcome: "answered",
        settled: numbers(id).map(settle).collect(),
        witnesses: Vec::new(),
    }
}
