//! What a manifest may hold, and what becomes of it: it arrives as it was written, or it is told what
//! does not and why. Nothing is left out unseen.
//!
//! - `foreign_files`: files that are no manifest are named for what they are
//! - `quotes`: wrong quotes are told with their place
//! - `quotes_anywhere`: one wrong quote in any manifest mixes up no texts
//! - `encoding`: any text and any structure survives the way to the portal
//! - `spoiled`: manifests and replies spoiled at random, and far too large (`tests/input/corpus/`)
//! - `targets`: what each target takes, and what went to another
//! - `authors`: what becomes of `author_id` in the timeline
//! - `attachment_names`: what attachments may be called
//! - `attachment_paths`: files are found under the names that old systems give them
//! - `delimiters`: whatever separates the columns, the same rows are read
//! - `times`: times in a format and a zone that the user names
//! - `mapped_columns`: columns under the names that the old system gives them
//! - `mapping`: what a mapping file makes of an export, and what it says where that can't be
//! - `mapping_corrections`: no correction of a mapping or a map makes a posted row new
//! - `message_formats`: texts in HTML, Markdown and without markup
//! - `left_out`: columns, keys and rows that are not posted are told

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may"
)]

#[path = "../common/mod.rs"]
mod common;

mod attachment_names;
mod attachment_paths;
mod authors;
mod delimiters;
mod encoding;
mod foreign_files;
mod left_out;
mod mapped_columns;
mod mapping;
mod mapping_corrections;
mod message_formats;
mod quotes;
mod quotes_anywhere;
mod spoiled;
mod targets;
mod times;
