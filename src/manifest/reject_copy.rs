//! Some records of a manifest copied into a file of their own, in the manifest's format, dialect and
//! encoding, byte for byte where the encoding has one spelling for each character.
//!
//! The columns of a rejects file stand beside each record. Where the manifest has empty cells that
//! mean the value above, the copies have that value written out, since other records stand above
//! them.

use std::io::{self, Write};

use super::csv_fields::CsvFields;
use super::encoding::{can_encode, encoded};
use super::quotes::{FieldSpans, without_end};
use super::reject_columns::RejectColumn;
use super::reject_text::{RejectValues, csv_record, json_record};
use super::{Chunk, InputFormat, Manifest, ManifestError, Pass, Record};

/// Copies records, from the manifest's first to its last.
#[derive(Debug)]
pub struct RejectCopy<'m, W> {
    manifest: &'m Manifest,
    out: W,
    pass: Pass,
    chunk: Chunk,
    /// The record of the chunk that comes next, from 0.
    next: usize,
    fields: CsvFields,
    filled_down: Vec<FilledDown>,
}

/// A column whose empty cells mean the value above.
#[derive(Debug)]
struct FilledDown {
    column: usize,
    /// The cell as it is written; none where a record that can't be read may have had another.
    above: Option<Vec<u8>>,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It stands there with its columns.
    Whole,
    /// It stands there alone: it is a line of JSONL that is no object.
    Alone,
    /// It can't stand in a table with others: its quotes are broken, it is too long, or the value that
    /// its empty cells mean is not known.
    Not { first_line: u64, last_line: u64 },
}

/// Why records can't be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Write(#[from] io::Error),
}

