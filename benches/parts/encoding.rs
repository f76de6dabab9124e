//! Encoding, beside base64 alone: a file as an attachment of a batch, and texts.

use std::path::PathBuf;

use b24post::batch::{BatchBody, Command, Value, encoded_size};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use criterion::{Criterion, Throughput};

/// Bytes of the file.
const FILE: usize = 4 << 20;

pub fn bench(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.bin");
    let bytes: Vec<u8> = (0..FILE)
        .map(|at| (at as u32).wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    std::fs::write(&path, bytes).unwrap();
    file(criterion, path);
    text(criterion);
}

fn file(criterion: &mut Criterion, path: PathBuf) {
    let mut group = criterion.benchmark_group("encoding a file");
    group.throughput(Throughput::Bytes(FILE as u64));
    group.bench_function("read and base64 alone", |bencher| {
        bencher.iter(|| STANDARD.encode(std::fs::read(&path).unwrap()).len());
    });
    let command = Command {
        method: "m",
        params: vec![(
            "F",
            Value::File {
                path: path.clone(),
                size: FILE as u64,
            },
        )],
    };
    let size = usize::try_from(encoded_size(&command)).unwrap() + 1_024;
    group.bench_function("read, base64 and percent-encoding", |bencher| {
        bencher.iter(|| {
            let mut body = BatchBody::new(usize::MAX, size);
            body.add("k", &command).unwrap();
            body.finish().len()
        });
    });
    group.finish();
}

fn text(criterion: &mut Criterion) {
    let text =
        "called the customer, agreed to send the contract; Клиент звонил в офис. ".repeat(20);
    let mut group = criterion.benchmark_group("encoding a text");
    group.throughput(Throughput::Bytes(text.len() as u64));
    let command = Command {
        method: "m",
        params: vec![("T", Value::Text(text))],
    };
    group.bench_function("a command of a batch", |bencher| {
        bencher.iter(|| {
            let mut body = BatchBody::new(usize::MAX, 8_192);
            body.add("k", &command).unwrap();
            body.finish().len()
        });
    });
    group.finish();
}
