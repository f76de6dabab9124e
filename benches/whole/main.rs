//! Whole commands: pace, size of the ledger and peak memory of the real program.
//!
//! `cargo bench --bench whole`, or `cargo bench --bench whole -- rerun` for those whose name holds
//! a word. It takes some minutes and two gigabytes of disk. Figures are of this machine; the ratios
//! are what counts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark that fails says so"
)]

#[path = "../parts/rows.rs"]
mod rows;
mod sink;
mod watched;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use encoding_rs::WINDOWS_1251;
use sink::Sink;
use watched::{Watched, b24post};

/// Rows of an ordinary and of a large manifest.
const SOME: u64 = 100_000;
const MANY: u64 = 1_000_000;

/// The longest attachment that a request of 2 GB holds in base64 (bitrix24-rest.md §5): 1.4 GiB.
const LONGEST_FILE: u64 = 14 * (1 << 30) / 10;

/// Measures something in an empty folder and prints it.
type Measure = fn(&Path);

fn main() {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let wanted = wanted.unwrap_or_default();
    let measures: [(&str, Measure); 6] = [
        ("posts a second", posts_a_second),
        ("check and rerun", check_and_rerun),
        ("check and rerun with files", check_and_rerun_with_files),
        ("check in other encodings", check_in_other_encodings),
        ("memory of rows", memory_of_rows),
        ("memory of a file", memory_of_a_file),
    ];
    for (name, measure) in measures {
        if name.contains(&*wanted) {
            let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            println!("## {name}");
            measure(folder.path());
        }
    }
}

/// Writes the manifest, to the disk: else writing it would take one of the processors while the
/// first commands are measured.
fn manifest(folder: &Path, csv: &str) {
    let mut file = File::create(folder.join("posts.csv")).unwrap();
    file.write_all(csv.as_bytes()).unwrap();
    file.sync_all().unwrap();
}

/// Small posts into the built-in portal, which shares the processors, with all that comes before
/// the first one; the best of three.
fn posts_a_second(folder: &Path) {
    for (name, csv) in [
        ("of a few words", rows::small_csv(SOME)),
        ("of 130 bytes", rows::csv(SOME)),
    ] {
        manifest(folder, &csv);
        for concurrency in ["4", "8"] {
            let import = |_| {
                forget(folder);
                rehearse(folder, &["--concurrency", concurrency]).took
            };
            let best = (0..3).map(import).min().unwrap();
            let pace = SOME as f64 / best.as_secs_f64();
            println!("{pace:.0} posts/s {name}, --concurrency {concurrency}, the ledger synced");
        }
    }
}

/// Removes the built-in portal's ledger and store.
fn forget(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains(".sandbox.") {
            fs::remove_file(path).unwrap();
        }
    }
}

fn rehearse(folder: &Path, more: &[&str]) -> Watched {
    let arguments = ["import", "posts.csv", "--sandbox", "--quiet"];
    b24post(folder, &[&arguments[..], more].concat()).run()
}

/// A check beside the csv crate, and a rerun of a finished import beside the check.
fn check_and_rerun(folder: &Path) {
    for (rows, csv) in [
        ("of a few words", rows::small_csv(MANY)),
        ("of a sentence", rows::sentence_csv(MANY)),
    ] {
        manifest(folder, &csv);
        for _ in 0..5 {
            check_beside_csv(folder, rows);
        }
    }
    manifest(folder, &rows::csv(MANY));
    let bytes = |name: &str| fs::metadata(folder.join(name)).map_or(0, |found| found.len());
    rehearse(folder, &[]);
    let grown = bytes("posts.csv.sandbox.ledger.db");
    println!(
        "the ledger has {:.0} bytes a row",
        grown as f64 / MANY as f64
    );
    for _ in 0..5 {
        let check = check_beside_csv(folder, "of 130 bytes of text");
        let times = |rerun: Duration| rerun.as_secs_f64() / check.as_secs_f64();
        let rerun = rehearse(folder, &[]).took;
        println!("rerun {rerun:.2?} ({:.2} times the check)", times(rerun));
    }
}

/// A rerun of a finished import beside the check, where some rows have files.
fn check_and_rerun_with_files(folder: &Path) {
    const FILES: u64 = 20;
    for number in 0..FILES {
        fs::write(folder.join(format!("{number}.bin")), [7; 2_000]).unwrap();
    }
    manifest(folder, &rows::csv_with_files(MANY, FILES));
    rehearse(folder, &[]);
    for _ in 0..5 {
        let check = check_beside_csv(folder, "of which some have files");
        let rerun = rehearse(folder, &[]).took;
        let times = rerun.as_secs_f64() / check.as_secs_f64();
        println!("rerun {rerun:.2?} ({times:.2} times the check)");
    }
}

