//! JSON, in lines and in any other shape: any bytes are read the same in every way, and as serde_json
//! reads them.

use b24post::manifest::{Chunk, InputFormat, Manifest, ReadOptions, Record, RowFault, RowReader};
use b24post::post::Field;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{rows, scratch};

pub fn run(data: &[u8]) {
    lines(data);
    values(data);
}

fn reading(format: InputFormat) -> ReadOptions {
    ReadOptions {
        input_format: Some(format),
        ..ReadOptions::default()
    }
}

fn lines(data: &[u8]) {
    let path = scratch::file("any.jsonl", data);
    if rows::in_every_way(&path, 16 << 20, Some(InputFormat::Jsonl)).is_err() {
        return;
    }
    let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let lines = text.split(|byte| matches!(byte, b'\n' | b'\r'));
    let mut lines = lines.filter(|line| !line.trim_ascii().is_empty());
    let manifest = Manifest::open(&path, &reading(InputFormat::Jsonl)).unwrap();
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

/// The elements of what serde_json takes for a list are the rows, each as it reads it.
fn values(data: &[u8]) {
    let path = scratch::file("any.json", data);
    let read = rows::in_every_way(&path, 16 << 20, Some(InputFormat::Json));
    let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let (Ok(read), Ok(list)) = (read, serde_json::from_slice::<Vec<&RawValue>>(text)) else {
        return;
    };
    assert_eq!(read.len(), list.len());
    let manifest = Manifest::open(&path, &reading(InputFormat::Json)).unwrap();
    let (mut pass, mut chunk) = (manifest.pass().unwrap(), Chunk::default());
    let mut list = list.into_iter();
    while pass.next_chunk(&mut chunk).unwrap() {
        let mut reader = manifest.reader();
        for record in chunk.records() {
            compare(list.next().unwrap().get().as_bytes(), record, &mut reader);
        }
    }
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
