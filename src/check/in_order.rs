//! A whole manifest, checked chunk by chunk in its order.
//!
//! Each chunk is one worker's. While some are being checked, the one before them is taken in and
//! more are read, so that what can only be done in order keeps no processor waiting.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, sync_channel};

use crate::manifest::{Chunk, Manifest, ManifestError};

use super::chunk::{KeptRow, check_chunk};
use super::{CheckedChunk, Rules};

/// Chunks under way for each processor: one that is being checked, one that waits, one that is
/// done.
const PER_PROCESSOR: usize = 3;

/// So many chunks at the most, on however many processors.
const MOST: usize = 48;

/// No more chunks are begun while those under way take so many bytes, with what is kept of their
/// rows. What is wrong with rows takes more, and is not counted.
const MOST_BYTES: usize = 12 << 20;

/// Checks every row and hands the rows over in the order of the manifest.
///
/// # Errors
/// When the manifest can't be read to its end, after the rows before that place; or whatever `take`
/// says, which ends the check.
pub fn check_in_order<E: From<ManifestError>>(
    manifest: &Manifest,
    rules: &Rules,
    take: impl FnMut(&mut CheckedChunk) -> Result<(), E>,
) -> Result<(), E> {
    keep_in_order(manifest, rules, take)
}

/// The same, with as much of each row as the caller keeps.
pub(super) fn keep_in_order<R: KeptRow, E: From<ManifestError>>(
    manifest: &Manifest,
    rules: &Rules,
    mut take: impl FnMut(&mut CheckedChunk<R>) -> Result<(), E>,
) -> Result<(), E> {
    let mut pass = manifest.pass()?;
    let mut read = Ok(true);
    let mut number = 0;
    rayon::in_place_scope(|scope| -> Result<(), E> {
        let mut spare: Vec<(Chunk, Vec<R>)> = Vec::new();
        let mut under_way = UnderWay::new();
        loop {
            while under_way.has_room() && matches!(read, Ok(true)) {
                let (mut chunk, mut rows) = spare.pop().unwrap_or_default();
                read = pass.next_chunk(&mut chunk);
                if let Ok(true) = read {
                    let (done, checked) = sync_channel(1);
                    rows.reserve(chunk.len());
                    let bytes = chunk.room() + rows.capacity() * size_of::<R>();
                    under_way.begin(bytes, checked);
                    scope.spawn(move |_| {
                        let checked = check_chunk(&chunk, manifest, rules, rows);
                        let _nobody_waits = done.send((chunk, checked));
                    });
                }
            }
            // A worker's panic comes out where the scope ends.
            let Some((chunk, mut checked)) = under_way.next() else {
                return Ok(());
            };
            if manifest.mapping().is_some() {
                for row in &mut checked.rows {
                    number += 1;
                    row.at().number = number;
                }
            }
            take(&mut checked)?;
            checked.rows.clear();
            spare.push((chunk, checked.rows));
        }
    })?;
    read?;
    Ok(())
}

/// A chunk to be used again, and what was made of it.
type Done<R> = Receiver<(Chunk, CheckedChunk<R>)>;

/// Chunks that are being checked, in the order of the manifest.
struct UnderWay<R> {
    /// The bytes of each, and where its worker will hand it over.
    chunks: VecDeque<(usize, Done<R>)>,
    most: usize,
    bytes: usize,
}

impl<R> UnderWay<R> {
    fn new() -> UnderWay<R> {
        let most = (PER_PROCESSOR * rayon::current_num_threads()).min(MOST);
        UnderWay {
            chunks: VecDeque::with_capacity(most),
            most,
            bytes: 0,
        }
    }

    fn has_room(&self) -> bool {
        self.chunks.len() < self.most && self.bytes < MOST_BYTES
    }

    fn begin(&mut self, bytes: usize, checked: Done<R>) {
        self.bytes += bytes;
        self.chunks.push_back((bytes, checked));
    }

    /// Waits for the chunk whose turn it is; none when none is left, or a worker has broken down.
    fn next(&mut self) -> Option<(Chunk, CheckedChunk<R>)> {
        let (bytes, checked) = self.chunks.pop_front()?;
        self.bytes -= bytes;
        checked.recv().ok()
    }
}
