//! What the answer of a full batch means.

use b24post::portal::{Asked, RequestOutcome, Response, judge};
use bytes::Bytes;
use criterion::{Criterion, Throughput};
use serde_json::{Map, Value, json};

const COMMANDS: usize = 50;

pub fn bench(criterion: &mut Criterion) {
    let keys: Vec<String> = (0..COMMANDS)
        .map(|at| format!("pabcdefghij_{at}"))
        .collect();
    let map = |value: fn(usize) -> Value| -> Map<String, Value> {
        let pairs = keys.iter().enumerate();
        pairs.map(|(at, key)| (key.clone(), value(at))).collect()
    };
    let time = json!({
        "start": 1.5, "finish": 1.75, "duration": 0.25, "processing": 0.25,
        "date_start": "2026-11-25T10:00:00+00:00", "date_finish": "2026-11-25T10:00:00+00:00",
        "operating_reset_at": 1_700_000_600, "operating": 0.25
    });
    let times: Map<String, Value> = keys.iter().map(|key| (key.clone(), time.clone())).collect();
    let body = json!({
        "result": {
            "result": map(|at| (at + 1).into()),
            "result_error": [], "result_total": [], "result_next": [],
            "result_time": times,
        },
        "time": time,
    });
    let body = Bytes::from(body.to_string());
    let mut group = criterion.benchmark_group("replies");
    group.throughput(Throughput::Elements(COMMANDS as u64));
    group.bench_function("a full batch", |bencher| {
        bencher.iter(|| {
            let response = Response {
                status: 200,
                location: None,
                body: body.clone(),
            };
            let answer = judge(Ok(response), Asked::Batch(&keys));
            assert!(matches!(answer, RequestOutcome::Commands { .. }));
            answer
        });
    });
    group.finish();
}
