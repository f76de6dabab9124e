//! The check of a manifest, beside the csv crate reading the same file.

use b24post::check::{Rules, check_manifest};
use b24post::manifest::{Manifest, ReadOptions};
use b24post::targets;
use criterion::{Criterion, Throughput};

use super::rows::csv;

const ROWS: u64 = 100_000;

pub fn bench(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("posts.csv");
    std::fs::write(&path, csv(ROWS)).unwrap();
    let mut group = criterion.benchmark_group("check");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10);
    group.bench_function("csv crate, byte records", |bencher| {
        bencher.iter(|| {
            let mut reader = csv::Reader::from_path(&path).unwrap();
            let mut record = csv::ByteRecord::new();
            let mut fields = 0;
            while reader.read_byte_record(&mut record).unwrap() {
                fields += record.len();
            }
            fields
        });
    });
    let rules = Rules::new(targets::named("crm-feed").unwrap(), folder.path(), None).unwrap();
    group.bench_function("check", |bencher| {
        bencher.iter(|| {
            let manifest = Manifest::open(&path, &ReadOptions::default()).unwrap();
            let findings =
                check_manifest(&manifest, &rules, jiff::Timestamp::now(), |_| {}).unwrap();
            assert_eq!((findings.rows, findings.invalid), (ROWS, 0));
        });
    });
    group.finish();
}
