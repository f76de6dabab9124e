//! A whole manifest, checked chunk by chunk in its order.
//!
//! While one chunk is checked, the one before it is taken in and the one after it is read, so that
//! what can only be done in order keeps no processor waiting.

use crate::manifest::{Chunk, Manifest, ManifestError};

use super::chunk::check_chunk;
use super::{CheckedChunk, CheckedRow, Rules};

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
    let (mut chunk, mut next) = (Chunk::default(), Chunk::default());
    let mut read = pass.next_chunk(&mut chunk);
    let mut before = None;
    while let Ok(true) = read {
        let mut checked = None;
        let taken = rayon::in_place_scope(|scope| {
            scope.spawn(|_| checked = Some(check_chunk(&chunk, manifest, rules, add)));
            let taken = before.take().map_or(Ok(()), &mut take);
            read = pass.next_chunk(&mut next);
            taken
        });
        taken?;
        before = checked;
        std::mem::swap(&mut chunk, &mut next);
    }
    before.map_or(Ok(()), take)?;
    read?;
    Ok(())
}
