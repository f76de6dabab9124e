//! CSV: any bytes are read the same in every way, and what the csv crate writes is read back.

use b24post::manifest::{Chunk, Manifest, ManifestError, ReadOptions, RowFault};
use b24post::post::Field;
use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::{rows, scratch};

/// Separates the cells of a table in the fuzzer's bytes.
const BETWEEN: u8 = 0xff;

const HEADER: [Field; 4] = [
    Field::Message,
    Field::Title,
    Field::ExternalId,
    Field::AuthorName,
];

pub fn run(data: &[u8]) {
    match data.split_first() {
        Some((how, rest)) if how & 1 == 0 => {
            let max_record = if how & 2 == 0 { 16 << 20 } else { 24 };
            // A header of the fuzzer's own making seldom lets a row through.
            let header: &[u8] = if how & 4 == 0 {
                b""
            } else {
                b"title,message\n"
            };
            let path = scratch::file("any.csv", &[header, rest].concat());
            drop(rows::in_every_way(&path, max_record, None));
        }
        Some((how, rest)) => table(how >> 1, rest),
        None => {}
    }
}

/// Writes a table with the csv crate and reads it.
fn table(how: u8, data: &[u8]) {
    let columns = 1 + usize::from(how & 3);
    let mut cells: Vec<&[u8]> = data.split(|byte| *byte == BETWEEN).collect();
    cells.resize(cells.len().next_multiple_of(columns), b"");
    let mut writer = WriterBuilder::new()
        .quote_style(match how & 4 {
            0 => QuoteStyle::Necessary,
            _ => QuoteStyle::Always,
        })
        .terminator(match how & 8 {
            0 => Terminator::Any(b'\n'),
            _ => Terminator::CRLF,
        })
        .from_writer(Vec::new());
    let names = HEADER.iter().take(columns).map(|field| field.name());
    writer.write_record(names).unwrap();
    for row in cells.chunks(columns) {
        writer.write_record(row).unwrap();
    }
    let path = scratch::file("table.csv", &writer.into_inner().unwrap());
    let read = match Manifest::open(&path, &ReadOptions::default()) {
        Ok(manifest) => match table_of(&manifest, columns) {
            Some(read) => read,
            // A line of a text is a row by its cells, which nobody can tell from a lost quote.
            None => return,
        },
        // With many control characters it looks like no text at all.
        Err(ManifestError::Foreign { .. }) => return,
        Err(error) => panic!("{error}"),
    };
    let written: Vec<Vec<u8>> = cells.iter().map(|cell| cell.to_vec()).collect();
    assert_eq!(read, written);
}

/// The cells of a table; none if its quotes are in doubt.
fn table_of(manifest: &Manifest, columns: usize) -> Option<Vec<Vec<u8>>> {
    let (mut pass, mut chunk) = (manifest.pass().unwrap(), Chunk::default());
    let mut read = Vec::new();
    while pass.next_chunk(&mut chunk).unwrap() {
        let mut reader = manifest.reader();
        for record in chunk.records() {
            let row = match reader.row(record) {
                Ok(row) => row,
                Err(RowFault::Suspect { .. } | RowFault::Swallowed { .. }) => return None,
                Err(fault) => panic!("{fault}"),
            };
            let cells = rows::cells(&row);
            for field in HEADER.iter().take(columns) {
                read.push(cells[*field as usize].unwrap().to_vec());
            }
        }
    }
    Some(read)
}
