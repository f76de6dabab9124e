//! A whole manifest, checked chunk by chunk in its order.
//!
//! While two chunks are checked, the one before them is taken in and the one after them is read, so
//! that what can only be done in order keeps no processor waiting.

use std::collections::VecDeque;
use std::sync::mpsc::sync_channel;

use crate::manifest::{Chunk, Manifest, ManifestError};

use super::chunk::check_chunk;
use super::{CheckedChunk, CheckedRow, Rules};

/// Chunks that are being checked.
const UNDER_WAY: usize = 2;

/// Checks every row and hands the rows over in the order of the manifest.
///
/// # Errors
/// When the manifest can't be read to its end, after the rows before that place; or whatever `take`
/// says, which ends the check.
pub fn check_in_order<E: From<ManifestError>>(
    manifest: &Manifest,
    rules: &Rules,
    take: impl FnMut(CheckedChunk) -> Result<(), E>,
) -> Result<(), E> {
    fold_in_order(manifest, rules, &Vec::push, take)
}

/// The same, with less to hand over: each worker adds its rows to what it makes of them.
///
/// # Errors
/// As [`check_in_order`].
pub(super) fn fold_in_order<P: Default + Send, E: From<ManifestError>>(
    manifest: &Manifest,
    rules: &Rules,
    add: &(impl Fn(&mut P, CheckedRow) + Sync),
    mut take: impl FnMut(CheckedChunk<P>) -> Result<(), E>,
) -> Result<(), E> {
    let mut pass = manifest.pass()?;
    let mut read = Ok(true);
    rayon::in_place_scope(|scope| -> Result<(), E> {
        let mut spare: Vec<Chunk> = Vec::new();
        let mut under_way = VecDeque::with_capacity(UNDER_WAY);
        loop {
            while under_way.len() < UNDER_WAY && matches!(read, Ok(true)) {
                let mut chunk = spare.pop().unwrap_or_default();
                read = pass.next_chunk(&mut chunk);
                if let Ok(true) = read {
                    let (done, checked) = sync_channel(1);
                    under_way.push_back(checked);
                    scope.spawn(move |_| {
                        let checked = check_chunk(&chunk, manifest, rules, add);
                        let _nobody_waits = done.send((chunk, checked));
                    });
                }
            }
            // What a worker breaks down of comes out where the scope ends.
            let Some(Ok((chunk, checked))) = under_way.pop_front().map(|next| next.recv()) else {
                return Ok(());
            };
            spare.push(chunk);
            take(checked)?;
        }
    })?;
    read?;
    Ok(())
}
