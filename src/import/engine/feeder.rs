//! The second pass over the manifest: the due rows, made ready to be sent.
//!
//! Each is checked once more as it is read, since hours may lie between the first pass and its
//! turn: a row whose attachment has gone is left out, with a note, and the run goes on.

use std::sync::Arc;

use roaring::RoaringTreemap;

use crate::check::{self, Ordinals, Place, Problem, Rules};
use crate::manifest::{Chunk, Manifest, ManifestError, Pass, Record, RowReader};
use crate::post::{Field, RowKey};

use crate::import::engine::window::Room;
use crate::import::notice::{LeftOut, WhyLeftOut};
use crate::import::pending_row::{PendingRow, RowBuilder};

/// What the first pass found out about the rows to send.
#[derive(Debug, Default)]
pub struct Due {
    /// A bit a row, by number.
    pub rows: RoaringTreemap,
    /// Which of several identical rows each is.
    pub ordinals: Ordinals,
}

/// A row of the second pass.
#[derive(Debug)]
pub enum Filled {
    Row(Box<PendingRow>),
    /// No longer valid.
    Invalid(LeftOut),
}

/// Reads the due rows of a manifest in order.
pub struct Feeder {
    manifest: Arc<Manifest>,
    rules: Arc<Rules>,
    builder: RowBuilder,
    due: Due,
    pass: Pass,
    chunk: Chunk,
    /// Records of the chunk that have been handed out.
    used: usize,
    at_end: bool,
}

impl Feeder {
    /// Starts the second pass.
    ///
    /// # Errors
    /// When the manifest has changed since the first.
    pub fn new(
        manifest: Arc<Manifest>,
        rules: Arc<Rules>,
        builder: RowBuilder,
        due: Due,
    ) -> Result<Feeder, ManifestError> {
        let pass = manifest.pass()?;
        Ok(Feeder {
            manifest,
            rules,
            builder,
            due,
            pass,
            chunk: Chunk::default(),
            used: 0,
            at_end: false,
        })
    }

    /// Whether every due row has been handed out.
    pub fn is_at_end(&self) -> bool {
        self.at_end
    }

    /// The next due rows: about as many, and as many bytes of text, as there is room for.
    ///
    /// # Errors
    /// When the manifest can't be read or has changed.
    pub fn fill(&mut self, room: Room) -> Result<Vec<Filled>, ManifestError> {
        let manifest = Arc::clone(&self.manifest);
        let mut reader = manifest.reader();
        let mut filled = Vec::new();
        let mut texts = 0;
        while filled.len() < room.rows && texts < room.bytes {
            if self.used == self.chunk.len() {
                self.used = 0;
                if !self.pass.next_chunk(&mut self.chunk)? {
                    self.at_end = true;
                    break;
                }
            }
            for record in self.chunk.records().skip(self.used) {
                if filled.len() >= room.rows || texts >= room.bytes {
                    break;
                }
                self.used += 1;
                if self.due.rows.contains(record.at.number) {
                    let row = self.make(&mut reader, record);
                    if let Filled::Row(row) = &row {
                        texts += row.text_bytes;
                    }
                    filled.push(row);
                }
            }
        }
        Ok(filled)
    }

    fn make(&self, reader: &mut RowReader<'_>, record: Record<'_>) -> Filled {
        let at = record.at;
        match self.try_make(reader, record) {
            Ok(row) => Filled::Row(Box::new(row)),
            Err(problems) => Filled::Invalid(LeftOut {
                row: at.row,
                line: at.line,
                why: WhyLeftOut::Problems(problems),
            }),
        }
    }

    fn try_make(
        &self,
        reader: &mut RowReader<'_>,
        record: Record<'_>,
    ) -> Result<PendingRow, Vec<Problem>> {
        let at = record.at;
        let row = reader
            .row(record)
            .map_err(|fault| vec![check::unreadable(at, &fault)])?;
        let column = row.column(Field::Attachments);
        let reading = check::read(&row, &self.rules);
        let content = reading.content();
        let post = reading.into_post()?;
        let found = check::files(&post.attachments, Place { at, column }, &self.rules)?;
        // A row without problems has a content.
        let content = content.unwrap_or_else(|| post.content_hash());
        let key = match post.external_id.as_deref() {
            Some(id) => RowKey::external(id),
            None => RowKey::hashed(content, self.due.ordinals.of(at)),
        };
        Ok(PendingRow::new(
            &self.builder,
            at,
            key,
            content,
            &post,
            &found.files,
        ))
    }
}
