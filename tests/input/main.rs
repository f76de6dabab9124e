//! What a manifest may hold, and what becomes of it: it arrives as it was written, or it is told what
//! does not and why. Nothing is left out unseen.
//!
//! - `foreign_files`: files that are no manifest are named for what they are
//! - `json_shapes`: JSON in any shape gives the same rows, and nothing of it is sent where it is broken
//! - `quotes`: wrong quotes are told with their place
//! - `quotes_anywhere`: one wrong quote in any manifest mixes up no texts
//! - `encoding`: any text and any structure survives the way to the portal
//! - `encodings`: whatever encoding a manifest is in, the same rows are read
//! - `read_otherwise`: a file that would be read otherwise than before stops
//! - `spoiled`: manifests and replies spoiled at random, and far too large (`tests/input/corpus/`)
//! - `targets`: what each target takes, and what went to another
//! - `authors`: what becomes of `author_id` in the timeline
//! - `attachment_names`: what attachments may be called
//! - `attachment_paths`: files are found under the names that old systems give them
//! - `delimiters`: whatever separates the columns, the same rows are read
//! - `times`: times in a format and a zone that the user names
//! - `mojibake`: texts that were spoiled before the export are told
//! - `mapped_columns`: columns under the names that the old system gives them
//! - `guesses`: the mapping files that `guess` writes for exports of other systems
//! - `mapping`: what a mapping file makes of an export, and what it says where that can't be
//! - `mapping_corrections`: no correction of a mapping or a map makes a posted row new
//! - `samples`: the samples of other systems go through as the README says
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
mod encodings;
mod foreign_files;
mod guesses;
mod json_shapes;
mod left_out;
mod mapped_columns;
mod mapping;
mod mapping_corrections;
mod message_formats;
mod mojibake;
mod quotes;
mod quotes_anywhere;
mod read_otherwise;
mod samples;
mod spoiled;
mod targets;
mod times;
