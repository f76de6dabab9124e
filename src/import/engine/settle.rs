//! What an answer means for the rows of its request: a pure step from rows and answer to
//! settlements, rows to send again, and what the pacing is to learn.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::batch::Route;
use crate::ledger::{Settle, Settlement, Witness};
use crate::portal::{
    CommandOutcome, Fatal, FatalKind, Limit, NotExecuted, RequestOutcome, Timing, TransportCause,
};

use crate::import::engine::server_time::server_time;
use crate::import::pending_row::{KeyedRow, PendingRow};

/// A row that intact replies leave out this often has failed.
const LEFT_OUT_LIMIT: u32 = 3;

/// A row has failed when the portal answered requests with it alone this often as if nothing had
/// been sent.
const VANISHED_LIMIT: u32 = 2;

/// A row whose token ran out within a batch is sent again this often.
const EXPIRED_LIMIT: u32 = 2;

/// The ledger's word for a request that was answered command by command.
pub const ANSWERED: &str = "answered";

/// What the pacing is to learn from an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Lesson {
    /// The portal did its work; how long a batch took it.
    Good { took: Option<Duration> },
    /// A limit of the portal refused something.
    Limited(Limit),
    /// The request did not get there; `broke_off` when a part of it did, as with a server that
    /// closes at a body that it finds too large.
    Unreachable { broke_off: bool },
    /// The server does not take bodies of this size.
    TooLarge,
    /// The server saw no commands.
    Vanished,
    /// Nobody knows whether something was executed.
    Doubt,
}

/// What became of a request.
#[derive(Debug)]
pub struct SettledRows {
    /// The ledger's word for it.
    pub outcome: &'static str,
    pub settlements: Vec<Settle>,
    /// To be sent again, as `pending` in the ledger.
    pub again: Vec<PendingRow>,
    /// Not sendable any more: an attachment changed under way. `pending` in the ledger.
    pub spoiled: Vec<(PendingRow, String)>,
    /// In the order in which they are to be learned.
    pub lessons: Vec<Lesson>,
    /// Why the run has to stop, if it has to.
    pub stop: Option<Fatal>,
    /// In doubt in the ledger; perhaps they can be looked for.
    pub doubted: Vec<PendingRow>,
    /// The newest post of each reach.
    pub witnesses: Vec<Witness>,
    /// Posts that overtook an earlier one of their entity.
    pub out_of_order: u64,
    /// What the portal told of its time.
    pub timing: Timing,
    /// How long the answer was waited for.
    pub waited: Duration,
}

impl SettledRows {
    fn new(outcome: &'static str, lessons: Vec<Lesson>) -> SettledRows {
        SettledRows {
            outcome,
            settlements: Vec::new(),
            again: Vec::new(),
            spoiled: Vec::new(),
            lessons,
            stop: None,
            doubted: Vec::new(),
            witnesses: Vec::new(),
            out_of_order: 0,
            timing: Timing::default(),
            waited: Duration::ZERO,
        }
    }

    /// Posts that the portal has dealt with.
    pub fn executed(&self) -> usize {
        let is_done = |settle: &&Settle| {
            let settlement = &settle.settlement;
            matches!(
                settlement,
                Settlement::Posted { .. } | Settlement::Failed { .. }
            )
        };
        self.settlements.iter().filter(is_done).count()
    }

    fn settle(&mut self, row: &PendingRow, settlement: Settlement) {
        self.settlements.push(Settle {
            key: row.claim.key.clone(),
            settlement,
        });
    }

    /// Keeps the post as the newest of its reach.
    fn saw(&mut self, row: &PendingRow, remote_id: u64) {
        let Some(reach) = row.claim.reach else {
            return;
        };
        self.witnesses.retain(|older| older.reach != reach);
        self.witnesses.push(Witness {
            reach,
            remote_id,
            entity: row.claim.entity,
        });
    }

    fn doubt(&mut self, row: PendingRow, code: String, message: String) {
        self.settle(&row, Settlement::InDoubt { code, message });
        self.doubted.push(row);
    }

    fn again(&mut self, row: PendingRow) {
        self.settle(&row, Settlement::Pending);
        self.again.push(row);
    }

    fn all_again(mut self, rows: Vec<KeyedRow>) -> SettledRows {
        rows.into_iter().for_each(|(_, row)| self.again(row));
        self
    }

    fn learn(&mut self, lesson: Lesson) {
        if !self.lessons.contains(&lesson) {
            self.lessons.push(lesson);
        }
    }

    fn one(&mut self, mut row: PendingRow, outcome: CommandOutcome) {
        match outcome {
            CommandOutcome::Posted(remote_id) => {
                self.settle(&row, Settlement::Posted { remote_id });
                self.saw(&row, remote_id);
            }
            CommandOutcome::Failed { code, message } => {
                self.settle(&row, Settlement::Failed { code, message });
            }
            CommandOutcome::InDoubt { code, message } => {
                self.doubt(row, code, message);
                self.learn(Lesson::Doubt);
            }
            CommandOutcome::Limited(limit) => {
                self.learn(Lesson::Limited(limit));
                self.again(row);
            }
            CommandOutcome::Missing => {
                row.left_out += 1;
                if row.left_out >= LEFT_OUT_LIMIT {
                    let code = "not_answered".to_owned();
                    let message = "the portal's replies leave this post out".to_owned();
                    self.settle(&row, Settlement::Failed { code, message });
                } else {
                    self.again(row);
                }
            }
            // A token that ran out within a batch is renewed before the next request.
            CommandOutcome::Stop(stop)
                if stop.kind == FatalKind::TokenExpired && row.expired < EXPIRED_LIMIT =>
            {
                row.expired += 1;
                self.again(row);
            }
            CommandOutcome::Stop(stop) => {
                self.stop = Some(stop);
                self.again(row);
            }
        }
    }
}

