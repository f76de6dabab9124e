//! From rows to posts, and everything that stands in the way, told at once.
//!
//! [`read`] turns one row into a [`Post`] or a list of [`Problem`]s, without touching the disk;
//! [`files`] finds a post's attachments. The two are apart because missing files are no problem of
//! a row that was posted before. [`check_in_order`] does both for a whole manifest, on all
//! processors, and [`Repeats`] looks across rows.
//!
//! A problem has one cause, and a cause makes one problem: a record that can't be taken apart has
//! no other problems, a value that can't be read is not missing as well, and a field that the
//! target can't carry is not judged by its value. All codes are listed at [`Code`].

mod alone;
mod attachments;
mod audience;
mod cells;
mod chronology;
mod chunk;
mod code;
mod cut_texts;
mod disk;
mod entities;
mod fault;
mod fingerprints;
mod folder;
mod html_unasked;
mod in_order;
mod looked_up;
mod mangled;
mod mentions;
mod message;
mod mojibake;
mod mojibake_rows;
mod near_column;
mod near_file;
mod notified;
mod post;
mod problem;
mod repeats;
mod rules;
mod run;
mod schedule;
mod tally;
mod times;
mod told_once;
mod unmapped;
mod values;
mod whole_rows;

#[cfg(test)]
mod testing;

pub use crate::post::Post;
pub use chronology::{Chronology, REACH};
pub use chunk::{CheckedChunk, CheckedRow, LARGE_FILE, RecordCounts};
pub use code::Code;
pub use cut_texts::CutTexts;
pub use disk::{FoundFiles, files};
pub use entities::entity_not_found;
pub use fault::unreadable;
pub use html_unasked::HtmlUnasked;
pub use in_order::check_in_order;
pub use message::MessageFind;
pub use mojibake::{Mojibake, MojibakeSet};
pub use mojibake_rows::{MojibakeRows, OddRows};
pub use near_column::column_like_field;
pub use notified::Notified;
pub use post::{RowReading, read};
pub use problem::{Place, Problem};
pub use repeats::{Ordinals, Repeats};
pub use rules::{DefaultAudience, Mentions, Rules, RulesError};
pub use run::{Finding, Findings, ProblemKind, RowSample, check_manifest};
pub use schedule::{Schedule, is_overdue};
pub use tally::Tally;
pub use times::Times;
pub use told_once::ToldOnce;
pub use unmapped::Unmapped;
pub use whole_rows::each_row;
