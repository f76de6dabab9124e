//! The plan of the next request, from a full window.

use b24post::batch::Route;
use b24post::batch::plan::{Candidate, Limits, next_request};
use criterion::Criterion;

const WINDOW: u64 = 2_000;

pub fn bench(criterion: &mut Criterion) {
    let window: Vec<Candidate<u64>> = (0..WINDOW)
        .map(|number| Candidate {
            entity: number * 7_919 % 500,
            route: Route::Batch,
            size: 400,
        })
        .collect();
    let limits = Limits {
        commands: 50,
        bytes: 8 << 20,
    };
    let mut group = criterion.benchmark_group("planning");
    for (name, busy) in [("all records free", 0), ("nine of ten busy", 450)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| next_request(&window, |entity| *entity < busy, limits));
        });
    }
    group.finish();
}