/// Settles the rows of one request by its answer.
///
/// `waited` is how long the answer was waited for, for a portal that doesn't tell its time.
pub fn settle(rows: Vec<KeyedRow>, answer: RequestOutcome, waited: Duration) -> SettledRows {
    match answer {
        RequestOutcome::Commands { outcomes, timing } => {
            let took = server_time(&timing).unwrap_or(waited);
            let mut settled = by_command(rows, outcomes, took);
            (settled.timing, settled.waited) = (timing, waited);
            settled
        }
        RequestOutcome::NotExecuted(reason) => not_executed(rows, reason),
        RequestOutcome::Unknown(doubt) => {
            let mut settled = SettledRows::new("unknown", vec![Lesson::Doubt]);
            for (_, row) in rows {
                let (code, message) = (doubt.code.clone(), doubt.message.clone());
                settled.doubt(row, code, message);
            }
            settled
        }
        RequestOutcome::Blank => vanished(rows),
        RequestOutcome::Stop(stop) => {
            let mut settled = SettledRows::new("stop", Vec::new());
            settled.stop = Some(stop);
            settled.all_again(rows)
        }
    }
}

/// Frees the rows of a request that was claimed and then not sent.
pub fn unsent(rows: Vec<KeyedRow>) -> SettledRows {
    SettledRows::new("not_sent", Vec::new()).all_again(rows)
}

fn not_executed(rows: Vec<KeyedRow>, reason: NotExecuted) -> SettledRows {
    let lesson = match reason {
        NotExecuted::Limited(limit) => Lesson::Limited(limit),
        NotExecuted::TooLarge => return too_large(rows),
        NotExecuted::Unreachable(error) => Lesson::Unreachable {
            broke_off: matches!(
                error.cause,
                TransportCause::Broken | TransportCause::UploadStalled
            ),
        },
        NotExecuted::BadFile { message, .. } => return spoiled(rows, &message),
    };
    SettledRows::new("not_executed", vec![lesson]).all_again(rows)
}

/// A row that is refused even by a call of its own can't be sent at all.
fn too_large(rows: Vec<KeyedRow>) -> SettledRows {
    let mut settled = SettledRows::new("not_executed", vec![Lesson::TooLarge]);
    let alone = rows.len() == 1;
    for (_, mut row) in rows {
        if alone && row.candidate.route == Route::Direct {
            let code = "too_large".to_owned();
            let message = "the portal refuses a request of this size; send fewer or smaller \
                           attachments"
                .to_owned();
            settled.settle(&row, Settlement::Failed { code, message });
        } else {
            if alone {
                // A call of its own is smaller, and tells whether the row can be sent at all.
                row.candidate.route = Route::Direct;
            }
            settled.again(row);
        }
    }
    settled
}

fn spoiled(rows: Vec<KeyedRow>, message: &str) -> SettledRows {
    let mut settled = SettledRows::new("not_executed", Vec::new());
    for (_, row) in rows {
        settled.settle(&row, Settlement::Unsendable);
        settled.spoiled.push((row, message.to_owned()));
    }
    settled
}

fn vanished(rows: Vec<KeyedRow>) -> SettledRows {
    let mut settled = SettledRows::new("blank", vec![Lesson::Vanished]);
    let alone = rows.len() == 1;
    for (_, mut row) in rows {
        row.vanished += u32::from(alone);
        if row.vanished >= VANISHED_LIMIT {
            let code = "body_not_read".to_owned();
            let message = "the portal answers as if it had been sent nothing".to_owned();
            settled.settle(&row, Settlement::Failed { code, message });
        } else {
            settled.again(row);
        }
    }
    settled
}

fn by_command(
    rows: Vec<KeyedRow>,
    outcomes: Vec<(String, CommandOutcome)>,
    took: Duration,
) -> SettledRows {
    let mut by_key: HashMap<String, CommandOutcome> = outcomes.into_iter().collect();
    let batched = rows
        .iter()
        .all(|(_, row)| row.candidate.route == Route::Batch);
    // The time of one large post tells nothing about small ones.
    let took = batched.then_some(took);
    let mut settled = SettledRows::new(ANSWERED, Vec::new());
    let mut unsettled_entities = HashSet::new();
    for (key, mut row) in rows {
        let outcome = by_key.remove(&key).unwrap_or(CommandOutcome::Missing);
        let posted = matches!(outcome, CommandOutcome::Posted(_));
        let refused = matches!(outcome, CommandOutcome::Failed { .. });
        // Of one in doubt it is counted once it turns out to have arrived.
        row.overtakes = unsettled_entities.contains(&row.candidate.entity);
        if posted && row.overtakes {
            settled.out_of_order += 1;
        }
        if !posted && !refused {
            unsettled_entities.insert(row.candidate.entity);
        }
        settled.one(row, outcome);
    }
    if settled.executed() > 0 {
        settled.lessons.insert(0, Lesson::Good { took });
    }
    settled
}

#[cfg(test)]
mod tests;
