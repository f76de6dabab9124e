//! What the first pass has counted: how every row stands before anything is sent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use roaring::RoaringTreemap;

use crate::check::{CheckedRow, HtmlUnasked, RecordCounts, Repeats, column_like_field};
use crate::ledger::{LedgerRow, Rename};
use crate::manifest::{Position, UnknownKeys, Warning};
use crate::maps::MissingValues;
use crate::post::RowKey;

use crate::import::counts::Counts;
use crate::import::notice::Notice;
use crate::import::reporter::Reporter;
use crate::import::survey::disposition::Disposition;
use crate::import::survey::load::Load;

/// A posted row without an ID of its own that is to be posted at a later time.
#[derive(Clone, Copy, Debug)]
pub struct Repeated {
    pub at: Position,
    pub publish_at: Timestamp,
}

/// What the manifest holds, seen through the ledger.
#[derive(Debug, Default)]
pub struct Survey {
    /// Rows by how they stand, but for those that are due.
    pub rows: Counts,
    /// Of those posted or in doubt, rows that were sent to another target.
    pub posted_elsewhere: u64,
    pub in_doubt_elsewhere: u64,
    /// Rows due in this run; `beyond_limit` more are due too.
    pub due_rows: u64,
    pub beyond_limit: u64,
    /// A bit a row, by number: due in this run or not.
    pub due: RoaringTreemap,
    /// What the due rows bring with them.
    pub load: Load,
    /// Rows of the ledger that are not in the manifest, which of a rejects file says nothing.
    pub unmatched: u64,
    /// Arrived rows without an ID of their own that are not in the manifest.
    pub vanished: u64,
    /// Valid rows that the ledger doesn't know, and the first of them.
    pub new_rows: u64,
    pub first_new: Option<Position>,
    /// A bit a row, by number: one of those.
    pub new: RoaringTreemap,
    /// A bit a row of the ledger, by its number there: in the manifest.
    pub matched: RoaringTreemap,
    /// The first row that was posted before the time that it now has.
    pub repeated: Option<Repeated>,
    /// Rows known under their content that now bring an ID: old key, new key.
    pub renames: Vec<Rename>,
    /// Rows, by number, that may be due under the keys that they have from a rejects file.
    pub kept_keys: BTreeMap<u64, RowKey>,
    pub repeats: Repeats,
    /// What became of the records.
    pub records: RecordCounts,
    /// Values that the maps don't have, in rows that are not sent yet.
    pub missing: MissingValues,
    /// Values that are left out of due rows because a table or a map doesn't have them.
    pub left_out: u64,
    /// Due rows whose texts look like HTML although nobody has said how they are written, also those
    /// beyond the limit; of them, how many are due in this run.
    pub html_unasked: HtmlUnasked,
    pub html_unasked_due: u64,
    /// Whether nothing is sent because of them.
    pub is_html_held_back: bool,
    /// Columns that are no fields, by name.
    pub ignored_columns: Vec<String>,
    /// Warnings of the manifest, by their codes.
    warnings: BTreeMap<&'static str, u64>,
    /// Whether nothing is to be sent because something is wrong with the file as a whole.
    pub is_held_back: bool,
    /// Whether that is because rows that would be sent say something in columns that are nearly
    /// fields, and these columns.
    pub loses_values: bool,
    pub near_columns: Vec<String>,
}

impl Survey {
    /// How all rows stand before anything is sent: what is due is pending.
    pub fn counts(&self) -> Counts {
        Counts {
            pending: self.due_rows + self.beyond_limit,
            elsewhere: self.posted_elsewhere + self.in_doubt_elsewhere,
            dropped: self.load.dropped,
            mentioning: self.load.mentioning,
            source_rows: self.records.all,
            skipped: self.records.skipped,
            empty: self.records.empty,
            ..self.rows
        }
    }

