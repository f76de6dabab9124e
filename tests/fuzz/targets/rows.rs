//! Reading a whole manifest by its public interface, as text that can be compared.

use std::path::Path;
use std::sync::OnceLock;

use b24post::check::{Rules, read};
use b24post::manifest::{Cell, Chunk, ChunkLimits, InputFormat, Manifest, ReadOptions, Row};
use b24post::post::Field;
use b24post::targets::ALL;

/// How much is read at once: some of it, as little as possible, and something between.
const LIMITS: [ChunkLimits; 3] = [
    ChunkLimits {
        records: 4_096,
        bytes: 4_096,
        read: 4_096,
    },
    ChunkLimits {
        records: 1,
        bytes: 1,
        read: 1,
    },
    ChunkLimits {
        records: 3,
        bytes: 11,
        read: 7,
    },
];

/// The rows of a file, the same however much of it is read at once.
pub fn in_every_way(
    path: &Path,
    max_record: u64,
    input_format: Option<InputFormat>,
) -> Result<Vec<String>, String> {
    let options = |limits| ReadOptions {
        max_record,
        input_format,
        limits,
        ..ReadOptions::default()
    };
    let [first, others @ ..] = LIMITS.map(options);
    let rows = all(path, &first);
    for other in others {
        let same = all(path, &other);
        assert_eq!(rows, same, "the rows depend on how much is read at once");
    }
    check_all(path, &first);
    rows
}

fn all(path: &Path, options: &ReadOptions) -> Result<Vec<String>, String> {
    let manifest = Manifest::open(path, options).map_err(|error| format!("{error:?}"))?;
    let mut pass = manifest.pass().unwrap();
    let (mut chunk, mut rows) = (Chunk::default(), Vec::new());
    while pass.next_chunk(&mut chunk).unwrap() {
        let mut reader = manifest.reader();
        for record in chunk.records() {
            let row = format!("{:?}", reader.row(record).as_ref().map(cells));
            let same = format!("{:?}", manifest.reader().row(record).as_ref().map(cells));
            assert_eq!(row, same, "a record reads otherwise behind the others");
            rows.push(format!("{:?} {row}", record.at));
        }
    }
    Ok(rows)
}

/// Looks at what the cells mean too, which must not panic.
fn check_all(path: &Path, options: &ReadOptions) {
    static RULES: OnceLock<Rules> = OnceLock::new();
    let rules = RULES.get_or_init(|| Rules::new(ALL[0], Path::new("/"), None).unwrap());
    let Ok(manifest) = Manifest::open(path, options) else {
        return;
    };
    let (mut pass, mut chunk) = (manifest.pass().unwrap(), Chunk::default());
    while pass.next_chunk(&mut chunk).unwrap() {
        let mut reader = manifest.reader();
        for record in chunk.records() {
            if let Ok(row) = reader.row(record) {
                drop(read(&row, rules).into_post());
            }
        }
    }
}

/// The cells of all fields, in bytes; JSON as it is written.
pub fn cells<'a>(row: &Row<'a>) -> Vec<Option<&'a [u8]>> {
    let bytes = |field: Field| match row.cell(field) {
        Cell::Absent => None,
        Cell::Csv(bytes) => Some(bytes),
        Cell::Text(text) => Some(text.as_bytes()),
        Cell::Json { value, .. } => Some(value.as_bytes()),
    };
    Field::ALL.into_iter().map(bytes).collect()
}
