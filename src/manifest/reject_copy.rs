//! Some records of a manifest copied into a file of their own, in the manifest's format, dialect and
//! encoding, byte for byte where the encoding has one spelling for each character.
//!
//! The columns of a rejects file stand beside each record. Where the manifest has empty cells that
//! mean the value above, the copies have that value written out, since other records stand above
//! them.

use std::io::{self, Write};

use super::encoding::{can_encode, encoded};
use super::record_copier::{Copied, RecordCopier};
use super::reject_text::RejectValues;
use super::{Chunk, Manifest, ManifestError, Pass};

/// Copies records, from the manifest's first to its last.
#[derive(Debug)]
pub struct RejectCopy<'m, W> {
    manifest: &'m Manifest,
    out: W,
    pass: Pass,
    chunk: Chunk,
    /// The record of the chunk that comes next, from 0.
    next: usize,
    copier: Box<dyn RecordCopier>,
    /// Whether a record has been written.
    has_records: bool,
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
        let mut copy = RejectCopy {
            manifest,
            out,
            pass: manifest.pass()?,
            chunk: Chunk::default(),
            next: 0,
            copier: manifest.copier(),
            has_records: false,
        };
        copy.out.write_all(&manifest.byte_order_mark()?)?;
        for line in &manifest.frame().before {
            copy.write(line)?;
            copy.end_line()?;
        }
        if let Some(header) = &manifest.frame().header {
            let header = copy.copier.header(header, manifest.columns());
            copy.write(&header)?;
            copy.end_line()?;
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
                if !is_it && !self.copier.needs_all() {
                    let skipped = usize::try_from(number - record.at.row).unwrap_or(usize::MAX);
                    self.next = self.next.saturating_add(skipped);
                    continue;
                }
                self.next += 1;
                let columns = self.manifest.columns();
                if !is_it {
                    self.copier.pass(record, columns);
                    continue;
                }
                let Some((text, copied)) = self.copier.copy(record, columns, values) else {
                    return Ok(Some(self.not_copied()));
                };
                self.write_record(&text)?;
                return Ok(Some(copied));
            }
            let passed = self.chunk.len();
            if !self.pass.next_chunk(&mut self.chunk)? {
                return Ok(None);
            }
            self.next = self.next.saturating_sub(passed);
        }
    }

    /// Ends the copy and gives back where it was written.
    ///
    /// # Errors
    /// When its end can't be written.
    pub fn finish(mut self) -> io::Result<W> {
        let after = &self.manifest.frame().after;
        self.write(after)?;
        if self.has_records || !after.is_empty() {
            self.end_line()?;
        }
        Ok(self.out)
    }

    fn not_copied(&self) -> Copied {
        let lines = self.chunk.lines(self.next - 1);
        let (first_line, last_line) = lines.unwrap_or_default();
        Copied::Not {
            first_line,
            last_line,
        }
    }

    fn write_record(&mut self, text: &[u8]) -> io::Result<()> {
        if std::mem::replace(&mut self.has_records, true) {
            self.write(self.manifest.frame().between.as_bytes())?;
            self.end_line()?;
        }
        self.write(text)
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.write(self.manifest.frame().line_end.as_bytes())
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        let encoding = self.manifest.encoding().encoding();
        self.out.write_all(&encoded(text, encoding))
    }
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
