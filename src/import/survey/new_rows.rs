//! Rows that the ledger has never claimed, read once more where there is a doubt that they are new.

use crate::check::{self, Rules};
use crate::ledger::{NewRow, NewRows, OtherLedgers, SentElsewhere};
use crate::manifest::{Chunk, Manifest, Position, Record, RowReader};
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

impl SecondReading<'_> {
    /// Shows every new row, in order, with its key, until `take` says that it is enough.
    ///
    /// # Errors
    /// When the manifest can't be read or has changed, the user interrupts, or `take` fails.
    pub fn each(
        &self,
        mut take: impl FnMut(Position, RowKey, NewRow) -> Result<Enough, Break>,
    ) -> Result<(), Break> {
        let mut pass = self.manifest.pass()?;
        let mut reader = self.manifest.reader();
        let mut chunk = Chunk::default();
        while pass.next_chunk(&mut chunk)? {
            if self.interrupt.times() > 0 {
                return Err(Break::Ending(Ending::Interrupted));
            }
            let new = |at: &Position| self.surveyed.is_new(at.number);
            for record in chunk.records().filter(|record| new(&record.at)) {
                let at = record.at;
                if let Some((key, new_row)) = self.new_row(&mut reader, record)
                    && take(at, key, new_row)? == Enough::Yes
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// A new row and its key; none of a row that has become invalid since.
    fn new_row(&self, reader: &mut RowReader<'_>, record: Record<'_>) -> Option<(RowKey, NewRow)> {
        let at = record.at;
        let row = reader.row(record).ok()?;
        let reading = check::read(&row, self.rules);
        let content = reading.content()?;
        let post = reading.into_post().ok()?;
        let key = match post.external_id.as_deref() {
            Some(id) => RowKey::external(id),
            None => RowKey::hashed(content, self.surveyed.repeats.ordinal_at(at)),
        };
        let new_row = NewRow {
            number: at.row,
            content,
            message: fingerprint(post.title.as_deref(), &post.message),
            entity: post.feed_entity(),
            publish_at: post.publish_at.map(|at| at.instant.as_millisecond()),
        };
        Some((key, new_row))
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
        self.each(|at, key, new_row| {
            if key.external_id().is_some() {
                // There it may have had no ID yet.
                let ordinal = self.surveyed.repeats.ordinal_at(at);
                let by_content = RowKey::hashed(new_row.content, ordinal);
                new_rows.entry(by_content).or_insert(new_row.clone());
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