/// Checks of the same rows in several encodings, also through a mapping file, beside one in UTF-8: time
/// and peak memory.
fn check_in_other_encodings(folder: &Path) {
    let text = rows::russian_csv(MANY);
    let (cyrillic, _, _) = WINDOWS_1251.encode(&text);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: [(&str, &[u8]); 3] = [
        ("utf-8", text.as_bytes()),
        ("windows-1251", &cyrillic),
        ("utf-16le", &wide),
    ];
    for (name, bytes) in files {
        let mut file = File::create(folder.join(format!("{name}.csv"))).unwrap();
        file.write_all(bytes).unwrap();
        file.sync_all().unwrap();
    }
    let mapping = "[file]\nencoding = 'windows-1251'\n[fields]\nexternal_id = 'external_id'\n\
        message = { template = '{message}' }\n\
        entity_type = { column = 'entity_type', values = { deal = 'deal' } }\n";
    fs::write(folder.join("mapping.toml"), mapping).unwrap();
    for _ in 0..5 {
        let checks = [
            ("utf-8", &[][..]),
            ("windows-1251", &[]),
            ("windows-1251", &["--mapping", "mapping.toml"]),
            ("utf-16le", &[]),
        ]
        .map(|(name, more): (&str, &[&str])| {
            let file = format!("{name}.csv");
            let check = b24post(folder, &[&["check", file.as_str()], more].concat()).run();
            (format!("{name} {}", more.join(" ")), check)
        });
        let plain = checks[0].1.took.as_secs_f64();
        for (name, check) in &checks {
            let (took, peak) = (check.took, mib(check.peak));
            let speed = plain / took.as_secs_f64();
            println!("{name}: {took:.2?} ({speed:.2} of the speed of UTF-8), {peak}");
        }
    }
}

fn check_beside_csv(folder: &Path, rows: &str) -> Duration {
    let read = timed(|| read_records(&folder.join("posts.csv")));
    let check = b24post(folder, &["check", "posts.csv"]).run().took;
    println!(
        "rows {rows}: csv crate {read:.2?}, check {check:.2?} ({:.2} of its speed)",
        read.as_secs_f64() / check.as_secs_f64(),
    );
    check
}

fn read_records(path: &Path) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).unwrap() {}
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The client's own memory: check and import, a million rows and two.
fn memory_of_rows(folder: &Path) {
    let sink = Sink::start();
    let mut before: Option<[u64; 2]> = None;
    for rows in [MANY, 2 * MANY] {
        manifest(folder, &rows::csv(rows));
        let check = b24post(folder, &["check", "posts.csv"]).run().peak;
        let ledger = format!("{rows}.ledger.db");
        let import = import(folder, &sink, &["--ledger", &ledger, "--new-ledger"]).peak;
        println!("{rows} rows: check {}, import {}", mib(check), mib(import));
        if let Some(before) = before {
            let beyond =
                |after: u64, before: u64| after.saturating_sub(before) as f64 / MANY as f64;
            println!(
                "for each row beyond: check {:.0} bytes, import {:.0}",
                beyond(check, before[0]),
                beyond(import, before[1])
            );
        }
        before = Some([check, import]);
    }
}

/// The client's own memory with the longest attachment, which is streamed.
fn memory_of_a_file(folder: &Path) {
    let sink = Sink::start();
    let file = File::create(folder.join("long.bin")).unwrap();
    file.set_len(LONGEST_FILE).unwrap();
    let mut csv = File::create(folder.join("posts.csv")).unwrap();
    writeln!(csv, "message,entity_type,entity_id,audience,attachments").unwrap();
    writeln!(csv, "Hello,deal,1,U1,long.bin").unwrap();
    let import = import(folder, &sink, &[]);
    println!(
        "{} of attachment: {} of memory; {} taken by the portal in {:.1?}",
        mib(LONGEST_FILE),
        mib(import.peak),
        mib(sink.bytes()),
        import.took
    );
}

/// Imports into the sink.
fn import(folder: &Path, sink: &Sink, more: &[&str]) -> Watched {
    let arguments = [
        "import",
        "posts.csv",
        "--plan",
        "self-hosted",
        "--yes",
        "--quiet",
        "--no-record-check",
    ];
    let mut command = b24post(folder, &[&arguments[..], more].concat());
    command.webhook(sink.webhook()).run()
}

fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}
