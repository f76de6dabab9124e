//! From a file's bytes to rows.
//!
//! A manifest is read in two passes, so memory must not grow with it: a [`Pass`] cuts the byte
//! stream into records, one [`Chunk`] of some thousand at a time, and counts the physical lines
//! itself. Cutting is sequential and cheap; taking a record apart into cells is the dear part, so
//! each worker does that for a chunk of its own with its own [`RowReader`].
//!
//! What a cell means is not decided here: a [`Row`] only knows which cell belongs to which field.
//! Only where quotes can't tell which lines are rows, their cells are asked (`likeness`).
//!
//! ```no_run
//! # use b24post::manifest::{Chunk, Manifest, ManifestError, ReadOptions};
//! # fn main() -> Result<(), ManifestError> {
//! let manifest = Manifest::open("posts.csv".as_ref(), &ReadOptions::default())?;
//! let (mut pass, mut chunk) = (manifest.pass()?, Chunk::default());
//! while pass.next_chunk(&mut chunk)? {
//!     let mut reader = manifest.reader();
//!     for record in chunk.records() {
//!         let row = reader.row(record);
//!         // a `Row`, or the `RowFault` that makes the record unreadable
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod beginning;
mod carrier;
mod cell;
mod chunk;
mod column_names;
mod columns;
mod csv_format;
mod delimiter;
mod dialect;
mod encoding;
mod error;
mod folded;
mod foreign;
mod format;
mod formats;
mod input_file;
pub mod json;
mod json_format;
mod left_over;
mod likeness;
pub mod mapping;
mod named_ledger;
mod near;
mod odd_quote;
mod open;
mod opening;
mod pass;
mod position;
mod quotes;
mod read_options;
mod reader;
mod record_copier;
mod record_parser;
mod record_posts;
mod reject_columns;
mod reject_copy;
mod reject_text;
mod row;
mod row_fault;
mod sample;
mod sampling;
mod source_cells;
mod splitter;
mod spread;
mod suspect;
mod text_stream;
mod totals_line;
mod unknown;
mod warning;

pub use cell::Cell;
pub use chunk::{Chunk, ChunkLimits, Record};
pub use column_names::mapped_twice;
pub use columns::{Columns, HeaderFault};
pub use csv_format::has_control_chars;
pub use delimiter::Delimiter;
pub use dialect::{Dialect, KnownBy};
pub use encoding::{
    EncodingBasis, EncodingName, FoundEncoding, ReadAs, Undecodable, UnsureEncoding,
};
pub use error::ManifestError;
pub use foreign::Foreign;
pub use format::InputFormat;
pub use json_format::{BrokenJson, JsonLists, JsonShape};
pub use odd_quote::{OddKind, OddQuote};
pub use open::Manifest;
pub use pass::Pass;
pub use position::Position;
pub use read_options::ReadOptions;
pub use reader::RowReader;
pub use record_copier::Copied;
pub use record_posts::RecordPosts;
pub use reject_columns::RejectColumn;
pub use reject_copy::{CopyError, RejectCopy};
pub use reject_text::RejectValues;
pub use row::Row;
pub use row_fault::RowFault;
pub use sample::{Sample, SampleColumn};
pub use unknown::{NearKey, UnknownKeys};
pub use warning::Warning;
