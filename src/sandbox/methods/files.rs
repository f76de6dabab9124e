//! `FILES`, the same for all methods that take files: pairs of name and base64.

use sha2::{Digest, Sha256};

use super::super::php::{Array, Php, base64_decode};
use super::super::post::NewFile;

/// The files of `FILES`. What is no pair, is empty or decodes to nothing is dropped without a
/// word (bitrix24-rest.md §1.3).
pub(super) fn files(fields: &Array) -> Vec<NewFile> {
    fields
        .named("FILES")
        .and_then(Php::as_array)
        .into_iter()
        .flat_map(|list| list.values())
        .filter_map(file)
        .collect()
}

fn file(pair: &Php) -> Option<NewFile> {
    let mut values = pair.as_array()?.values();
    let name = values.next()?.to_text()?;
    let content = values.next()?.to_text()?;
    let mut size = 0;
    let mut hash = Sha256::new();
    base64_decode(&content, |bytes| {
        size += bytes.len() as u64;
        hash.update(bytes);
    });
    (size > 0).then(|| NewFile {
        name,
        size,
        sha256: hash.finalize().into(),
    })
}

/// The ID under which the portal shows a file of a post. IDs of files are a series of their own
/// on a portal; here they are made of the post's ID and the position.
pub(super) fn file_id(post_id: i64, position: usize) -> i64 {
    post_id.saturating_mul(1000) + 1 + position as i64
}
