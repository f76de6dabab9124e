//! JSON lines: any bytes are read the same in every way, and as serde_json reads them.

use b24post::manifest::{Chunk, Manifest, ReadOptions, Record, RowFault, RowReader};
use b24post::post::Field;
use serde_json::{Map, Value};

use super::{rows, scratch};

pub fn run(data: &[u8]) {
    let path = scratch::file("any.jsonl", data);
    if rows::in_every_way(&path, 16 << 20).is_err() {
        return;
    }
    let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let lines = text.split(|byte| matches!(byte, b'\n' | b'\r'));
    let mut lines = lines.filter(|line| !line.trim_ascii().is_empty());
    let manifest = Manifest::open(&path, &ReadOptions::default()).unwrap();
    let (mut pass, mut chunk) = (manifest.pass().unwrap(), Chunk::default());
    while pass.next_chunk(&mut chunk).unwrap() {
        let mut reader = manifest.reader();
        for record in chunk.records() {
            let line = lines.next().unwrap();
            compare(line, record, &mut reader);
        }
    }
    assert_eq!(lines.next(), None, "a line is no record");
}

/// What serde_json takes for an object is a row of the same values, unless it repeats a field.
fn compare(line: &[u8], record: Record<'_>, reader: &mut RowReader<'_>) {
    let Ok(object) = serde_json::from_slice::<Map<String, Value>>(line) else {
        return;
    };
    let row = match reader.row(record) {
        Ok(row) => row,
        Err(RowFault::RepeatedField { .. }) => return,
        Err(fault) => panic!("{fault}"),
    };
    let cells = rows::cells(&row);
    for (key, value) in &object {
        if let Some(field) = Field::from_name(key) {
            let read = cells[field as usize].unwrap();
            assert_eq!(&serde_json::from_slice::<Value>(read).unwrap(), value);
        }
    }
}
