//! Rows that the ledger has never claimed, read once more where there is a doubt that they are new.

use crate::check::{self, Rules};
use crate::ledger::{NewRow, NewRows, OtherLedgers, SentElsewhere};
use crate::manifest::{Chunk, Manifest, Position, Row};
use crate::post::RowKey;
use crate::targets::fingerprint;

use crate::import::ending::{Break, Ending};
use crate::import::survey::counts::Survey;
use crate::interrupt::Interrupt;

/// Rows that are looked for in other ledgers at once: their keys are all that grows.
const AT_ONCE: usize = 20_000;

/// A manifest whose new rows are read.
#[derive(Clone, Copy)]
pub struct SecondReading<'a> {
    pub manifest: &'a Manifest,
    pub rules: &'a Rules,
    pub surveyed: &'a Survey,
    pub interrupt: &'a Interrupt,
}

/// A row that the ledger has never claimed.
pub struct FoundRow {
    pub at: Position,
    pub key: RowKey,
    /// The key that it has without an ID of its own.
    pub by_content: RowKey,
    pub row: NewRow,
}

impl SecondReading<'_> {
    /// Shows every new row, in order, with its key, until `take` says that it is enough.
    ///
    /// # Errors
    /// When the manifest can't be read or has changed, the user interrupts, or `take` fails.
    pub fn each(
        &self,
        mut take: impl FnMut(FoundRow) -> Result<Enough, Break>,
    ) -> Result<(), Break> {
        let mut pass = self.manifest.pass()?;
        let mut reader = self.manifest.reader();
        let (mut chunk, mut posts) = (Chunk::default(), 0);
        while pass.next_chunk(&mut chunk)? {
            if self.interrupt.times() > 0 {
                return Err(Break::Ending(Ending::Interrupted));
            }
            reader.set_carry(chunk.carry());
            for record in chunk.records() {
                if !reader.is_mapped() {
                    posts = record.at.number - 1;
                    if !self.surveyed.is_new(record.at.number) {
                        continue;
                    }
                }
                let mut found = Vec::new();
                let read = reader.each_row(record, |row| {
                    posts += 1;
                    if self.surveyed.is_new(posts) {
                        let at = Position {
                            number: posts,
                            ..record.at
                        };
                        found.extend(self.new_row(at, row));
                    }
                });
                // One that can't be read is a row too.
                posts += u64::from(read.is_err());
                for row in found {
                    if take(row)? == Enough::Yes {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// A new row and its key; none of a row that has become invalid since.
    fn new_row(&self, at: Position, row: &Row<'_>) -> Option<FoundRow> {
        let reading = check::read(row, self.rules);
        let content = reading.content()?;
        let ordinal = self.surveyed.repeats.ordinal_at(at);
        let key = reading.key(ordinal)?;
        let by_content = RowKey::hashed(content, ordinal, reading.part());
        let post = reading.into_post().ok()?;
        let new_row = NewRow {
            number: at.row,
            content,
            message: fingerprint(post.title.as_deref(), &post.message),
            entity: post.feed_entity(),
            publish_at: post.publish_at.map(|at| at.instant.as_millisecond()),
        };
        Some(FoundRow {
            at,
            key,
            by_content,
            row: new_row,
        })
    }

    /// A new row that another ledger has sent, if there is one. Zeros that a spreadsheet may have
    /// dropped from IDs are looked for in the first `AT_ONCE` rows only, since a file has lost all
    /// or none.
    ///
    /// # Errors
    /// As [`SecondReading::each`], or when another ledger can't be read.
    pub fn sent_elsewhere(&self, elsewhere: &OtherLedgers) -> Result<Option<SentElsewhere>, Break> {
        let mut new_rows = NewRows::new();
        let (mut sent, mut is_first) = (None, true);
        self.each(|found| {
            let (key, new_row) = (found.key, found.row);
            if key.external_id().is_some() {
                // There it may have had no ID yet.
                new_rows.entry(found.by_content).or_insert(new_row.clone());
            }
            if let Some(shorter) = key.without_zeros() {
                new_rows.entry(shorter).or_insert(new_row.clone());
            }
            new_rows.insert(key, new_row);
            if new_rows.len() >= AT_ONCE {
                sent = elsewhere.first_sent(&new_rows, is_first)?;
                is_first = false;
                new_rows.clear();
            }
            Ok(match sent {
                Some(_) => Enough::Yes,
                None => Enough::No,
            })
        })?;
        match sent {
            None => Ok(elsewhere.first_sent(&new_rows, is_first)?),
            sent => Ok(sent),
        }
    }
}

/// Whether the rest needn't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enough {
    Yes,
    No,
}