    /// How many warnings there were, by their codes.
    pub fn warnings(&self) -> BTreeMap<&'static str, u64> {
        let mut warnings = self.warnings.clone();
        let odd = [
            ("control_characters", self.load.with_control_characters),
            ("attachment_otherwise_named", self.load.otherwise_named),
            ("attachment_html_page", self.load.html_pages),
            ("attachment_folder_empty", self.load.empty_folders),
            ("value_left_out", self.left_out),
            ("image_left_out", self.load.images_left_out),
            ("message_like_html", self.html_sent()),
        ];
        warnings.extend(odd.into_iter().filter(|(_, count)| *count > 0));
        warnings.extend(self.load.mojibake.counts());
        warnings
    }

    /// Tells the user of something odd.
    pub fn warn(&mut self, warning: &Warning, reporter: &mut dyn Reporter) {
        *self.warnings.entry(warning.code()).or_default() += 1;
        reporter.notice(&Notice::Manifest(warning));
    }

    /// Tells of what is wrong with the columns, once all rows are known.
    pub fn tell_of_columns(&mut self, unknown: &UnknownKeys, reporter: &mut dyn Reporter) {
        self.ignored_columns = unknown.all();
        for (name, key) in unknown.near() {
            match column_like_field(name, key).filter(|_| self.loses_values) {
                None => self.warn(&Warning::unknown(name), reporter),
                Some(problem) => {
                    reporter.problem(&problem);
                    self.near_columns.push(name.to_owned());
                }
            }
        }
    }

    /// Due rows whose texts look like HTML, and are sent as they are.
    pub fn html_sent(&self) -> u64 {
        match self.is_html_held_back {
            true => 0,
            false => self.html_unasked.rows(),
        }
    }

    /// Holds the file back if too many of its due rows look like HTML; these are invalid then.
    pub fn judge_html(&mut self, reporter: &mut dyn Reporter) {
        let due = self.due_rows + self.beyond_limit;
        let Some(problem) = self.html_unasked.problem(due) else {
            return;
        };
        reporter.problem(&problem);
        let rows = self.html_unasked.rows();
        self.rows.invalid += rows;
        self.due_rows -= self.html_unasked_due;
        self.beyond_limit -= rows - self.html_unasked_due;
        self.is_held_back = true;
        self.is_html_held_back = true;
    }

    /// Counts a row; one that is due beyond the limit is left for another run.
    pub fn count(&mut self, row: &CheckedRow, disposition: Disposition, limit: Option<u64>) {
        match disposition {
            Disposition::AlreadyPosted { changed } => {
                self.rows.already_posted += 1;
                self.rows.changed += u64::from(changed);
            }
            Disposition::InDoubt => self.rows.in_doubt += 1,
            Disposition::Failed => self.rows.failed += 1,
            Disposition::Undone => self.rows.undone += 1,
            Disposition::NotDue => self.rows.not_due += 1,
            Disposition::Invalid => self.rows.invalid += 1,
            Disposition::Due if limit.is_some_and(|limit| self.due_rows >= limit) => {
                self.beyond_limit += 1;
            }
            Disposition::Due => {
                self.due_rows += 1;
                self.load.add(row);
                self.left_out += u64::from(row.left_out);
                self.due.insert(row.at.number);
            }
        }
    }

    /// Whether the ledger doesn't know that valid row.
    pub fn is_new(&self, number: u64) -> bool {
        self.new.contains(number)
    }

    /// Whether a row of the ledger, by its number there, is in the manifest.
    pub fn is_matched(&self, id: u64) -> bool {
        self.matched.contains(id)
    }

    /// A due row turns out to be one that can't be sent.
    pub fn make_invalid(&mut self, number: u64) {
        self.due_rows -= 1;
        self.rows.invalid += 1;
        self.due.remove(number);
    }

    /// Counts a row that stays as it is on another target than this run's.
    pub fn count_elsewhere(
        &mut self,
        known: Option<&LedgerRow>,
        disposition: Disposition,
        target: &str,
    ) {
        if known.is_none_or(|known| &*known.target == target) {
            return;
        }
        match disposition {
            Disposition::AlreadyPosted { .. } => self.posted_elsewhere += 1,
            Disposition::InDoubt => self.in_doubt_elsewhere += 1,
            _ => {}
        }
    }
}
