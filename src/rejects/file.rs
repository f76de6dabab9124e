//! The file with the rejected records.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::manifest::{Copied, CopyError, Manifest, ManifestError, RejectCopy};
use crate::post::{RowKey, reject_key_cell};
use crate::private_file::Replacement;

use super::Reason;

/// Takes in the posts of a manifest in order and writes the records of those that are rejected.
#[derive(Debug)]
pub struct Rejects<'m> {
    manifest: &'m Manifest,
    path: PathBuf,
    /// The cell that names the ledger.
    ledger: String,
    /// None until something is rejected.
    copy: Option<RejectCopy<'m, Replacement>>,
    /// The record whose posts are being taken in.
    record: Option<RejectedRecord>,
    written: RejectsWritten,
}

#[derive(Debug, Default)]
struct RejectedRecord {
    row: u64,
    reason: Reason,
    keys: BTreeMap<String, RowKey>,
}

/// A post of the manifest.
#[derive(Debug)]
pub struct RejectedRow<'r> {
    /// The number of its record.
    pub row: u64,
    /// What tells it from the other posts of that.
    pub part: &'r str,
    /// What the ledger calls it, or is to call it.
    pub key: Option<RowKey>,
    /// What is wrong with it; nothing of a post that is not rejected.
    pub reason: Reason,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RejectsWritten {
    /// The file; none where nothing was to be written.
    pub path: Option<PathBuf>,
    /// Records in it.
    pub records: u64,
    /// Those of them that stand there without their columns.
    pub alone: u64,
    /// Those that can't stand there.
    pub left_out: LeftOutLines,
}

/// Records that can't stand in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOutLines {
    /// How many.
    pub records: u64,
    /// The first and the last line of the first of them.
    pub lines: Vec<(u64, u64)>,
}

impl LeftOutLines {
    /// How many are remembered by their lines.
    const MOST: usize = 20;
}

/// Why the file can't be written.
#[derive(Debug, thiserror::Error)]
pub enum RejectsError {
    /// The manifest can't be read any more.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The file can't be written.
    #[error("cannot write the rejected rows to {}: {reason}; give --rejects another path", path.display())]
    Write {
        /// Where it was to be.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
}

impl<'m> Rejects<'m> {
    /// Of that manifest and ledger, into that file.
    pub fn new(manifest: &'m Manifest, ledger: &Path, path: &Path) -> Rejects<'m> {
        let absolute = std::fs::canonicalize(ledger).or_else(|_| std::path::absolute(ledger));
        let ledger = absolute.unwrap_or_else(|_| ledger.to_owned());
        Rejects {
            manifest,
            path: path.to_owned(),
            ledger: manifest.copyable(&ledger.to_string_lossy()),
            copy: None,
            record: None,
            written: RejectsWritten::default(),
        }
    }

    /// Whether the posts that are not rejected are to be shown too: they may be of one record with
    /// rejected ones.
    pub fn wants_all(&self) -> bool {
        self.manifest.mapping().is_some()
    }

    /// Takes in the next post.
    ///
    /// # Errors
    /// When the record before it can't be written.
    pub fn take(&mut self, post: RejectedRow<'_>) -> Result<(), RejectsError> {
        if self
            .record
            .as_ref()
            .is_none_or(|record| record.row != post.row)
        {
            self.end_record()?;
            self.record = Some(RejectedRecord {
                row: post.row,
                ..RejectedRecord::default()
            });
        }
        if let Some(record) = &mut self.record {
            record.reason.extend(post.reason);
            let keyed = post.key.map(|key| (post.part.to_owned(), key));
            record.keys.extend(keyed);
        }
        Ok(())
    }

    /// Moves the file into its place. Where nothing was rejected, one that lies there from before is
    /// removed, so that nobody takes it for this one.
    ///
    /// # Errors
    /// When it can't be written or moved, or the old one can't be removed.
    pub fn finish(mut self) -> Result<RejectsWritten, RejectsError> {
        self.end_record()?;
        let failed = |reason| RejectsError::Write {
            path: self.path.clone(),
            reason,
        };
        match self.copy.filter(|_| self.written.records > 0) {
            Some(copy) => {
                copy.finish()
                    .and_then(Replacement::finish)
                    .map_err(failed)?;
                self.written.path = Some(self.path);
            }
            None => match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            },
        }
        Ok(self.written)
    }

    /// Writes the record in hand, if something is wrong with it.
    fn end_record(&mut self) -> Result<(), RejectsError> {
        let record = self.record.take();
        let Some(record) = record.filter(|record| !record.reason.is_empty()) else {
            return Ok(());
        };
        let copied = self.copy_record(&record).map_err(|error| match error {
            CopyError::Manifest(error) => RejectsError::Manifest(error),
            CopyError::Write(reason) => RejectsError::Write {
                path: self.path.clone(),
                reason,
            },
        })?;
        let written = &mut self.written;
        match copied {
            Some(Copied::Whole) => written.records += 1,
            Some(Copied::Alone) => {
                written.records += 1;
                written.alone += 1;
            }
            Some(Copied::Not {
                first_line,
                last_line,
            }) => {
                let left_out = &mut written.left_out;
                left_out.records += 1;
                if left_out.lines.len() < LeftOutLines::MOST {
                    left_out.lines.push((first_line, last_line));
                }
            }
            None => {}
        }
        Ok(())
    }

    fn copy_record(&mut self, record: &RejectedRecord) -> Result<Option<Copied>, CopyError> {
        let copy = match &mut self.copy {
            Some(copy) => copy,
            None => {
                let file = Replacement::begin(&self.path)?;
                self.copy.insert(RejectCopy::begin(self.manifest, file)?)
            }
        };
        let key = self.manifest.copyable(&reject_key_cell(&record.keys));
        let (codes, reason) = (record.reason.codes(), record.reason.text());
        copy.copy(record.row, [&codes, &reason, &self.ledger, &key])
    }
}
