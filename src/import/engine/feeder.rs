//! The second pass over the manifest: the due rows, made ready to be sent.
//!
//! Each is checked once more as it is read, since hours may lie between the first pass and its
//! turn: a row whose attachment has gone is left out, with a note, and the run goes on.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringTreemap;

use crate::check::{self, Ordinals, Place, Problem, Rules};
use crate::manifest::mapping::{BoundMapping, Carry};
use crate::manifest::{Chunk, Manifest, ManifestError, Pass, Position, Record, Row, RowReader};
use crate::post::{Field, RowKey};

use crate::import::engine::window::Room;
use crate::import::notice::{LeftOut, WhyLeftOut};
use crate::import::pending_row::{KnownBy, PendingRow, RowBuilder};

/// What the first pass found out about the rows to send.
#[derive(Debug, Default)]
pub struct Due {
    /// A bit a row, by number.
    pub rows: RoaringTreemap,
    /// Rows that the ledger knows under other keys than their own.
    pub kept_keys: BTreeMap<u64, RowKey>,
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
    /// Posts in all the records so far.
    posts: u64,
    /// What stands above the next record, where a mapping fills cells down.
    carry: Carry,
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
        let carry = manifest.mapping().map(BoundMapping::carry);
        let carry = carry.unwrap_or_default();
        Ok(Feeder {
            manifest,
            rules,
            builder,
            due,
            pass,
            chunk: Chunk::default(),
            used: 0,
            posts: 0,
            carry,
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
        reader.set_carry(&self.carry);
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
                let maker = Maker {
                    rules: &self.rules,
                    builder: &self.builder,
                    due: &self.due,
                };
                let first = filled.len();
                self.posts = maker.make(&mut reader, record, self.posts, &mut filled);
                for row in &filled[first..] {
                    if let Filled::Row(row) = row {
                        texts += row.text_bytes;
                    }
                }
            }
        }
        self.carry = reader.into_carry();
        Ok(filled)
    }
}

/// Makes the due rows of a record ready to be sent.
struct Maker<'f> {
    rules: &'f Rules,
    builder: &'f RowBuilder,
    due: &'f Due,
}

impl Maker<'_> {
    /// Adds the record's due rows. Takes and returns how many posts there have been so far.
    fn make(
        &self,
        reader: &mut RowReader<'_>,
        record: Record<'_>,
        mut posts: u64,
        filled: &mut Vec<Filled>,
    ) -> u64 {
        if !reader.is_mapped() {
            posts = record.at.number;
            if !self.due.rows.contains(posts) {
                return posts;
            }
            posts -= 1;
        }
        let at = record.at;
        let read = reader.each_row(record, |row| {
            posts += 1;
            if self.due.rows.contains(posts) {
                let at = Position {
                    number: posts,
                    ..at
                };
                let row = self.row(at, row);
                filled.push(match row {
                    Ok(row) => Filled::Row(Box::new(row)),
                    Err(problems) => Filled::left_out(at, problems),
                });
            }
        });
        if let Err(fault) = read {
            posts += 1;
            if self.due.rows.contains(posts) {
                filled.push(Filled::left_out(at, vec![check::unreadable(at, &fault)]));
            }
        }
        posts
    }

    fn row(&self, at: Position, row: &Row<'_>) -> Result<PendingRow, Vec<Problem>> {
        let column = row.column(Field::Attachments);
        let reading = check::read(row, self.rules);
        let kept = self.due.kept_keys.get(&at.number);
        let key = kept
            .cloned()
            .or_else(|| reading.key(self.due.ordinals.of(at)));
        let (content, source) = (reading.content(), reading.source());
        let (part, is_bound) = (reading.part().to_owned(), reading.bound().is_some());
        let post = reading.into_post()?;
        let found = check::files(&post.attachments, Place { at, column }, self.rules)?;
        // A row without problems has a content.
        let content = content.unwrap_or_else(|| post.content_hash());
        let key = key.unwrap_or_else(|| RowKey::hashed(content, self.due.ordinals.of(at), &part));
        let known_by = KnownBy {
            key,
            content,
            source,
            is_bound,
        };
        Ok(PendingRow::new(
            self.builder,
            at,
            known_by,
            &post,
            &found.files,
        ))
    }
}

impl Filled {
    fn left_out(at: Position, problems: Vec<Problem>) -> Filled {
        Filled::Invalid(LeftOut {
            row: at.row,
            line: at.line,
            why: WhyLeftOut::Problems(problems),
        })
    }
}