impl<'m, W: Write> RejectCopy<'m, W> {
    /// Begins a copy with what stands before the manifest's records.
    ///
    /// # Errors
    /// When the manifest can't be read or has changed, or the copy can't be written.
    pub fn begin(manifest: &'m Manifest, out: W) -> Result<RejectCopy<'m, W>, CopyError> {
        let columns = manifest.columns();
        let filled_down = manifest.mapping().map_or(Vec::new(), |mapping| {
            let columns = mapping.columns_filled_down();
            let filled = columns.map(|column| FilledDown {
                column,
                above: Some(Vec::new()),
            });
            filled.collect()
        });
        let mut copy = RejectCopy {
            manifest,
            out,
            pass: manifest.pass()?,
            chunk: Chunk::default(),
            next: 0,
            fields: CsvFields::new(columns.count(), columns.delimiter()),
            filled_down,
        };
        copy.out.write_all(&manifest.byte_order_mark()?)?;
        if let Some(line) = manifest.sep_line() {
            copy.write_line(line)?;
        }
        if manifest.format() == InputFormat::Csv {
            let names = RejectColumn::ALL.map(RejectColumn::name);
            let (delimiter, places) = (columns.delimiter(), columns.rejects());
            let header = csv_record(manifest.header_text(), delimiter, places, names, &[]);
            copy.write_line(&header)?;
        }
        Ok(copy)
    }

    /// Copies a record, by its number. They come in order.
    ///
    /// # Errors
    /// When the manifest can't be read or has changed, or the copy can't be written.
    pub fn copy(
        &mut self,
        number: u64,
        values: RejectValues<'_>,
    ) -> Result<Option<Copied>, CopyError> {
        loop {
            while let Some(record) = self.chunk.record(self.next) {
                let is_it = record.at.row == number;
                if record.at.row > number {
                    return Ok(None);
                }
                if !is_it && self.filled_down.is_empty() {
                    let skipped = usize::try_from(number - record.at.row).unwrap_or(usize::MAX);
                    self.next = self.next.saturating_add(skipped);
                    continue;
                }
                self.next += 1;
                let values = is_it.then_some(values);
                if let (Some(line), copied) = self.line(self.next - 1, values) {
                    self.write_line(&line)?;
                    return Ok(Some(copied));
                } else if is_it {
                    return Ok(Some(self.not_copied()));
                }
            }
            let passed = self.chunk.len();
            if !self.pass.next_chunk(&mut self.chunk)? {
                return Ok(None);
            }
            self.next = self.next.saturating_sub(passed);
        }
    }

    /// What was written.
    pub fn finish(self) -> W {
        self.out
    }

    fn not_copied(&self) -> Copied {
        let lines = self.chunk.lines(self.next - 1);
        let (first_line, last_line) = lines.unwrap_or_default();
        Copied::Not {
            first_line,
            last_line,
        }
    }

    /// The record of the chunk as it is to be written with these values, if it can be; without
    /// values it is only passed over.
    fn line(
        &mut self,
        place: usize,
        values: Option<RejectValues<'_>>,
    ) -> (Option<Vec<u8>>, Copied) {
        let Some(record) = self.chunk.record(place) else {
            return (None, Copied::Whole);
        };
        match self.manifest.format() {
            InputFormat::Csv => {
                let filled = fill_down(
                    &mut self.filled_down,
                    self.manifest,
                    record,
                    &mut self.fields,
                );
                let line = values.zip(filled).and_then(|(values, filled)| {
                    let text = without_end(record.bytes(self.manifest.columns()).ok()?);
                    let columns = self.manifest.columns();
                    // In their places only where it is certain which those are.
                    let is_whole =
                        self.fields.split(record.bytes(columns).ok()?).count() == columns.count();
                    Some(match columns.rejects().are_there() && !is_whole {
                        true => text.to_vec(),
                        false => {
                            let places = columns.rejects();
                            csv_record(text, columns.delimiter(), places, values, &filled)
                        }
                    })
                });
                (line, Copied::Whole)
            }
            InputFormat::Jsonl => {
                let Some((text, values)) = record.bytes(self.manifest.columns()).ok().zip(values)
                else {
                    return (None, Copied::Whole);
                };
                let text = without_end(text);
                let object = str::from_utf8(text).ok();
                match object.and_then(|object| json_record(object, values)) {
                    Some(object) => (Some(object.into_bytes()), Copied::Whole),
                    None => (Some(text.to_vec()), Copied::Alone),
                }
            }
        }
    }

    fn write_line(&mut self, text: &[u8]) -> io::Result<()> {
        let encoding = self.manifest.encoding().encoding();
        self.out.write_all(&encoded(text, encoding))?;
        let end = self.manifest.line_end().as_bytes();
        self.out.write_all(&encoded(end, encoding))
    }
}

/// The cells of a record that mean the value above, as they are to be written; none where that is
/// not known.
fn fill_down(
    columns: &mut [FilledDown],
    manifest: &Manifest,
    record: Record<'_>,
    fields: &mut CsvFields,
) -> Option<Vec<(usize, Vec<u8>)>> {
    let mut filled = Vec::new();
    if columns.is_empty() {
        return Some(filled);
    }
    let layout = manifest.columns();
    let bytes = record.bytes(layout).ok();
    let whole = bytes.filter(|bytes| fields.split(bytes).count() == layout.count());
    let Some(bytes) = whole else {
        columns.iter_mut().for_each(|column| column.above = None);
        return bytes.map(|_| filled);
    };
    let text = without_end(bytes);
    let spans: Vec<_> = FieldSpans::of(text, layout.delimiter()).collect();
    let mut is_known = true;
    for FilledDown { column, above } in columns {
        let Some(span) = spans.get(*column) else {
            continue;
        };
        let cell = &text[span.start..span.end];
        let is_empty = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'"';
        match (cell.iter().all(is_empty), above) {
            (false, above) => *above = Some(cell.to_vec()),
            (true, Some(above)) if !above.is_empty() => filled.push((*column, above.clone())),
            (true, Some(_)) => {}
            (true, None) => is_known = false,
        }
    }
    is_known.then_some(filled)
}

impl Manifest {
    /// A value that can stand in a copy of its records: as it is, or as a JSON string where the
    /// encoding lacks some of its characters.
    pub fn copyable(&self, value: &str) -> String {
        if can_encode(value, self.encoding().encoding()) {
            return value.to_owned();
        }
        let quoted = serde_json::Value::from(value).to_string();
        let mut plain = String::new();
        for letter in quoted.chars() {
            let mut units = [0; 2];
            match letter.is_ascii() {
                true => plain.push(letter),
                false => plain.extend(
                    letter
                        .encode_utf16(&mut units)
                        .iter()
                        .map(|unit| format!("\\u{unit:04x}")),
                ),
            }
        }
        plain
    }
}
