//! Rows that the ledger has never claimed, read once more where there is a doubt that they are new.

use crate::check::{self, Rules};
use crate::ledger::{Elsewhere, Newcomer, Newcomers, SentElsewhere};
use crate::manifest::{Chunk, Manifest, Position, Record, RowReader};
use crate::post::RowKey;
use crate::target::fingerprint;

use super::ending::Ending;
use super::interrupt::Interrupt;
use super::job::Break;
use super::surveyed::Survey;

/// Rows that are looked for in other ledgers at once: their keys are all that grows.
const AT_ONCE: usize = 20_000;

/// A manifest whose newcomers are read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub manifest: &'a Manifest,
    pub rules: &'a Rules,
    pub surveyed: &'a Survey,
    pub interrupt: &'a Interrupt,
}

impl Reading<'_> {
    /// Shows every newcomer, in order, with its key, until `take` says that it is enough.
    ///
    /// # Errors
    /// When the manifest can't be read or has changed, the user interrupts, or `take` fails.
    pub fn each(
        &self,
        mut take: impl FnMut(Position, RowKey, Newcomer) -> Result<Enough, Break>,
    ) -> Result<(), Break> {
        let mut pass = self.manifest.pass()?;
        let mut reader = self.manifest.reader();
        let mut chunk = Chunk::default();
        while pass.next_chunk(&mut chunk)? {
            if self.interrupt.times() > 0 {
                return Err(Break::Off(Ending::Interrupted));
            }
            let new = |at: &Position| self.surveyed.is_new(at.number);
            for record in chunk.records().filter(|record| new(&record.at)) {
                let at = record.at;
                if let Some((key, newcomer)) = self.newcomer(&mut reader, record)
                    && take(at, key, newcomer)? == Enough::Yes
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// A newcomer and its key; none of a row that has become invalid since.
    fn newcomer(
        &self,
        reader: &mut RowReader<'_>,
        record: Record<'_>,
    ) -> Option<(RowKey, Newcomer)> {
        let at = record.at;
        let row = reader.row(record).ok()?;
        let reading = check::read(&row, self.rules);
        let content = reading.content()?;
        let post = reading.into_post().ok()?;
        let key = match post.external_id.as_deref() {
            Some(id) => RowKey::external(id),
            None => RowKey::hashed(content, self.surveyed.repeats.ordinal_at(at)),
        };
        let newcomer = Newcomer {
            number: at.number,
            content,
            message: fingerprint(post.title.as_deref(), &post.message),
            record: post.feed_entity(),
            publish_at: post.publish_at.map(|at| at.instant.as_millisecond()),
        };
        Some((key, newcomer))
    }

    /// One that another ledger has sent, if there is one. Zeros that a spreadsheet has dropped are
    /// thought of for the first of them only, since a file has lost all or none.
    ///
    /// # Errors
    /// As [`Reading::each`], or when another ledger can't be read.
    pub fn sent_elsewhere(&self, elsewhere: &Elsewhere) -> Result<Option<SentElsewhere>, Break> {
        let mut newcomers = Newcomers::new();
        let (mut sent, mut is_first) = (None, true);
        self.each(|at, key, newcomer| {
            if key.external_id().is_some() {
                // There it may have had no ID yet.
                let ordinal = self.surveyed.repeats.ordinal_at(at);
                let by_content = RowKey::hashed(newcomer.content, ordinal);
                newcomers.entry(by_content).or_insert(newcomer.clone());
            }
            if let Some(shorter) = key.without_zeros() {
                newcomers.entry(shorter).or_insert(newcomer.clone());
            }
            newcomers.insert(key, newcomer);
            if newcomers.len() >= AT_ONCE {
                sent = elsewhere.first_sent(&newcomers, is_first)?;
                is_first = false;
                newcomers.clear();
            }
            Ok(match sent {
                Some(_) => Enough::Yes,
                None => Enough::No,
            })
        })?;
        match sent {
            None => Ok(elsewhere.first_sent(&newcomers, is_first)?),
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
